package budget_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// envelope draws the times of urgent calls within one window of a told end: at
// most ceil(S z(x)) from any x to the end, as hold.go promises.
const first = float64(2100 * ms) // a new window may be known as late

func envelope(random *rand.Rand, share, per, guard time.Duration, front bool) (times []time.Duration) {
	s := int(share)
	for j := s; j >= 1; j-- { // the j-th from the end: at latest where ceil(S z) >= j
		latest := float64(per-guard) * (1 - float64(j-1)/float64(s))
		if latest < first {
			continue // the new window is not known yet
		}
		at := first + (latest-first)*random.Float64()
		if front {
			at = first
		}
		if random.IntN(10) > 0 { // not always all of them
			times = append(times, time.Duration(at))
		}
	}
	return times
}

// late are the waits of those who asked within the stretches that count.
func late(k *kind, counts func(asked time.Time) bool) (worst time.Duration, n int) {
	for i, at := range k.sent {
		if counts(at.Add(-k.waits[i])) {
			worst = max(worst, k.waits[i])
			n++
		}
	}
	return worst, n
}

// The promise for windows whose end is told, while background calls saturate:
// urgent calls within their envelope wait 0, and at least 98.5 % is used.
func TestHoldOfAToldWindow(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		reset := oneOf(rt, "reset", ceil, floor, nearest, epoch, exact)
		size := oneOf(rt, "size", 100, 300, 700)
		front := rapid.Bool().Draw(rt, "front")
		var failure error
		synctest.Test(t, func(t *testing.T) {
			const per, windows = time.Minute, 8
			phase := time.Duration(seed % uint64(per))
			c := newCrowd(t, seed, api.Window{Limit: size, Per: per}, reset, phase)
			ctx, cancel := context.WithTimeout(t.Context(), windows*per-phase)
			defer cancel()
			urgent, background := &kind{class: budget.Urgent}, &kind{class: budget.Background}
			guard := 1200 * ms // the end is told to a second
			share := time.Duration(0.3 * float64(size))
			c.at(ctx, urgent, []time.Duration{0})
			random := rand.New(rand.NewPCG(seed, 3))
			time.Sleep(ms) // the class is active
			for w := 1; w < windows; w++ {
				times := envelope(random, share, per, guard, front)
				for i := range times {
					times[i] += time.Duration(w)*per - phase
				}
				c.at(ctx, urgent, times)
			}
			c.saturate(ctx, background, 128)
			c.wg.Wait()
			worst, n := late(urgent, func(at time.Time) bool { return at.Sub(c.begin) >= 2*per })
			if n < size {
				failure = fmt.Errorf("only %d urgent calls", n)
			}
			used := sum(c.begin, 2*per, windows*per, urgent, background)
			best := (windows - 2) * size
			if worst > 0 || len(c.refused) > 0 || float64(used) < 0.985*float64(best) {
				failure = fmt.Errorf("%d urgent calls waited for up to %v; %.4f used; %d refused", n, worst, float64(used)/float64(best), len(c.refused))
			}
		})
		if failure != nil {
			rt.Fatal(failure)
		}
	})
}

// The promise for windows that slide, or whose phase is unknown: a rate under
// S/W with bursts up to h.
func TestHoldOfASlidingWindow(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		kindOf := oneOf(rt, "kind", api.Sliding, api.Fixed, api.SlidingApproximate)
		size := oneOf(rt, "size", 40, 200, 700, 1000)
		load := oneOf(rt, "load", 0.2, 0.6, 0.95)
		var failure error
		synctest.Test(t, func(t *testing.T) {
			per := time.Minute
			c := newCrowd(t, seed, api.Window{Limit: size, Per: per, Kind: kindOf}, untold, 0)
			if kindOf == api.SlidingApproximate {
				per *= 2
			}
			const windows = 8
			ctx, cancel := context.WithTimeout(t.Context(), windows*per)
			defer cancel()
			urgent, background := &kind{class: budget.Urgent}, &kind{class: budget.Background}
			h := max(1, size/200)
			gap := time.Duration(float64(per) / (0.3 * float64(size)) / load)
			var times []time.Duration
			for at := time.Duration(0); at < windows*per; at += gap * time.Duration(h) {
				for range h {
					times = append(times, at)
				}
			}
			c.at(ctx, urgent, times)
			time.Sleep(per + ms) // that has gone on for a window when others fill the rest
			c.saturate(ctx, background, 128)
			c.wg.Wait()
			worst, n := late(urgent, func(time.Time) bool { return true })
			used := sum(c.begin, 3*per, windows*per, urgent, background)
			best := float64((windows-3)*size) * float64(per) / float64(per+60*ms)
			least := 0.995 - float64(h+1)/float64(size) // of 700 that is 98.9 %
			if worst > 0 || len(c.refused) > 0 || float64(used) < least*best {
				failure = fmt.Errorf("%d urgent calls waited for up to %v; %.4f used; %d refused", n, worst, float64(used)/best, len(c.refused))
			}
		})
		if failure != nil {
			rt.Fatal(failure)
		}
	})
}

// The promise for buckets: bursts of share x B at a rate of share x r wait 0,
// and that costs no sustained rate.
func TestHoldOfABucket(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		shape := oneOf(rt, "bucket", api.Bucket{Burst: 1000, Refill: 300, Per: sec}, api.Bucket{Burst: 40, Refill: 4, Per: sec},
			api.Bucket{Burst: 100, Refill: 50, Per: sec}, api.Bucket{Burst: 4, Refill: 1, Per: sec})
		pauses := oneOf(rt, "pauses", 1, 2, 5)
		var failure error
		synctest.Test(t, func(t *testing.T) {
			c := newCrowd(t, seed, shape, untold, 0)
			const begins, ends = 20 * sec, 80 * sec
			ctx, cancel := context.WithTimeout(t.Context(), ends)
			defer cancel()
			urgent, background := &kind{class: budget.Urgent}, &kind{class: budget.Background}
			burst := int(0.3*float64(shape.Burst)+1e-9) / pauses
			if burst == 0 {
				burst = 1
			}
			gap := time.Duration(float64(burst) / (0.3 * float64(shape.Refill)) * float64(sec) * 1.05)
			var times []time.Duration
			for at := time.Duration(0); at < ends; at += gap {
				for range burst {
					times = append(times, at)
				}
			}
			c.at(ctx, urgent, times)
			c.saturate(ctx, background, 128)
			c.wg.Wait()
			worst, n := late(urgent, func(at time.Time) bool { return at.Sub(c.begin) >= begins })
			used := sum(c.begin, begins, ends, urgent, background)
			best := (ends - begins).Seconds() * float64(shape.Refill)
			if worst > 0 || len(c.refused) > 0 || float64(used) < 0.985*best {
				failure = fmt.Errorf("%d urgent calls waited for up to %v; %.4f used; %d refused", n, worst, float64(used)/best, len(c.refused))
			}
		})
		if failure != nil {
			rt.Fatal(failure)
		}
	})
}

// The promise for concurrency: one place, of a hundred or more.
func TestHoldOfConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 1, api.Concurrency{Max: 100}, untold, 0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		urgent, background := &kind{class: budget.Urgent, body: 100 * ms}, &kind{class: budget.Background, body: 200 * ms}
		var times []time.Duration
		for at := time.Duration(0); at < time.Minute; at += 300 * ms {
			times = append(times, at)
		}
		c.at(ctx, urgent, times)
		c.saturate(ctx, background, 128)
		c.wg.Wait()
		if worst, n := late(urgent, func(at time.Time) bool { return at.Sub(c.begin) > sec }); worst > 0 || n < 100 {
			t.Errorf("%d urgent calls waited for up to %v", n, worst)
		}
		if len(c.refused) > 0 {
			t.Errorf("%d refused", len(c.refused))
		}
	})
}

// With a bucket of one nothing can be held, and the urgent call is the next.
func TestUrgentIsNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 1, api.Bucket{Burst: 1, Refill: 1, Per: 4 * sec}, untold, 0)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		urgent, background := &kind{class: budget.Urgent}, &kind{class: budget.Background}
		var times []time.Duration
		for at := 7 * sec; at < 10*time.Minute; at += 21 * sec {
			times = append(times, at)
		}
		c.saturate(ctx, background, 16)
		c.at(ctx, urgent, times)
		c.wg.Wait()
		worst, n := late(urgent, func(time.Time) bool { return true })
		if worst > 4*sec+100*ms || n < 25 || len(c.refused) > 0 {
			t.Errorf("%d urgent calls waited for up to %v, want one turn; %d refused", n, worst, len(c.refused))
		}
	})
}

// A class alone uses all of the limit, whichever it is.
func TestAClassAloneUsesAll(t *testing.T) {
	for _, class := range []budget.Class{budget.Urgent, budget.Normal, budget.Background} {
		for _, test := range []struct {
			name  string
			shape api.Shape
			reset rounding
			each  time.Duration // in which size calls can go
			size  int
			opts  []budget.LedgerOption
			least float64
		}{
			{"told", api.Window{Limit: 700, Per: time.Minute}, ceil, time.Minute, 700, nil, 0.99},
			{"unknown", api.Window{Limit: 700, Per: time.Minute}, untold, time.Minute + 60*ms, 700, nil, 0.99},
			{"bucket", api.Bucket{Burst: 1000, Refill: 300, Per: sec}, untold, sec, 300, nil, 0.99},
			{"told, classes expected", api.Window{Limit: 700, Per: time.Minute}, ceil, time.Minute, 700, expecting, 0.99},
			{"unknown, classes expected", api.Window{Limit: 700, Per: time.Minute}, untold, time.Minute + 60*ms, 700, expecting, 0.985},
		} {
			t.Run(fmt.Sprintf("%v/%s", class, test.name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newCrowd(t, 3, test.shape, test.reset, 0, test.opts...)
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
					defer cancel()
					k := &kind{class: class}
					c.saturate(ctx, k, 128)
					c.wg.Wait()
					best := float64(test.size) * (9 * time.Minute).Seconds() / test.each.Seconds()
					if used := float64(sum(c.begin, time.Minute, 10*time.Minute, k)) / best; used < test.least || len(c.refused) > 0 {
						t.Errorf("%.4f used, want %v; %d refused", used, test.least, len(c.refused))
					}
				})
			})
		}
	}
}

var expecting = []budget.LedgerOption{budget.WithShares(budget.Shares{Urgent: 0.3, Normal: 0.5, Background: 0.2})}

// A call that has to leave room to others is told when it may go, and not that
// there is room.
func TestWaitErrorOfWhatIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		shape := api.Window{Limit: 100, Per: time.Minute, Kind: api.Sliding}
		urgent, background := request(charge("", shape)), request(charge("", shape))
		urgent.Class, background.Class = budget.Urgent, budget.Background
		finish(admit(t, ledger, urgent))
		n := 0
		for ; ; n++ {
			ticket, ok := atOnce(t, ledger, background)
			if !ok {
				break
			}
			finish(ticket)
		}
		if n != 71 {
			t.Errorf("%d background calls at once, want the 70 that are not urgent calls' and one borrowed", n)
		}
		background.NoWait = true
		var wait *budget.WaitError
		if _, err := ledger.Admit(t.Context(), background); !errors.As(err, &wait) || !wait.Until.After(time.Now()) {
			t.Errorf("%v", err)
		}
	})
}
