package runtime_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// asked is a ledger that notes what is asked of it.
type asked struct {
	budget.Ledger
	requests []budget.Request
}

func (a *asked) Admit(ctx context.Context, r *budget.Request) (budget.Ticket, error) {
	a.requests = append(a.requests, *r)
	return a.Ledger.Admit(ctx, r)
}

func TestOrderOptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		local, err := budget.NewLedger()
		if err != nil {
			t.Fatal(err)
		}
		ledger := &asked{Ledger: local}
		off := time.Now().Add(time.Hour)
		client, err := runtime.NewClient(desk(), acme, runtime.WithLedger(ledger), runtime.WithTransport(always(200, `{"ticket":{}}`)),
			runtime.WithPriority(budget.Background), runtime.WithFlow("acme", 2))
		if err != nil {
			t.Fatal(err)
		}
		for _, opts := range [][]runtime.Option{
			nil, {runtime.WithPriority(budget.Urgent)}, {runtime.WithFlow("other", 0), runtime.WithNotBefore(off)},
		} {
			if _, err := runtime.Do[ticket](t.Context(), client, show, runtime.Args{Path: []any{1}}, opts...); err != nil {
				t.Fatal(err)
			}
		}
		if !time.Now().Equal(off) {
			t.Errorf("the last call went at %v, want %v", time.Now(), off)
		}
		for i, want := range []budget.Request{
			{Class: budget.Background, Flow: "acme", Weight: 2},
			{Class: budget.Urgent, Flow: "acme", Weight: 2},
			{Class: budget.Background, Flow: "other", NotBefore: off},
		} {
			got := ledger.requests[i]
			if got.Class != want.Class || got.Flow != want.Flow || got.Weight != want.Weight || !got.NotBefore.Equal(want.NotBefore) {
				t.Errorf("call %d asked as %+v, want %+v", i, got, want)
			}
		}
	})
}

func TestRefusedOrderOptions(t *testing.T) {
	ledger, err := budget.NewLedger()
	if err != nil {
		t.Fatal(err)
	}
	for want, opts := range map[string][]runtime.ClientOption{
		"WithPriority: there is no class 7":  {runtime.WithPriority(7)},
		"WithFlow: flow \"a\" has weight -1": {runtime.WithFlow("a", -1)},
		"weight NaN":                         {runtime.WithFlow("a", math.NaN())},
		"weight +Inf":                        {runtime.WithFlow("a", math.Inf(1))},
		"the shares come to 1.5":             {runtime.WithShares(budget.Shares{Urgent: 0.5, Normal: 0.5, Background: 0.5})},
		"class normal is -1":                 {runtime.WithShares(budget.Shares{Normal: -1})},
		"WithShares configures":              {runtime.WithShares(budget.Shares{Urgent: 1}), runtime.WithLedger(ledger)},
	} {
		if _, err := runtime.NewClient(desk(), acme, opts...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %s", err, want)
		}
	}
}

// With shares of its own a client holds room for the first urgent call. A normal
// one that would need that room waits as long as it may: what is held can come
// free at any time, so it does not fail at once.
func TestWithShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := api.Limit{Name: "requests", Shape: api.Bucket{Burst: 100, Refill: 1, Per: time.Hour}}
		client, err := runtime.NewClient(limited(limit), acme, runtime.WithTransport(always(200, `{"ticket":{}}`)),
			runtime.WithShares(budget.Shares{Urgent: 0.5, Normal: 0.5}))
		if err != nil {
			t.Fatal(err)
		}
		call := func(class budget.Class) error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := runtime.Do[ticket](ctx, client, drawing(show, "requests"), runtime.Args{Path: []any{1}}, runtime.WithPriority(class))
			return err
		}
		n := 0
		for call(budget.Normal) == nil {
			n++
		}
		if n != 99 {
			t.Errorf("%d of 100 normal calls before an urgent one, want 99", n)
		}
		if err := call(budget.Urgent); err != nil {
			t.Errorf("the urgent call: %v", err)
		}
	})
}
