package providertest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weirkit/weir/runtime/api"
)

func TestRoutes(t *testing.T) {
	a := unlimitedShop()
	a.Operations = append(a.Operations,
		&api.Operation{Name: "file", Method: "GET", Path: "/files/{dir}/{name}.json"},
		&api.Operation{Name: "fileText", Method: "GET", Path: "/files/{dir}/{name}"},
		&api.Operation{Name: "compare", Method: "GET", Path: "/compare/{base}...{head}"},
		&api.Operation{Name: "deep", Method: "GET", Path: "/{any}/{thing}/new"},
		&api.Operation{Name: "other", Method: "GET", Path: "/things/{id}/parts"},
	)
	p := mustNew(t, a, Options{BasePath: "/base/"})
	tests := []struct{ method, path, want, params string }{
		{"GET", "/things/7", "show", "7"},
		{"GET", "/base/things/7", "show", "7"},
		{"GET", "/v1/things/7", "show", "7"}, // the server's base path
		{"DELETE", "/things/7", "remove", "7"},
		{"POST", "/things", "create", ""},
		{"GET", "/things/search", "search", ""}, // the literal wins
		{"GET", "/things/a%2Fb%20c", "show", "a/b c"},
		{"GET", "/things/7/parts", "other", "7"},
		{"GET", "/things/7/new", "deep", "things 7"}, // back from where "things" leads
		{"GET", "/files/d/x.json", "file", "d x"},
		{"GET", "/files/d/x.txt", "fileText", "d x.txt"},
		{"GET", "/compare/main...topic...x", "compare", "main topic...x"},
		{"GET", "/compare/main", "", ""},
		{"GET", "/compare/...topic", "", ""},
		{"PUT", "/things/7", "", ""},
		{"GET", "/things", "", ""},
		{"GET", "/things/", "", ""},
		{"GET", "/nothing", "", ""},
		{"GET", "/", "", ""},
	}
	for _, tt := range tests {
		c := &Call{Request: httptest.NewRequest(tt.method, tt.path, nil)}
		got := ""
		if p.route(c) {
			got = c.Operation.Name
		}
		if params := strings.Join(c.values, " "); got != tt.want || params != tt.params {
			t.Errorf("%s %s: operation %q with %q, want %q with %q", tt.method, tt.path, got, params, tt.want, tt.params)
		}
	}
	if got := status(p, "GET", "/nothing"); got != 404 {
		t.Errorf("no route: status %d", got)
	}
	if r := p.Report(); r.Unrouted != 1 || r.Requests != 0 || r.UnroutedPaths[0] != "GET /nothing" {
		t.Errorf("report: %+v", r)
	}
}

func TestData(t *testing.T) {
	p := mustNew(t, unlimitedShop(), Options{})
	p.Single("show", func(c *Call) (json.RawMessage, bool) {
		return JSON(map[string]string{"id": c.Path("thing_id"), "lang": c.Query("lang")}), c.Path("thing_id") != "0"
	})
	p.Handle("create", func(c *Call) Answer {
		name, _ := c.Param(api.Param{In: api.InBody, Name: "name"})
		return Answer{Status: 201, Header: http.Header{"Location": {"/things/" + name}}, Body: c.Body()}
	})
	tests := []struct {
		method, target, body string
		status               int
		want                 string
	}{
		{"GET", "/things/7?lang=de", "", 200, `{"thing":{"id":"7","lang":"de"}}`},
		{"GET", "/things/0", "", 404, `{"error":{"code":"RecordNotFound","message":"Not found"}}`},
		{"POST", "/things", `{"name":"x"}`, 201, `{"name":"x"}`},
		{"DELETE", "/things/7", "", 204, ``},
		{"GET", "/things/search", "", 200, `{}`}, // no data
		{"GET", "/more", "", 200, `{"things":[],"meta":{"after_cursor":null,"has_more":false}}`},
		{"GET", "/link", "", 200, `[]`},
	}
	for _, tt := range tests {
		w := httptest.NewRecorder()
		p.ServeHTTP(w, httptest.NewRequest(tt.method, tt.target, strings.NewReader(tt.body)))
		if w.Code != tt.status || w.Body.String() != tt.want {
			t.Errorf("%s %s: %d %s, want %d %s", tt.method, tt.target, w.Code, w.Body, tt.status, tt.want)
		}
		if tt.status == 201 && w.Header().Get("Location") != "/things/x" {
			t.Errorf("Location is %q", w.Header().Get("Location"))
		}
		if w.Header().Get("X-Request-Id") == "" {
			t.Errorf("%s %s: no request id", tt.method, tt.target)
		}
	}
}

// A provider of Slack's kind says in each body whether all is well.
func TestBodiesThatSayOK(t *testing.T) {
	a := shop()
	a.Errors = api.Errors{Code: []api.Path{{"error"}}, When: &api.BodyRule{Path: api.Path{"ok"}, In: []string{"false"}}}
	a.Throttling = []api.Throttling{{Status: 200, When: &api.BodyRule{Path: api.Path{"error"}, In: []string{"ratelimited"}}}}
	p := mustNew(t, a, Options{})
	p.Items("cursor", func(*Call) []json.RawMessage { return things(1) })
	for _, tt := range []struct{ target, want string }{
		{"/cursor", `{"things":[{"id":1,"name":"thing 1"}],"meta":{"next_cursor":""},"ok":true}`},
		{"/things/7", `{"thing":{},"ok":true}`},
		{"/things/search", `{}`}, // the whole body is the result's
		{"/cursor", `{"description":"Rate limit exceeded","error":"ratelimited","ok":false}`},
	} {
		r := call(p, "GET", tt.target)
		if got := body(t, r); got != tt.want || r.StatusCode != 200 {
			t.Errorf("%s: %d %s, want 200 %s", tt.target, r.StatusCode, got, tt.want)
		}
	}
}
