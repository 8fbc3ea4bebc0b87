package budget_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// hidden is a provider that tells nobody its limits.
type hidden struct {
	mu            sync.Mutex
	rule          rule // nil: none
	down          func(time.Time) bool
	tell          bool // the time of a window's end, with each refusal
	good, refused []time.Duration
}

// between is how many calls were answered well, and refused, from one time to another.
func (h *hidden) between(from, to time.Duration) (good, refused int) {
	for _, at := range h.good {
		if at >= from && at < to {
			good++
		}
	}
	for _, at := range h.refused {
		if at >= from && at < to {
			refused++
		}
	}
	return good, refused
}

// call sends one call and says whether it was answered well.
func (h *hidden) call(ctx context.Context, ledger budget.Ledger, shape api.Shape, start time.Time) error {
	ticket, err := ledger.Admit(ctx, request(charge("", shape)))
	if err != nil {
		return err
	}
	ticket.Sent()
	time.Sleep(20 * ms)
	h.mu.Lock()
	now := time.Now()
	var answer budget.Answer
	if h.down != nil && h.down(now) || h.rule != nil && !h.rule.room(now, 1) {
		h.refused = append(h.refused, now.Sub(start))
		answer.Refusal = &budget.Refusal{}
		if h.tell {
			_, answer.Refusal.Until = h.rule.news(now)
		}
	} else {
		h.good = append(h.good, now.Sub(start))
		if h.rule != nil {
			h.rule.count(now, 1)
		}
	}
	h.mu.Unlock()
	time.Sleep(20 * ms)
	ticket.Answer(answer)
	ticket.Done()
	return nil
}

// press has 64 workers call as fast as the ledger lets them.
func (h *hidden) press(t *testing.T, ledger budget.Ledger, shape api.Shape, d time.Duration) {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	start := time.Now()
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for h.call(ctx, ledger, shape, start) == nil {
			}
		})
	}
	wg.Wait()
}

// A rate that was cut comes back: to the ceiling where there is one, to no limit
// where there is none. The counter-example is a limiter with a quota of retries
// that only good answers fill up: once an outage has emptied it, it never refills.
func TestRateRecoversAfterTrouble(t *testing.T) {
	for name, test := range map[string]struct {
		shape api.Shape
		best  int // calls a second without trouble
	}{
		"under a ceiling": {api.Adaptive{Ceiling: 50, Per: time.Second}, 50},
		"unlimited":       {api.Unlimited{}, 64 * 25},
	} {
		for _, outage := range []time.Duration{10 * time.Second, 10 * time.Minute} {
			t.Run(name+", "+outage.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					start := time.Now()
					begin, end := time.Minute, time.Minute+outage
					h := &hidden{down: func(now time.Time) bool { return now.Sub(start) >= begin && now.Sub(start) < end }}
					h.press(t, newLedger(t), test.shape, end+6*time.Minute)
					if good, refused := h.between(0, begin); good < 59*test.best || refused > 0 {
						t.Errorf("before the trouble %d good, %d refused", good, refused)
					}
					if _, refused := h.between(begin, end+time.Minute); refused > 80+int(outage/time.Minute) {
						t.Errorf("%d refused by the outage", refused)
					}
					if good, _ := h.between(end+3*time.Minute, end+4*time.Minute); good < 60*test.best*95/100 {
						t.Errorf("three minutes after the trouble %d good in a minute, of %d", good, 60*test.best)
					}
					if good, refused := h.between(end+time.Minute, end+6*time.Minute); refused > 0 {
						t.Errorf("after the trouble %d good, %d refused", good, refused)
					}
				})
			})
		}
	}
}

// Under a hidden limit the rate settles below it, with few refusals.
func TestHiddenLimitIsFound(t *testing.T) {
	for name, test := range map[string]struct {
		rule  api.Shape
		tell  bool
		best  float64 // a second
		share float64 // of that, at least
		most  float64 // refusals a minute
	}{
		"a bucket":            {api.Bucket{Burst: 10, Refill: 10, Per: time.Second}, false, 10, 0.7, 2},
		"a slow bucket":       {api.Bucket{Burst: 5, Refill: 1, Per: time.Second}, false, 1, 0.65, 2},
		"a window":            {api.Window{Limit: 100, Per: time.Minute, Kind: api.Sliding}, false, 100.0 / 60, 0.7, 6},
		"a window that tells": {api.Window{Limit: 20, Per: time.Minute, Kind: api.Fixed}, true, 20.0 / 60, 0.6, 1.5},
		"a wide window":       {api.Window{Limit: 600, Per: time.Minute, Kind: api.Sliding}, false, 10, 0.7, 10},
	} {
		for shapeName, shape := range map[string]api.Shape{
			"unlimited": api.Unlimited{}, "adaptive": api.Adaptive{Ceiling: 1000, Per: time.Second},
		} {
			t.Run(name+", "+shapeName, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := &hidden{rule: enforce(test.rule, time.Now(), false), tell: test.tell}
					h.press(t, newLedger(t), shape, 30*time.Minute)
					const from, to = 10 * time.Minute, 30 * time.Minute
					good, refused := h.between(from, to)
					share := float64(good) / (test.best * (to - from).Seconds())
					perMinute := float64(refused) / (to - from).Minutes()
					if share < test.share || perMinute > test.most {
						t.Errorf("%.2f of the limit, %.2f refused a minute", share, perMinute)
					}
				})
			})
		}
	}
}

// Calls that come now and then are not slowed by a refusal for longer than a moment.
func TestSparseCallsAreNotSlowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Unlimited{}))
		refuse(admit(t, ledger, r), budget.Refusal{})
		for i := range 20 {
			time.Sleep(time.Duration(rand.IntN(3)+1) * time.Second)
			ticket, took := waited(t, ledger, r)
			if took > time.Second {
				t.Errorf("call %d waited for %v", i, took)
			}
			finish(ticket)
		}
	})
}

// A ceiling paces calls evenly, and makes up for timers that are late.
func TestCeilingPaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Adaptive{Ceiling: 10, Per: time.Second}))
		start := time.Now()
		for i := range 50 {
			finish(admit(t, ledger, r))
			want := max(0, time.Duration(i)*100*ms-10*ms) // the first may make up for 10 ms
			if got := time.Since(start); got != want {
				t.Errorf("call %d goes at %v, want %v", i, got, want)
			}
		}
		if _, ok := atOnce(t, ledger, request(named("limit", "", api.Adaptive{Ceiling: 10, Per: time.Second}, 3))); ok {
			t.Error("a call goes before its turn")
		}
	})
}

// A counter that is paced is not forgotten while idle.
func TestTroubleIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Unlimited{}))
		refuse(admit(t, ledger, r), budget.Refusal{})
		time.Sleep(2 * time.Minute)
		for i := range 1000 { // each new counter has others looked at
			finish(admit(t, ledger, request(named("other", string(rune('a'+i)), api.Unlimited{}, 1))))
		}
		for _, c := range ledger.Snapshot().Counters {
			if c.Key.Limit == "limit" && c.Refused == 1 {
				return
			}
		}
		t.Error("the refused counter was forgotten")
	})
}
