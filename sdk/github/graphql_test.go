package github_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/graphql"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/runtime/retry"
	"github.com/weirkit/weir/sdk/github"
)

// graphQLStandIn is GitHub with a GraphQL endpoint, which counts a point a query.
func graphQLStandIn(options providertest.Options, answer func(*providertest.Call) providertest.Answer) (*providertest.Provider, error) {
	desc := github.API
	desc.Operations = append(slices.Clone(desc.Operations), &api.Operation{
		Name: "GraphQL", Method: "POST", Path: "/graphql",
		Draws: []api.Draw{{Limit: "graphql"}, {Limit: "graphql_points"}, {Limit: "concurrent"}},
	})
	p, err := providertest.New(&desc, options)
	if err == nil {
		p.Handle("GraphQL", answer)
	}
	return p, err
}

type login struct{ Viewer struct{ Login string } }

const (
	whoAmI = `{ viewer { login } }`
	costly = `{ viewer { login repositories(first: 100) { nodes { a: issues(first: 3) { nodes { labels(first: 1) { nodes { id } } } } } } } }`
)

// Beside REST calls, as many queries as there are goroutines for: no more than
// GitHub takes, and none refused.
func TestQueriesStayWithinTheLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := graphQLStandIn(providertest.Options{
			Plan: github.PlanActions, Phase: 0.3, Latency: providertest.Between(50*time.Millisecond, 400*time.Millisecond),
			Cost: func(_ *providertest.Call, limit string, cost int) int {
				if limit == "graphql" {
					return 3 // where the query is reckoned at 4
				}
				return cost
			},
		}, func(*providertest.Call) providertest.Answer {
			return providertest.Answer{Status: 200, Body: json.RawMessage(`{"data":{"viewer":{"login":"octocat"},"rateLimit":{"cost":3}}}`)}
		})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		gh, err := github.New(github.OnPlan(github.PlanActions), runtime.WithBearer("t"), runtime.WithTransport(p.Transport()))
		if err != nil {
			t.Fatal(err)
		}
		defer gh.Runtime().Close()
		var work sync.WaitGroup
		for range 40 {
			work.Go(func() {
				for range 10 {
					if got, err := github.Query[login](t.Context(), gh, costly, nil); err != nil || got.Viewer.Login != "octocat" {
						t.Errorf("%+v, %v", got, err)
						return
					}
				}
			})
		}
		work.Wait()
		// 1,000 points an hour: 1,200 take a second one.
		report := p.Report()
		if took := report.Last.Sub(report.First); report.Refused != 0 || report.Requests != 400 || took > time.Hour+10*time.Minute {
			t.Errorf("%d requests in %v, %d refused: %v", report.Requests, took, report.Refused, report.Refusals)
		}
	})
}

// answers is GitHub as a list of answers, the last for ever; and what it was sent.
type answers struct {
	list []answer
	sent []string // paths and bodies
	at   []time.Time
}

type answer struct {
	status int
	body   string
	header map[string]string
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	a.sent, a.at = append(a.sent, r.URL.Path+" "+string(body)), append(a.at, time.Now())
	now := a.list[min(len(a.sent), len(a.list))-1]
	header := http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}}
	for name, value := range now.header {
		if after, err := time.ParseDuration(value); err == nil && name == "X-RateLimit-Reset" {
			value = strconv.FormatInt(time.Now().Add(after).Unix(), 10)
		}
		header.Set(name, value)
	}
	return &http.Response{StatusCode: now.status, Header: header, Body: io.NopCloser(strings.NewReader(now.body)), ContentLength: int64(len(now.body))}, nil
}

func dial(t *testing.T, a *answers, opts ...runtime.ClientOption) *github.Client {
	t.Helper()
	gh, err := github.New(append([]runtime.ClientOption{github.OnPlan(github.PlanToken), runtime.WithBearer("t"), runtime.WithTransport(a)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { gh.Runtime().Close() })
	return gh
}

// charged is what is charged to each limit.
func charged(gh *github.Client) string {
	var all []string
	for _, c := range gh.Runtime().Ledger().Snapshot().Counters {
		if c.Used > 0 {
			all = append(all, fmt.Sprint(c.Key.Limit, " ", c.Used))
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func TestWhatQueriesDraw(t *testing.T) {
	for query, want := range map[string]string{
		whoAmI: "graphql 1, graphql_points 1",
		`{ viewer { repositories(first: 100) { nodes { issues(first: 10) { nodes { labels(first: 5) { nodes { name } } } } } } } }`: "graphql 11, graphql_points 1",
		`mutation { closeIssue(input: {issueId: "I"}) { clientMutationId } }`:                                                       "graphql 1, graphql_points 5",
		`mutation { addComment(input: {subjectId: "I", body: "x"}) { clientMutationId } }`:                                          "content 1, content_hourly 1, graphql 1, graphql_points 5",
	} {
		gh := dial(t, &answers{list: []answer{{200, `{"data":{}}`, nil}}})
		if _, err := github.Query[any](t.Context(), gh, query, nil); err != nil {
			t.Error(err)
		}
		if got := charged(gh); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	gh := dial(t, &answers{list: []answer{{200, `{"data":{"rateLimit":{"cost":3,"limit":5000,"remaining":4997,"resetAt":"2030-01-01T00:00:00Z"}}}`, nil}}})
	if _, err := github.Query[any](t.Context(), gh, whoAmI, nil); err != nil || charged(gh) != "graphql 3, graphql_points 1" {
		t.Errorf("%v: %s", err, charged(gh))
	}
}

// What GitHub answers where it refuses, and how long that is waited for.
func TestRefusedQueries(t *testing.T) {
	const secondary = `{"documentation_url":"https://docs.github.com/graphql/x#secondary-rate-limits","message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again. (request 1:2)"}`
	synctest.Test(t, func(t *testing.T) {
		for name, tt := range map[string]struct {
			refusal answer
			wait    time.Duration
		}{
			"the hour's points": {answer{200, `{"errors":[{"type":"RATE_LIMITED","message":"API rate limit already exceeded for user ID 1."}]}`,
				map[string]string{"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "20m", "X-RateLimit-Resource": "graphql"}}, 20 * time.Minute},
			"a secondary limit":                  {answer{403, secondary, nil}, time.Minute},
			"a secondary limit that says when":   {answer{403, secondary, map[string]string{"Retry-After": "180"}}, 3 * time.Minute},
			"a secondary limit in words":         {answer{403, `{"message":"You have exceeded a secondary rate limit (1:2)."}`, nil}, time.Minute},
			"a secondary limit among the errors": {answer{200, `{"errors":[{"message":"You have exceeded a secondary rate limit (1:2)."}]}`, nil}, time.Minute},
			"a secondary limit of a good status": {answer{200, secondary, nil}, time.Minute},
		} {
			for _, query := range []string{whoAmI, `mutation { closeIssue(input: {issueId: "I"}) { clientMutationId } }`} {
				a := &answers{list: []answer{tt.refusal, {200, `{"data":{"viewer":{"login":"octocat"}}}`, nil}}}
				gh := dial(t, a, runtime.WithRetry(retry.Policy{Jitter: -1}))
				_, err := github.Query[login](t.Context(), gh, query, nil)
				if err != nil || len(a.at) != 2 {
					t.Fatalf("%s: sent %d times, %v", name, len(a.at), err)
				}
				if wait := a.at[1].Sub(a.at[0]); wait < tt.wait || wait > tt.wait+5*time.Second {
					t.Errorf("%s: repeated after %v", name, wait)
				}
			}
		}
	})
}

func TestQueryFailures(t *testing.T) {
	for body, is := range map[string]error{
		`{"data":{"viewer":null},"errors":[{"type":"NOT_FOUND","path":["viewer"],"message":"Could not resolve"}]}`:                                           runtime.ErrNotFound,
		`{"data":{"viewer":null},"errors":[{"type":"FORBIDDEN","message":"SAML"}]}`:                                                                          runtime.ErrForbidden,
		`{"errors":[{"type":"INSUFFICIENT_SCOPES","message":"read:user"}]}`:                                                                                  runtime.ErrForbidden,
		`{"errors":[{"type":"MAX_NODE_LIMIT_EXCEEDED","message":"too many"}]}`:                                                                               graphql.ErrTooCostly,
		`{"data":{"viewer":null},"errors":[{"message":"Resource limits for this query exceeded."}]}`:                                                         graphql.ErrTooCostly,
		`{"data":null,"errors":[{"message":"Something went wrong while executing your query. This may be the result of a timeout, or it could be a bug."}]}`: graphql.ErrTooCostly,
		`<html>Unicorn</html>`: graphql.ErrNotGraphQL,
	} {
		gh := dial(t, &answers{list: []answer{{200, body, map[string]string{"X-GitHub-Request-Id": "A:1"}}}})
		_, err := github.Query[login](t.Context(), gh, whoAmI, nil)
		e, ok := errors.AsType[*runtime.Error](err)
		if !ok || !errors.Is(err, is) || e.RequestID != "A:1" || e.Operation != "GraphQL.Query" {
			t.Errorf("%s: %v is not %v", body, err, is)
		}
	}
}

func TestQueryAtAnEnterpriseServer(t *testing.T) {
	a := &answers{list: []answer{{200, `{"data":{}}`, nil}}}
	gh := dial(t, a, runtime.WithBaseURL("https://github.acme.example/api/v3"))
	if _, err := github.Query[login](t.Context(), gh, whoAmI, nil); err != nil || !strings.HasPrefix(a.sent[0], "/api/graphql ") {
		t.Errorf("%v: %s", err, a.sent)
	}
}

// What is built is held to GitHub's rules before it is sent.
func TestQueryDocument(t *testing.T) {
	a := &answers{list: []answer{{200, `{"data":{"viewer":{"login":"octocat"}}}`, nil}}}
	gh := dial(t, a)
	document := func(first int) *graphql.Document {
		return &graphql.Document{Operations: []*graphql.Operation{{Fields: graphql.Selection{
			graphql.Field{Name: "viewer", Fields: graphql.Selection{graphql.Field{Name: "login"}, graphql.Field{
				Name: "repositories", Args: []graphql.Arg{{Name: "first", Value: first}}, Fields: graphql.Leaves("totalCount"),
			}}},
		}}}}
	}
	got, err := github.QueryDocument[login](t.Context(), gh, document(100), nil)
	if err != nil || got.Viewer.Login != "octocat" {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = github.QueryDocument[login](t.Context(), gh, document(1000), nil)
	if broken, ok := errors.AsType[*graphql.RuleError](err); !ok || broken.Connection != "viewer.repositories" || len(a.sent) != 1 {
		t.Errorf("%v, sent %d", err, len(a.sent))
	}
}
