package runtime_test

// This file tests pools of which the provider refuses members.

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/credential"
)

// revocable is a provider that no longer takes some tokens.
func revocable(revoked ...string) *provider {
	return answering(func(_ int, r *http.Request) (*http.Response, error) {
		if slices.Contains(revoked, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")) {
			return reply(401, `{"error":"bad credentials"}`), nil
		}
		return reply(200, aTicket), nil
	})
}

// A revoked member is taken out with an event, and no call is lost; it can be put
// back.
func TestCredentialRevoked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var out []budget.Event
		listen := runtime.WithEvents(func(e budget.Event) {
			mu.Lock()
			defer mu.Unlock()
			if e.Kind == runtime.CredentialOut {
				out = append(out, e)
			}
		})
		p := revocable("b")
		inner := p.answer
		p.answer = func(n int, r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return inner(n, r)
		}
		tokens := pool(t, "a", "b", "c")
		c := connect(t, limited(perMinute("token", 500, api.ScopeCredential)), p, runtime.WithCredentials(tokens), listen, once)
		op := drawing(create, "token") // what was refused so was not done
		var work sync.WaitGroup
		for range 60 {
			work.Go(func() {
				if _, err := runtime.Do[ticket](t.Context(), c, op, runtime.Args{Body: ticket{ID: 7}}); err != nil {
					t.Error(err)
				}
			})
		}
		work.Wait()
		for _, s := range p.requests() {
			if s.body != p.requests()[0].body {
				t.Fatalf("a request's body is %q", s.body)
			}
		}
		want := []budget.Event{{Kind: runtime.CredentialOut, Time: time.Now().Add(-time.Second), Operation: "Tickets.Create", Credential: "b"}}
		if diff := cmp.Diff(want, out); diff != "" {
			t.Error(diff)
		}
		was := p.signers()
		if was["b"] != 20 || was["a"]+was["c"] != 60 {
			t.Errorf("calls by %v", was)
		}
		if s := tokens.States()[1]; s.Out == nil || !errors.Is(s.Out, runtime.ErrUnauthorized) || !s.Until.IsZero() {
			t.Errorf("state %+v", s)
		}
		if _, err := runtime.Do[ticket](t.Context(), c, op, runtime.Args{Body: ticket{ID: 7}}); err != nil || p.signers()["b"] != 20 {
			t.Errorf("%v, by %v", err, p.signers())
		}
		if err := tokens.PutBack("b"); err != nil {
			t.Fatal(err)
		}
		p.answer = always(200, aTicket).answer
		for range 3 {
			if _, err := runtime.Do[ticket](t.Context(), c, op, runtime.Args{Body: ticket{ID: 7}}); err != nil {
				t.Fatal(err)
			}
		}
		if p.signers()["b"] != 21 {
			t.Errorf("put back, and not used: %v", p.signers())
		}
	})
}

func TestCredentialNoneLeft(t *testing.T) {
	p := revocable("a", "b", "r")
	c := connect(t, limited(perMinute("token", 50, api.ScopeCredential)), p, runtime.WithCredentials(pool(t, "a", "b", "r*")))
	for i := range 3 {
		_, err := showing(c, drawing(show, "token"))
		none, ok := errors.AsType[*credential.NoneLeftError](err)
		if !ok || !errors.Is(err, runtime.ErrUnauthorized) || !errors.Is(err, credential.ErrNoneLeft) || len(none.States) != 3 {
			t.Errorf("call %d: error = %v", i, err)
			continue
		}
		if status := failure(t, err).StatusCode; status != 401 && i == 0 || status != 0 && i > 0 {
			t.Errorf("call %d: %v", i, err)
		}
		for _, name := range []string{"; b: ", "; r: ", "a: Tickets.Show: 401"} {
			if !strings.Contains(err.Error(), name) {
				t.Errorf("call %d: %v does not tell %q", i, err, name)
			}
		}
	}
	if n := len(p.requests()); n != 3 {
		t.Errorf("%d requests, want one by each member", n)
	}
}

// A body that can be read once is not sent again, but the member is out.
func TestCredentialRevokedAndABodyReadOnce(t *testing.T) {
	p := revocable("a")
	c := connect(t, limited(perMinute("token", 50, api.ScopeCredential)), p, runtime.WithCredentials(pool(t, "a", "b")))
	var errs []error
	for range 3 {
		errs = append(errs, runtime.Exec(t.Context(), c, drawing(upload, "token"), runtime.Args{Body: onlyReader{strings.NewReader("x")}}))
	}
	if !errors.Is(errs[0], runtime.ErrUnauthorized) || errs[1] != nil || errs[2] != nil {
		t.Errorf("errors %v", errs)
	}
	if diff := cmp.Diff(map[string]int{"a": 1, "b": 2}, p.signers()); diff != "" {
		t.Error(diff)
	}
}

// It goes on by another when its member is revoked.
func TestCredentialOfAListRevoked(t *testing.T) {
	b := newBook(70).serve()
	inner := b.answer
	var first string
	b.answer = func(n int, r *http.Request) (*http.Response, error) {
		switch {
		case n == 1:
			first = r.Header.Get("Authorization")
		case n > 3 && r.Header.Get("Authorization") == first:
			return reply(401, ""), nil
		}
		return inner(n, r)
	}
	c := connect(t, desk(), b, runtime.WithCredentials(pool(t, "a", "b", "c")))
	items := 0
	for _, err := range runtime.List[ticket](t.Context(), c, byCursor, runtime.Args{}, runtime.WithPageSize(10), runtime.WithoutPrefetch()) {
		if err != nil {
			t.Fatal(err)
		}
		items++
	}
	if got := b.signers(); items != 70 || len(got) != 2 || len(b.requests()) != 8 {
		t.Errorf("%d items in %d requests, by %v", items, len(b.requests()), got)
	}
}

// Where all members are refused for longer than the policy waits, or what they
// have in common is, the call fails at once and tells for how long.
func TestCredentialAllRefusedForLong(t *testing.T) {
	for name, tt := range map[string]struct {
		op       *api.Operation
		requests int
	}{
		"each by its own limit":  {drawing(show, "token"), 3},
		"all by that of the app": {drawing(show, "app"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := always(429, "", "Retry-After", "86400", "X-Limit-Name", tt.op.Draws[0].Limit)
				desc := limited(perMinute("token", 50, api.ScopeCredential), perMinute("app", 500, api.ScopeApp))
				desc.Throttling = []api.Throttling{{Status: 429, RetryAfter: api.RetryAfterHeader, Names: "X-Limit-Name", Limits: map[string]string{"token": "token", "app": "app"}}}
				c := connect(t, desc, p, runtime.WithCredentials(pool(t, "a", "b", "c")))
				_, err := showing(c, tt.op)
				if e := failure(t, err); e.RetryAfter != 24*time.Hour || !errors.Is(err, runtime.ErrRateLimited) {
					t.Errorf("error = %v", err)
				}
				if took := time.Since(p.start); took > time.Second || len(p.requests()) != tt.requests {
					t.Errorf("%d requests in %v, want %d at once", len(p.requests()), took, tt.requests)
				}
			})
		})
	}
}
