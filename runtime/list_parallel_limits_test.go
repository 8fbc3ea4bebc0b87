package runtime_test

// This file tests fetching several pages of a list at once where limits and
// faults are in the way; the stand-in counts by itself.

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/runtime/retry"
)

// Where the budget does not allow as many, it takes what the budget takes, and
// nothing is refused.
func TestParallelPagesWithinTheBudget(t *testing.T) {
	place := api.Bucket{Burst: 1, Refill: 1, Per: time.Second}
	for name, tt := range map[string]struct {
		shape api.Shape
		least time.Duration
		most  time.Duration
	}{
		// 40 pages of half a second each, 20 s in turn.
		"10 a minute":    {api.Window{Limit: 10, Per: time.Minute}, 3 * time.Minute, 3*time.Minute + 5*time.Second},
		"3 at once":      {api.Concurrency{Max: 3}, 6500 * time.Millisecond, 8 * time.Second},
		"1 a second":     {place, 39 * time.Second, 61 * time.Second}, // a burst of one is filled from the answer on
		"as many as one": {api.Window{Limit: 1000, Per: time.Minute}, 3 * time.Second, 3500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				desc := limited(api.Limit{Name: "rate", Shape: tt.shape, Scope: []api.Scope{api.ScopeAccount}})
				op := drawing(byTotal, "rate")
				desc.Operations = []*api.Operation{op}
				p, err := providertest.New(desc, providertest.Options{Latency: providertest.Between(500*time.Millisecond, 500*time.Millisecond), Headers: providertest.HeadersNone})
				if err != nil {
					t.Fatal(err)
				}
				defer p.Close()
				p.Items(op.Name, func(*providertest.Call) []json.RawMessage { return numbered(400) })
				c := connect(t, desc, p.Transport(), runtime.WithParallelPages(8), runtime.WithPageSize(10))
				start := time.Now()
				pages := 0
				for pg, err := range runtime.ListPages[ticket](t.Context(), c, op, runtime.Args{}) {
					if err != nil {
						t.Fatal(err)
					}
					if got := pg.Items[0].ID; got != pages*10+1 {
						t.Fatalf("page %d begins with %d", pages, got)
					}
					pages++
				}
				took := time.Since(start)
				if r := p.Report(); pages != 40 || r.Refused != 0 || r.Requests != 40 || took < tt.least || took > tt.most {
					t.Errorf("%d pages in %v, %d requests, %d refused", pages, took, r.Requests, r.Refused)
				}
			})
		})
	}
}

// However many pages are fetched at once, one of them waits for the budget at a
// time: the one that is needed first, so that it comes first, and others of the
// client do not find a whole list before them.
func TestParallelPagesWaitInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(100)
		c := connect(t, limited(perMinute("support", 1)), slow(b.serve()))
		asked := 0
		for _, err := range runtime.ListPages[ticket](t.Context(), c, drawing(byTotal, "support"), runtime.Args{}, runtime.WithParallelPages(8), runtime.WithPageSize(10)) {
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			for _, s := range c.Ledger().Snapshot().Counters {
				if s.Waiting > 1 {
					t.Errorf("%d pages wait", s.Waiting)
				}
			}
			urls := b.provider.urls()
			for ; asked < len(urls); asked++ {
				if want := fmt.Sprintf("page=%d&", asked); asked > 0 && !strings.Contains(urls[asked], want) {
					t.Errorf("request %d is %s", asked, urls[asked])
				}
			}
		}
		if asked != 10 {
			t.Errorf("%d requests", asked)
		}
	})
}

// Whatever befalls the requests, all items come, in order, none is refused, and
// nothing goes on when the loop is left.
func TestParallelPagesUnderFaults(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		style := rapid.SampledFrom(countedStyles).Draw(rt, "style")
		items := rapid.IntRange(0, 600).Draw(rt, "items")
		size := rapid.IntRange(10, 100).Draw(rt, "size")
		n := rapid.IntRange(1, 12).Draw(rt, "n")
		leave := rapid.IntRange(1, 700).Draw(rt, "leave after")
		seed := rapid.Uint64().Draw(rt, "seed")
		var wrong string
		synctest.Test(t, func(t *testing.T) {
			wrong = parallelUnderFaults(t, style, items, size, n, leave, seed)
		})
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

func parallelUnderFaults(t *testing.T, style *api.Operation, items, size, n, leave int, seed uint64) string {
	desc := shop()
	p, err := providertest.New(desc, providertest.Options{
		Seed: seed, Phase: 0.3, Latency: providertest.Between(10*time.Millisecond, 900*time.Millisecond), CountAt: (*rand.Rand).Float64,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	unlucky(p)
	c := connect(t, desc, p.Transport(), runtime.WithRetry(retry.Policy{Attempts: 12}))
	defer c.Close()
	op := desc.Operation(style.Name)
	p.Items(op.Name, func(*providertest.Call) []json.RawMessage { return numbered(items) })
	var ids []int
	for item, err := range runtime.List[ticket](t.Context(), c, op, runtime.Args{}, runtime.WithParallelPages(n), runtime.WithPageSize(size)) {
		if err != nil {
			return err.Error()
		}
		if ids = append(ids, item.ID); len(ids) == leave {
			break
		}
	}
	if !slices.Equal(ids, upTo(1, min(items, leave))) {
		return fmt.Sprintf("items %v", ids)
	}
	if r := p.Report(); r.Refused != 0 {
		return fmt.Sprintf("%d of %d refused: %v", r.Refused, r.Requests, r.Refusals)
	}
	return ""
}
