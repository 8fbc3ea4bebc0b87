package budget_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// costing ends a call with what it has cost.
func costing(ticket budget.Ticket, limit string, cost int) {
	ticket.Answer(budget.Answer{Costs: []budget.Cost{{Limit: limit, Cost: cost}}})
	ticket.Done()
}

func used(t *testing.T, ledger budget.Ledger, limit string) int {
	t.Helper()
	for _, c := range ledger.Snapshot().Counters {
		if c.Key.Limit == limit {
			return c.Used
		}
	}
	t.Fatalf("no counter of %s", limit)
	return 0
}

func TestCostKnownAfterTheAnswer(t *testing.T) {
	shapes := map[string]api.Shape{
		"window": api.Window{Limit: 100, Per: time.Minute},
		"bucket": api.Bucket{Burst: 100, Refill: 1, Per: time.Hour},
	}
	for name, shape := range shapes {
		for _, test := range []struct {
			name            string
			charged, told   int
			answered, again int // occupied after the answer, and once the next call is admitted
		}{
			{"larger", 5, 30, 30, 60},
			{"a debt", 50, 120, 120, -1},
			{"smaller", 30, 5, 5, 35},
			{"free", 30, 0, 0, 30},
			{"as charged", 30, 30, 30, 60},
			{"not known", 30, -1, 30, 60},
			{"more than can be", 30, 1 << 40, -1, -1},
		} {
			t.Run(name+", "+test.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ledger := newLedger(t)
					r := request(named("points", "", shape, test.charged))
					ticket := admit(t, ledger, r)
					if got := used(t, ledger, "points"); got != test.charged {
						t.Errorf("%d charged before the answer, want %d", got, test.charged)
					}
					costing(ticket, "points", test.told)
					if got := used(t, ledger, "points"); test.answered >= 0 && got != test.answered {
						t.Errorf("%d occupied after it, want %d", got, test.answered)
					}
					_, ok := atOnce(t, ledger, r)
					if ok != (test.again >= 0) {
						t.Fatalf("the next was admitted: %v", ok)
					}
					if got := used(t, ledger, "points"); ok && got != test.again {
						t.Errorf("%d occupied with the next, want %d", got, test.again)
					}
				})
			})
		}
	}
}

// A debt is paid by waiting: what was taken too much is missing for a window.
func TestDebtIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(named("points", "", api.Bucket{Burst: 10, Refill: 1, Per: time.Second}, 1))
		costing(admit(t, ledger, r), "points", 40)
		other := request(named("points", "", api.Bucket{Burst: 10, Refill: 1, Per: time.Second}, 1))
		other.Operation = "Test.Other"
		if _, took := waited(t, ledger, other); took != 31*time.Second {
			t.Errorf("waited for %v, want 31s", took)
		}
	})
}

func TestLargestCostSeenIsChargedBeforehand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(named("points", "", api.Window{Limit: 100, Per: time.Minute}, 2))
		other := request(named("points", "", api.Window{Limit: 100, Per: time.Minute}, 2))
		other.Operation = "Test.Other"
		steps := []struct {
			r              *budget.Request
			charged, costs int
		}{
			{r, 2, 7}, {r, 7, 3}, {r, 7, 0}, {r, 7, 9}, {other, 2, 1}, {other, 2, 2}, {r, 9, 9},
		}
		total := 0
		for i, s := range steps {
			ticket := admit(t, ledger, s.r)
			if got := used(t, ledger, "points") - total; got != s.charged {
				t.Errorf("call %d is charged %d beforehand, want %d", i, got, s.charged)
			}
			costing(ticket, "points", s.costs)
			total += s.costs
		}
	})
}

// One that once cost more than the limit can still be sent, when all of it is free.
func TestCostAboveTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		shape := api.Window{Limit: 100, Per: time.Minute, Kind: api.Sliding}
		r := request(named("points", "", shape, 2))
		costing(admit(t, ledger, r), "points", 150)
		if _, took := waited(t, ledger, r); took != time.Minute+ms {
			t.Errorf("waited for %v", took)
		}
		_, err := ledger.Admit(t.Context(), request(named("points", "", shape, 101)))
		if !errors.Is(err, budget.ErrImpossible) {
			t.Errorf("a charge above the limit: %v", err)
		}
	})
}

func TestRefusedCallStaysCharged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		ticket := admit(t, ledger, request(named("points", "", api.Window{Limit: 100, Per: time.Minute}, 30)))
		ticket.Answer(budget.Answer{Refusal: &budget.Refusal{}, Costs: []budget.Cost{{Limit: "points", Cost: 0}}})
		ticket.Done()
		if got := used(t, ledger, "points"); got != 30 {
			t.Errorf("%d occupied after a refusal, want 30", got)
		}
	})
}

// A cost that only the answer tells is not taken for somebody else's doing.
func TestCostIsNotForeign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(named("points", "", api.Window{Limit: 1000, Per: time.Minute}, 1))
		reset := time.Now().Add(time.Minute)
		ticket := admit(t, ledger, r)
		ticket.Answer(budget.Answer{
			Observations: []budget.Observation{{Limit: "points", Max: 1000, Remaining: 950, Reset: reset}},
			Costs:        []budget.Cost{{Limit: "points", Cost: 50}},
		})
		ticket.Done()
		// With others about, a quarter of what is left would go at once.
		if got := count(t, ledger, r); got != 950/50 {
			t.Errorf("%d go at once, want %d", got, 950/50)
		}
	})
}

// Concurrency counts what the answer told, to the end of the body.
func TestCostOfConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		ticket := admit(t, ledger, request(named("workers", "", api.Concurrency{Max: 10}, 1)))
		ticket.Answer(budget.Answer{Costs: []budget.Cost{{Limit: "workers", Cost: 4}}})
		if got := used(t, ledger, "workers"); got != 4 {
			t.Errorf("%d occupied while the body lasts, want 4", got)
		}
		ticket.Done()
		if got := used(t, ledger, "workers"); got != 0 {
			t.Errorf("%d occupied after it", got)
		}
	})
}

// Where costs are bounded beforehand, learning the true ones never leads above
// the limit, and uses all of it: what is charged too much comes back.
func TestCostsAreExact(t *testing.T) {
	for name, shape := range map[string]api.Shape{
		"sliding window": api.Window{Limit: 500, Per: 10 * time.Second, Kind: api.Sliding},
		"bucket":         api.Bucket{Burst: 100, Refill: 50, Per: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ledger := newLedger(t)
				random := rand.New(rand.NewPCG(3, 3))
				w := &world{random: random, limits: []*limit{{name: "points", shape: shape, rule: enforce(shape, time.Now(), false)}}}
				r := request(named("points", "", shape, 10))
				end := time.Now().Add(5 * time.Minute)
				spent := 0
				var wg sync.WaitGroup
				for range 32 {
					wg.Go(func() {
						for time.Now().Before(end) {
							ticket := admit(t, ledger, r)
							time.Sleep(w.between(ms, 50*ms))
							w.mu.Lock()
							cost := random.IntN(11)
							if !w.limits[0].rule.room(time.Now(), cost) {
								w.refused = append(w.refused, "refused")
							}
							w.limits[0].rule.count(time.Now(), cost)
							spent += cost
							w.mu.Unlock()
							time.Sleep(w.between(ms, 50*ms))
							costing(ticket, "points", cost)
						}
					})
				}
				wg.Wait()
				if len(w.refused) > 0 {
					t.Errorf("%d refused", len(w.refused))
				}
				if best := 50 * 300; spent < best*95/100 {
					t.Errorf("%d points spent in 5 minutes, of %d", spent, best)
				}
			})
		})
	}
}
