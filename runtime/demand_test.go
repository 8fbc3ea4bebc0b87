package runtime_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/providertest"
)

// Three sources want 500, 300 and 400 a minute of 1,000: they get 500, 300 and
// what is left, 200.
func TestDemandsOfThreeSources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		op := &api.Operation{Name: "Things.Show", Method: "GET", Path: "/things/{id}", Draws: []api.Draw{{Limit: "all"}}}
		desc := &api.API{
			Name:       "things",
			Limits:     []api.Limit{{Name: "all", Shape: api.Window{Limit: 1000, Per: time.Minute}, Scope: []api.Scope{api.ScopeAccount}}},
			Operations: []*api.Operation{op},
		}
		standIn, err := providertest.New(desc, providertest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer standIn.Close()
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		client, err := runtime.NewClient(desc, nil, runtime.WithBaseURL("https://things.example"),
			runtime.WithTransport(standIn.Direct()), runtime.WithIdentity(runtime.Identity{Account: "acme"}))
		if err != nil {
			t.Fatal(err)
		}
		wanted := map[string]int{"first": 500, "second": 300, "third": 400}
		var mu sync.Mutex
		got := map[string]int{}
		for rank, flow := range []string{"first", "second", "third"} {
			handle, err := client.Demand("all", budget.Demand{Flow: flow, Rank: rank, Cost: wanted[flow]})
			if err != nil {
				t.Fatal(err)
			}
			defer handle.End()
		}
		for flow, n := range wanted {
			for range n / 50 { // each worker asks for a little more than 50 a minute
				running.Go(func() {
					for ctx.Err() == nil {
						begun := time.Now()
						err := runtime.Exec(ctx, client, op, runtime.Args{Path: []any{1}}, runtime.WithFlow(flow, 1))
						if err == nil {
							mu.Lock()
							got[flow]++
							mu.Unlock()
						}
						timer := time.NewTimer(time.Until(begun.Add(1150 * time.Millisecond)))
						select {
						case <-timer.C:
						case <-ctx.Done():
						}
					}
				})
			}
		}
		const minutes = 4
		<-time.After(time.Minute - time.Second) // the first, in which no end of a window is known
		mu.Lock()
		clear(got)
		mu.Unlock()
		<-time.After(minutes * time.Minute) // the next window has not begun
		cancel()
		running.Wait()
		first, second, third := got["first"]/minutes, got["second"]/minutes, got["third"]/minutes
		if first < 490 || second < 290 || first+second+third < 990 {
			t.Errorf("they got %d, %d and %d a minute", first, second, third)
		}
		if r := standIn.Report(); r.Refused > 0 {
			t.Errorf("%d refused", r.Refused)
		}
	})
}

func TestDemandOnNothing(t *testing.T) {
	desc := &api.API{
		Name: "things",
		Limits: []api.Limit{
			{Name: "all", Shape: api.Window{Limit: 1000, Per: time.Minute}},
			{Name: "each", Shape: api.Window{Limit: 5, Per: time.Minute}, Scope: []api.Scope{"path:id"}},
		},
	}
	client, err := runtime.NewClient(desc, nil, runtime.WithBaseURL("https://things.example"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Demand("none", budget.Demand{Flow: "f", Cost: 1}); !errors.Is(err, runtime.ErrUnknownLimit) {
		t.Errorf("an unknown limit: %v", err)
	}
	if _, err := client.Demand("each", budget.Demand{Flow: "f", Cost: 1}); err == nil {
		t.Error("a limit with a counter for each path: no error")
	}
	if _, err := client.Demand("all", budget.Demand{Flow: "f", Cost: -1}); err == nil {
		t.Error("a negative cost: no error")
	}
}
