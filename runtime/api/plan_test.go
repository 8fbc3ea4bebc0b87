package api_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

func window(n int) api.Window { return api.Window{Limit: n, Per: time.Minute} }

var list = &api.Operation{Name: "Tickets.List", Pagination: &api.Pagination{Size: &api.PageSize{Max: 100}}}

func planned() *api.API {
	return &api.API{
		Name: "desk",
		Limits: []api.Limit{
			{Name: "calls", Shape: window(100)},
			{Name: "jobs", Shape: api.Concurrency{Max: 5}},
			{Name: "writes", Shape: api.Bucket{Burst: 10, Refill: 5, Per: time.Second}},
		},
		Plans: []api.Plan{
			{Name: "small", Limits: []api.PlanLimit{{Limit: "calls", Shape: window(10)}, {Limit: "writes", Shape: api.Bucket{Burst: 50, Refill: 2, Per: time.Second}}}, MaxPage: map[string]int{"Tickets.List": 25}},
			{Name: "large", Limits: []api.PlanLimit{{Limit: "calls", Shape: window(1000)}, {Limit: "jobs", Shape: api.Unlimited{}}}},
			{Name: "larger", Limits: []api.PlanLimit{{Limit: "calls", Shape: window(1000)}}},
		},
	}
}

func TestLimitsOn(t *testing.T) {
	for plan, want := range map[string]map[string]api.Shape{
		"":      {"calls": window(10), "jobs": api.Concurrency{Max: 5}, "writes": api.Bucket{Burst: 10, Refill: 2, Per: time.Second}},
		"small": {"calls": window(10), "jobs": api.Concurrency{Max: 5}, "writes": api.Bucket{Burst: 50, Refill: 2, Per: time.Second}},
		"large": {"calls": window(1000), "jobs": api.Unlimited{}, "writes": api.Bucket{Burst: 10, Refill: 5, Per: time.Second}},
	} {
		got, err := planned().LimitsOn(plan)
		if err != nil || len(got) != len(want) {
			t.Errorf("plan %q: %d limits, %v", plan, len(got), err)
		}
		for name, shape := range want {
			if got[name].Shape != shape || got[name].Name != name {
				t.Errorf("plan %q: %s is %+v, want %+v", plan, name, got[name], shape)
			}
		}
	}
	_, err := planned().LimitsOn("medium")
	if !errors.Is(err, api.ErrUnknownPlan) || err.Error() != `unknown plan "medium": desk has small, large, larger` {
		t.Errorf("error = %v", err)
	}
	broken := planned()
	broken.Plans[1].Limits[0].Limit = "cals"
	if _, err := broken.LimitsOn(""); !errors.Is(err, api.ErrUnknownLimit) {
		t.Errorf("error = %v", err)
	}
}

func TestMaxPage(t *testing.T) {
	for plan, want := range map[string]int{"": 25, "small": 25, "large": 100, "unknown": 100} {
		if got := planned().MaxPage(list, plan); got != want {
			t.Errorf("plan %q: pages of %d, want %d", plan, got, want)
		}
	}
	if got := planned().MaxPage(&api.Operation{Name: "Tickets.Show"}, ""); got != 0 {
		t.Errorf("pages of %d of an operation without", got)
	}
}

func TestPlansWith(t *testing.T) {
	for number, want := range map[int][]string{10: {"small"}, 1000: {"large", "larger"}, 11: nil} {
		if got := planned().PlansWith("calls", number); !slices.Equal(got, want) {
			t.Errorf("plans with %d calls: %v, want %v", number, got, want)
		}
	}
}

func TestShapesCompare(t *testing.T) {
	for _, tt := range []struct {
		shape     api.Shape
		sustained float64
		capacity  int
	}{
		{window(120), 2, 120},
		{api.Bucket{Burst: 9, Refill: 6, Per: 2 * time.Second}, 3, 9},
		{api.Concurrency{Max: 4}, 4, 4},
		{api.Adaptive{Ceiling: 300, Per: time.Minute}, 5, 0},
		{api.Unlimited{}, math.Inf(1), 0},
	} {
		capacity, ok := api.Capacity(tt.shape)
		if got := api.Sustained(tt.shape); got != tt.sustained || capacity != tt.capacity || ok != (tt.capacity > 0) {
			t.Errorf("%+v: %v a second, %d at once", tt.shape, got, capacity)
		}
		if err := api.CheckShape(tt.shape); err != nil {
			t.Errorf("%+v: %v", tt.shape, err)
		}
	}
	for _, bad := range []api.Shape{
		nil, api.Window{}, api.Window{Limit: -1, Per: time.Second}, api.Window{Limit: 1},
		api.Window{Limit: 1, Per: time.Second, Kind: 7}, api.Window{Limit: 1, Per: time.Second, Resolution: time.Minute},
		api.Bucket{}, api.Bucket{Burst: 1, Refill: 1}, api.Bucket{Burst: 1, Per: time.Second}, api.Concurrency{},
		api.Adaptive{}, api.Adaptive{Ceiling: 1},
	} {
		if api.CheckShape(bad) == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
}
