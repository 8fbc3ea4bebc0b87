package budget_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// sync is the help-desk sync: 5 requests enumerate, 50 list, 2,000 fetch.
func (w *world) sync(t *testing.T, workers int, opts ...budget.LedgerOption) time.Duration {
	ledger := newLedger(t, opts...)
	draws := []draw{{w.limits[0], 1}}
	start := time.Now()
	for _, calls := range []int{5, 50, 2000} {
		jobs := make(chan int)
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for range jobs {
					if err := w.call(context.Background(), ledger, draws, fate{}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for i := range calls {
			jobs <- i
		}
		close(jobs)
		wg.Wait()
	}
	return time.Since(start)
}

// minimum is how long calls take at least when 700 go in each window: a client
// that knows everything fills the present window, sleeps until the next begins,
// and needs one round trip for the last call.
func minimum(calls, perWindow int, per, phase, roundTrip time.Duration, workers int) time.Duration {
	rate := float64(workers) / roundTrip.Seconds()
	inFirst := min(perWindow, int(rate*(per-phase).Seconds()))
	left := calls - inFirst
	turns := (left + perWindow - 1) / perWindow
	last := left - (turns-1)*perWindow
	return per - phase + time.Duration(turns-1)*per + time.Duration(float64(last)/rate*float64(time.Second)) + roundTrip
}

// The target is 1.02; probes (ends.go) reach 1.01.
func TestMakespanWithResetTold(t *testing.T) {
	const limitOf700, per = 700, time.Minute
	worst := map[rounding]float64{}
	for _, reset := range []rounding{ceil, floor, nearest, epoch} {
		for phase := time.Duration(0); phase < per; phase += 2300 * time.Millisecond {
			var took, best time.Duration
			var refused []string
			synctest.Test(t, func(t *testing.T) {
				shape := api.Window{Limit: limitOf700, Per: per}
				begin := time.Now().Add(-phase)
				w := &world{
					random:  rand.New(rand.NewPCG(uint64(phase), 7)),
					latency: [2]time.Duration{20 * time.Millisecond, 40 * time.Millisecond},
					limits: []*limit{{name: "limit", shape: shape, rule: enforce(shape, begin, false),
						reset: reset, left: true}},
				}
				took, refused = w.sync(t, 64), w.refused
				best = minimum(2055, limitOf700, per, phase, 60*time.Millisecond, 64)
			})
			ratio := took.Seconds() / best.Seconds()
			worst[reset] = max(worst[reset], ratio)
			if ratio > 1.01 || len(refused) > 0 {
				t.Errorf("%s, phase %v: %v, %.4f times the minimum of %v, %d refused", reset, phase, took, ratio, best, len(refused))
			}
		}
		t.Logf("%s: at most %.4f times the minimum", reset, worst[reset])
	}
}

func TestMakespanWithNothingTold(t *testing.T) {
	for _, test := range []struct {
		phase time.Duration
		most  float64
	}{{0, 1.06}, {30 * time.Second, 1.42}} {
		t.Run(fmt.Sprint(test.phase), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shape := api.Window{Limit: 700, Per: time.Minute}
				w := &world{
					random:  rand.New(rand.NewPCG(1, 7)),
					latency: [2]time.Duration{20 * time.Millisecond, 40 * time.Millisecond},
					limits: []*limit{{name: "limit", shape: shape, reset: untold,
						rule: enforce(shape, time.Now().Add(-test.phase), false)}},
				}
				took := w.sync(t, 64)
				best := minimum(2055, 700, time.Minute, test.phase, 60*time.Millisecond, 64)
				ratio := took.Seconds() / best.Seconds()
				t.Logf("%v, %.4f times the minimum", took, ratio)
				if ratio > test.most || len(w.refused) > 0 {
					t.Errorf("%.4f times the minimum of %v, want %v; %d refused", ratio, best, test.most, len(w.refused))
				}
			})
		})
	}
}

// What is held for urgent calls that may come costs a normal sync nothing.
func TestMakespanBesideIdleClasses(t *testing.T) {
	for phase := time.Duration(0); phase < time.Minute; phase += 7700 * ms {
		synctest.Test(t, func(t *testing.T) {
			shape := api.Window{Limit: 700, Per: time.Minute}
			w := &world{
				random:  rand.New(rand.NewPCG(uint64(phase), 7)),
				latency: [2]time.Duration{20 * ms, 40 * ms},
				limits: []*limit{{name: "limit", shape: shape, rule: enforce(shape, time.Now().Add(-phase), false),
					reset: ceil, left: true}},
			}
			took := w.sync(t, 64, expecting...)
			best := minimum(2055, 700, time.Minute, phase, 60*ms, 64)
			if ratio := took.Seconds() / best.Seconds(); ratio > 1.02 || len(w.refused) > 0 {
				t.Errorf("phase %v: %v, %.4f times the minimum of %v, %d refused", phase, took, ratio, best, len(w.refused))
			}
		})
	}
}
