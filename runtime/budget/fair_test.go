package budget_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// shapes on which turns are shared out, and so many callers of each flow that
// all of them always wait. Of a sliding window a class borrows by the whole call,
// now and then one more in each W: one is 1.25 % of the smallest share of 400 here,
// and would be 4 % of 120.
var shared = []struct {
	name    string
	shape   api.Shape
	reset   rounding
	body    time.Duration
	callers int
}{
	{"told", api.Window{Limit: 400, Per: 20 * sec}, exact, 0, 850},
	{"unknown", api.Window{Limit: 400, Per: 20 * sec}, untold, 0, 850},
	{"sliding", api.Window{Limit: 400, Per: 20 * sec, Kind: api.Sliding}, untold, 0, 850},
	{"bucket", api.Bucket{Burst: 10, Refill: 10, Per: sec}, untold, 0, 30},
	{"bucket of one", api.Bucket{Burst: 1, Refill: 10, Per: sec}, untold, 0, 10},
	{"concurrency", api.Concurrency{Max: 6}, untold, 200 * ms, 30},
}

// Flows of weights 1, 2 and 3 that all wait get their shares, to 2 %.
func TestFlowsGetTheirShares(t *testing.T) {
	for _, test := range shared {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCrowd(t, 5, test.shape, test.reset, 0)
				ctx, cancel := context.WithTimeout(t.Context(), 400*sec)
				defer cancel()
				flows := []*kind{{flow: "a", weight: 1}, {flow: "b", weight: 2}, {flow: "c", weight: 3}}
				for _, k := range flows {
					k.body = test.body
					c.saturate(ctx, k, test.callers)
				}
				c.wg.Wait()
				all := float64(sum(c.begin, 100*sec, 400*sec, flows...))
				for _, k := range flows {
					got, want := float64(k.between(c.begin, 100*sec, 400*sec))/all, k.weight/6
					if math.Abs(got-want) > 0.02*want {
						t.Errorf("flow %s of weight %v: %.4f of all, want %.4f", k.flow, k.weight, got, want)
					}
				}
				if len(c.refused) > 0 {
					t.Errorf("%d refused", len(c.refused))
				}
			})
		})
	}
}

// Classes that all wait get their shares, to 2 %.
func TestClassesGetTheirShares(t *testing.T) {
	for _, test := range shared {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCrowd(t, 5, test.shape, test.reset, 0)
				ctx, cancel := context.WithTimeout(t.Context(), 400*sec)
				defer cancel()
				kinds := []*kind{{class: budget.Urgent, weight: 0.3}, {class: budget.Normal, weight: 0.5}, {class: budget.Background, weight: 0.2}}
				for _, k := range kinds {
					k.body = test.body
					c.saturate(ctx, k, test.callers)
				}
				c.wg.Wait()
				all := float64(sum(c.begin, 100*sec, 400*sec, kinds...))
				for _, k := range kinds {
					got := float64(k.between(c.begin, 100*sec, 400*sec)) / all
					if math.Abs(got-k.weight) > 0.02*k.weight {
						t.Errorf("class %v: %.4f of all, want %.4f", k.class, got, k.weight)
					}
				}
				if len(c.refused) > 0 {
					t.Errorf("%d refused", len(c.refused))
				}
			})
		})
	}
}

// A flow that comes later is not made to wait for the line of those before it.
func TestAFlowDoesNotWaitForAnothersLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 5, api.Bucket{Burst: 1, Refill: 10, Per: sec}, untold, 0)
		ctx, cancel := context.WithCancel(t.Context())
		long, short := &kind{flow: "long"}, &kind{flow: "short"}
		c.saturate(ctx, long, 1000)
		time.Sleep(time.Minute)
		c.at(ctx, short, []time.Duration{0, 0, 0})
		time.Sleep(2 * sec)
		if n := c.admitted(short); n != 3 {
			t.Errorf("%d of 3 calls were admitted in 2 s, beside a line of 1,000", n)
		}
		cancel()
		c.wg.Wait()
	})
}

// Whatever classes, flows, weights and costs there are: nobody starves, and
// nothing is refused.
func TestNobodyStarvesBesideOthers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		shape := drawShape(rt)
		size := sizeOf(shape)
		seed := rapid.Uint64().Draw(rt, "seed")
		reset := oneOf(rt, "reset", untold, ceil, exact)
		second := rapid.Bool().Draw(rt, "second limit")
		var kinds []*kind
		for range rapid.IntRange(2, 5).Draw(rt, "kinds") {
			kinds = append(kinds, &kind{
				class:  oneOf(rt, "class", budget.Urgent, budget.Normal, budget.Background),
				flow:   oneOf(rt, "flow", "", "a", "b"),
				weight: oneOf(rt, "weight", 0.0, 1, 10),
				cost:   oneOf(rt, "cost", 1, 1, max(1, size/3), size),
				body:   oneOf(rt, "body", 0, 100*ms),
			})
		}
		var problem string
		synctest.Test(t, func(t *testing.T) {
			c := newCrowd(t, seed, shape, reset, 0)
			if second {
				other := api.Concurrency{Max: 3}
				c.limits = append(c.limits, &limit{name: "other", shape: other, rule: enforce(other, time.Now(), false), reset: untold})
			}
			ctx, cancel := context.WithTimeout(t.Context(), 1000*time.Hour)
			defer cancel()
			most := 0
			for _, k := range kinds {
				c.saturateSome(ctx, k, 4, 60)
				most = max(most, k.cost)
			}
			c.wg.Wait()
			for _, k := range kinds {
				if len(k.sent) < 60 {
					problem = "starved: " + k.class.String() + "/" + k.flow
				}
			}
			if len(c.refused) > 0 {
				problem = "refused: " + strings.Join(c.refused[:1], "")
			}
		})
		if problem != "" {
			rt.Fatal(problem)
		}
	})
}

func demand(flow string, rank, cost int, shape api.Shape) budget.Demand {
	return budget.Demand{Key: charge("", shape).Key, Shape: shape, Flow: flow, Rank: rank, Cost: cost}
}

// 500, 300 and 400 a minute are wanted of 1,000: they get 500, 300 and 200, and
// when the first ends the third grows within one window.
func TestDemandsAreMetInTheOrderOfTheirRanks(t *testing.T) {
	for _, test := range []struct {
		name  string
		shape api.Shape
		reset rounding
		turns time.Duration // what a window takes
	}{
		{"told", api.Window{Limit: 1000, Per: time.Minute}, ceil, time.Minute},
		{"unknown", api.Window{Limit: 1000, Per: time.Minute}, untold, time.Minute + 60*ms},
		{"sliding", api.Window{Limit: 1000, Per: time.Minute, Kind: api.Sliding}, untold, time.Minute + 60*ms},
		{"bucket", api.Bucket{Burst: 1000, Refill: 1000, Per: time.Minute}, untold, time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCrowd(t, 5, test.shape, test.reset, 0)
				var handles []budget.DemandHandle
				for i, wanted := range []int{400, 500, 300} { // stated in another order than that of the ranks
					h, err := c.ledger.Demand(demand([]string{"third", "first", "second"}[i], []int{3, 1, 2}[i], wanted, test.shape))
					if err != nil {
						t.Fatal(err)
					}
					handles = append(handles, h)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 10*test.turns)
				defer cancel()
				firstCtx, stop := context.WithTimeout(ctx, 6*test.turns)
				defer stop()
				flows := []*kind{{flow: "first"}, {flow: "second"}, {flow: "third"}}
				c.saturate(firstCtx, flows[0], 100)
				c.saturate(ctx, flows[1], 100)
				c.saturate(ctx, flows[2], 100)
				time.Sleep(6 * test.turns)
				handles[1].End()
				handles[1].End()
				c.wg.Wait()
				per := func(k *kind, from, to int) float64 {
					return float64(k.between(c.begin, time.Duration(from)*test.turns, time.Duration(to)*test.turns)) / float64(to-from)
				}
				for i, want := range []float64{500, 300, 200} {
					if got := per(flows[i], 2, 6); math.Abs(got-want) > 0.02*want {
						t.Errorf("%s got %.1f of %v", flows[i].flow, got, want)
					}
				}
				if got := per(flows[2], 7, 10); got < 0.98*400 {
					t.Errorf("the third got %.1f of 400 once the first had ended", got)
				}
				if len(c.refused) > 0 {
					t.Errorf("%d refused", len(c.refused))
				}
			})
		})
	}
}

func TestDemandOnNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		shape := api.Window{Limit: 10, Per: time.Minute}
		for _, scope := range []string{"account=a", "account=b"} {
			finish(admit(t, ledger, request(charge(scope, shape))))
		}
		finish(admit(t, ledger, request(named("single", "account=a", shape, 1))))
		finish(admit(t, ledger, request(named("free", "", api.Unlimited{}, 1))))
		known := charge("account=a", shape).Key
		for _, test := range []struct {
			name string
			d    budget.Demand
			is   error
			says string
		}{
			{"no limit", budget.Demand{Cost: 1}, budget.ErrNoCounter, "names no limit"},
			{"unknown", budget.Demand{Key: budget.Key{Limit: "other"}, Cost: 1}, budget.ErrNoCounter, `limit "other"`},
			{"unknown scope", budget.Demand{Key: charge("account=c", shape).Key, Cost: 1}, budget.ErrNoCounter, "give its Shape"},
			{"several", budget.Demand{Key: budget.Key{Limit: "limit"}, Cost: 1}, budget.ErrNoCounter, "several"},
			{"zero", budget.Demand{Key: known}, nil, "must be positive"},
			{"negative", budget.Demand{Key: known, Cost: -5}, nil, "must be positive"},
			{"negative period", budget.Demand{Key: known, Cost: 5, Per: -1}, nil, "negative"},
			{"unlimited", budget.Demand{Key: budget.Key{Limit: "free"}, Cost: 5}, nil, "no number"},
			{"impossible shape", budget.Demand{Key: budget.Key{Limit: "new"}, Shape: api.Window{}, Cost: 5}, nil, ""},
			{"period of calls at once", budget.Demand{Key: budget.Key{Limit: "new"}, Shape: api.Concurrency{Max: 3}, Cost: 5, Per: sec}, nil, "calls at once"},
		} {
			_, err := ledger.Demand(test.d)
			if err == nil || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		if _, err := ledger.Demand(budget.Demand{Key: budget.Key{Limit: "single"}, Cost: 1}); err != nil {
			t.Errorf("the only counter of its limit: %v", err)
		}
		if _, err := ledger.Demand(budget.Demand{Key: budget.Key{Limit: "single"}, Cost: 1}); err == nil {
			t.Error("the same demand can be stated twice")
		}
	})
}

func TestShares(t *testing.T) {
	for _, s := range []budget.Shares{
		{Urgent: 0.5, Normal: 0.5, Background: 0.1}, {Urgent: -0.1}, {Normal: 30}, {Background: math.NaN()},
	} {
		if _, err := budget.NewLedger(budget.WithShares(s)); err == nil || !strings.Contains(err.Error(), "WithShares") {
			t.Errorf("%+v: %v", s, err)
		}
	}
	if _, err := budget.NewLedger(budget.WithShares(budget.Shares{Urgent: 0.1, Normal: 0.2, Background: 0.7})); err != nil {
		t.Error(err)
	}
}

// A cold start of 10,000 articles beside incremental syncs that use 600 of 700
// a minute takes the other 100; told to begin at an off-peak hour it takes 700.
func TestColdStartYieldsToIncrementalSyncs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shape := api.Window{Limit: 700, Per: time.Minute}
		c := newCrowd(t, 5, shape, ceil, 0)
		d := demand("incremental", 1, 600, shape)
		if _, err := c.ledger.Demand(d); err != nil {
			t.Fatal(err)
		}
		const peak = 30 * time.Minute
		ctx, cancel := context.WithTimeout(t.Context(), peak)
		defer cancel()
		incremental, cold := &kind{flow: "incremental"}, &kind{class: budget.Background, flow: "cold start"}
		var times []time.Duration
		for at := time.Duration(0); at < peak-sec; at += 100 * ms {
			times = append(times, at)
		}
		c.at(ctx, incremental, times)
		articles := make(chan int)
		for range 64 {
			c.wg.Go(func() {
				for range articles {
					c.one(t.Context(), cold)
				}
			})
		}
		for i := range 10_000 {
			articles <- i
		}
		close(articles)
		c.wg.Wait()
		slices.Sort(incremental.waits)
		if n := len(incremental.waits); n != len(times) || incremental.waits[n*99/100] > 0 {
			t.Errorf("%d of %d incremental calls, of which 1 %% waited for %v to %v", n, len(times),
				incremental.waits[n*99/100], incremental.waits[n-1])
		}
		if beside := float64(cold.between(c.begin, 2*time.Minute, peak)) / 28; beside < 98 || beside > 102 {
			t.Errorf("%.1f articles a minute beside the incremental syncs, want the other 100", beside)
		}
		alone := time.Since(c.begin) - peak
		if best := time.Duration(float64(10_000-cold.between(c.begin, 0, peak)) / 700 * float64(time.Minute)); alone > best+time.Minute {
			t.Errorf("%v for the rest alone, want about %v", alone, best)
		}
		if len(c.refused) > 0 {
			t.Errorf("%d refused", len(c.refused))
		}
	})
}

func TestSnapshotTellsClasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Window{Limit: 10, Per: time.Minute}))
		finish(admit(t, ledger, r))
		if got := ledger.Snapshot().Counters[0].Classes; got.Normal.Used != 1 {
			t.Errorf("one normal call: %+v", got)
		}
		urgent, background := *r, *r
		urgent.Class, background.Class = budget.Urgent, budget.Background
		for range 3 {
			finish(admit(t, ledger, &urgent))
		}
		flying := admit(t, ledger, &background)
		ctx, cancel := context.WithCancel(t.Context())
		for range 8 {
			go func() { _, _ = ledger.Admit(ctx, &background) }()
		}
		synctest.Wait()
		state := ledger.Snapshot().Counters[0]
		want := budget.ByClass{Urgent: budget.ClassState{Used: 3}, Normal: budget.ClassState{Used: 1},
			Background: budget.ClassState{Used: state.Used - 4, Waiting: state.Waiting}}
		if state.Classes != want || state.Waiting == 0 {
			t.Errorf("%+v, want %+v", state.Classes, want)
		}
		cancel()
		finish(flying)
	})
}

// A call on two counters, each of which is kept busy by calls of another flow or
// class, is passed on both; at last it holds its places.
func TestNobodyStarvesOnSeveralCounters(t *testing.T) {
	for _, test := range []struct {
		name  string
		class budget.Class
		flow  string
	}{{"another flow", budget.Normal, "other"}, {"a lower class", budget.Background, ""}, {"a higher class", budget.Urgent, ""}} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ledger := newLedger(t)
				a, b := named("a", "", api.Concurrency{Max: 1}, 1), named("b", "", api.Concurrency{Max: 1}, 1)
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				var wg sync.WaitGroup
				for i := range 8 { // of each four, three wait
					wg.Go(func() {
						time.Sleep(time.Duration(i) * 150 * ms)
						for ctx.Err() == nil {
							ticket, err := ledger.Admit(ctx, request([]budget.Charge{a, b}[i%2]))
							if err != nil {
								return
							}
							time.Sleep(sec)
							ticket.Done()
						}
					})
				}
				time.Sleep(5 * sec)
				r := request(a, b)
				r.Class, r.Flow = test.class, test.flow
				ticket, took := waited(t, ledger, r)
				ticket.Done()
				if took > time.Minute {
					t.Errorf("a call on two busy counters waited for %v", took)
				}
				cancel()
				wg.Wait()
			})
		})
	}
}
