package runtime_test

// This file tests credentials that come and go.

import (
	"context"
	"errors"
	"fmt"
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
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/credential"
)

// issuer gives out tokens, and is a provider that takes the newest alone.
type issuer struct {
	*provider
	mu     sync.Mutex
	issued int
	good   string
	life   time.Duration // zero: for ever
	slow   time.Duration // before a token comes
	fails  error         // instead of one
}

func newIssuer() *issuer {
	is := &issuer{}
	is.provider = answering(func(_ int, r *http.Request) (*http.Response, error) {
		time.Sleep(time.Second)
		is.mu.Lock()
		defer is.mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer "+is.good {
			return reply(401, `{"error":"bad credentials"}`), nil
		}
		return reply(200, aTicket), nil
	})
	return is
}

// Token implements credential.Source.
func (is *issuer) Token(ctx context.Context) (credential.Token, error) {
	timer := time.NewTimer(is.slow)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return credential.Token{}, context.Cause(ctx)
	}
	is.mu.Lock()
	defer is.mu.Unlock()
	is.issued++
	if is.fails != nil {
		return credential.Token{}, is.fails
	}
	is.good = fmt.Sprint(planted, is.issued)
	var expires time.Time
	if is.life > 0 {
		expires = time.Now().Add(is.life)
	}
	return credential.NewToken("bearer", is.good, expires), nil
}

// revoke has the provider take no token that was given out so far.
func (is *issuer) revoke() {
	is.mu.Lock()
	defer is.mu.Unlock()
	is.good = "none"
}

// fail has it give no tokens, until err is nil.
func (is *issuer) fail(err error) {
	is.mu.Lock()
	defer is.mu.Unlock()
	is.fails = err
}

func (is *issuer) count() int {
	is.mu.Lock()
	defer is.mu.Unlock()
	return is.issued
}

// all makes n calls at once.
func all(n int, call func() error) []error {
	errs := make([]error, n)
	var work sync.WaitGroup
	for i := range n {
		work.Go(func() { errs[i] = call() })
	}
	work.Wait()
	return errs
}

// A hundred calls when the token expires, or is revoked: one new token, no call
// lost, and what is sent again passes the budget again.
func TestCredentialIsRenewedOnceForAll(t *testing.T) {
	for name, tt := range map[string]struct {
		end      func(*issuer)
		requests int
	}{
		"expired": {func(*issuer) { time.Sleep(time.Hour) }, 1 + 100},
		"revoked": {(*issuer).revoke, 1 + 100 + 100},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				is := newIssuer()
				is.life, is.slow = time.Hour, 3*time.Second
				c := connect(t, limited(perMinute("token", 1000, api.ScopeCredential)), is, runtime.WithCredential(credential.FromSource("acme", is)), once)
				op := drawing(show, "token")
				if _, err := showing(c, op); err != nil {
					t.Fatal(err)
				}
				tt.end(is)
				was := time.Now()
				for _, err := range all(100, func() error { _, err := showing(c, op); return err }) {
					if err != nil {
						t.Error(err)
					}
				}
				if is.count() != 2 || len(is.requests()) != tt.requests {
					t.Errorf("%d tokens, %d requests, want 2 and %d", is.count(), len(is.requests()), tt.requests)
				}
				if took := time.Since(was); took > 5*time.Second {
					t.Errorf("it took %v", took)
				}
				if used := used(c, "token"); used != tt.requests-1 && name == "expired" || name == "revoked" && used != tt.requests {
					t.Errorf("%d charged for %d requests", used, tt.requests)
				}
				if n := len(c.Ledger().Snapshot().Counters); n != 1 {
					t.Errorf("%d counters: a token that follows another is the same credential", n)
				}
			})
		})
	}
}

// The second 401 is the caller's, and nobody asks for tokens for ever.
func TestCredentialRefusedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := newIssuer()
		is.answer = always(401, `{"error":"bad credentials"}`).answer
		var repeated int
		c := connect(t, desk(), is, runtime.WithCredential(credential.FromSource("acme", is)), runtime.WithEvents(func(e budget.Event) {
			if e.Kind == runtime.Retrying {
				repeated++
			}
		}))
		for i := range 3 {
			_, err := showing(c, show)
			if e := failure(t, err); e.StatusCode != 401 || !errors.Is(err, runtime.ErrUnauthorized) || e.Code != "bad credentials" {
				t.Errorf("error = %v", err)
			}
			if len(is.requests()) != 2*(i+1) || is.count() != i+2 || repeated != i+1 {
				t.Errorf("call %d: %d requests, %d tokens, %d events", i, len(is.requests()), is.count(), repeated)
			}
		}
	})
}

// Requests are sent again with their bodies; one that can be read once is not
// sent again, and the token is replaced all the same.
func TestCredentialRenewedWithABody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, body := range map[string]io.Reader{"replayable": strings.NewReader("content"), "read once": onlyReader{strings.NewReader("content")}} {
			is := newIssuer()
			c := connect(t, desk(), is, runtime.WithCredential(credential.FromSource("acme", is)))
			if _, err := showing(c, show); err != nil {
				t.Fatal(err)
			}
			is.revoke()
			err := runtime.Exec(t.Context(), c, upload, runtime.Args{Body: body})
			sent := is.requests()
			if name == "replayable" && (err != nil || len(sent) != 3 || sent[2].body != "content") {
				t.Errorf("%s: %v, %d requests", name, err, len(sent))
			}
			if name == "read once" && (!errors.Is(err, runtime.ErrUnauthorized) || len(sent) != 2) {
				t.Errorf("%s: %v, %d requests", name, err, len(sent))
			}
			if is.count() != 2 {
				t.Errorf("%s: %d tokens", name, is.count())
			}
			if _, err := showing(c, show); err != nil {
				t.Errorf("%s: the call after it: %v", name, err)
			}
		}
	})
}

// Tokens end by the client's clock.
func TestCredentialLivesInTheClientsTime(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	asked := 0
	source := credential.SourceFunc(func(context.Context) (credential.Token, error) {
		asked++
		return credential.NewToken("", fmt.Sprint("t", asked), now.Add(time.Hour)), nil
	})
	c := connect(t, desk(), always(200, aTicket), runtime.WithCredential(credential.FromSource("acme", source)), runtime.WithClock(byHand{clock.Real, &now}))
	for _, later := range []time.Duration{0, 50 * time.Minute, 9 * time.Minute} {
		now = now.Add(later)
		if _, err := showing(c, show); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times, want 2: the token ends in an hour of the client's", asked)
	}
}

// byHand is a clock that is moved by hand.
type byHand struct {
	clock.Clock
	now *time.Time
}

func (f byHand) Now() time.Time { return *f.now }

// A member of a pool is renewed before it is taken out; and while its source
// fails the others go on.
func TestCredentialPoolRenewsItsMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := newIssuer()
		inner := is.answer
		is.answer = func(n int, r *http.Request) (*http.Response, error) {
			if r.Header.Get("Authorization") == "Bearer static" {
				time.Sleep(time.Second)
				return reply(200, aTicket), nil
			}
			return inner(n, r)
		}
		p, err := credential.NewPool(
			credential.Member{Credential: credential.FromSource("app", is), Name: "app"},
			credential.Member{Credential: credential.Bearer("static"), Name: "static"},
		)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var out []string
		c := connect(t, desk(), is, runtime.WithCredentials(p), runtime.WithEvents(func(e budget.Event) {
			mu.Lock()
			defer mu.Unlock()
			switch {
			case e.Kind == runtime.CredentialOut && e.Until.IsZero():
				out = append(out, e.Credential+" for good")
			case e.Kind == runtime.CredentialOut:
				out = append(out, fmt.Sprint(e.Credential, " for ", e.Until.Sub(e.Time)))
			}
		}))
		calls := func(n int) {
			t.Helper()
			for range n {
				if _, err := showing(c, show); err != nil {
					t.Error(err)
				}
			}
		}
		calls(4)
		is.revoke()
		calls(4)
		if is.count() != 2 || len(out) != 0 {
			t.Errorf("%d tokens, out %v: want it renewed", is.count(), out)
		}
		is.revoke()
		is.fail(errIssuer)
		calls(4)
		if diff := cmp.Diff([]string{"app for 1m0s"}, out); diff != "" {
			t.Error(diff)
		}
		if s := p.States()[0]; !errors.Is(s.Out, errIssuer) {
			t.Errorf("state %+v", s)
		}
		is.fail(nil)
		time.Sleep(time.Minute)
		was := is.count()
		calls(4)
		if is.count() != was+1 || p.States()[0].Out != nil {
			t.Errorf("it did not come back: %d tokens, %+v", is.count(), p.States()[0])
		}
		is.answer = revocable(fmt.Sprint(planted, was+1), fmt.Sprint(planted, was+2)).answer
		calls(4)
		if diff := cmp.Diff([]string{"app for 1m0s", "app for good"}, out); diff != "" {
			t.Error(diff)
		}
		if is.count() != was+2 {
			t.Errorf("%d tokens, want one more and then no other", is.count()-was-1)
		}
	})
}

// That one member's token is renewed holds up no call while others have room; where
// all need one, each waits for its own.
func TestCredentialPoolPrefersWhoIsReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := newIssuer()
		is.slow = 30 * time.Second
		p, err := credential.NewPool(
			credential.Member{Credential: credential.FromSource("app", is), Name: "app"},
			credential.Member{Credential: credential.Bearer("static"), Name: "static"},
		)
		if err != nil {
			t.Fatal(err)
		}
		quick := always(200, aTicket)
		c := connect(t, limited(perMinute("token", 10, api.ScopeCredential)), quick, runtime.WithCredentials(p))
		for range 10 {
			if _, err := showing(c, drawing(show, "token")); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(quick.start); took != 0 {
			t.Errorf("ten calls took %v, while a token was on its way", took)
		}
		for range 10 {
			if _, err := showing(c, drawing(show, "token")); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(quick.start); took != is.slow || is.count() != 1 {
			t.Errorf("all of both took %v and %d tokens", took, is.count())
		}
	})
}
