package budget_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

var perMinute700 = api.Window{Limit: 700, Per: time.Minute}

// within reports whether a is b, to a millisecond for each turn of a limit.
func within(a, b, tolerance time.Duration) bool { return (a - b).Abs() <= tolerance }

func TestForecast(t *testing.T) {
	key := func(limit string) budget.Key { return budget.Key{API: "test", Limit: limit} }
	account := named("account", "", perMinute700, 1)
	exports := named("exports", "", api.Window{Limit: 10, Per: time.Minute}, 1)
	celigo := named("celigo", "", api.Bucket{Burst: 1000, Refill: 300, Per: time.Second}, 1)
	narrow := named("narrow", "", api.Bucket{Burst: 1, Refill: 1, Per: 4 * time.Second}, 1)
	places := named("places", "", api.Concurrency{Max: 10}, 1)
	for _, test := range []struct {
		name    string
		works   []budget.Work
		given   budget.Conditions
		ends    []time.Duration
		binding []string
		now     []int
	}{
		{"nothing", []budget.Work{{}}, budget.Conditions{}, []time.Duration{0}, []string{""}, []int{0}},
		{"without limits", []budget.Work{{Requests: 5000}}, budget.Conditions{Latency: sec}, []time.Duration{sec}, []string{""}, []int{5000}},
		{"the help desk", []budget.Work{{Requests: 2055, Charges: []budget.Charge{account}}}, budget.Conditions{},
			[]time.Duration{2 * time.Minute}, []string{"account"}, []int{700}},
		{"cold start alone", []budget.Work{{Requests: 10_000, Charges: []budget.Charge{account}}}, budget.Conditions{},
			[]time.Duration{14 * time.Minute}, []string{"account"}, []int{700}},
		{"cold start beside others", []budget.Work{{Requests: 10_000, Charges: []budget.Charge{account}}},
			budget.Conditions{Others: map[budget.Key]float64{key("account"): 10}},
			[]time.Duration{99 * time.Minute}, []string{"account"}, []int{100}},
		{"others leave nothing", []budget.Work{{Requests: 1, Charges: []budget.Charge{account}}},
			budget.Conditions{Others: map[budget.Key]float64{key("account"): 12}},
			[]time.Duration{budget.Never}, []string{"account"}, []int{0}},
		{"a part is left to others", []budget.Work{{Requests: 1260, Charges: []budget.Charge{account}}}, budget.Conditions{Leave: 0.1},
			[]time.Duration{time.Minute}, []string{"account"}, []int{630}},
		{"fits", []budget.Work{{Requests: 700, Charges: []budget.Charge{account}}}, budget.Conditions{Latency: 200 * ms},
			[]time.Duration{200 * ms}, []string{""}, []int{700}},
		{"two of one limit", []budget.Work{{Requests: 700, Charges: []budget.Charge{account}}, {Requests: 700, Charges: []budget.Charge{account}}}, budget.Conditions{},
			[]time.Duration{time.Minute, time.Minute}, []string{"account", "account"}, []int{350, 350}},
		{"one narrower", []budget.Work{{Requests: 100, Charges: []budget.Charge{account, exports}}, {Requests: 650, Charges: []budget.Charge{account}}}, budget.Conditions{},
			[]time.Duration{9 * time.Minute, 0}, []string{"exports", ""}, []int{10, 650}},
		{"a bucket", []budget.Work{{Requests: 100_000, Charges: []budget.Charge{celigo}}}, budget.Conditions{},
			[]time.Duration{330 * time.Second}, []string{"celigo"}, []int{1000}},
		{"a bucket beside others", []budget.Work{{Requests: 101_000, Charges: []budget.Charge{celigo}}},
			budget.Conditions{Others: map[budget.Key]float64{key("celigo"): 200}},
			[]time.Duration{1000 * time.Second}, []string{"celigo"}, []int{1000}},
		{"a bucket of one", []budget.Work{{Requests: 101, Charges: []budget.Charge{narrow}}}, budget.Conditions{Latency: 100 * ms},
			[]time.Duration{410*time.Second + 100*ms}, []string{"narrow"}, []int{1}},
		{"concurrency", []budget.Work{{Requests: 1000, Charges: []budget.Charge{places}}}, budget.Conditions{Latency: 300 * ms},
			[]time.Duration{30 * time.Second}, []string{"places"}, []int{10}},
		{"one after another", []budget.Work{{Requests: 50, Charges: []budget.Charge{account}, AtOnce: 1}}, budget.Conditions{Latency: 200 * ms},
			[]time.Duration{10 * time.Second}, []string{""}, []int{1}},
		{"costs", []budget.Work{{Requests: 20, Charges: []budget.Charge{named("account", "", perMinute700, 70)}}}, budget.Conditions{},
			[]time.Duration{time.Minute}, []string{"account"}, []int{10}},
		{"a day's quota", []budget.Work{{Requests: 2500, Charges: []budget.Charge{named("day", "", api.Window{Limit: 1000, Per: 24 * time.Hour}, 1)}}}, budget.Conditions{},
			[]time.Duration{48 * time.Hour}, []string{"day"}, []int{1000}},
		{"paced", []budget.Work{{Requests: 601, Charges: []budget.Charge{named("hidden", "", api.Adaptive{Ceiling: 10, Per: time.Second}, 1)}}}, budget.Conditions{Latency: sec},
			[]time.Duration{61 * time.Second}, []string{"hidden"}, []int{1}},
		{"approximate", []budget.Work{{Requests: 1400, Charges: []budget.Charge{named("approximate", "", api.Window{Limit: 700, Per: time.Minute, Kind: api.SlidingApproximate}, 1)}}}, budget.Conditions{},
			[]time.Duration{2 * time.Minute}, []string{"approximate"}, []int{700}},
		{"a million", []budget.Work{{Requests: 1_000_000, Charges: []budget.Charge{account}}}, budget.Conditions{},
			[]time.Duration{1428 * time.Minute}, []string{"account"}, []int{700}},
		{"a million, one by one", []budget.Work{{Requests: 1_000_001, Charges: []budget.Charge{narrow}}}, budget.Conditions{},
			[]time.Duration{4_000_000 * time.Second}, []string{"narrow"}, []int{1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, err := budget.Forecast(test.works, test.given)
			if err != nil {
				t.Fatal(err)
			}
			latest := time.Duration(0)
			for i, w := range o.Works {
				latest = max(latest, w.Ends)
				tolerance := time.Duration(0)
				if w.Ends != budget.Never {
					tolerance = w.Ends/10_000 + 15*ms
				}
				if !within(w.Ends, test.ends[i], tolerance) || w.Binding.Limit != test.binding[i] || w.Immediate != test.now[i] {
					t.Errorf("work %d: %+v, want an end at %v, bound by %q, %d at once", i, w, test.ends[i], test.binding[i], test.now[i])
				}
				if (w.Waits > 0) != (w.Binding != budget.Key{}) {
					t.Errorf("work %d waits %v for %v", i, w.Waits, w.Binding)
				}
			}
			if o.Ends != latest || !o.Fits(latest) || latest > 0 && o.Fits(latest-1) {
				t.Errorf("all ends at %v, want %v", o.Ends, latest)
			}
		})
	}
}

func TestForecastRefusesNonsense(t *testing.T) {
	one := []budget.Charge{named("account", "", perMinute700, 1)}
	for name, test := range map[string]struct {
		work  budget.Work
		given budget.Conditions
		says  string
	}{
		"cost":      {budget.Work{Name: "Big", Requests: 1, Charges: []budget.Charge{named("account", "", perMinute700, 701)}}, budget.Conditions{}, "Big: limit account: budget: the cost is above the limit"},
		"requests":  {budget.Work{Name: "Less", Requests: -1}, budget.Conditions{}, "Less: -1 requests"},
		"at once":   {budget.Work{Name: "Less", AtOnce: -1}, budget.Conditions{}, "-1 at once"},
		"latency":   {budget.Work{}, budget.Conditions{Latency: -1}, "latency of -1ns"},
		"leave":     {budget.Work{}, budget.Conditions{Leave: 1}, "leaving 1 is not"},
		"others":    {budget.Work{}, budget.Conditions{Others: map[budget.Key]float64{{Limit: "account"}: -1}}, "others draw -1 on limit account"},
		"no shape":  {budget.Work{Name: "None", Charges: []budget.Charge{{}}}, budget.Conditions{}, "there is no shape"},
		"bad shape": {budget.Work{Name: "Zero", Charges: []budget.Charge{named("account", "", api.Window{Per: sec}, 1)}}, budget.Conditions{}, "a window of 0 per 1s"},
	} {
		if _, err := budget.Forecast([]budget.Work{test.work}, test.given); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: error = %v", name, err)
		} else if impossible := errors.Is(err, budget.ErrImpossible); impossible != (name == "cost") {
			t.Errorf("%s: impossible: %v", name, impossible)
		}
	}
	if _, err := budget.Forecast([]budget.Work{{Requests: 1, Charges: one}}, budget.Conditions{}); err != nil {
		t.Error(err)
	}
}

// A forecast that begins in the middle reckons with what is used and told.
func TestForecastFromState(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	account := named("account", "", perMinute700, 1)
	state := func(c budget.CounterState) budget.Conditions {
		c.Key = account.Key
		return budget.Conditions{State: &budget.Snapshot{Time: now, Counters: []budget.CounterState{{Key: budget.Key{Limit: "other"}}, c}}}
	}
	for _, test := range []struct {
		name  string
		given budget.Conditions
		n     int
		ends  time.Duration
		now   int
	}{
		{"unused", state(budget.CounterState{Shape: perMinute700}), 700, 0, 700},
		{"used, end known", state(budget.CounterState{Shape: perMinute700, Used: 600, Reset: now.Add(20 * sec)}), 800, 20 * sec, 100},
		{"used, ends follow", state(budget.CounterState{Shape: perMinute700, Used: 600, Reset: now.Add(20 * sec)}), 801, 80 * sec, 100},
		{"used, end unknown", state(budget.CounterState{Shape: perMinute700, Used: 600}), 200, time.Minute + ms, 100},
		{"used, times known", state(budget.CounterState{Shape: perMinute700, Used: 650, InFlight: 50, Releases: []budget.Release{{At: now.Add(10 * sec), Cost: 300}, {At: now.Add(30 * sec), Cost: 300}}}), 400, 30 * sec, 50},
		{"in debt", state(budget.CounterState{Shape: perMinute700, Used: 900, Reset: now.Add(20 * sec)}), 1, 20 * sec, 0},
		{"frozen", state(budget.CounterState{Shape: perMinute700, Frozen: now.Add(42 * sec)}), 10, 42 * sec, 0},
		{"limit told", state(budget.CounterState{Shape: api.Window{Limit: 100, Per: time.Minute}}), 200, time.Minute + ms, 100},
		{"a bucket", state(budget.CounterState{Shape: api.Bucket{Burst: 10, Refill: 1, Per: time.Second}, Used: 10}), 5, 5 * sec, 0},
	} {
		o, err := budget.Forecast([]budget.Work{{Requests: test.n, Charges: []budget.Charge{account}}}, test.given)
		if err != nil || o.Ends != test.ends || o.Works[0].Immediate != test.now {
			t.Errorf("%s: %+v, %v; want an end at %v, %d at once", test.name, o, err, test.ends, test.now)
		}
	}
}

// What is foretold comes true: the ledger takes as long as the forecast says,
// over random limits, costs, latencies and beginnings.
func TestForecastComesTrue(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	shapes := func() api.Shape {
		switch random.IntN(4) {
		case 0:
			return api.Window{Limit: 5 + random.IntN(100), Per: time.Duration(1+random.IntN(60)) * sec, Kind: api.Sliding}
		case 1:
			return api.Bucket{Burst: 5 + random.IntN(50), Refill: 1 + random.IntN(20), Per: time.Duration(1+random.IntN(5)) * sec}
		case 2:
			return api.Concurrency{Max: 5 + random.IntN(20)}
		default:
			return api.Adaptive{Ceiling: 1 + random.IntN(30), Per: sec}
		}
	}
	for i := range 60 {
		shared := named("shared", "", shapes(), 1+random.IntN(3))
		own := named("own", "", shapes(), 1+random.IntN(3))
		latency := time.Duration(10+random.IntN(500)) * ms
		works := []budget.Work{{Name: "one", Requests: 1 + random.IntN(500), Charges: []budget.Charge{shared}}}
		if random.IntN(2) == 0 {
			works[0].Charges = append(works[0].Charges, own)
		}
		o, err := budget.Forecast(works, budget.Conditions{Latency: latency})
		if err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ledger := newLedger(t)
				start := time.Now()
				var wg sync.WaitGroup
				for range works[0].Requests {
					wg.Go(func() {
						ticket, err := ledger.Admit(context.Background(), request(works[0].Charges...))
						if err != nil {
							t.Error(err)
							return
						}
						ticket.Sent()
						time.Sleep(latency)
						finish(ticket)
					})
				}
				wg.Wait()
				took := time.Since(start)
				if diff := (took - o.Ends).Abs(); diff > took/50+latency {
					t.Errorf("it took %v, foretold were %v: %d of %+v, latency %v", took, o.Ends, works[0].Requests, works[0].Charges, latency)
				}
			})
		})
	}
}

func TestChargesOf(t *testing.T) {
	limits := map[string]api.Limit{
		"account":  {Name: "account", Shape: perMinute700, Scope: []api.Scope{api.ScopeAccount}},
		"method":   {Name: "method", Shape: perMinute700, Scope: []api.Scope{api.ScopeAccount, api.ScopeOperation}},
		"ticket":   {Name: "ticket", Shape: perMinute700, Scope: []api.Scope{"path:ticket_id"}},
		"deep":     {Name: "deep", Shape: perMinute700, Scope: []api.Scope{api.ScopeAccount}},
		"not used": {},
	}
	op := &api.Operation{Name: "Tickets.Update", Draws: []api.Draw{
		{Limit: "account"}, {Limit: "method", Cost: 5}, {Limit: "ticket"}, {Limit: "deep", When: &api.When{Above: 5}},
	}}
	charges, apart, err := budget.ChargesOf("desk", limits, op)
	if err != nil {
		t.Fatal(err)
	}
	want := []budget.Charge{
		{Key: budget.Key{API: "desk", Limit: "account"}, Shape: perMinute700, Cost: 1},
		{Key: budget.Key{API: "desk", Limit: "method", Scope: "operation=Tickets.Update"}, Shape: perMinute700, Cost: 5},
	}
	if fmt.Sprint(charges) != fmt.Sprint(want) || fmt.Sprint(apart) != "[ticket deep]" {
		t.Errorf("charges %v, apart %v", charges, apart)
	}
	op.Draws[0].Limit = "acount"
	if _, _, err := budget.ChargesOf("desk", limits, op); !errors.Is(err, api.ErrUnknownLimit) {
		t.Errorf("error = %v", err)
	}
}

// BenchmarkForecast foretells a million requests.
func BenchmarkForecast(b *testing.B) {
	for name, shape := range map[string]api.Shape{
		"window":        perMinute700,
		"bucket":        api.Bucket{Burst: 1000, Refill: 300, Per: time.Second},
		"bucket of one": api.Bucket{Burst: 1, Refill: 1, Per: 4 * time.Second},
		"concurrency":   api.Concurrency{Max: 10},
	} {
		b.Run(name, func(b *testing.B) {
			works := []budget.Work{{Requests: 1_000_000, Charges: []budget.Charge{charge("", shape)}}}
			for b.Loop() {
				if _, err := budget.Forecast(works, budget.Conditions{Latency: 100 * ms}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
