package runtime_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
)

// New refuses what cannot work, and says which option it is.
func TestRefusedOptions(t *testing.T) {
	ledger, err := budget.NewLedger()
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		opts []runtime.ClientOption
		want string
	}{
		"empty token":              {[]runtime.ClientOption{runtime.WithBearer("")}, "WithBearer: the secret is empty"},
		"blank token":              {[]runtime.ClientOption{runtime.WithBearer(" \t")}, "WithBearer: the secret is empty"},
		"token with a line break":  {[]runtime.ClientOption{runtime.WithBearer("t\n")}, "WithBearer: the value has a line break"},
		"token with a NUL":         {[]runtime.ClientOption{runtime.WithBearer("a\x00b")}, "WithBearer: the value has a control character"},
		"no user":                  {[]runtime.ClientOption{runtime.WithBasic("", "p")}, "WithBasic"},
		"user with a colon":        {[]runtime.ClientOption{runtime.WithBasic("a:b", "p")}, "WithBasic"},
		"password with a break":    {[]runtime.ClientOption{runtime.WithBasic("a", "p\r\n")}, "WithBasic"},
		"empty key":                {[]runtime.ClientOption{runtime.WithAPIKey("query", "key", "")}, "WithAPIKey"},
		"key without a name":       {[]runtime.ClientOption{runtime.WithAPIKey("query", "", "k")}, "WithAPIKey"},
		"header without a name":    {[]runtime.ClientOption{runtime.WithAPIKey("header", "", "k")}, "WithAPIKey: the header has no name"},
		"header of a bad name":     {[]runtime.ClientOption{runtime.WithAPIKey("header", "X Key", "k")}, `WithAPIKey: "X Key" is not a header's name`},
		"cookie that ends early":   {[]runtime.ClientOption{runtime.WithAPIKey("cookie", "s", "a;b")}, "WithAPIKey"},
		"key in the body":          {[]runtime.ClientOption{runtime.WithAPIKey("body", "key", "k")}, `WithAPIKey: a key cannot stand in "body"`},
		"base without a scheme":    {[]runtime.ClientOption{runtime.WithBaseURL("desk.example/v2")}, "base URL"},
		"base of another scheme":   {[]runtime.ClientOption{runtime.WithBaseURL("ftp://desk.example")}, "base URL"},
		"base without a host":      {[]runtime.ClientOption{runtime.WithBaseURL("https:///v2")}, "base URL"},
		"base with a user":         {[]runtime.ClientOption{runtime.WithBaseURL("https://u@desk.example")}, "base URL"},
		"base with a query":        {[]runtime.ClientOption{runtime.WithBaseURL("https://desk.example?a=b")}, "base URL"},
		"base that does not parse": {[]runtime.ClientOption{runtime.WithBaseURL("https://desk.example:port")}, "base URL"},
		"base with a line break":   {[]runtime.ClientOption{runtime.WithBaseURL("https://desk.example\n")}, "base URL"},
		"unknown plan":             {[]runtime.ClientOption{runtime.OnPlan("gold")}, `unknown plan "gold": desk has no plans`},
		"nil ledger":               {[]runtime.ClientOption{runtime.WithLedger(nil)}, "WithLedger"},
		"nil transport":            {[]runtime.ClientOption{runtime.WithTransport(nil)}, "WithTransport"},
		"nil clock":                {[]runtime.ClientOption{runtime.WithClock(nil)}, "WithClock"},
		"leave all":                {[]runtime.ClientOption{runtime.WithLeave(1)}, "WithLeave"},
		"leave less than nothing":  {[]runtime.ClientOption{runtime.WithLeave(-0.1)}, "WithLeave"},
		"leave what is no number":  {[]runtime.ClientOption{runtime.WithLeave(math.NaN())}, "WithLeave"},
		"leave of another's":       {[]runtime.ClientOption{runtime.WithLeave(0.1), runtime.WithLedger(ledger)}, "WithLeave"},
		"agent with a line break":  {[]runtime.ClientOption{runtime.WithUserAgent("a\r\nX: y")}, "WithUserAgent"},
		"header with a line break": {[]runtime.ClientOption{runtime.WithHeader("X", "a\nb")}, "WithHeader"},
		"header named by a break":  {[]runtime.ClientOption{runtime.WithHeader("X\r\nY", "a")}, "WithHeader"},
		"no header":                {[]runtime.ClientOption{runtime.WithHeader("", "a")}, "WithHeader"},
		"no attempt time":          {[]runtime.ClientOption{runtime.WithAttemptTimeout(0)}, "WithAttemptTimeout: 0s"},
		"less than no time":        {[]runtime.ClientOption{runtime.WithAttemptTimeout(-time.Second)}, "WithAttemptTimeout: -1s"},
		"no body":                  {[]runtime.ClientOption{runtime.WithMaxBody(0)}, "WithMaxBody: 0"},
		"less than no body":        {[]runtime.ClientOption{runtime.WithMaxBody(-1)}, "WithMaxBody: -1"},
		"no page":                  {[]runtime.ClientOption{runtime.WithPageSize(0)}, "WithPageSize: 0"},
		"less than no page":        {[]runtime.ClientOption{runtime.WithPageSize(-5)}, "WithPageSize: -5"},
		"a call's cursor":          {[]runtime.ClientOption{runtime.WithCursor("c")}, "WithCursor belongs to a call"},
		"a call's response":        {[]runtime.ClientOption{runtime.WithResponse(new(runtime.Response))}, "WithResponse belongs to a call"},
		"a call's bytes":           {[]runtime.ClientOption{runtime.WithRaw(new(json.RawMessage))}, "WithRaw belongs to a call"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := runtime.NewClient(desk(), acme, tt.opts...)
			if err == nil || !strings.HasPrefix(err.Error(), "desk: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want %s", err, tt.want)
			}
		})
	}
}

func TestServerVariables(t *testing.T) {
	desc := desk()
	desc.Servers = []api.Server{{URL: "https://{region}.desk.example/{version}/", Variables: []api.ServerVariable{
		{Name: "region", Enum: []string{"eu", "us"}}, {Name: "version", Default: "v2"},
	}}}
	tests := map[string]struct {
		vars map[string]string
		want string // the URL called, or a part of the error
		ok   bool
	}{
		"given":          {map[string]string{"region": "eu", "version": "v3"}, "https://eu.desk.example/v3/tickets/1", true},
		"by default":     {map[string]string{"region": "us"}, "https://us.desk.example/v2/tickets/1", true},
		"missing":        {nil, "region is empty", false},
		"not allowed":    {map[string]string{"region": "cn"}, `region is "cn", not one of eu, us`, false},
		"another host":   {map[string]string{"region": "eu", "version": "@evil.example/"}, "bare name", false},
		"another scheme": {map[string]string{"region": "eu", "version": "http://evil"}, "bare name", false},
		"a line break":   {map[string]string{"region": "eu", "version": "v2\n"}, "bare name", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := always(200, aTicket)
			c, err := runtime.NewClient(desc, tt.vars, runtime.WithTransport(p))
			if !tt.ok {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error = %v, want %s", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := showing(c, show); err != nil || p.requests()[0].url != "GET "+tt.want {
				t.Errorf("called %v, %v", p.requests(), err)
			}
		})
	}
	for _, host := range []string{"evil.example/", "a@evil.example", "a:8443", `a\b`, "a b", "a%2f", "a?b", "a#b"} {
		if _, err := runtime.NewClient(desk(), map[string]string{"subdomain": host}); err == nil {
			t.Errorf("subdomain %q leads elsewhere and was taken", host)
		}
	}
	if _, err := runtime.NewClient(desk(), map[string]string{"subdomain": "acme.desk.example"}); err == nil || !strings.Contains(err.Error(), "before .desk.example") {
		t.Errorf("of a subdomain with the host that follows it: %v", err)
	}
	desc.Servers = nil
	if _, err := runtime.NewClient(desc, nil); err == nil || !strings.Contains(err.Error(), "give WithBaseURL") {
		t.Errorf("error = %v", err)
	}
}

func TestBaseURLs(t *testing.T) {
	for base, want := range map[string]string{
		"http://localhost:8080":              "GET http://localhost:8080/tickets/1",
		"http://localhost:8080/":             "GET http://localhost:8080/tickets/1",
		"https://proxy.example/desk/v2///":   "GET https://proxy.example/desk/v2/tickets/1",
		"https://[::1]:8443/a%2Fb":           "GET https://[::1]:8443/a%2Fb/tickets/1",
		"HTTPS://Proxy.example/with%20space": "GET https://Proxy.example/with%20space/tickets/1",
	} {
		p := always(200, aTicket)
		if _, err := showing(connect(t, desk(), p, runtime.WithBaseURL(base), runtime.WithBearer("t")), show); err != nil {
			t.Errorf("%s: %v", base, err)
		} else if got := p.requests()[0].url; got != want {
			t.Errorf("%s: called %s, want %s", base, got, want)
		}
	}
}

// An option means the same for a client and for a call; the call's holds.
func TestPrecedence(t *testing.T) {
	type params struct {
		Version string `header:"X-Version"`
	}
	p := always(200, aTicket)
	c := connect(t, desk(), p, nil,
		runtime.WithUserAgent("first"), runtime.WithUserAgent("desk-sync/1.0"),
		runtime.WithHeader("X-Version", "client"), runtime.WithHeader("x-team", "sync"), runtime.WithMaxBody(1))
	calls := []struct {
		params any
		opts   []runtime.Option
		want   map[string]string
	}{
		{nil, []runtime.Option{runtime.WithMaxBody(100)}, map[string]string{"X-Version": "client", "X-Team": "sync"}},
		{&params{"param"}, []runtime.Option{runtime.WithMaxBody(100)}, map[string]string{"X-Version": "client", "X-Team": "sync"}},
		{nil, []runtime.Option{runtime.WithMaxBody(100), nil, runtime.WithHeader("x-version", "one"), runtime.WithHeader("X-Version", "call")}, map[string]string{"X-Version": "call", "X-Team": "sync"}},
		{nil, []runtime.Option{runtime.WithMaxBody(100)}, map[string]string{"X-Version": "client", "X-Team": "sync"}}, // nothing stays of the call before
	}
	for i, call := range calls {
		if _, err := runtime.Do[ticket](t.Context(), c, show, runtime.Args{Path: []any{1}, Params: call.params}, call.opts...); err != nil {
			t.Fatal(err)
		}
		h := p.requests()[i].header
		got := map[string]string{"X-Version": strings.Join(h.Values("X-Version"), "+"), "X-Team": h.Get("X-Team")}
		if diff := cmp.Diff(call.want, got); diff != "" {
			t.Errorf("call %d: %s", i+1, diff)
		}
		if h.Get("User-Agent") != "desk-sync/1.0" || h.Get("Accept") != "application/json" {
			t.Errorf("call %d: headers %v", i+1, h)
		}
	}
	if _, err := showing(c, show); err == nil || !strings.Contains(err.Error(), "more than 1 bytes") {
		t.Errorf("the client's own bound: %v", err)
	}
	if _, err := showing(c, show, runtime.WithPageSize(-1)); err == nil {
		t.Error("a call's bad option was taken")
	}
}

// Zero-value options for what may be absent are no options.
func TestHarmlessOptions(t *testing.T) {
	ledger, err := budget.NewLedger()
	if err != nil {
		t.Fatal(err)
	}
	c := connect(t, desk(), always(200, aTicket), nil, runtime.WithEvents(nil), runtime.WithCredential(nil), runtime.WithLeave(0),
		runtime.WithLedger(ledger), runtime.OnPlan(""), runtime.WithUserAgent(""), runtime.WithIdentity(runtime.Identity{}))
	if _, err := showing(c, show, nil, runtime.WithResponse(nil), runtime.WithRaw(nil)); err != nil {
		t.Error(err)
	}
	if c.Ledger() != budget.Ledger(ledger) || c.API().Name != "desk" {
		t.Errorf("ledger %v, API %s", c.Ledger(), c.API().Name)
	}
}

// All waits are by the client's clock.
func TestScaledClock(t *testing.T) {
	p := inTurn(giving(429, "", "Retry-After", "30"), giving(200, aTicket))
	c := connect(t, limited(perMinute("support", 1)), p, runtime.WithClock(clock.Scaled(10000)))
	start := time.Now()
	if _, err := showing(c, drawing(show, "support")); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < 6*time.Millisecond || took > 5*time.Second {
		t.Errorf("a minute at 10,000 times the speed took %v", took)
	}
}

// What the API wants in every request's headers is there, unless the caller has
// something else to say.
func TestHeadersOfTheAPI(t *testing.T) {
	desc := desk()
	desc.Headers = []api.Header{{Name: "Accept", Value: "application/vnd.desk+json"}, {Name: "desk-version", Value: "2026-11-21"}}
	for _, tt := range []struct {
		opts []runtime.Option
		want string
	}{
		{nil, "application/vnd.desk+json 2026-11-21"},
		{[]runtime.Option{runtime.WithHeader("Desk-Version", "2027-01-01")}, "application/vnd.desk+json 2027-01-01"},
	} {
		p := always(200, aTicket)
		if _, err := runtime.Do[ticket](t.Context(), connect(t, desc, p), show, runtime.Args{Path: []any{1}}, tt.opts...); err != nil {
			t.Fatal(err)
		}
		sent := p.requests()[0].header
		if got := sent.Get("Accept") + " " + sent.Get("Desk-Version"); got != tt.want {
			t.Errorf("sent %q, want %q", got, tt.want)
		}
	}
}
