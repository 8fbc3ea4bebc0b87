package runtime_test

// This file describes other providers' GraphQL endpoints than GitHub's, as their
// users would.

import (
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/graphql"
	"github.com/weirkit/weir/runtime/retry"
)

// A bucket of points that is told in the body, as Shopify does, and queries that
// are refused until what they ask for has come back.
func TestQueryOfABucketOfPoints(t *testing.T) {
	at := func(path ...string) api.Path { return append(api.Path{"extensions", "cost"}, path...) }
	desc := &api.API{
		Name: "shop", Servers: []api.Server{{URL: "https://acme.shop.example"}},
		Limits: []api.Limit{{Name: "points", Shape: api.Bucket{Burst: 1000, Refill: 50, Per: time.Second}, Scope: []api.Scope{api.ScopeAccount}}},
		QuotaBodies: []api.QuotaBody{{
			Limit: at("throttleStatus", "maximumAvailable"), Remaining: at("throttleStatus", "currentlyAvailable"), Restore: at("throttleStatus", "restoreRate"),
			Requested: at("requestedQueryCost"), Cost: at("actualQueryCost"), Of: []string{"points"},
		}},
		Throttling: []api.Throttling{{Status: 200, When: &api.BodyRule{Path: api.Path{"errors", "extensions", "code"}, In: []string{"THROTTLED"}}, Of: []string{"points"}}},
	}
	op := &api.Operation{Name: "GraphQL.Query", Method: "POST", Path: "/graphql.json", Idempotent: true, Draws: []api.Draw{{Limit: "points", Cost: 10}}}
	synctest.Test(t, func(t *testing.T) {
		p := answering(nil)
		p.answer = inTurn(
			giving(200, `{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],"extensions":{"cost":{"requestedQueryCost":500,"actualQueryCost":null,"throttleStatus":{"maximumAvailable":1000.0,"currentlyAvailable":100,"restoreRate":50.0}}}}`),
			giving(200, `{"data":{"viewer":{"login":"anna"}},"extensions":{"cost":{"requestedQueryCost":500,"actualQueryCost":46,"throttleStatus":{"maximumAvailable":1000.0,"currentlyAvailable":454,"restoreRate":50.0}}}}`),
		).answer
		c := connect(t, desc, p, runtime.WithRetry(retry.Policy{Jitter: -1}))
		got, err := runtime.Query[viewerData](t.Context(), c, &graphql.Endpoint{Query: op, Mutation: op}, viewer)
		if err != nil || got.Viewer.Login != "anna" || len(p.times()) != 2 || p.times()[1] != 8*time.Second {
			t.Errorf("%v, at %v", err, p.times())
		}
		if body := p.requests()[0].body; body != `{"query":"{viewer{login}}"}` {
			t.Errorf("sent %s", body)
		}
	})
}

// A refusal of status 400, and resets in milliseconds, as Linear has them.
func TestQueryRefusedWithABadStatus(t *testing.T) {
	desc := &api.API{
		Name: "line", Servers: []api.Server{{URL: "https://api.line.example"}},
		Limits:       []api.Limit{{Name: "requests", Shape: api.Window{Limit: 1500, Per: time.Hour}, Scope: []api.Scope{api.ScopeUser}}},
		QuotaHeaders: []api.QuotaHeaders{{Remaining: "X-RateLimit-Requests-Remaining", Reset: "X-RateLimit-Requests-Reset", ResetIs: api.EpochMillis}},
		Throttling:   []api.Throttling{{Status: 400, When: &api.BodyRule{Path: api.Path{"errors", "extensions", "code"}, In: []string{"RATELIMITED"}}}},
	}
	op := &api.Operation{Name: "GraphQL.Query", Method: "POST", Path: "/graphql", Draws: []api.Draw{{Limit: "requests"}}}
	endpoint := &graphql.Endpoint{Query: op, Mutation: op}
	synctest.Test(t, func(t *testing.T) {
		reset := strconv.FormatInt(time.Now().Add(15*time.Minute).UnixMilli(), 10)
		p := inTurn(
			giving(400, `{"errors":[{"message":"Rate limit exceeded","extensions":{"code":"RATELIMITED"}}]}`, "X-RateLimit-Requests-Remaining", "0", "X-RateLimit-Requests-Reset", reset),
			giving(200, `{"data":{"viewer":{"login":"anna"}}}`),
			giving(400, `{"errors":[{"message":"Cannot query field","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`),
		)
		c := connect(t, desc, p, runtime.WithRetry(retry.Policy{Jitter: -1}))
		if _, err := runtime.Query[viewerData](t.Context(), c, endpoint, viewer); err != nil || len(p.times()) != 2 {
			t.Fatal(err)
		}
		if waited := p.times()[1]; waited < 15*time.Minute || waited > 15*time.Minute+5*time.Second {
			t.Errorf("waited %v", waited)
		}
		_, err := runtime.Query[viewerData](t.Context(), c, endpoint, viewer)
		if e := failure(t, err); e.Code != "GRAPHQL_VALIDATION_FAILED" || !errors.Is(err, runtime.ErrBadRequest) {
			t.Errorf("%+v", e)
		}
	})
}
