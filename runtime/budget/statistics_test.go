package budget_test

import (
	"context"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// state is that of the ledger's one counter.
func state(ledger budget.Ledger) budget.CounterState { return ledger.Snapshot().Counters[0] }

// lasting sends one call whose answer takes a while.
func lasting(t testing.TB, ledger budget.Ledger, r *budget.Request, d time.Duration) {
	ticket := admit(t, ledger, r)
	ticket.Sent()
	time.Sleep(d)
	finish(ticket)
}

// Quantiles are at most a fifth too high, over many orders of magnitude.
func TestDistributions(t *testing.T) {
	for _, unit := range []time.Duration{ms, 37 * ms, sec, 13 * sec} {
		synctest.Test(t, func(t *testing.T) {
			ledger := newLedger(t)
			r := request(charge("", api.Unlimited{}))
			if d := beforeAny(ledger, r); d != (budget.Distribution{Count: 0}) {
				t.Errorf("before the first answer %+v", d)
			}
			for i := range 1000 {
				lasting(t, ledger, r, time.Duration(i+1)*unit)
			}
			d := state(ledger).Latency
			for _, q := range []struct {
				got  time.Duration
				want int
			}{{d.P50, 500}, {d.P90, 900}, {d.P99, 990}} {
				want := time.Duration(q.want) * unit
				if q.got < want || q.got > want*126/100 {
					t.Errorf("unit %v: %v, want at least %v and a quarter more at most", unit, q.got, want)
				}
			}
			if d.Max != 1000*unit || d.Count != 1000 {
				t.Errorf("unit %v: %+v", unit, d)
			}
		})
	}
}

// beforeAny makes the counter by a call that is given back.
func beforeAny(ledger budget.Ledger, r *budget.Request) budget.Distribution {
	ticket, err := ledger.Admit(context.Background(), r)
	if err == nil {
		ticket.Cancel()
	}
	return state(ledger).Latency
}

// What was long ago fades, so that a jump of the latency shows.
func TestDistributionsFade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Unlimited{}))
		for range 20_000 {
			lasting(t, ledger, r, 100*ms)
		}
		for range 300 {
			lasting(t, ledger, r, 5*sec)
		}
		if d := state(ledger).Latency; d.P99 < 5*sec || d.P50 > 200*ms || d.Max != 5*sec || d.Count != 20_300 {
			t.Errorf("after a jump %+v", d)
		}
		for range 60_000 {
			lasting(t, ledger, r, 100*ms)
		}
		if d := state(ledger).Latency; d.P99 > 200*ms || d.Max > 200*ms {
			t.Errorf("long after it %+v", d)
		}
	})
}

func TestWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Bucket{Burst: 60, Refill: 1, Per: time.Second}))
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { finish(admit(t, ledger, r)) })
		}
		wg.Wait()
		d := state(ledger).Wait
		if d.Count != 100 || d.P50 > ms || d.P90 < 30*sec || d.P90 > 38*sec || d.P99 < 39*sec || d.Max != 40*sec {
			t.Errorf("waits %+v", d)
		}
	})
}

func TestUtilisation(t *testing.T) {
	told := func(end time.Time) []budget.Observation {
		return []budget.Observation{{Limit: "limit", Max: -1, Remaining: -1, Reset: end}}
	}
	for _, test := range []struct {
		name  string
		shape api.Shape
		every time.Duration // a call
		takes time.Duration
		lasts time.Duration
		want  float64
	}{
		{"half of a window", api.Window{Limit: 120, Per: time.Minute}, sec, 0, 5 * time.Minute, 0.5},
		{"all of a window", api.Window{Limit: 60, Per: time.Minute}, sec, 0, 5 * time.Minute, 1},
		{"a bucket", api.Bucket{Burst: 10, Refill: 2, Per: time.Second}, sec, 0, time.Minute, 0.5},
		{"concurrency", api.Concurrency{Max: 4}, sec, sec, 5 * time.Minute, 0.25},
		{"adaptive", api.Adaptive{Ceiling: 4, Per: time.Second}, sec, 0, 5 * time.Minute, 0.25},
		{"unlimited", api.Unlimited{}, sec, 0, 5 * time.Minute, 0},
		{"not a whole turnover yet", api.Window{Limit: 120, Per: time.Minute}, sec, 0, 30 * sec, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ledger := newLedger(t)
				r := request(charge("", test.shape))
				start := time.Now()
				for time.Since(start) < test.lasts {
					lasting(t, ledger, r, test.takes)
					time.Sleep(test.every - test.takes)
				}
				if got := state(ledger).Utilisation; math.Abs(got-test.want) > 0.06 {
					t.Errorf("utilisation %.3f, want %.2f", got, test.want)
				}
			})
		})
	}
	t.Run("idle again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ledger := newLedger(t)
			r := request(charge("", api.Window{Limit: 2, Per: time.Minute}))
			finish(admit(t, ledger, r))
			finish(admit(t, ledger, r))
			time.Sleep(61 * time.Second)
			if got := state(ledger).Utilisation; got != 1 {
				t.Errorf("utilisation %v, want 1", got)
			}
			time.Sleep(time.Minute)
			if got := state(ledger).Utilisation; got != 0 {
				t.Errorf("utilisation %v after an idle window", got)
			}
		})
	})
	// Bursts at the beginnings of windows, whose ends are told in the midst.
	t.Run("told ends", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ledger := newLedger(t)
			r := request(charge("", api.Window{Limit: 100, Per: time.Minute}))
			end := time.Now().Add(20 * time.Second)
			for i := range 100 * 6 {
				ticket := admit(t, ledger, r)
				for !time.Now().Before(end) {
					end = end.Add(time.Minute)
				}
				ticket.Answer(budget.Answer{Observations: told(end)})
				ticket.Done()
				if got := state(ledger).Utilisation; i >= 200 && got != 1 {
					t.Fatalf("utilisation %v after %d calls, want 1", got, i+1)
				}
			}
		})
	})
}
