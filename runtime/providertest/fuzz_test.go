package providertest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/weirkit/weir/runtime/api"
)

// FuzzServe: whatever a client sends, it gets an answer whose JSON is whole,
// and is counted at most once.
func FuzzServe(f *testing.F) {
	f.Add("GET", "/things/7", "", "application/json", `{"name":"x"}`)
	f.Add("GET", "/cursor", "cursor=YWZ0ZXI6Mg&per_page=2", "", "")
	f.Add("GET", "/page", "page=2&per_page=9999999999999", "", "")
	f.Add("GET", "/page", "page=9223372036854775807", "", "")
	f.Add("GET", "/offset", "start=9223372036854775807", "", "")
	f.Add("GET", "/link", "page=2&per_page=1", "", "")
	f.Add("GET", "/keyset", "since=2", "", "")
	f.Add("POST", "/things", "", "application/x-www-form-urlencoded", "channel=%zz&;")
	f.Add("GET", "/files/a...b", "", "", "")
	a := shop()
	a.Limits[0].Shape = api.Window{Limit: 1 << 40, Per: 1 << 40}
	a.Limits[0].Scope = []api.Scope{api.ScopeAccount, "body:channel", "query:view", "path:thing_id"}
	a.Operations = append(a.Operations, &api.Operation{Name: "compare", Method: "GET", Path: "/files/{base}...{head}"})
	p, err := New(a, Options{})
	if err != nil {
		f.Fatal(err)
	}
	for _, op := range a.Operations {
		if op.Pagination != nil {
			p.Items(op.Name, func(*Call) []json.RawMessage { return things(7) })
		}
	}
	f.Fuzz(func(t *testing.T, method, path, query, contentType, body string) {
		r := &http.Request{
			Method: method, URL: &url.URL{Path: path, RawQuery: query}, Host: "shop.example",
			Header: http.Header{"Content-Type": {contentType}}, Body: http.NoBody, RemoteAddr: "192.0.2.1:1",
		}
		if body != "" {
			r.Body = httptest.NewRequest("POST", "/", strings.NewReader(body)).Body
		}
		before := p.Report()
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		if w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %s?%s: body %q", method, path, query, w.Body)
		}
		after := p.Report()
		if after.Requests-before.Requests+after.Unrouted-before.Unrouted != 1 {
			t.Errorf("%s %s: seen %d times", method, path, after.Requests-before.Requests)
		}
	})
}

// FuzzGraph: whatever query a client sends, the answer's JSON is whole, and tells of
// data or of errors.
func FuzzGraph(f *testing.F) {
	f.Add(`{ a: user(login: "a", n: [1, {b: $v}]) { ...f ... on User { id } } rateLimit { cost } } fragment f on User { more(first: 2) { id } }`)
	f.Add(`query Q($v: Int = 1) { list { x } text }`)
	f.Add("{ a(")
	f.Add("fragment f on A { ...f } { ...f }")
	graph := &Graph{Work: 50, Root: Object{
		"text": "x", "list": []any{Object{"x": 1}, nil},
		"user": Field(func(args map[string]any) any { return Object{"__typename": "User", "id": args["login"]} }),
	}}
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest("POST", "/graphql", strings.NewReader(string(JSON(map[string]any{"query": query, "variables": map[string]any{"v": 1}}))))
		var told struct{ Data, Errors json.RawMessage }
		answer := graph.Answer(&Call{Request: r})
		if err := json.Unmarshal(answer.Body, &told); err != nil || told.Data == nil && told.Errors == nil {
			t.Errorf("%s is answered by %s: %v", query, answer.Body, err)
		}
	})
}
