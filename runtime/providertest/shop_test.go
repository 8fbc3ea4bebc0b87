package providertest

// This file describes the provider that the tests stand in for.

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// shop is an API with one limit, that of an account, and an operation of each
// kind. A test changes its copy.
func shop() *api.API {
	account := []api.Draw{{Limit: "account"}}
	size := &api.PageSize{Param: api.Param{In: api.InQuery, Name: "per_page"}, Max: 100}
	cursor := api.Param{In: api.InQuery, Name: "cursor"}
	list := func(name string, p api.Pagination) *api.Operation {
		p.Size = size
		return &api.Operation{Name: name, Method: "GET", Path: "/" + name, Draws: account, Pagination: &p}
	}
	return &api.API{
		Name:    "shop",
		Servers: []api.Server{{URL: "https://{account}.shop.example/v1"}},
		Limits: []api.Limit{{
			Name: "account", Shape: api.Window{Limit: 3, Per: time.Minute}, Scope: []api.Scope{api.ScopeAccount},
		}},
		Plans: []api.Plan{{
			Name:    "large",
			Limits:  []api.PlanLimit{{Limit: "account", Shape: api.Window{Limit: 5, Per: time.Minute}}},
			MaxPage: map[string]int{"cursor": 10},
		}},
		QuotaHeaders: []api.QuotaHeaders{
			{Limit: "X-Rate-Limit", Remaining: "X-Rate-Limit-Remaining", Reset: "X-Rate-Limit-Reset", ResetIs: api.DeltaSeconds},
		},
		Errors: api.Errors{Code: []api.Path{{"error", "code"}}, Message: []api.Path{{"error", "message"}}, RequestID: "X-Request-Id"},
		Operations: []*api.Operation{
			{Name: "show", Method: "GET", Path: "/things/{thing_id}", Draws: account, Result: api.Path{"thing"}},
			{Name: "remove", Method: "DELETE", Path: "/things/{thing_id}", Draws: account},
			{Name: "create", Method: "POST", Path: "/things", Draws: account, Result: api.Path{"thing"}},
			{Name: "search", Method: "GET", Path: "/things/search", Draws: account},
			list("cursor", api.Pagination{Style: api.CursorStyle, Items: api.Path{"things"}, Cursor: cursor, Next: api.Path{"meta", "next_cursor"}}),
			list("more", api.Pagination{
				Style: api.CursorStyle, Items: api.Path{"things"}, Cursor: cursor,
				Next: api.Path{"meta", "after_cursor"}, More: api.Path{"meta", "has_more"},
			}),
			list("export", api.Pagination{
				Style: api.CursorStyle, Items: api.Path{"things"}, Cursor: cursor,
				Next: api.Path{"after_cursor"}, End: api.Path{"end_of_stream"},
			}),
			list("page", api.Pagination{
				Style: api.PageNumberStyle, Items: api.Path{"things"}, First: 1, Total: api.Path{"count"},
				Cursor: api.Param{In: api.InQuery, Name: "page"},
			}),
			list("offset", api.Pagination{
				Style: api.OffsetStyle, Items: api.Path{"things"}, More: api.Path{"more"},
				Cursor: api.Param{In: api.InQuery, Name: "start"},
			}),
			list("link", api.Pagination{Style: api.LinkStyle}),
			list("url", api.Pagination{
				Style: api.URLStyle, Items: api.Path{"things"}, Next: api.Path{"links", "next"}, Total: api.Path{"count"},
				Cursor: api.Param{In: api.InQuery, Name: "after"},
			}),
			list("keyset", api.Pagination{
				Style: api.KeysetStyle, ID: api.Path{"id"},
				Cursor: api.Param{In: api.InQuery, Name: "since"},
			}),
		},
	}
}

// unlimitedShop is the shop for tests that are not about limits.
func unlimitedShop() *api.API {
	a := shop()
	a.Limits[0].Shape = api.Unlimited{}
	return a
}

// things are n items with ids from 1.
func things(n int) []json.RawMessage {
	items := make([]json.RawMessage, n)
	for i := range items {
		items[i] = fmt.Appendf(nil, `{"id":%d,"name":"thing %d"}`, i+1, i+1)
	}
	return items
}

// mustNew makes a stand-in that is closed with the test.
func mustNew(t testing.TB, a *api.API, o Options) *Provider {
	t.Helper()
	p, err := New(a, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// call serves one request without a network.
func call(p *Provider, method, target string) *http.Response {
	w := httptest.NewRecorder()
	p.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w.Result()
}

// status serves one request without a network and returns the status.
func status(p *Provider, method, target string) int { return call(p, method, target).StatusCode }

// body reads a response whole.
func body(t testing.TB, r *http.Response) string {
	t.Helper()
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
