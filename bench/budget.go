package main

// This file measures admission: weir's ledger beside rate limiters. All have
// room for all calls, so nobody waits.
//
// A ledger's admission ends in a settlement, which a limiter does not have. So
// there are four kinds of cases: "admit" is Admit alone, where one goroutine
// calls and what follows can be left out of the time; "cancel" is Admit and
// Cancel, the least that one can do; "settle" is Admit, Answer and Done; "call" is
// the life of a call, which also tells by Sent when it goes out, and so reads the
// clock once more.

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sethvargo/go-limiter/memorystore"
	"go.uber.org/ratelimit"
	"golang.org/x/time/rate"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

func init() { register("budget", admissions) }

const (
	keys       = 10_000
	ample      = 1 << 30 // more than is called for in a case
	maxCallers = 64
)

func admissions(m *meter) error {
	window := api.Window{Limit: ample, Per: time.Minute}
	bucket := api.Bucket{Burst: ample, Refill: ample, Per: time.Second}
	for _, c := range []comparison{
		alone("admit/one-counter", onOne(window), "x/time/rate Wait", waitOne(1)),
		alone("admit/one-bucket", onOne(bucket), "x/time/rate Wait", waitOne(1)),
		alone("admit/10000-keys", onKeys(window), "sync.Map of x/time/rate Wait", waitKeys),
		alone("admit/3-counters", onThree(window), "3 x/time/rate Waits", waitOne(3)),
		alone("admit/one-counter", onOne(window), "uber Take", takeOne),
		alone("admit/one-counter", onOne(window), "sethvargo Take", takeKeys(1)),
		alone("admit/10000-keys", onKeys(window), "sethvargo Take", takeKeys(keys)),
	} {
		if err := m.compare(c); err != nil {
			return err
		}
	}
	for _, callers := range []int{1, 4, 16, maxCallers} {
		for _, c := range []comparison{
			{name: "cancel/one-counter", ours: cancel(onOne(window)), peer: "x/time/rate Wait", theirs: waitOne(1)},
			{name: "settle/one-counter", ours: settle(onOne(window)), peer: "x/time/rate Wait", theirs: waitOne(1)},
			{name: "call/one-counter", ours: call(onOne(window)), peer: "x/time/rate Wait", theirs: waitOne(1)},
			{name: "settle/one-bucket", ours: settle(onOne(bucket)), peer: "x/time/rate Wait", theirs: waitOne(1)},
			{name: "cancel/10000-keys", ours: cancel(onKeys(window)), peer: "sync.Map of x/time/rate Wait", theirs: waitKeys},
			{name: "settle/10000-keys", ours: settle(onKeys(window)), peer: "sync.Map of x/time/rate Wait", theirs: waitKeys},
			{name: "cancel/3-counters", ours: cancel(onThree(window)), peer: "3 x/time/rate Waits", theirs: waitOne(3)},
			{name: "call/10000-keys", ours: call(onKeys(window)), peer: "sync.Map of x/time/rate Wait", theirs: waitKeys},
			{name: "settle/3-counters", ours: settle(onThree(window)), peer: "3 x/time/rate Waits", theirs: waitOne(3)},
		} {
			c.callers = callers
			c.name += fmt.Sprintf("/%d-callers", callers)
			if err := m.compare(c); err != nil {
				return err
			}
		}
	}
	return memory(m)
}

func requestOf(charges ...budget.Charge) *budget.Request {
	return &budget.Request{Operation: "Tickets.Show", Alternatives: [][]budget.Charge{charges}}
}

func chargeOf(limit, scope string, shape api.Shape) budget.Charge {
	return budget.Charge{Key: budget.Key{API: "zendesk", Limit: limit, Scope: scope}, Shape: shape, Cost: 1}
}

// draw is what the calls of a case draw on: some limits, counted by one of scopes.
type draw struct {
	limits []budget.Charge
	scopes []string
}

func onOne(shape api.Shape) draw {
	return draw{[]budget.Charge{chargeOf("support", "", shape)}, scopes(1)}
}

func onThree(shape api.Shape) draw {
	return draw{[]budget.Charge{
		chargeOf("app", "", shape), chargeOf("support", "", shape), chargeOf("update", "", shape),
	}, scopes(1)}
}

func onKeys(shape api.Shape) draw {
	return draw{[]budget.Charge{chargeOf("support", "", shape)}, scopes(keys)}
}

// request is the i-th that a caller makes. As in a client it is made of what is
// at hand: the limits, which all have in common, and a scope's text.
func (d draw) request(r *budget.Request, i int) *budget.Request {
	for j := range r.Alternatives[0] {
		r.Alternatives[0][j].Key.Scope = d.scopes[i]
	}
	return r
}

func scopes(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = scope(i)
	}
	return names
}

func scope(i int) string { return fmt.Sprintf("account=customer-%05d", i) }

// pick spreads calls over n keys, as no cache likes it.
func pick(caller, i, n int) int {
	if n == 1 {
		return 0
	}
	return (caller*617 + i*7919) % n
}

// alone compares admissions of one goroutine, without what ends their tickets:
// that is done for many at a time, and the time it takes is left out.
func alone(name string, d draw, peer string, theirs side) comparison {
	start, aside := time.Now(), time.Duration(0)
	open := make([]budget.Ticket, 0, 256)
	return comparison{
		name: name + "/alone", peer: peer, theirs: theirs,
		ours: admitting(d, func(t budget.Ticket) {
			if open = append(open, t); len(open) < cap(open) {
				return
			}
			began := time.Now()
			for _, t := range open {
				t.Cancel()
			}
			open = open[:0]
			aside += time.Since(began)
		}),
		cost: func() time.Duration { return time.Since(start) - aside },
	}
}

func cancel(d draw) side {
	return admitting(d, func(t budget.Ticket) { t.Cancel() })
}

func settle(d draw) side {
	return admitting(d, func(t budget.Ticket) {
		t.Answer(budget.Answer{})
		t.Done()
	})
}

func call(d draw) side {
	return admitting(d, func(t budget.Ticket) {
		t.Sent()
		t.Answer(budget.Answer{})
		t.Done()
	})
}

// admitting is an operation that has a request admitted and ends its ticket. Each
// counter has been drawn on before it begins, and that charge outlives the case,
// or a ledger would drop and make again what is idle between two calls.
func admitting(d draw, finish func(budget.Ticket)) side {
	return func() (operation, func(), error) {
		ledger, err := budget.NewLedger()
		if err != nil {
			return nil, nil, err
		}
		ctx := context.Background()
		requests := make([]*budget.Request, maxCallers)
		for i := range requests {
			requests[i] = requestOf(slices.Clone(d.limits)...)
		}
		for i := range d.scopes {
			ticket, err := ledger.Admit(ctx, d.request(requests[0], i))
			if err != nil {
				return nil, nil, err
			}
			ticket.Answer(budget.Answer{})
			ticket.Done()
		}
		return func(caller, i int) error {
			ticket, err := ledger.Admit(ctx, d.request(requests[caller], pick(caller, i, len(d.scopes))))
			if err == nil {
				finish(ticket)
			}
			return err
		}, func() { ledger.Close() }, nil
	}
}

// waitOne waits for some limiters in a row.
func waitOne(limiters int) side {
	return func() (operation, func(), error) {
		row := make([]*rate.Limiter, limiters)
		for i := range row {
			row[i] = rate.NewLimiter(ample, ample)
		}
		ctx := context.Background()
		return func(int, int) error {
			for _, l := range row {
				if err := l.Wait(ctx); err != nil {
					return err
				}
			}
			return nil
		}, func() {}, nil
	}
}

// waitKeys is what programs do that have a limiter for each customer.
func waitKeys() (operation, func(), error) {
	var limiters sync.Map
	names := scopes(keys)
	for _, name := range names {
		limiters.Store(name, rate.NewLimiter(ample, ample))
	}
	ctx := context.Background()
	return func(caller, i int) error {
		l, _ := limiters.Load(names[pick(caller, i, keys)])
		return l.(*rate.Limiter).Wait(ctx)
	}, func() {}, nil
}

// takeOne never sleeps: a nanosecond's worth is taken in more than that.
func takeOne() (operation, func(), error) {
	l := ratelimit.New(int(time.Second))
	return func(int, int) error {
		l.Take()
		return nil
	}, func() {}, nil
}

func takeKeys(n int) side {
	return func() (operation, func(), error) {
		store, err := memorystore.New(&memorystore.Config{Tokens: ample, Interval: time.Minute})
		if err != nil {
			return nil, nil, err
		}
		ctx := context.Background()
		names := scopes(n)
		for _, name := range names {
			if _, _, _, _, err := store.Take(ctx, name); err != nil {
				return nil, nil, err
			}
		}
		return func(caller, i int) error {
			_, _, _, ok, err := store.Take(ctx, names[pick(caller, i, n)])
			if err == nil && !ok {
				err = fmt.Errorf("sethvargo refuses %q", names[pick(caller, i, n)])
			}
			return err
		}, func() { store.Close(ctx) }, nil
	}
}
