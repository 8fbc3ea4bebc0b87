package providertest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

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

func TestPlans(t *testing.T) {
	for plan, want := range map[string]int{"": 3, "large": 5} {
		p := mustNew(t, shop(), Options{Plan: plan})
		admitted := 0
		for range 10 {
			if status(p, "GET", "/things/7") == 200 {
				admitted++
			}
		}
		if admitted != want {
			t.Errorf("plan %q: %d admitted, want %d", plan, admitted, want)
		}
	}
	p := mustNew(t, shop(), Options{Plan: "large", Shapes: map[string]api.Shape{"account": api.Concurrency{Max: 1}}})
	if r := call(p, "GET", "/things/7"); r.Header.Get("X-Rate-Limit") != "1" {
		t.Errorf("the shape given does not replace the plan's: X-Rate-Limit is %q", r.Header.Get("X-Rate-Limit"))
	}
}

func TestNewRefusesContradictions(t *testing.T) {
	tests := []struct {
		name    string
		options Options
		change  func(a *api.API)
		want    string
	}{
		{"plan", Options{Plan: "none"}, func(*api.API) {}, `no plan "none"`},
		{"phase", Options{Phase: 1}, func(*api.API) {}, "phase"},
		{"shape of no limit", Options{Shapes: map[string]api.Shape{"x": api.Unlimited{}}}, func(*api.API) {}, `no limit "x"`},
		{"limit without shape", Options{}, func(a *api.API) { a.Limits[0].Shape = nil }, "no shape"},
		{"draw on nothing", Options{}, func(a *api.API) { a.Limits[0].Name = "other" }, `draws on limit "account"`},
		{"same route", Options{}, func(a *api.API) { a.Operations[3].Path = "/things/{other}" }, "show's too"},
		{"same name", Options{}, func(a *api.API) { a.Operations[1].Name = "show" }, "two operations"},
		{"path", Options{}, func(a *api.API) { a.Operations[0].Path = "/things/{id" }, "brace"},
		{"places", Options{}, func(a *api.API) { a.Operations[4].Pagination.Next = api.Path{"things"} }, "two values"},
	}
	for _, tt := range tests {
		a := shop()
		tt.change(a)
		if _, err := New(a, tt.options); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", tt.name, err, tt.want)
		}
	}
}

// All counters of a call are charged, or none: the calls that the wide limit
// admits and the narrow one refuses leave the wide one as it was.
func TestAllOrNone(t *testing.T) {
	a := shop()
	a.Limits = append(a.Limits, api.Limit{
		Name: "narrow", Shape: api.Window{Limit: 1, Per: time.Minute}, Scope: []api.Scope{"path:thing_id", api.ScopeOperation},
	})
	a.Operations[0].Draws = []api.Draw{{Limit: "account"}, {Limit: "narrow"}}
	p := mustNew(t, a, Options{})
	var got []int
	for _, target := range []string{"/things/1", "/things/1", "/things/1", "/things/2", "/things/2", "/things/3", "/things/4"} {
		got = append(got, status(p, "GET", target))
	}
	if want := []int{200, 429, 429, 200, 429, 200, 429}; !slices.Equal(got, want) {
		t.Errorf("answers %v, want %v", got, want)
	}
	narrow := func(id string, admitted, refused int) CounterReport {
		return CounterReport{"narrow", "path:thing_id=" + id + " operation=show", 1, admitted, admitted, refused}
	}
	want := []CounterReport{
		{"account", "account=example.com", 3, 3, 3, 1},
		narrow("1", 1, 2), narrow("2", 1, 1), narrow("3", 1, 0), narrow("4", 0, 0),
	}
	r := p.Report()
	if diff := cmp.Diff(want, r.Counters); diff != "" {
		t.Errorf("counters (-want +got):\n%s", diff)
	}
	if r.Requests != 7 || r.Refused != 4 || r.Operations["show"] != (OperationReport{7, 4}) || len(r.Refusals) != 4 {
		t.Errorf("report: %+v", r)
	}
	if used := p.Used("account"); used["account=example.com"] != 3 {
		t.Errorf("used: %v", used)
	}
}

func TestScopes(t *testing.T) {
	type request struct{ method, target, body, authorization, contentType string }
	post := func(body, contentType string) request { return request{"POST", "/things", body, "", contentType} }
	bearer := func(token string) request { return request{"GET", "/things/1", "", token, ""} }
	get := func(target string) request { return request{"GET", target, "", "", ""} }
	const form = "application/x-www-form-urlencoded"
	tests := []struct {
		scope       api.Scope
		base, other request // counted apart
	}{
		{api.ScopeAccount, get("http://acme.shop.example/things/1"), get("http://corp.shop.example/things/1")},
		{api.ScopeUser, bearer("a"), bearer("b")},
		{api.ScopeCredential, bearer("a"), bearer("")},
		{api.ScopeOperation, get("/things/1"), post("", "")},
		{api.ScopeApp, get("/things/1?app=a"), get("/things/1?app=b")},
		{"query:view", get("/things/1?view=1"), get("/things/1?view=2")},
		{"path:thing_id", get("/things/1"), get("/things/2")},
		{"body:channel", post(`{"channel":"a"}`, ""), post(`{"channel":"b"}`, "")},
		{"body:channel", post(`channel=a`, form), post(`{"channel":5}`, "")},
	}
	for _, tt := range tests {
		a := shop()
		a.Limits[0].Scope = []api.Scope{tt.scope}
		a.Limits[0].Shape = api.Window{Limit: 1, Per: time.Hour}
		p := mustNew(t, a, Options{Identify: func(r *http.Request, id *Identity) { id.App = r.URL.Query().Get("app") }})
		var got []int
		for _, q := range []request{tt.base, tt.other, tt.base} {
			r := httptest.NewRequest(q.method, q.target, strings.NewReader(q.body))
			r.Header.Set("Authorization", q.authorization)
			r.Header.Set("Content-Type", q.contentType)
			w := httptest.NewRecorder()
			p.ServeHTTP(w, r)
			got = append(got, w.Code)
		}
		if want := []int{200, 200, 429}; !slices.Equal(got, want) {
			t.Errorf("%s: answers %v, want %v: %+v", tt.scope, got, want, p.Report().Counters)
		}
	}
	a := identify(httptest.NewRequest("GET", "http://127.0.0.1:80/", nil))
	b := identify(httptest.NewRequest("GET", "http://localhost:81/", nil))
	if a != b {
		t.Errorf("two accounts on loopback: %v, %v", a, b)
	}
}

func TestConditionalCosts(t *testing.T) {
	a := shop()
	a.Limits[0].Shape = api.Window{Limit: 10, Per: time.Minute}
	deep := &api.When{Param: api.Param{In: api.InQuery, Name: "page"}, Above: 500}
	full := &api.When{Param: api.Param{In: api.InQuery, Name: "view"}, Equals: []string{"full", "raw"}}
	a.Operations[3].Draws = []api.Draw{{Limit: "account", Cost: 2}, {Limit: "account", Cost: 3, When: deep}, {Limit: "account", When: full}}
	for target, want := range map[string]int{
		"/things/search": 2, "/things/search?page=500": 2, "/things/search?page=501": 5, "/things/search?page=x": 2,
		"/things/search?view=raw": 3, "/things/search?view=small": 2, "/things/search?view=full&page=900": 6,
	} {
		p := mustNew(t, a, Options{})
		call(p, "GET", target)
		if got := p.Used("account")["account=example.com"]; got != want {
			t.Errorf("%s: cost %d, want %d", target, got, want)
		}
		if c := p.Report().Counters[0]; c.Admitted != 1 {
			t.Errorf("%s: counted as %d calls", target, c.Admitted)
		}
	}
}

func TestRefusedCallsCountOnlyIfAsked(t *testing.T) {
	for _, count := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			a := shop()
			a.Limits[0].Shape = api.Window{Limit: 3, Per: time.Minute, Kind: api.Sliding}
			p := mustNew(t, a, Options{CountRefused: count})
			for range 4 {
				call(p, "GET", "/things/7")
			}
			<-time.After(30 * time.Second)
			call(p, "GET", "/things/7") // refused
			<-time.After(30 * time.Second)
			want := 200
			for i := range 3 {
				// Counted, the call of the last half minute leaves no more than two places.
				if i == 2 && count {
					want = 429
				}
				if got := status(p, "GET", "/things/7"); got != want {
					t.Errorf("refused calls counted %v: call %d is %d, want %d", count, i, got, want)
				}
			}
		})
	}
}
