package providertest

import (
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

// The provider's own view of a cost holds, and a call that is free is served
// though nothing is left.
func TestCostsThatOnlyTheProviderKnows(t *testing.T) {
	p := mustNew(t, shop(), Options{Cost: func(c *Call, limit string, cost int) int {
		switch c.Path("thing_id") {
		case "dear":
			return cost + 2
		case "free":
			return 0
		}
		return cost
	}})
	for _, tt := range []struct {
		id   string
		want int
	}{{"plain", 200}, {"dear", 429}, {"plain", 200}, {"plain", 200}, {"plain", 429}, {"free", 200}} {
		if got := status(p, "GET", "/things/"+tt.id); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.id, got, tt.want)
		}
	}
}

// What others spend is missing to the calls, and is no call.
func TestSpend(t *testing.T) {
	p := mustNew(t, shop(), Options{})
	const scope = "account=example.com"
	if !p.Spend("account", scope, 2) {
		t.Error("2 of 3 do not fit")
	}
	if r := call(p, "GET", "/things/7"); r.Header.Get("X-Rate-Limit-Remaining") != "0" {
		t.Errorf("remaining %q", r.Header.Get("X-Rate-Limit-Remaining"))
	}
	if p.Spend("account", scope, 1) || status(p, "GET", "/things/7") != 429 {
		t.Error("more than 3 fit")
	}
	want := CounterReport{"account", scope, 3, 3, 1, 1}
	if got := p.Report().Counters; len(got) != 1 || got[0] != want {
		t.Errorf("counters %+v, want %+v", got, want)
	}
}
