package runtime_test

// This file tests what a Transport does as time runs out, and what it charges for
// requests that come again by others' doing: redirects, and what net/http repeats.

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/providertest"
)

// Whoever asks whether an error is a timeout hears so, whether the time was set
// by the client or by the context, and whether it has run out or would.
func TestTransportTimeoutsAreTimeouts(t *testing.T) {
	for name, tt := range map[string]struct {
		limit  api.Limit
		before func(resp *http.Response) // of the first request
		waits  time.Duration
	}{
		"at once":    {perMinute("support", 1), func(resp *http.Response) { resp.Body.Close() }, 0},
		"in the end": {api.Limit{Name: "support", Shape: api.Concurrency{Max: 1}, Scope: []api.Scope{api.ScopeAccount}}, func(*http.Response) {}, 10 * time.Second},
	} {
		for _, by := range []string{"client", "context"} {
			t.Run(name+", by the "+by, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, _ := under(t, transported([]*api.Operation{drawing(show, "support")}, tt.limit), always(200, aTicket))
					first, err := c.Get(deskURL + "/tickets/1")
					if err != nil {
						t.Fatal(err)
					}
					defer first.Body.Close()
					tt.before(first)
					ctx := t.Context()
					if by == "client" {
						c.Timeout = 10 * time.Second
					} else {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, 10*time.Second)
						defer cancel()
					}
					start := time.Now()
					req, _ := http.NewRequestWithContext(ctx, "GET", deskURL+"/tickets/1", nil)
					_, err = c.Do(req)
					if took := time.Since(start); took != tt.waits {
						t.Errorf("it failed after %v, want %v", took, tt.waits)
					}
					if timeout, ok := err.(net.Error); !ok || !timeout.Timeout() || !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("error = %v (%T), which is no timeout", err, err)
					}
					if err == nil || !strings.Contains(err.Error(), "limit support") || !strings.Contains(err.Error(), "Tickets.Show") {
						t.Errorf("error = %v: it does not name the limit", err)
					}
				})
			})
		}
	}
}

// http.Client's timeouts are in real time, and waits are in the provider's.
func TestTransportComparesTimesOfOneClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := under(t, transported([]*api.Operation{drawing(show, "support")}, perMinute("support", 1)), always(200, aTicket), runtime.WithClock(clock.Scaled(60)))
		c.Timeout = 10 * time.Second // ten minutes of the provider's
		start := time.Now()
		for range 3 {
			get(t, c, deskURL+"/tickets/1")
		}
		if took := time.Since(start).Round(100 * time.Millisecond); took != 2*time.Second {
			t.Errorf("two minutes' wait took %v, want 2s", took)
		}
		c.Timeout = 500 * time.Millisecond
		_, err := c.Get(deskURL + "/tickets/1")
		if !errors.Is(err, runtime.ErrDeadline) || !strings.Contains(err.Error(), "is in 30s") {
			t.Errorf("error = %v", err)
		}
	})
}

// A hop waits for the budget like any other request: in full where there is time,
// and not at all where there is not.
func TestTransportRedirectsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := answering(func(_ int, r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/1") {
				return reply(307, "", "Location", "/v2/tickets/2"), nil
			}
			return reply(200, aTicket), nil
		})
		put := *replace
		put.Draws = []api.Draw{{Limit: "support"}}
		c, _ := under(t, transported([]*api.Operation{&put}, perMinute("support", 1)), p)
		send := func() (*http.Response, error) {
			req, _ := http.NewRequest("PUT", deskURL+"/tickets/1", strings.NewReader("x"))
			return c.Do(req)
		}
		resp, err := send()
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		want := []time.Duration{0, time.Minute + time.Millisecond}
		if diff := cmp.Diff(want, p.times()); diff != "" {
			t.Error(diff)
		}
		for _, s := range p.requests() {
			if s.body != "x" {
				t.Errorf("%s was sent with %q", s.url, s.body)
			}
		}
		time.Sleep(2 * time.Minute)
		c.Timeout = 20 * time.Second
		start := time.Now()
		if _, err := send(); !errors.Is(err, runtime.ErrDeadline) || time.Since(start) != 0 || len(p.requests()) != 3 {
			t.Errorf("error = %v after %v and %d requests", err, time.Since(start), len(p.requests()))
		}
	})
}

// What net/http sends again by itself, on a connection that was dropped, is charged;
// and where there is no room for that, it is sent again when there is.
func TestTransportChargesReplays(t *testing.T) {
	for name, tt := range map[string]struct {
		limit int
		took  time.Duration // at least
	}{
		"room":    {3, 0},
		"no room": {2, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				desc := transported([]*api.Operation{drawing(show, "support")}, perMinute("support", tt.limit))
				p, err := providertest.New(desc, providertest.Options{Headers: providertest.HeadersNone})
				if err != nil {
					t.Fatal(err)
				}
				defer p.Close()
				p.Single("Tickets.Show", func(*providertest.Call) (json.RawMessage, bool) { return json.RawMessage(`{"id":1}`), true })
				p.Inject(providertest.Fault{Nth: 2, Effect: providertest.Drop()})
				c, rt := under(t, desc, p.Transport())
				defer rt.Close()
				for range 2 { // the second over the connection of the first
					if status, body := get(t, c, deskURL+"/tickets/1"); status != 200 || !strings.Contains(body, `"id":1`) {
						t.Errorf("answer %d %s", status, body)
					}
				}
				r := p.Report()
				if took := r.Last.Sub(r.First); r.Refused != 0 || r.Requests != 3 || took < tt.took || tt.took == 0 && took > time.Second {
					t.Errorf("%d requests in %v, %d refused", r.Requests, took, r.Refused)
				}
				if n := usedOf(rt, "support"); tt.took == 0 && n != 3 {
					t.Errorf("%d charged, want 3", n)
				}
			})
		})
	}
}

// Customers whose hosts or tokens differ do not wait for one another.
func TestTransportLetsCallersWaitApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := always(200, aTicket)
		c, _ := under(t, transported([]*api.Operation{drawing(show, "account", "token")},
			perMinute("account", 2), perMinute("token", 1, api.ScopeAccount, api.ScopeCredential)), p)
		send := func(account, token string) {
			req, _ := http.NewRequest("GET", "https://"+account+".desk.example/v2/tickets/1", nil)
			req.Header.Set("Authorization", "Bearer "+token)
			resp, err := c.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		}
		send("acme", "a")
		send("acme", "b")
		send("globex", "a")
		send("acme", "c") // the account's third
		send("globex", "a")
		wait := time.Minute + time.Millisecond
		if diff := cmp.Diff([]time.Duration{0, 0, 0, wait, wait}, p.times()); diff != "" {
			t.Error(diff)
		}
	})
}

// A transport that was closed sends nothing more, and says why; who waits is told
// at once.
func TestTransportCloseEndsWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := always(200, aTicket)
		c, rt := under(t, transported([]*api.Operation{drawing(create, "support")}, perMinute("support", 1)), p)
		send := func() (*closing, error) {
			body := &closing{Reader: strings.NewReader("x")}
			resp, err := c.Post(deskURL+"/tickets", "application/json", body)
			if err == nil {
				resp.Body.Close()
			}
			return body, err
		}
		if _, err := send(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error)
		go func() {
			_, err := send()
			ended <- err
		}()
		synctest.Wait()
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
		start := time.Now()
		if err := <-ended; !errors.Is(err, budget.ErrClosed) || time.Since(start) != 0 {
			t.Errorf("who waited: %v after %v", err, time.Since(start))
		}
		body, err := send()
		if !errors.Is(err, budget.ErrClosed) || !body.closed || len(p.requests()) != 1 {
			t.Errorf("error = %v, body closed: %v, %d requests", err, body.closed, len(p.requests()))
		}
		failure(t, err)
	})
}

// A body that cannot be rewound after all ends the repetitions.
func TestTransportFailsWhereABodyCannotBeRewound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("the file is gone")
		p := always(503, "")
		_, rt := under(t, transported([]*api.Operation{drawing(replace, "support")}, perMinute("support", 9)), p)
		req, _ := http.NewRequest("PUT", deskURL+"/tickets/1", strings.NewReader("x"))
		req.GetBody = func() (io.ReadCloser, error) { return nil, gone }
		if _, err := rt.RoundTrip(req); !errors.Is(err, gone) || len(p.requests()) != 1 {
			t.Errorf("error = %v after %d requests", err, len(p.requests()))
		}
	})
}

// Each attempt is charged, and so is a HEAD, as the GET that it stands for.
func TestTransportChargesEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own := perMinute("own", 9, api.ScopeAccount, api.ScopeOperation)
		c, rt := under(t, transported([]*api.Operation{drawing(show, "own")}, own), inTurn(giving(503, ""), giving(502, ""), giving(200, aTicket)))
		get(t, c, deskURL+"/tickets/1")
		if n := usedOf(rt, "own"); n != 3 {
			t.Errorf("%d charged for three attempts", n)
		}
		resp, err := c.Head(deskURL + "/tickets/1")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if n := usedOf(rt, "own"); n != 4 {
			t.Errorf("%d charged after a HEAD, want 4", n)
		}
	})
}
