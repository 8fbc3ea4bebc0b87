package runtime_test

// This file tests credentials whose sources fail, or take their time.

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/credential"
)

var errIssuer = errors.New("the issuer is down")

// What a source fails with is the error of those who needed a token, and of no
// one else; it is not kept.
func TestCredentialSourceFails(t *testing.T) {
	bad := func(text string, expires time.Time) func(*issuer) credential.SourceFunc {
		return func(*issuer) credential.SourceFunc {
			return func(context.Context) (credential.Token, error) { return credential.NewToken("", text, expires), nil }
		}
	}
	failing := func(err func(string) error) func(*issuer) credential.SourceFunc {
		return func(is *issuer) credential.SourceFunc {
			return func(context.Context) (credential.Token, error) { return credential.Token{}, err(is.good) }
		}
	}
	tests := map[string]struct {
		source func(*issuer) credential.SourceFunc
		want   error
		text   string
	}{
		"down":  {failing(func(string) error { return fmt.Errorf("mint: %w", errIssuer) }), errIssuer, "mint: the issuer is down"},
		"empty": {bad("", time.Time{}), credential.ErrEmpty, ""},
		"zero": {func(*issuer) credential.SourceFunc {
			return func(context.Context) (credential.Token, error) { return credential.Token{}, nil }
		}, credential.ErrEmpty, ""},
		"malformed": {bad(planted+"\n", time.Time{}), credential.ErrMalformed, ""},
		"expired":   {bad(planted, time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)), credential.ErrExpired, "1999-01-01T00:00:00Z"},
		"a leak":    {failing(func(token string) error { return fmt.Errorf("cannot renew %s", token) }), nil, "cannot renew (a secret)"},
		"hanging": {func(*issuer) credential.SourceFunc {
			return func(ctx context.Context) (credential.Token, error) {
				<-ctx.Done()
				return credential.Token{}, ctx.Err()
			}
		}, nil, "no token within 2m0s"},
		"panicking": {failing(func(string) error { panic("no key to sign with") }), nil, "the source panicked: no key to sign with"},
		"ours": {failing(func(string) error {
			return &runtime.Error{Operation: "Apps.Token", StatusCode: 404, Kind: runtime.ErrNotFound}
		}), nil, "Apps.Token: 404 Not Found"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				is := newIssuer()
				is.life = time.Hour
				source := credential.Source(is)
				r := credential.FromSource("acme", credential.SourceFunc(func(ctx context.Context) (credential.Token, error) { return source.Token(ctx) }))
				c := connect(t, limited(perMinute("token", 50, api.ScopeCredential)), is, runtime.WithCredential(r))
				op := drawing(show, "token")
				if _, err := showing(c, op); err != nil {
					t.Fatal(err)
				}
				source = tt.source(is)
				time.Sleep(59 * time.Minute)
				if _, err := showing(c, op); name != "hanging" && err != nil {
					t.Errorf("the token held is still good, and the call failed: %v", err)
				}
				time.Sleep(2 * time.Minute)
				for _, err := range all(10, func() error { _, err := showing(c, op); return err }) {
					e := failure(t, err)
					if tt.want != nil && !errors.Is(err, tt.want) || errors.Is(err, runtime.ErrNotFound) {
						t.Errorf("error = %v, want %v", err, tt.want)
					}
					if !strings.HasPrefix(e.Error(), "Tickets.Show: sign the request: credential acme: no token: ") || !strings.Contains(e.Error(), tt.text) {
						t.Errorf("error = %v", err)
					}
					if s := leaks(err); s != "" {
						t.Errorf("the error tells the token: %s", s)
					}
				}
				if n := len(is.requests()); n != 2 || used(c, "token") != 0 {
					t.Errorf("%d requests, %d charged", n, used(c, "token"))
				}
				source = is
				if _, err := showing(c, op); err != nil {
					t.Errorf("the source is back: %v", err)
				}
			})
		})
	}
}

// A source that keeps its tokens gives the refused one again: the caller hears
// of both.
func TestCredentialSourceKeepsItsToken(t *testing.T) {
	is := newIssuer()
	kept := credential.FromSource("acme", credential.SourceFunc(func(context.Context) (credential.Token, error) {
		return credential.NewToken("", planted, time.Time{}), nil
	}))
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, desk(), is, runtime.WithCredential(kept))
		_, err := showing(c, show)
		if !errors.Is(err, runtime.ErrUnauthorized) || !errors.Is(err, credential.ErrSameToken) || leaks(err) != "" {
			t.Errorf("error = %v", err)
		}
		if n := len(is.requests()); n != 1 {
			t.Errorf("%d requests", n)
		}
	})
}

// One who gives up waiting for a token takes it from no one else.
func TestCredentialWaitIsEachCallersOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := newIssuer()
		is.slow = 10 * time.Second
		c := connect(t, desk(), is, runtime.WithCredential(credential.FromSource("acme", is)))
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var first error
		var work sync.WaitGroup
		work.Go(func() { _, first = runtime.Do[ticket](hasty, c, show, runtime.Args{Path: []any{1}}) })
		synctest.Wait()
		for _, err := range all(5, func() error { _, err := showing(c, show); return err }) {
			if err != nil {
				t.Error(err)
			}
		}
		work.Wait()
		if !errors.Is(first, context.DeadlineExceeded) || is.count() != 1 {
			t.Errorf("%v, %d tokens", first, is.count())
		}
	})
}
