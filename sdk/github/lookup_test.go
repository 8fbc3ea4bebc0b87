package github_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/graphql"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/github"
)

// lookupRoot is a GitHub with the repository acme/rockets; its issues have even
// numbers, and its pull requests odd ones.
func lookupRoot() providertest.Object {
	const notFound = "NOT_FOUND"
	numbered := func(kind string, odd int) providertest.Field {
		return func(args map[string]any) any {
			n := int(args["number"].(float64))
			if n%2 != odd {
				return &providertest.GraphError{Type: notFound, Message: fmt.Sprintf("Could not resolve to %s with the number of %d.", kind, n)}
			}
			return providertest.Object{"number": n, "title": fmt.Sprint(kind, " ", n)}
		}
	}
	return providertest.Object{
		"repository": providertest.Field(func(args map[string]any) any {
			name := args["name"].(string)
			if name == "gone" {
				return &providertest.GraphError{Type: notFound, Message: "Could not resolve to a Repository with the name 'acme/gone'."}
			}
			return providertest.Object{
				"nameWithOwner": fmt.Sprint(args["owner"], "/", name), "id": name,
				"vulnerabilityAlerts": &providertest.GraphError{Type: "FORBIDDEN", Message: "Resource not accessible by integration"},
				"issue":               numbered("an Issue", 0), "pullRequest": numbered("a PullRequest", 1),
				"object": providertest.Field(func(args map[string]any) any {
					switch args["expression"] {
					case "main":
						return providertest.Object{"__typename": "Commit", "oid": "a1b2"}
					case "v1.0":
						return providertest.Object{"__typename": "Tag", "oid": "c3d4"}
					}
					return nil
				}),
			}
		}),
		"user": providertest.Field(func(args map[string]any) any {
			if args["login"] == "acme" {
				return &providertest.GraphError{Type: notFound, Message: "Could not resolve to a User with the login of 'acme'."}
			}
			return providertest.Object{"login": args["login"], "__typename": "User"}
		}),
	}
}

func lookupStandIn(t *testing.T, latency time.Duration) (*providertest.Provider, *providertest.Graph, *github.Client) {
	t.Helper()
	graph := &providertest.Graph{Limit: "graphql", Root: lookupRoot()}
	p, err := graphQLStandIn(providertest.Options{Plan: github.PlanToken, Cost: graph.Cost, Latency: providertest.Between(latency, latency)}, graph.Answer)
	if err != nil {
		t.Fatal(err)
	}
	gh, err := github.New(github.Token("t"), github.OnPlan(github.PlanToken), runtime.WithTransport(p.Transport()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { gh.Runtime().Close(); p.Close() })
	return p, graph, gh
}

func spent(p *providertest.Provider) (points int) {
	for _, used := range p.Used("graphql") {
		points += used
	}
	return points
}

// 100 repositories, each looked up by its own call, take no more than 2 requests and
// 2 points, and as many as one list of keys take one of each.
func TestLookupBatchOfAHundred(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _, gh := lookupStandIn(t, 200*time.Millisecond)
		type light struct{ NameWithOwner string }
		var work sync.WaitGroup
		for i := range 100 {
			work.Go(func() {
				name := fmt.Sprint("r", i)
				if got, err := github.LookupRepositories[light](gh).Get(t.Context(), "acme", name); err != nil || got.NameWithOwner != "acme/"+name {
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
		work.Wait()
		if r := p.Report(); r.Requests > 2 || r.Refused != 0 || spent(p) > 2 || charged(gh) != fmt.Sprintf("graphql %d, graphql_points %d", spent(p), r.Requests) {
			t.Errorf("%d requests, %d points, charged %s", r.Requests, spent(p), charged(gh))
		}
		before := p.Report().Requests
		keys := make([]github.RepositoryKey, 100)
		for i := range keys {
			keys[i] = github.RepositoryKey{Owner: "acme", Name: fmt.Sprint("r", i)}
		}
		for i, r := range github.LookupRepositories[light](gh).Many(t.Context(), keys) {
			if r.Err != nil || r.Value.NameWithOwner != "acme/"+keys[i].Name {
				t.Errorf("%+v", r)
			}
		}
		if n := p.Report().Requests - before; n != 1 {
			t.Errorf("%d requests for a list of keys", n)
		}
	})
}

// Each kind has its own; what is of another kind, or not there, is not found, and that
// is told to those alone who asked for it.
func TestLookupAliasesOfEachKind(t *testing.T) {
	_, _, gh := lookupStandIn(t, 0)
	type titled struct {
		Number int64
		Title  string
	}
	check := func(what string, got, want any, err error, found bool) {
		t.Helper()
		if found && (err != nil || got != want) || !found && !errors.Is(err, runtime.ErrNotFound) {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
	for n, r := range github.LookupIssues[titled](gh).Many(t.Context(), []github.IssueKey{{"acme", "rockets", 2}, {"acme", "rockets", 3}, {"acme", "gone", 2}}) {
		check("issue", r.Value, titled{2, "an Issue 2"}, r.Err, n == 0)
	}
	for n, r := range github.LookupPullRequests[titled](gh).Many(t.Context(), []github.IssueKey{{"acme", "rockets", 2}, {"acme", "rockets", 3}}) {
		check("pull request", r.Value, titled{3, "a PullRequest 3"}, r.Err, n == 1)
	}
	type commit struct{ OID string }
	for _, ref := range []string{"main", "v1.0", "nothing"} {
		got, err := github.LookupCommits[commit](gh).Get(t.Context(), "acme", "rockets", ref)
		check("commit "+ref, got, commit{"a1b2"}, err, ref == "main")
	}
	type user struct{ Login string }
	for _, login := range []string{"octocat", "acme"} {
		got, err := github.LookupUsers[user](gh).Get(t.Context(), login)
		check("user "+login, got, user{"octocat"}, err, login == "octocat")
	}
	issue, err := github.LookupIssues[titled](gh).Get(t.Context(), "acme", "rockets", 4)
	check("issue", issue, titled{4, "an Issue 4"}, err, true)
	_, err = github.LookupUsers[user](gh).Get(t.Context(), "")
	if e, ok := errors.AsType[*runtime.Error](err); !ok || !errors.Is(err, runtime.ErrInvalidArgument) || e.Operation != "GraphQL.Users" {
		t.Error(err)
	}
}

// A field that the token may not see is missing, and the rest is there.
func TestLookupAliasInPart(t *testing.T) {
	_, _, gh := lookupStandIn(t, 0)
	type alerts struct {
		NameWithOwner       string
		VulnerabilityAlerts *struct{ TotalCount int }
	}
	for _, r := range github.LookupRepositories[alerts](gh).Many(t.Context(), []github.RepositoryKey{{"acme", "rockets"}, {"acme", "anvils"}}) {
		told, ok := errors.AsType[*graphql.Errors](r.Err)
		if !ok || !told.Partial || !errors.Is(r.Err, runtime.ErrForbidden) || r.Value.NameWithOwner != "acme/"+r.Key.Name || told.List[0].Path.String() != "repository.vulnerabilityAlerts" {
			t.Errorf("%+v", r)
		}
	}
}

// What GitHub finds too costly is asked for in parts, by its own way of saying so.
func TestLookupBatchIsSplit(t *testing.T) {
	type light struct{ NameWithOwner string }
	keys := make([]github.RepositoryKey, 60)
	for i := range keys {
		keys[i] = github.RepositoryKey{Owner: "acme", Name: fmt.Sprint("r", i)}
	}
	for name, refusal := range map[string]providertest.Answer{
		"a code":    {Status: 200, Body: []byte(`{"data":{"k0":null},"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED","message":"Resource limits for this query exceeded.","path":["k0"]}]}`)},
		"a message": {Status: 200, Body: []byte(`{"data":{"k0":null},"errors":[{"message":"Resource limits for this query exceeded.","path":["k0"]}]}`)},
		"a timeout": {Status: 502, Body: []byte(`{"data":null,"errors":[{"message":"Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug."}]}`)},
		"a gateway": {Status: 504, Body: []byte(`<html>Unicorn!</html>`)},
	} {
		graph := &providertest.Graph{Limit: "graphql", Root: lookupRoot()}
		var mu sync.Mutex
		requests, largest := 0, 0
		p, err := graphQLStandIn(providertest.Options{Plan: github.PlanToken}, func(c *providertest.Call) providertest.Answer {
			mu.Lock()
			defer mu.Unlock()
			requests++
			var sent struct{ Query string }
			if err := json.Unmarshal(c.Body(), &sent); err != nil {
				t.Error(err)
			}
			n := strings.Count(sent.Query, "repository(")
			if n > 20 {
				return refusal
			}
			largest = max(largest, n)
			return graph.Answer(c)
		})
		if err != nil {
			t.Fatal(err)
		}
		gh, err := github.New(github.Token("t"), runtime.WithTransport(p.Transport()))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			for _, r := range github.LookupRepositories[light](gh).Many(t.Context(), keys) {
				if r.Err != nil || r.Value.NameWithOwner != "acme/"+r.Key.Name {
					t.Errorf("%s: %+v", name, r)
				}
			}
		}
		// 60, 30, and then 15 at a time.
		if requests != 2+4+4 || largest != 15 {
			t.Errorf("%s: %d requests, the largest that passed for %d", name, requests, largest)
		}
		gh.Runtime().Close()
		p.Close()
	}
}
