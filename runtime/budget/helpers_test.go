package budget_test

import (
	"context"
	"testing"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

func newLedger(t testing.TB, opts ...budget.LedgerOption) *budget.Local {
	t.Helper()
	ledger, err := budget.NewLedger(opts...)
	if err != nil {
		t.Fatal(err)
	}
	return ledger
}

// charge is a charge of 1 to the limit called "limit".
func charge(scope string, shape api.Shape) budget.Charge {
	return named("limit", scope, shape, 1)
}

func named(limit, scope string, shape api.Shape, cost int) budget.Charge {
	return budget.Charge{Key: budget.Key{API: "test", Limit: limit, Scope: scope}, Shape: shape, Cost: cost}
}

// request is a request with one alternative.
func request(charges ...budget.Charge) *budget.Request {
	return &budget.Request{Operation: "Test.Call", Alternatives: [][]budget.Charge{charges}}
}

// admit is an admission that must not fail.
func admit(t testing.TB, ledger budget.Ledger, r *budget.Request) budget.Ticket {
	t.Helper()
	ticket, err := ledger.Admit(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

// at once is an admission that must not wait; it reports whether there was room.
func atOnce(t testing.TB, ledger budget.Ledger, r *budget.Request) (budget.Ticket, bool) {
	t.Helper()
	now := *r
	now.NoWait = true
	ticket, err := ledger.Admit(context.Background(), &now)
	return ticket, err == nil
}

// finish ends a call with an answer that tells nothing.
func finish(ticket budget.Ticket) {
	ticket.Answer(budget.Answer{})
	ticket.Done()
}

// waited is how long an admission takes in the bubble's time.
func waited(t testing.TB, ledger budget.Ledger, r *budget.Request) (budget.Ticket, time.Duration) {
	t.Helper()
	start := time.Now()
	ticket := admit(t, ledger, r)
	return ticket, time.Since(start)
}
