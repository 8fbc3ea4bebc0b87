package runtime_test

// This file tests that whatever is transmitted has passed the budget: each
// attempt, each hop of a redirect, each page.

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
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

func TestEachAttemptIsCharged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := inTurn(giving(503, ""), failing(errConnection), cut(200, `{"ticket":`), giving(200, aTicket))
		c := connect(t, limited(perMinute("support", 10)), p)
		got, err := showing(c, drawing(show, "support"))
		if err != nil || got.Subject != "Hello" {
			t.Fatalf("got %v, %v", got, err)
		}
		if len(p.requests()) != 4 || used(c, "support") != 4 {
			t.Errorf("%d requests, %d charged, want 4 of both", len(p.requests()), used(c, "support"))
		}
	})
}

// An attempt that the budget has no room for waits, though it is not the first.
func TestRetriesWaitForTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := inTurn(giving(500, ""), giving(500, ""), giving(200, aTicket))
		c := connect(t, limited(perMinute("support", 2)), p)
		if _, err := showing(c, drawing(show, "support")); err != nil {
			t.Fatal(err)
		}
		if at := p.times(); at[2] < time.Minute {
			t.Errorf("requests at %v: the third has to wait for the next window", at)
		}
	})
}

func TestEachHopIsCharged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := answering(func(n int, r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/1") {
				return reply(301, "", "Location", "/v2/tickets/2"), nil
			}
			return reply(200, aTicket), nil
		})
		c := connect(t, limited(perMinute("support", 1)), p, runtime.WithBearer("secret"))
		var meta runtime.Response
		if _, err := showing(c, drawing(show, "support"), runtime.WithResponse(&meta)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"GET /tickets/1", "GET /tickets/2"}, p.urls()); diff != "" {
			t.Error(diff)
		}
		if at := p.times(); at[1] < time.Minute {
			t.Errorf("the hop was sent at %v, with no room for it", at[1])
		}
		for _, r := range p.requests() {
			if r.header.Get("Authorization") != "Bearer secret" {
				t.Errorf("%s went unsigned", r.url)
			}
		}
		if meta.StatusCode != 200 || meta.Attempts != 2 {
			t.Errorf("response = %+v", meta)
		}
	})
}

func TestRedirectsThatAreNotFollowed(t *testing.T) {
	tests := map[string]struct {
		op       *api.Operation
		status   int
		location string
		want     string
		requests int
	}{
		"another host":         {show, 302, "https://evil.example/tickets/1?sig=secret", "https://evil.example", 1},
		"another port":         {show, 307, "https://acme.desk.example:8443/", "https://acme.desk.example:8443", 1},
		"another scheme":       {show, 308, "http://acme.desk.example/v2/tickets/1", "http://acme.desk.example", 1},
		"no address":           {show, 301, "https://%zz", "does not parse", 1},
		"in circles":           {show, 301, "/v2/tickets/1", "more than 5", 6},
		"an unsafe method":     {create, 307, "/v2/other", "https://acme.desk.example", 1},
		"to user and password": {show, 302, "https://a:b@evil.example/", "https://evil.example", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := always(tt.status, "", "Location", tt.location, "X-Request-Id", "r1")
			c := connect(t, desk(), p, runtime.WithBearer("secret"))
			args := runtime.Args{Path: []any{1}}
			if tt.op == create {
				args = runtime.Args{Body: ticket{}}
			}
			var meta runtime.Response
			_, err := runtime.Do[ticket](t.Context(), c, tt.op, args, runtime.WithResponse(&meta))
			if !errors.Is(err, runtime.ErrRedirect) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v", err)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells the query: %v", err)
			}
			if len(p.requests()) != tt.requests {
				t.Errorf("requests: %v", p.urls())
			}
			if tt.requests == 1 && (failure(t, err).StatusCode != tt.status || meta.Header.Get("Location") != tt.location) {
				t.Errorf("status %d, response %+v: the caller cannot follow by itself", failure(t, err).StatusCode, meta)
			}
		})
	}
}

// A redirect of a request with a body sends the body again.
func TestRedirectRepeatsTheBody(t *testing.T) {
	search := &api.Operation{Name: "Tickets.Search", Method: "GET", Path: "/search"}
	p := inTurn(giving(307, "", "Location", "/v2/search/new"), giving(200, `{}`))
	if _, err := runtime.Do[struct{}](t.Context(), connect(t, desk(), p), search, runtime.Args{Body: map[string]int{"q": 1}}); err != nil {
		t.Fatal(err)
	}
	if seen := p.requests(); len(seen) != 2 || seen[1].body != `{"q":1}` {
		t.Errorf("requests: %+v", seen)
	}
}

func TestEachPageIsCharged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(25)
		c := connect(t, limited(perMinute("support", 2)), b.serve())
		ids, err := b.walk(t, c, drawing(byCursor, "support"), runtime.WithPageSize(5))
		if err != nil || len(ids) != 25 {
			t.Fatalf("%d items, %v", len(ids), err)
		}
		at := b.provider.times()
		if len(at) != 5 || at[1] >= time.Minute || at[2] < time.Minute || at[4] < 2*time.Minute {
			t.Errorf("pages at %v, want two a minute", at)
		}
	})
}

// The charge of a request that failed before it was answered stays for the
// linger, and is not lost for ever.
func TestLostChargesComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desc := limited(api.Limit{Name: "calls", Shape: api.Concurrency{Max: 1}})
		p := inTurn(failing(errConnection), giving(200, aTicket))
		c := connect(t, desc, p, runtime.WithRetry(retry.Policy{Attempts: 1}))
		if _, err := showing(c, drawing(show, "calls")); !errors.Is(err, errConnection) {
			t.Fatal(err)
		}
		if _, err := showing(c, drawing(show, "calls")); err != nil {
			t.Fatal(err)
		}
		if at := p.times(); at[1] != 10*time.Second {
			t.Errorf("the second was sent at %v, want the linger of 10 s", at[1])
		}
	})
}

// A transport may break its contract; it must not break the caller.
func TestOddTransports(t *testing.T) {
	tests := map[string]struct {
		answer  *http.Response
		wantErr bool
	}{
		"neither an answer nor an error": {nil, true},
		"no body":                        {&http.Response{StatusCode: 204, Header: http.Header{}}, false},
		"no headers":                     {&http.Response{StatusCode: 204, Body: http.NoBody}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := answering(func(int, *http.Request) (*http.Response, error) { return tt.answer, nil })
			c := connect(t, limited(perMinute("support", 5)), p)
			_, err := showing(c, drawing(show, "support"))
			if (err != nil) != tt.wantErr {
				t.Errorf("error = %v", err)
			}
			if len(p.requests()) != 1 {
				t.Errorf("%d requests", len(p.requests()))
			}
		})
	}
}

// A transport that repeats a request without saying so beforehand is debited.
func TestSilentRepetitionsAreDebited(t *testing.T) {
	p := answering(func(_ int, r *http.Request) (*http.Response, error) {
		trace := httptrace.ContextClientTrace(r.Context())
		trace.GetConn("acme.desk.example:443")
		for range 3 {
			trace.WroteHeaders()
		}
		return reply(200, aTicket), nil
	})
	c := connect(t, limited(perMinute("support", 10)), p)
	var meta runtime.Response
	if _, err := showing(c, drawing(show, "support"), runtime.WithResponse(&meta)); err != nil {
		t.Fatal(err)
	}
	if got := used(c, "support"); got != 3 || meta.Attempts != 3 {
		t.Errorf("%d charged, %d attempts, of 3 transmissions", got, meta.Attempts)
	}
}

// Another transport than net/http's may tell no more than that its request was
// ended. That is no cancellation by the caller: the call goes on.
func TestDroppedByAnotherTransport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := answering(func(n int, r *http.Request) (*http.Response, error) {
			if n > 1 {
				return reply(200, aTicket), nil
			}
			trace := httptrace.ContextClientTrace(r.Context())
			trace.GetConn("acme.desk.example:443")
			trace.WroteHeaders()
			trace.GetConn("acme.desk.example:443") // it wants to send again
			return nil, r.Context().Err()
		})
		c := connect(t, limited(perMinute("support", 1)), p)
		if _, err := showing(c, drawing(show, "support")); err != nil {
			t.Fatal(err)
		}
		if at := p.times(); at[1] < time.Minute {
			t.Errorf("requests at %v", at)
		}
	})
}

// A call is under way until its body has ended, however it ends.
func TestConcurrencyEndsWithTheBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slowly := func() (*http.Response, error) {
			r := reply(200, "")
			out, in := io.Pipe()
			r.Body, r.ContentLength = out, -1
			time.AfterFunc(3*time.Second, func() {
				io.WriteString(in, aTicket)
				in.Close()
			})
			return r, nil
		}
		p := inTurn(slowly, cut(200, "{"), giving(404, ""), giving(302, "", "Location", "https://evil.example/"), giving(200, aTicket), giving(200, aTicket))
		c := connect(t, limited(api.Limit{Name: "calls", Shape: api.Concurrency{Max: 1}}), p)
		var work sync.WaitGroup
		for range 5 {
			work.Go(func() { showing(c, drawing(show, "calls"), once) })
		}
		work.Wait()
		at := p.times()
		if len(at) != 5 || at[0] != 0 || at[1] != 3*time.Second || at[4] != 3*time.Second {
			t.Errorf("calls at %v, want the rest at once when the first body has ended", at)
		}
	})
}
