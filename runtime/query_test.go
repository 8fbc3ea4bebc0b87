package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/graphql"
	"github.com/weirkit/weir/runtime/retry"
)

func TestQuery(t *testing.T) {
	p := reacting(reaction{data: aViewer})
	p.cost = func(queried) int { return 7 }
	c := connect(t, hub(), p)
	var meta runtime.Response
	var raw json.RawMessage
	r := graphql.Request{Query: `query Me($n: Int) {viewer{login}} query Other {x}`, Variables: struct {
		N int `json:"n"`
	}{3}}
	got, err := runtime.Query[viewerData](t.Context(), c, hubEndpoint, r, runtime.WithOperation("Me"), runtime.WithResponse(&meta), runtime.WithRaw(&raw))
	if err != nil || got.Viewer.Login != "anna" || meta.StatusCode != 200 || !strings.HasPrefix(string(raw), `{"viewer"`) {
		t.Errorf("%+v, %v, %+v, %s", got, err, meta, raw)
	}
	want := queried{path: "/graphql", name: "Me", vars: map[string]any{"n": 3.0},
		query: `query Me($n: Int) { rateLimit { cost limit remaining resetAt }viewer{login}} query Other {x}`}
	if diff := cmp.Diff([]queried{want}, p.seen, cmp.AllowUnexported(queried{})); diff != "" {
		t.Error(diff)
	}
	if used(c, "points") != 7 || used(c, "minute") != 1 {
		t.Errorf("%d points and %d of the minute are charged, not 7 and 1", used(c, "points"), used(c, "minute"))
	}
}

// What is beside the provider's other operations elsewhere is found there.
func TestQueryElsewhere(t *testing.T) {
	p := reacting(reaction{data: aViewer})
	c := connect(t, hub(), p, runtime.WithBaseURL("https://hub.corp.example/api/v3"))
	if _, err := runtime.Query[viewerData](t.Context(), c, hubEndpoint, viewer, runtime.WithQueryAsIs()); err != nil {
		t.Fatal(err)
	}
	if p.seen[0].path != "/api/graphql" || p.seen[0].query != viewer.Query {
		t.Errorf("%+v", p.seen[0])
	}
}

// A query is charged what it is reckoned to cost until the answer tells; a
// mutation draws more.
func TestQueryCharges(t *testing.T) {
	var during, minute int
	p := &pointsProvider{}
	c := connect(t, hub(), p)
	p.answer = func(int, queried) reaction {
		during, minute = used(c, "points"), used(c, "minute")
		return reaction{data: aViewer}
	}
	r := graphql.Request{Query: `query A($n:Int!){a(first:100){nodes{b(first:$n){nodes{c(first:2){nodes{id}}}}}}}`, Variables: map[string]int{"n": 3}}
	if _, err := runtime.Query[viewerData](t.Context(), c, hubEndpoint, r); err != nil || during != 4 || used(c, "points") != 1 {
		t.Errorf("%v: %d points during the call and %d after it, want 4 and 1", err, during, used(c, "points"))
	}
	before := used(c, "minute")
	if _, err := runtime.Query[viewerData](t.Context(), c, hubEndpoint, graphql.Request{Query: `mutation{viewer{login}}`}); err != nil || minute-before != 5 {
		t.Errorf("%v: a mutation takes %d of the minute", err, minute-before)
	}
	if strings.Contains(p.seen[1].query, "rateLimit") {
		t.Errorf("a mutation asks for what only queries have: %s", p.seen[1].query)
	}
}

func TestQueryErrors(t *testing.T) {
	const notFound = `{"type":"NOT_FOUND","path":["other"],"message":"Could not resolve to a User."}`
	tests := map[string]struct {
		reaction
		code, message, text string
		is                  error
		login               string // what came all the same
	}{
		"partial":        {reaction{data: aViewer + `,"other":null`, errors: notFound}, "NOT_FOUND", "Could not resolve to a User.", "a part of the query failed at other", runtime.ErrNotFound, "anna"},
		"several":        {reaction{body: `{"data":null,"errors":[{"message":"a","extensions":{"code":"SOME"}},` + notFound + `]}`}, "SOME", "a", "the query failed (and 1 more)", nil, ""},
		"without data":   {reaction{body: `{"errors":[{"message":"syntax error"}]}`}, "", "syntax error", "GraphQL.Query: 200 OK: syntax error: the query failed (request A:1)", nil, ""},
		"by status":      {reaction{status: 400, body: `{"errors":[{"message":"no query","type":"BAD"}]}`}, "BAD", "no query", "GraphQL.Query: 400 Bad Request: BAD: no query: the query failed", runtime.ErrBadRequest, ""},
		"no GraphQL":     {reaction{status: 401, body: `{"message":"Bad credentials"}`}, "", "Bad credentials", "401 Unauthorized: Bad credentials", runtime.ErrUnauthorized, ""},
		"no data at all": {reaction{body: `{"data":null}`}, "", "", "neither data nor errors", graphql.ErrNotGraphQL, ""},
		"no JSON":        {reaction{body: `<html>Unicorn!</html>`}, "", "", "not one of GraphQL", graphql.ErrNotGraphQL, ""},
		"no fit":         {reaction{data: `"viewer":{"login":7}`}, "", "", "decode the response body: json: cannot unmarshal number", nil, ""},
		"no fit either":  {reaction{data: `"viewer":{"login":7}`, errors: notFound}, "NOT_FOUND", "Could not resolve to a User.", "cannot unmarshal number", runtime.ErrNotFound, ""},
		"too costly":     {reaction{data: `"viewer":null`, errors: `{"type":"RESOURCE_LIMITS_EXCEEDED","message":"Resource limits for this query exceeded."}`}, "RESOURCE_LIMITS_EXCEEDED", "Resource limits for this query exceeded.", "", graphql.ErrTooCostly, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := connect(t, hub(), reacting(tt.reaction))
			got, err := runtime.Query[viewerData](t.Context(), c, hubEndpoint, viewer, once)
			e := failure(t, err)
			if e.Code != tt.code || e.Message != tt.message || !strings.Contains(e.Error(), tt.text) || got.Viewer.Login != tt.login || e.RequestID != "A:1" {
				t.Errorf("%+v, %v", got, err)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v is not %v", err, tt.is)
			}
			if told, ok := errors.AsType[*graphql.Errors](err); ok != (tt.errors != "" || strings.Contains(tt.body, "errors")) || ok && tt.login != "" && !told.Partial {
				t.Errorf("errors %+v", told)
			}
		})
	}
}

func TestQueryRefusesLocally(t *testing.T) {
	p := reacting(reaction{data: aViewer})
	c := connect(t, hub(), p)
	tooMuch := &graphql.Document{Operations: []*graphql.Operation{{Fields: graphql.Selection{
		graphql.Field{Name: "repositories", Args: []graphql.Arg{{Name: "first", Value: 200}}, Fields: graphql.Leaves("nodes")},
	}}}}
	for want, r := range map[string]graphql.Request{
		"line 1, column 2":                 {Query: "{"},
		"stays open":                       {Query: "subscription{a}"},
		"a.b is a connection":              {Query: "mutation{a{b{edges{cursor}}}}"},
		"repositories asks for first: 200": {Document: tooMuch},
	} {
		_, err := runtime.Query[viewerData](t.Context(), c, hubEndpoint, r)
		if !errors.Is(err, runtime.ErrInvalidArgument) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := runtime.Query[viewerData](t.Context(), c, &graphql.Endpoint{}, viewer); err == nil || !strings.HasPrefix(err.Error(), "GraphQL: ") {
		t.Errorf("an endpoint without operations: %v", err)
	}
	if _, err := runtime.NewClient(hub(), nil, runtime.WithOperation("A")); err == nil {
		t.Error("a client takes the name of an operation")
	}
	if len(p.seen) != 0 {
		t.Errorf("%d were sent", len(p.seen))
	}
}

// The hour's points are waited for as the answers tell, though nobody had said
// what the queries cost; and none is refused.
func TestQueriesStayWithinTheirPoints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := reacting(reaction{data: aViewer})
		p.latency = 300 * time.Millisecond
		p.cost = func(queried) int { return 9 }
		desc := hub()
		desc.Limits = desc.Limits[:1]
		e := *hubEndpoint
		q := *e.Query
		q.Draws = q.Draws[:1]
		e.Query = &q
		c := connect(t, desc, p)
		if _, err := runtime.Query[viewerData](t.Context(), c, &e, viewer); err != nil { // tells what the rest will cost
			t.Fatal(err)
		}
		var work sync.WaitGroup
		for range 32 {
			work.Go(func() {
				if _, err := runtime.Query[viewerData](t.Context(), c, &e, viewer); err != nil {
					t.Error(err)
				}
			})
		}
		work.Wait()
		// 11 of 9 points an hour: 33 take three.
		if last := p.seen[len(p.seen)-1].at; p.refused != 0 || len(p.seen) != 33 || last < 2*time.Hour || last > 2*time.Hour+time.Minute {
			t.Errorf("%d refused of %d, the last after %v", p.refused, len(p.seen), last)
		}
	})
}

// A refusal, however it comes, is waited for and repeated, that of a mutation too:
// nothing was executed.
func TestQueryRefused(t *testing.T) {
	secondary := `{"message":"You have exceeded a secondary rate limit. Include the request ID 7:8.","documentation_url":"https://hub.example/secondary"}`
	synctest.Test(t, func(t *testing.T) {
		for name, tt := range map[string]struct {
			refusal reaction
			wait    time.Duration
		}{
			"the points": {reaction{errors: `{"type":"RATE_LIMITED","message":"exceeded"}`, header: []string{"Retry-After", "90"}}, 90 * time.Second},
			"403":        {reaction{status: 403, body: secondary}, time.Minute},
			"200":        {reaction{status: 200, body: secondary}, time.Minute},
			"told":       {reaction{status: 403, body: secondary, header: []string{"Retry-After", "120"}}, 2 * time.Minute},
		} {
			for _, query := range []string{viewer.Query, "mutation{viewer{login}}"} {
				p := reacting(tt.refusal, reaction{data: aViewer})
				c := connect(t, hub(), p, runtime.WithRetry(retry.Policy{Jitter: -1}))
				got, err := runtime.Query[viewerData](t.Context(), c, hubEndpoint, graphql.Request{Query: query})
				if err != nil || got.Viewer.Login != "anna" || !cmp.Equal(p.times(), []time.Duration{0, tt.wait}) {
					t.Errorf("%s: %v, at %v", name, err, p.times())
				}
				c.Close()
			}
		}
		// What is refused to the end says so, with what the provider says.
		p := reacting(reaction{errors: `{"type":"RATE_LIMITED","message":"exceeded"}`, header: []string{"Retry-After", "9000"}})
		c := connect(t, hub(), p)
		_, err := runtime.Query[viewerData](t.Context(), c, hubEndpoint, viewer)
		if e := failure(t, err); !e.Refused || !errors.Is(err, runtime.ErrRateLimited) || e.Code != "RATE_LIMITED" || e.Message != "exceeded" || e.RetryAfter != 9000*time.Second {
			t.Errorf("%+v", e)
		}
		if _, ok := errors.AsType[*graphql.Errors](err); !ok {
			t.Errorf("%v has no errors", err)
		}
	})
}

// The points that ran out come back when the window ends, which the answer tells.
func TestQueryWaitsForTheReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := reacting(reaction{data: aViewer})
		p.window, p.used = time.Now().Add(-20*time.Minute), 100 // by another program
		c := connect(t, hub(), p)
		if _, err := runtime.Query[viewerData](t.Context(), c, hubEndpoint, viewer); err != nil {
			t.Fatal(err)
		}
		if times := p.times(); len(times) != 2 || times[1] < 40*time.Minute || times[1] > 40*time.Minute+5*time.Second {
			t.Errorf("sent at %v", times)
		}
	})
}

func TestQueryRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mutation := graphql.Request{Query: `mutation{viewer{login}}`}
		for name, tt := range map[string]struct {
			r    graphql.Request
			opts []runtime.Option
			want int
		}{
			"a query":               {viewer, nil, 2},
			"a mutation":            {mutation, nil, 1},
			"a repeatable mutation": {mutation, []runtime.Option{runtime.WithRepeatable()}, 2},
		} {
			for _, trouble := range []reaction{{status: 502, body: `{"errors":[{"message":"trouble"}]}`}, {body: `{"data":null,"errors":[{"type":"INTERNAL","message":"trouble"}]}`}} {
				p := reacting(trouble, reaction{data: aViewer})
				c := connect(t, hub(), p)
				_, err := runtime.Query[viewerData](t.Context(), c, hubEndpoint, tt.r, tt.opts...)
				if len(p.seen) != tt.want || (err == nil) != (tt.want == 2) || err != nil && (!errors.Is(err, runtime.ErrUnavailable) || failure(t, err).Message != "trouble") {
					t.Errorf("%s: sent %d times, %v", name, len(p.seen), err)
				}
				c.Close()
			}
		}
		p := reacting(reaction{data: aViewer, errors: `{"type":"INTERNAL","message":"a part"}`})
		if _, err := runtime.Query[viewerData](t.Context(), connect(t, hub(), p), hubEndpoint, viewer); err == nil || len(p.seen) != 1 {
			t.Errorf("with data: sent %d times, %v", len(p.seen), err)
		}
		if hubEndpoint.Mutation.Idempotent {
			t.Error("all mutations are repeatable now")
		}
	})
}

func TestQueryCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := reacting(reaction{errors: `{"type":"RATE_LIMITED","message":"exceeded"}`, header: []string{"Retry-After", "3600"}})
		c := connect(t, hub(), p)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		start := time.Now()
		_, err := runtime.Query[viewerData](ctx, c, hubEndpoint, viewer)
		if !errors.Is(err, context.Canceled) || time.Since(start) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

// Neither a token nor what variables hold stands in an error or an event.
func TestQueriesKeepSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events []string
		note := runtime.WithEvents(func(e budget.Event) { events = append(events, fmt.Sprintf("%+v", e)) })
		for _, re := range []reaction{
			{status: 401, body: `{"message":"Bad credentials"}`}, {status: 502}, {body: "<html>"}, {data: `"viewer":7`},
			{errors: `{"message":"no","type":"T","extensions":{"value":"s3cret"}}`}, {errors: `{"type":"RATE_LIMITED"}`, header: []string{"Retry-After", "90000"}},
			{status: 403, body: `{"message":"secondary rate limit"}`},
		} {
			c := connect(t, hub(), reacting(re), hubToken("t0ken"), note)
			r := graphql.Request{Query: `mutation M($p:String!){a(p:$p){id}}`, Variables: map[string]string{"p": "s3cret"}}
			_, err := runtime.Query[viewerData](t.Context(), c, hubEndpoint, r)
			for _, text := range append(events, err.Error(), fmt.Sprintf("%v", failure(t, err))) {
				if strings.Contains(text, "t0ken") || strings.Contains(text, "s3cret") {
					t.Errorf("%s", text)
				}
			}
			c.Close()
		}
		if len(events) == 0 {
			t.Error("there were no events")
		}
	})
}
