package providertest_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/providertest"
)

// newGraph is a stand-in with a GraphQL endpoint of 10 points an hour.
func newGraph(t *testing.T, graph *providertest.Graph) *providertest.Provider {
	t.Helper()
	p, err := providertest.New(&api.API{
		Name: "graph", Servers: []api.Server{{URL: "https://graph.example"}},
		Limits:     []api.Limit{{Name: "points", Shape: api.Window{Limit: 10, Per: time.Hour}}},
		Operations: []*api.Operation{{Name: "Query", Method: "POST", Path: "/graphql", Draws: []api.Draw{{Limit: "points"}}}},
	}, providertest.Options{Cost: graph.Cost})
	if err != nil {
		t.Fatal(err)
	}
	p.Handle("Query", graph.Answer)
	t.Cleanup(func() { p.Close() })
	return p
}

func askGraph(t *testing.T, p *providertest.Provider, query, variables string) string {
	t.Helper()
	body := providertest.JSON(map[string]any{"query": query, "variables": map[string]any{}})
	body = bytes.Replace(body, []byte(`{}`), []byte(variables), 1)
	req, err := http.NewRequestWithContext(t.Context(), "POST", "https://graph.example/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := p.Direct().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func graphRoot() providertest.Object {
	return providertest.Object{
		"user": providertest.Field(func(args map[string]any) any {
			if args["login"] == "nobody" {
				return &providertest.GraphError{Type: "NOT_FOUND", Message: "no such user"}
			}
			return providertest.Object{
				"__typename": "User", "login": args["login"], "id": 7, "nothing": nil,
				"repos": providertest.Field(func(args map[string]any) any {
					nodes := []any{providertest.Object{"name": "a"}, providertest.Object{"name": "b"}}
					return providertest.Object{"nodes": nodes[:min(2, int(args["first"].(float64)))]}
				}),
			}
		}),
		"echo": providertest.Field(func(args map[string]any) any { return args["v"] }),
	}
}

func TestGraph(t *testing.T) {
	for query, want := range map[string]string{
		`{ user(login: "anna") { login id nothing } }`:                                                     `{"data":{"user":{"login":"anna","id":7,"nothing":null}}}`,
		`query Q($l: String!) { one: user(login: $l) { ...f } } fragment f on User { login }`:              `{"data":{"one":{"login":"bert"}}}`,
		`{ user(login: $l) { ... on User { id } ... on Bot { x } ... { login } login } }`:                  `{"data":{"user":{"id":7,"login":"bert"}}}`,
		`{ user(login: $l) { repos(first: 2) { nodes { name } } } }`:                                       `{"data":{"user":{"repos":{"nodes":[{"name":"a"},{"name":"b"}]}}}}`,
		`{ a: user(login: "nobody") { id } b: user(login: "c") { id } }`:                                   `{"data":{"a":null,"b":{"id":7}},"errors":[{"message":"no such user","path":["a"],"type":"NOT_FOUND"}]}`,
		`{ user(login: "anna") { age } }`:                                                                  `{"data":{"user":{"age":null}},"errors":[{"message":"Field 'age' doesn't exist","path":["user","age"],"type":"undefinedField"}]}`,
		`{ a: echo(v: true), b: echo(v: OPEN) c: echo(v: 1.5) d: echo(v: null) e: echo(v: [1, {a: $l}]) }`: `{"data":{"a":true,"b":"OPEN","c":1.5,"d":null,"e":[1,{"a":"bert"}]}}`,
		`{ a: echo(v: 1) a: echo(v: 1) rateLimit { cost remaining } }`:                                     `{"data":{"a":1,"rateLimit":{"cost":1,"remaining":9}}}`,
		`mutation { a }`: `a query or a fragment should stand there`,
		``:               `a query should stand there`,
		`{ a`:            `parse error`,
		`{ a(b: }`:       `parse error`,
		`{ a(b: [1 }`:    `parse error`,
		`{ a(b: "\x") }`: `parse error`,
		`{ ...  }`:       `parse error`,
		`{ 1 }`:          `parse error`,
		`{ ...f } fragment f on A { a { ...g } } fragment g on A { ...f }`: `contains an infinite loop`,
		strings.Repeat("{a", 60): `no further level should stand there`,
		`fragment on on A {`:     `parse error`,
	} {
		p := newGraph(t, &providertest.Graph{Limit: "points", Root: graphRoot()})
		if got := askGraph(t, p, query, `{"l":"bert"}`); got != want && !(strings.HasPrefix(got, `{"errors":`) && strings.Contains(got, want)) {
			t.Errorf("%s\nanswers %s\nwant    %s", query, got, want)
		}
	}
	p := newGraph(t, &providertest.Graph{Root: graphRoot()})
	if got := askGraph(t, p, `{ rateLimit { cost } }`, `7`); !strings.Contains(got, "problems parsing JSON") {
		t.Error(got)
	}
	if got := askGraph(t, p, `{ rateLimit { cost } }`, `{}`); got != `{"data":{"rateLimit":null}}` {
		t.Error(got)
	}
}

// A connection is a request for each item above it, and a hundred are a point.
func TestGraphCost(t *testing.T) {
	for query, want := range map[string]int{
		`{ user(login: "a") { login } }`:                                                                        1,
		`{ user(login: "a") { repos(first: 100) { nodes { name } } } }`:                                         1,
		`{ user(login: "a") { ...f } } fragment f on User { repos(first: $n) { nodes { x(first: 1) { y } } } }`: 2, // 1 + 150
		`{ a: user(login: "a") { repos(last: 99) { nodes { x(first: 2) { nodes { y(first: 1) } } } } } }`:       3, // 1 + 99 + 198
	} {
		p := newGraph(t, &providertest.Graph{Limit: "points", Root: providertest.Object{}})
		askGraph(t, p, query, `{"n":150}`)
		if got := p.Used("points")[""]; got != want {
			t.Errorf("%s: %d points, want %d", query, got, want)
		}
	}
}

// What is beyond the work for one query is null, and an error.
func TestGraphWork(t *testing.T) {
	p := newGraph(t, &providertest.Graph{Root: graphRoot(), Work: 3})
	got := askGraph(t, p, `{ a: user(login: "a") { login id } b: user(login: "b") { login } c: user(login: "c") { login } }`, `{}`)
	const limit = `{"message":"Resource limits for this query exceeded.","path":["b"],"type":"RESOURCE_LIMITS_EXCEEDED"}`
	if want := `{"data":{"a":{"login":"a","id":7},"b":null,"c":null},"errors":[` + limit + `,` + strings.Replace(limit, `"b"`, `"c"`, 1) + `]}`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := askGraph(t, p, `{ a: user(login: "a") { login id } }`, `{}`); strings.Contains(got, "errors") {
		t.Error(got)
	}
}
