package budget_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// purse is a portion that a test fills.
type purse struct {
	mu                           sync.Mutex
	has, wanted, taken, returned int
	lost, resent, done, level    int
	answers                      []budget.PortionAnswer
	left                         []int
	frozen                       time.Time
	shape                        api.Shape
}

func (p *purse) Portion(budget.Key) budget.Portion { return p }

func (p *purse) do(f func()) { p.mu.Lock(); defer p.mu.Unlock(); f() }

func (p *purse) Reshape(shape api.Shape, _ int, _ bool) { p.do(func() { p.shape = shape }) }
func (p *purse) Has(time.Time) (has int, next time.Time) {
	p.do(func() { has = p.has })
	return has, next
}
func (p *purse) Frozen(time.Time) (until time.Time) {
	p.do(func() { until = p.frozen })
	return until
}
func (p *purse) Wants(_ time.Time, cost, _ int) { p.do(func() { p.wanted = cost }) }
func (p *purse) Take(_ time.Time, cost int)     { p.do(func() { p.has -= cost; p.taken += cost }) }
func (p *purse) Back(cost int)                  { p.do(func() { p.returned += cost }) }
func (p *purse) Answer(a budget.PortionAnswer)  { p.do(func() { p.answers = append(p.answers, a) }) }
func (p *purse) Done(cost int)                  { p.do(func() { p.done += cost }) }
func (p *purse) Lost(_ time.Time, cost int)     { p.do(func() { p.lost += cost }) }
func (p *purse) Resent(_ time.Time, cost int)   { p.do(func() { p.resent += cost }) }
func (p *purse) Left(remaining int, _, _ time.Time) {
	p.do(func() { p.left = append(p.left, remaining) })
}
func (p *purse) Level(_ time.Time, level int) { p.do(func() { p.level = level }) }
func (p *purse) Freeze(until time.Time)       { p.do(func() { p.frozen = until }) }

// TestSupplyIsAFurtherCondition has calls wait for what their portion has, in the
// ledger's own order.
func TestSupplyIsAFurtherCondition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &purse{has: 2}
		ledger := newLedger(t, budget.WithSupply(p))
		shape := api.Window{Limit: 100, Per: time.Minute}
		first, second := admit(t, ledger, request(charge("", shape))), admit(t, ledger, request(charge("", shape)))
		if _, ok := atOnce(t, ledger, request(charge("", shape))); ok {
			t.Error("a third call went with two in hand")
		}
		var order []budget.Class
		var waiters sync.WaitGroup
		for _, class := range []budget.Class{budget.Background, budget.Normal, budget.Urgent} {
			waiters.Go(func() {
				r := request(charge("", shape))
				r.Class = class
				ticket := admit(t, ledger, r)
				p.do(func() { order = append(order, class) })
				finish(ticket)
			})
			synctest.Wait()
		}
		if p.wanted != 3 {
			t.Errorf("%d are wanted, want 3", p.wanted)
		}
		for range 3 {
			p.do(func() { p.has++ })
			ledger.Supplied(charge("", shape).Key)
			synctest.Wait()
		}
		waiters.Wait()
		if len(order) != 3 || order[0] != budget.Urgent || order[2] != budget.Background {
			t.Errorf("served in the order %v", order)
		}
		first.Cancel()
		second.Resent()
		second.Lost()
		if p.taken != 5 || p.returned != 1 || p.lost != 1 || p.resent != 1 || len(p.answers) != 3 || p.wanted != 0 {
			t.Errorf("%+v", p)
		}
	})
}

// TestSupplyHearsOfAnswers has a portion told what answers tell, and calls fail
// whose counter is denied.
func TestSupplyHearsOfAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &purse{has: 6}
		ledger := newLedger(t, budget.WithSupply(p))
		shape := api.Window{Limit: 100, Per: time.Minute}
		end := time.Now().Add(20 * time.Second)
		ticket := admit(t, ledger, request(charge("", shape)))
		ticket.Answer(budget.Answer{
			Observations: []budget.Observation{{Limit: "limit", Max: 90, Remaining: 5, Reset: end}},
			Costs:        []budget.Cost{{Limit: "limit", Cost: 4}},
		})
		ticket.Done()
		want := budget.PortionAnswer{Now: time.Now(), Sent: time.Now(), Charged: 1, Cost: 4, End: end.Add(time.Millisecond), Earliest: end}
		if len(p.answers) != 1 || p.answers[0] != want {
			t.Errorf("answers: %+v, want %+v", p.answers, want)
		}
		if len(p.left) != 1 || p.left[0] != 5 || p.shape != (api.Window{Limit: 90, Per: time.Minute}) {
			t.Errorf("left %v of %+v", p.left, p.shape)
		}
		until := time.Now().Add(7 * time.Second)
		ticket = admit(t, ledger, request(charge("", shape)))
		ticket.Answer(budget.Answer{Refusal: &budget.Refusal{Limit: "limit", Until: until}})
		if !p.frozen.Equal(until) {
			t.Errorf("frozen until %v, want %v", p.frozen, until)
		}
		denied := errors.New("denied")
		go func() {
			synctest.Wait()
			ledger.Deny(charge("", shape).Key, denied)
		}()
		if _, err := ledger.Admit(context.Background(), request(charge("", shape))); !errors.Is(err, denied) {
			t.Errorf("a call whose counter is denied: %v", err)
		}
	})
}

// TestSupplyHearsOfABucketsLevel has an answer tell what is left of a bucket.
func TestSupplyHearsOfABucketsLevel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &purse{has: 1}
		ledger := newLedger(t, budget.WithSupply(p))
		ticket := admit(t, ledger, request(charge("", api.Bucket{Burst: 40, Refill: 1, Per: time.Second})))
		ticket.Answer(budget.Answer{Observations: []budget.Observation{{Limit: "limit", Max: -1, Remaining: 10}}})
		ticket.Done()
		if p.level != 30 || len(p.left) != 0 {
			t.Errorf("a bucket of 40 of which 10 are left holds %d; left of a window: %v", p.level, p.left)
		}
	})
}

// TestPartsComeFromOutside has urgent and normal calls wait, and a ledger that is
// told what each class may count on of a limit that others use too.
func TestPartsComeFromOutside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &purse{}
		ledger := newLedger(t, budget.WithSupply(p))
		key, shape := charge("", api.Window{}).Key, api.Window{Limit: 100, Per: time.Minute}
		if uses := ledger.Uses(key); len(uses) != 0 {
			t.Errorf("uses of a counter that is not known: %+v", uses)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		served := map[budget.Class]int{}
		for i := range 24 {
			r := request(charge("", shape))
			r.Class = []budget.Class{budget.Urgent, budget.Normal}[i%2]
			callers.Go(func() {
				if ticket, err := ledger.Admit(ctx, r); err == nil {
					p.do(func() { served[r.Class]++ })
					finish(ticket)
				}
			})
		}
		synctest.Wait()
		uses := ledger.Uses(key)
		want := []budget.Use{
			{Class: budget.Urgent, Share: 0.3, Waiting: 12, Active: 2 * time.Minute},
			{Class: budget.Normal, Share: 0.5, Waiting: 12, Active: 2 * time.Minute},
		}
		if !slices.Equal(uses, want) {
			t.Fatalf("uses: %+v, want %+v", uses, want)
		}
		ledger.Apportion(key, uses, []int{2, 10})
		for range 12 {
			p.do(func() { p.has++ })
			ledger.Supplied(key)
			synctest.Wait()
		}
		if served[budget.Urgent] != 2 || served[budget.Normal] != 10 {
			t.Errorf("served %v, want 2 urgent and 10 normal calls", served)
		}
		if uses := ledger.Uses(key); uses[0].Used != 2 || uses[1].Used != 10 || uses[0].Waiting != 10 {
			t.Errorf("uses: %+v", uses)
		}
		ledger.Apportion(key, nil, nil) // by the shares again: urgent calls come first
		p.do(func() { p.has = 6 })
		ledger.Supplied(key)
		synctest.Wait()
		if served[budget.Urgent] != 8 {
			t.Errorf("served %v, want 8 urgent calls", served)
		}
		cancel()
		callers.Wait()
	})
}
