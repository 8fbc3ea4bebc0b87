package runtime_test

// This file tests what a Transport does with requests that others have made.

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/retry"
)

// transported is limited's API with operations.
func transported(operations []*api.Operation, limits ...api.Limit) *api.API {
	desc := limited(limits...)
	desc.Operations = operations
	return desc
}

// under puts the API's limits between an http.Client and the provider.
func under(t testing.TB, desc *api.API, p http.RoundTripper, opts ...runtime.ClientOption) (*http.Client, *runtime.Transport) {
	t.Helper()
	rt, err := runtime.NewTransport(desc, p, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Transport: rt}, rt
}

const deskURL = "https://acme.desk.example/v2"

// get reads an answer whole.
func get(t testing.TB, c *http.Client, url string) (int, string) {
	t.Helper()
	resp, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestTransportHoldsRequestsToLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := always(200, aTicket)
		c, _ := under(t, transported([]*api.Operation{drawing(show, "support")}, perMinute("support", 2)), p)
		for range 5 {
			if status, body := get(t, c, deskURL+"/tickets/7?include=users"); status != 200 || body != aTicket {
				t.Errorf("answer %d %s", status, body)
			}
		}
		tick := time.Millisecond // of the provider's clock
		want := []time.Duration{0, 0, time.Minute + tick, time.Minute + tick, 2 * (time.Minute + tick)}
		if diff := cmp.Diff(want, p.times()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTransportSendsRequestsAsTheyCome(t *testing.T) {
	p := always(200, "{}")
	c, _ := under(t, transported([]*api.Operation{drawing(create, "support")}, perMinute("support", 9)), p)
	req, _ := http.NewRequest("POST", deskURL+"/tickets?a=%20b", strings.NewReader(`{"x":1}`))
	req.Header.Set("Authorization", "Bearer theirs")
	req.Header["x-odd"] = []string{"kept"}
	header, query := req.Header.Clone(), req.URL.String()
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	got := p.requests()[0]
	if diff := cmp.Diff(header, got.header); diff != "" {
		t.Errorf("the headers were changed: %s", diff)
	}
	if got.url != "POST "+query || got.body != `{"x":1}` {
		t.Errorf("sent %s with %s", got.url, got.body)
	}
	if resp.Request != req {
		t.Errorf("the answer is to another request: %v", resp.Request)
	}
}

func TestTransportRepeats(t *testing.T) {
	body := func() io.Reader { return strings.NewReader("x") }
	once := func() io.Reader { return io.NopCloser(body()) } // cannot be rewound
	post := drawing(create, "support")
	keyed := *post
	keyed.IdempotencyHeader = "X-Key"
	tests := map[string]struct {
		op     *api.Operation
		method string
		body   func() io.Reader
		key    string
		answer *provider
		want   int // requests
		status int // of the answer that the caller gets
	}{
		"refused":                          {post, "POST", body, "", inTurn(giving(429, "", "Retry-After", "3"), giving(200, "")), 2, 200},
		"refused, body read once":          {post, "POST", once, "", inTurn(giving(429, "", "Retry-After", "3"), giving(200, "")), 1, 429},
		"failed":                           {post, "POST", body, "", inTurn(giving(503, ""), giving(200, "")), 1, 503},
		"failed, with a key":               {&keyed, "POST", body, "X-Key", inTurn(giving(503, ""), giving(200, "")), 2, 200},
		"failed, with a key of net/http's": {post, "POST", body, "Idempotency-Key", inTurn(giving(503, ""), giving(200, "")), 2, 200},
		"failed, key missing":              {&keyed, "POST", body, "", inTurn(giving(503, ""), giving(200, "")), 1, 503},
		"failed, safe":                     {drawing(&api.Operation{Name: "Tickets.List", Method: "GET", Path: "/tickets"}, "support"), "GET", nil, "", inTurn(giving(503, ""), giving(200, "")), 2, 200},
		"failed, unlisted but idempotent":  {post, "PUT", body, "", inTurn(giving(503, ""), giving(200, "")), 2, 200},
		"failed, unlisted":                 {post, "PATCH", body, "", inTurn(giving(503, ""), giving(200, "")), 1, 503},
		"refused to the end":               {post, "POST", body, "", always(429, "slow down", "Retry-After", "1"), 3, 429},
		"cut off":                          {post, "PUT", body, "", inTurn(failing(errConnection), giving(200, "")), 2, 200},
		"not found":                        {post, "POST", body, "", always(404, "no"), 1, 404},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _ := under(t, transported([]*api.Operation{tt.op}, perMinute("support", 9)), tt.answer, quick)
				var content io.Reader
				if tt.body != nil {
					content = tt.body()
				}
				req, _ := http.NewRequest(tt.method, deskURL+"/tickets", content)
				if tt.key != "" {
					req.Header.Set(tt.key, "1")
				}
				resp, err := c.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				if resp.StatusCode != tt.status {
					t.Errorf("status %d, want %d", resp.StatusCode, tt.status)
				}
				seen := tt.answer.requests()
				if len(seen) != tt.want {
					t.Errorf("%d requests, want %d", len(seen), tt.want)
				}
				for _, s := range seen {
					if content != nil && s.body != "x" {
						t.Errorf("a request's body is %q", s.body)
					}
				}
				if rest, _ := io.ReadAll(resp.Body); name == "refused to the end" && string(rest) != "slow down" {
					t.Errorf("the answer's body is %q", rest)
				}
			})
		})
	}
}

func TestTransportFailsWithTheErrorOfItsBase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := runtime.NewTransport(transported([]*api.Operation{drawing(show, "support")}, perMinute("support", 9)), inTurn(failing(errConnection)), quick)
		if err != nil {
			t.Fatal(err)
		}
		req, _ := http.NewRequest("GET", deskURL+"/tickets/7", nil)
		if _, err := rt.RoundTrip(req); err != errConnection {
			t.Errorf("error = %v (%T), want the base's own", err, err)
		}
	})
}

// TestTransportNamesWaitAndDeadline: a wait that the caller's timeout leaves no
// time for fails at once, and says how long both are.
func TestTransportNamesWaitAndDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := always(200, aTicket)
		c, _ := under(t, transported([]*api.Operation{drawing(create, "support")}, perMinute("support", 1)), p)
		get := func(body io.Reader) error {
			resp, err := c.Post(deskURL+"/tickets", "application/json", body)
			if err == nil {
				resp.Body.Close()
			}
			return err
		}
		if err := get(nil); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		c.Timeout = 10 * time.Second
		body := &closing{Reader: strings.NewReader("x")}
		err := get(body)
		if waited := time.Since(start); waited != 0 {
			t.Errorf("it failed after %v, want at once", waited)
		}
		for _, want := range []error{runtime.ErrDeadline, context.DeadlineExceeded} {
			if !errors.Is(err, want) {
				t.Errorf("%v: is not %v", err, want)
			}
		}
		for _, part := range []string{"Tickets.Create", "limit support", "1m0.001s", "http.Client.Timeout", "10s"} {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%v: does not name %s", err, part)
			}
		}
		failure(t, err)
		if !body.closed {
			t.Error("the body of a request that was not sent is left open")
		}
		if n := len(p.requests()); n != 1 {
			t.Errorf("%d requests, want 1", n)
		}
	})
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

// TestTransportReturnsARefusalThatOutlastsTheDeadline: no wait, and no error in
// the answer's place.
func TestTransportReturnsARefusalThatOutlastsTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := under(t, transported([]*api.Operation{drawing(show, "support")}, perMinute("support", 9)), always(429, "later", "Retry-After", "60"))
		c.Timeout = 10 * time.Second
		start := time.Now()
		if status, body := get(t, c, deskURL+"/tickets/7"); status != 429 || body != "later" || time.Since(start) != 0 {
			t.Errorf("answer %d %q after %v", status, body, time.Since(start))
		}
	})
}

func TestTransportEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := runtime.NewTransport(transported([]*api.Operation{drawing(show, "support")}, perMinute("support", 1)), always(200, ""))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		req, _ := http.NewRequestWithContext(ctx, "GET", deskURL+"/tickets/7", nil)
		resp, err := rt.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		time.AfterFunc(time.Second, cancel)
		if _, err = rt.RoundTrip(req); err != context.Canceled {
			t.Errorf("error = %v (%T), want context.Canceled itself", err, err)
		}
	})
}

func TestTransportPassesOthersBy(t *testing.T) {
	p := always(200, "")
	desc := transported([]*api.Operation{drawing(show, "support")}, perMinute("support", 1))
	_, rt := under(t, desc, p)
	for _, address := range []string{
		"https://example.com/v2/tickets/7",
		"http://acme.desk.example/v2/tickets/7",
		"https://acme.desk.example:8443/v2/tickets/7",
		"https://a.b.desk.example/v2/tickets/7",
		"https://desk.example/v2/tickets/7",
		"https://acme.desk.example.evil.com/v2/tickets/7",
		"https://acme.desk.example/v22/tickets/7",
		"https://acme.desk.example/login",
	} {
		req, _ := http.NewRequest("GET", address, nil)
		if resp, err := rt.RoundTrip(req); err != nil || resp.StatusCode != 200 {
			t.Errorf("%s: %v, %v", address, resp, err)
		}
	}
	if n := len(rt.Ledger().Snapshot().Counters); n != 0 {
		t.Errorf("%d counters are used, want none", n)
	}
	for _, address := range []string{"https://acme.desk.example/v2/tickets/7", "https://ACME.desk.example:443/v2/tickets/7/"} {
		req, _ := http.NewRequest("GET", address, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		resp, err := rt.RoundTrip(req.WithContext(ctx))
		if first := strings.Contains(address, "acme"); first && err != nil || !first && !errors.Is(err, runtime.ErrDeadline) {
			t.Errorf("%s: %v", address, err)
		}
		if err == nil {
			resp.Body.Close()
		}
		cancel()
	}
}

// TestTransportSharesLimitsOfUnlistedRoutes: what most of the nearest operations
// draw on holds for a route that nobody has told of.
func TestTransportSharesLimitsOfUnlistedRoutes(t *testing.T) {
	op := func(method, path string, draws ...api.Draw) *api.Operation {
		return &api.Operation{Name: method + path, Method: method, Path: path, Draws: draws}
	}
	core, cost5 := api.Draw{Limit: "core"}, api.Draw{Limit: "core", Cost: 5}
	search, own := api.Draw{Limit: "search"}, api.Draw{Limit: "own"}
	deep := api.Draw{Limit: "deep", When: &api.When{Param: api.Param{In: api.InQuery, Name: "page"}, Above: 5}}
	desc := transported([]*api.Operation{
		op("GET", "/things", core, own, deep), op("GET", "/things/{id}", core, own, deep), op("GET", "/parts", core, own, deep),
		op("POST", "/things", cost5), op("DELETE", "/things/{id}", core),
		op("GET", "/search/things", search), op("GET", "/search/parts", search, core), op("GET", "/search/all", search), op("GET", "/parts/{id}", core),
	}, perMinute("core", 900), perMinute("search", 30), perMinute("deep", 3),
		perMinute("own", 3, api.ScopeAccount, api.ScopeOperation))
	for request, want := range map[string]map[string]int{
		"GET /unheard/of":       {"core": 1},
		"GET /search/unheard":   {"search": 1},
		"PATCH /things/7/parts": {"core": 1}, // DELETE /things/{id} is the only one to write beneath
		"POST /unheard":         {"core": 5},
	} {
		t.Run(request, func(t *testing.T) {
			_, rt := under(t, desc, always(200, ""))
			method, path, _ := strings.Cut(request, " ")
			req, _ := http.NewRequest(method, deskURL+path+"?page=9", nil)
			resp, err := rt.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			got := map[string]int{}
			for _, s := range rt.Ledger().Snapshot().Counters {
				got[s.Key.Limit] = s.Used
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTransportRefusesOptionsThatChangeRequests(t *testing.T) {
	for want, opt := range map[string]runtime.ClientOption{
		"own credentials":  runtime.WithBearer("t"),
		"WithIdentityFrom": runtime.WithIdentityFrom(func(context.Context, *runtime.Client) (runtime.Identity, error) { return runtime.Identity{}, nil }),
		"WithTransport":    runtime.WithTransport(http.DefaultTransport),
		"WithHeader":       runtime.WithHeader("X-A", "b"),
		"WithUserAgent":    runtime.WithUserAgent("a"),
		"unknown plan":     runtime.OnPlan("none"),
	} {
		_, err := runtime.NewTransport(desk(), nil, opt)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "desk: transport: ") {
			t.Errorf("%s: error = %v", want, err)
		}
	}
}

func TestTransportIsForManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := answering(func(int, *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return reply(200, aTicket), nil
		})
		c, rt := under(t, transported([]*api.Operation{drawing(show, "support", "at once")}, perMinute("support", 500),
			api.Limit{Name: "at once", Shape: api.Concurrency{Max: 10}, Scope: []api.Scope{api.ScopeAccount}}), p,
			runtime.WithRetry(retry.Policy{Attempts: 1}))
		start := time.Now()
		var done sync.WaitGroup
		for range 100 {
			done.Go(func() { get(t, c, deskURL+"/tickets/7") })
		}
		done.Wait()
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("100 requests of a second, 10 at once, took %v", took)
		}
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
	})
}
