package budget_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// Whatever a provider answers, true or not: nobody waits for ever, and all that
// was charged comes free.
func TestNonsenseStopsNobody(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		shapes := []api.Shape{drawShape(rt), drawShape(rt), api.Unlimited{}}
		var err error
		synctest.Test(t, func(*testing.T) { err = nonsense(seed, shapes) })
		if err != nil {
			rt.Fatalf("%v: %+v", err, shapes)
		}
	})
}

func nonsense(seed uint64, shapes []api.Shape) error {
	ledger, err := budget.NewLedger(budget.WithMaxFreeze(time.Minute), budget.WithEvents(func(budget.Event) {}))
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var errs []error
	var wg sync.WaitGroup
	for worker := range 16 {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(worker)))
			for range 12 {
				if err := nonsenseCall(ledger, shapes, random); err != nil {
					mu.Lock()
					errs = append(errs, err)
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	time.Sleep(6 * time.Hour)
	for _, c := range ledger.Snapshot().Counters {
		if c.Used != 0 || c.InFlight != 0 || c.Waiting != 0 || !c.Frozen.IsZero() {
			errs = append(errs, fmt.Errorf("left behind: %+v", c))
		}
	}
	return errors.Join(errs...)
}

func nonsenseCall(ledger budget.Ledger, shapes []api.Shape, random *rand.Rand) error {
	some := func() (all []budget.Charge) {
		for i, shape := range shapes {
			if random.IntN(3) > 0 {
				all = append(all, named(fmt.Sprint("limit ", i), "", shape, 1+random.IntN(2)))
			}
		}
		return all
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*24*time.Hour)
	defer cancel()
	r := &budget.Request{Operation: "Test.Call", Alternatives: [][]budget.Charge{some(), some()}}
	ticket, err := ledger.Admit(ctx, r)
	if errors.Is(err, budget.ErrImpossible) { // a limit of 1 for a cost of 2, or so it was told
		return nil
	}
	if err != nil {
		return err
	}
	moment := func() time.Time {
		if random.IntN(3) == 0 {
			return time.Time{}
		}
		return time.Now().Add(time.Duration((random.Float64()*1.5 - 0.5) * float64(time.Minute)))
	}
	time.Sleep(time.Duration(random.Int64N(int64(time.Second))))
	var a budget.Answer
	for range random.IntN(4) {
		o := budget.Observation{Limit: fmt.Sprint("limit ", random.IntN(4)), Max: -1, Remaining: random.IntN(50) - 5,
			Reset: moment(), ResetEarliest: moment()}
		if random.IntN(20) == 0 {
			o.Max = random.IntN(60)
		}
		a.Observations = append(a.Observations, o)
	}
	if random.IntN(4) == 0 {
		a.Refusal = &budget.Refusal{Limit: fmt.Sprint("limit ", random.IntN(5)), Until: moment()}
	}
	for range 1 + random.IntN(3) { // more than one ending is one too many, and does nothing
		switch random.IntN(6) {
		case 0:
			ticket.Lost()
		case 1:
			ticket.Cancel()
		case 2:
			ticket.Resent()
		default:
			ticket.Answer(a)
		}
	}
	time.Sleep(time.Duration(random.Int64N(int64(time.Second))))
	ticket.Done()
	return nil
}
