package runtime_test

// This file tests how large queries for several things are.

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/graphql"
	"github.com/weirkit/weir/runtime/providertest"
)

// As many go together as cost no more than one: larger queries would save no points.
func TestAliasesAreSizedByCost(t *testing.T) {
	type light struct {
		Labels struct{ TotalCount int } `graphql:"labels(first: 100)"`
	}
	type heavy struct {
		Labels struct { // 1 + 20 requests a box
			Nodes []struct {
				Box struct{ TotalCount int } `graphql:"labels(first: 5)"`
			}
		} `graphql:"labels(first: 20)"`
	}
	h := newAliasHub(t, providertest.Options{})
	for _, r := range boxes[light](h.client).Many(t.Context(), boxKeys(100)) {
		if r.Err != nil {
			t.Error(r.Err)
		}
	}
	if h.points() != 1 || h.Report().Requests != 1 {
		t.Errorf("light ones: %d points by %d requests", h.points(), h.Report().Requests)
	}
	for _, r := range boxes[heavy](h.client).Many(t.Context(), boxKeys(14)) {
		if r.Err != nil {
			t.Error(r.Err)
		}
	}
	// 7 of 21 requests each make 1.47 points, 8 would make 1.68.
	if h.points() != 3 || h.Report().Requests != 3 {
		t.Errorf("heavy ones: %d points by %d requests", h.points(), h.Report().Requests)
	}
}

// A query that is too costly is split until its parts pass, and what is left of it and
// the next ones are of the size that passed. Nothing of what it did answer is taken for the truth.
func TestAliasBatchIsSplitWhereItIsTooCostly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newAliasHub(t, providertest.Options{Shapes: map[string]api.Shape{
			"points": api.Window{Limit: 1000, Per: time.Hour}, "minute": api.Window{Limit: 1000, Per: time.Minute},
		}})
		h.graph.Work = 100 // a box takes three fields
		for round, want := range [][]int{{100, 50, 25, 25, 25, 25}, {25, 25, 25, 25}} {
			h.queries = nil
			for _, r := range boxes[named](h.client).Many(t.Context(), boxKeys(100)) {
				if r.Err != nil || r.Value.Name != r.Key.name {
					t.Fatalf("round %d: %+v", round, r)
				}
			}
			if diff := cmp.Diff(want, h.sizes()); diff != "" {
				t.Errorf("round %d: %s", round, diff)
			}
		}
	})
}

// A key that is too costly by itself gets the error, with what there is of it, and the
// others their values.
func TestAliasTooCostlyByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newAliasHub(t, providertest.Options{})
		h.graph.Root["box"] = providertest.Field(func(args map[string]any) any {
			o := providertest.Object{"name": args["name"], "size": 1}
			if args["name"] == "box5" {
				o["size"] = &providertest.GraphError{Type: "RESOURCE_LIMITS_EXCEEDED", Message: "Resource limits for this query exceeded."}
			}
			return o
		})
		for _, r := range boxes[named](h.client).Many(t.Context(), boxKeys(8)) {
			if at := r.Key.name == "box5"; errors.Is(r.Err, graphql.ErrTooCostly) != at || r.Value.Name != r.Key.name || !at && r.Value.Size != 1 {
				t.Errorf("%+v", r)
			}
		}
		if n := h.Report().Requests; n > 8 {
			t.Errorf("%d requests", n)
		}
	})
}

// A gateway's timeout is not waited on and repeated, but asked in parts; one key alone
// is repeated as any query.
func TestAliasBatchIsSplitWhereItTimesOut(t *testing.T) {
	for _, status := range []int{502, 504} {
		synctest.Test(t, func(t *testing.T) {
			h := newAliasHub(t, providertest.Options{})
			h.Inject(providertest.Fault{Effect: providertest.Status(status), When: func(c *providertest.Call) bool {
				return strings.Count(string(c.Body()), " box(") > 3
			}})
			start := time.Now()
			for _, r := range boxes[named](h.client).Many(t.Context(), boxKeys(10)) {
				if r.Err != nil || r.Value.Name != r.Key.name {
					t.Errorf("%+v", r)
				}
			}
			if diff := cmp.Diff([]int{2, 2, 1, 2, 2, 1}, h.sizes()); diff != "" || time.Since(start) > 0 {
				t.Errorf("after %v: %s", time.Since(start), diff)
			}
			h.Inject(providertest.Fault{Effect: providertest.Status(status), Times: 1})
			if _, err := boxes[named](h.client).Get(t.Context(), boxKey{"acme", "alone"}); err != nil || time.Since(start) == 0 {
				t.Errorf("%v after %v", err, time.Since(start))
			}
			h.Inject(providertest.Fault{Effect: providertest.Status(500), Times: 1})
			for _, r := range boxes[named](h.client).Many(t.Context(), boxKeys(2)) {
				if r.Err != nil {
					t.Errorf("other trouble is not repeated: %v", r.Err)
				}
			}
		})
	}
}

// In an outage, which looks like timeouts, the keys are not asked for one by one to the
// end: two of them, each repeated as the policy says, stand for all.
func TestAliasBatchInAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newAliasHub(t, providertest.Options{Shapes: map[string]api.Shape{"minute": api.Window{Limit: 1000, Per: time.Minute}}})
		h.Inject(providertest.Fault{Effect: providertest.Status(502), Uncounted: true})
		for _, r := range boxes[named](h.client).Many(t.Context(), boxKeys(100)) {
			if !errors.Is(r.Err, runtime.ErrUnavailable) || failure(t, r.Err).StatusCode != 502 {
				t.Errorf("%+v", r)
			}
		}
		// 100, 50, 25, 12, 6, 3, and then twice one in five attempts.
		if n := h.Report().Requests; n != 6+2*5 {
			t.Errorf("%d requests", n)
		}
	})
}

// One key that always times out is no outage.
func TestAliasThatTimesOutByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newAliasHub(t, providertest.Options{Shapes: map[string]api.Shape{"minute": api.Window{Limit: 1000, Per: time.Minute}}})
		h.Inject(providertest.Fault{Effect: providertest.Status(502), Uncounted: true, When: func(c *providertest.Call) bool {
			return strings.Contains(string(c.Body()), `"box5"`)
		}})
		for round := range 2 {
			for _, r := range boxes[named](h.client).Many(t.Context(), boxKeys(100)) {
				if bad := r.Key.name == "box5"; bad != errors.Is(r.Err, runtime.ErrUnavailable) || !bad && r.Err != nil {
					t.Errorf("%+v", r)
				}
			}
			if n, most := h.Report().Requests, (round+1)*(3*7+5); n > most {
				t.Errorf("%d requests by round %d, want %d at the most", n, round, most)
			}
		}
	})
}

// What a query is reckoned to cost is charged before it is sent, and then what it has.
func TestAliasBatchIsChargedBeforeItIsSent(t *testing.T) {
	type heavy struct {
		Labels struct {
			Nodes []struct {
				Box struct{ TotalCount int } `graphql:"labels(first: 5)"`
			}
		} `graphql:"labels(first: 100)"`
		More struct {
			Nodes []struct {
				Box struct{ TotalCount int } `graphql:"labels(first: 5)"`
			}
		} `graphql:"labels(first: 100)"`
	}
	h := newAliasHub(t, providertest.Options{})
	during := 0
	h.Handle("GraphQL.Query", func(c *providertest.Call) providertest.Answer {
		during = used(h.client, "points")
		return providertest.Answer{Status: 200, Body: []byte(`{"data":{"box":{},"rateLimit":{"cost":1,"limit":100,"remaining":99,"resetAt":"2030-01-01T00:00:00Z"}}}`)}
	})
	if _, err := boxes[heavy](h.client).Get(t.Context(), boxKey{"a", "b"}); err != nil || during != 2 || used(h.client, "points") != 1 {
		t.Errorf("%v: %d points during the call, and %d after it", err, during, used(h.client, "points"))
	}
}

// Whatever is asked for together, and however it has to be split, each key gets its own.
func TestAliasesGetTheirOwn(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := newAliasHub(t, providertest.Options{Headers: providertest.HeadersNone, Shapes: map[string]api.Shape{
			"points": api.Window{Limit: 1e6, Per: time.Hour}, "minute": api.Window{Limit: 1e6, Per: time.Minute},
		}}, runtime.WithLimit("points", api.Window{Limit: 1e6, Per: time.Hour}), runtime.WithLimit("minute", api.Window{Limit: 1e6, Per: time.Minute}))
		h.graph.Work = rapid.SampledFrom([]int{0, 8, 9, 20, 100}).Draw(rt, "work") // the least is one box and the report
		names := rapid.SliceOfN(rapid.StringMatching(`(box|gone|null)[0-9]{1,2}`), 1, 150).Draw(rt, "names")
		keys := make([]boxKey, len(names))
		for i, name := range names {
			keys[i] = boxKey{"acme", name}
		}
		for i, r := range boxes[named](h.client).Many(t.Context(), keys) {
			there := strings.HasPrefix(names[i], "box")
			if there && (r.Err != nil || r.Value.Name != names[i]) || !there && (!errors.Is(r.Err, runtime.ErrNotFound) || r.Value != named{}) {
				rt.Errorf("%s: %+v", names[i], r)
			}
		}
	})
}
