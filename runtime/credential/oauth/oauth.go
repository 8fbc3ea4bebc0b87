// Package oauth makes sources of golang.org/x/oauth2's tokens, for
// credential.FromSource:
//
//	source := oauth.Refreshing(config, token, oauth.OnRefresh(save))
//	client, err := acme.New(runtime.WithCredential(credential.FromSource("customer 42", source)))
//
// It stands apart so that x/oauth2 comes to those alone who ask for it.
package oauth

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"golang.org/x/oauth2"

	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/credential"
)

// Source asks an oauth2.TokenSource. Most of these keep a token until it expires:
// when the provider refuses such a one earlier, they give the same again, and the
// call fails with credential.ErrSameToken beside its 401. Where there is a refresh
// token, [Refreshing] does better; a clientcredentials.Config is best a
// credential.SourceFunc that calls its Token and [Token].
//
// A TokenSource knows no contexts, so it should have a timeout of its own.
func Source(ts oauth2.TokenSource) credential.Source {
	if ts == nil {
		return nil // FromSource tells
	}
	return credential.SourceFunc(func(ctx context.Context) (credential.Token, error) {
		t, err := ts.Token()
		if err != nil {
			return credential.Token{}, err
		}
		return Token(ctx, t), nil
	})
}

// Token is t as a source gives it; a nil one is none. Its expiry, which x/oauth2
// reckons by the machine's clock, is as far off by the clock of ctx's client.
func Token(ctx context.Context, t *oauth2.Token) credential.Token {
	if t == nil {
		return credential.Token{}
	}
	expires := t.Expiry
	if c := credential.Clock(ctx); !expires.IsZero() && c != clock.Real {
		expires = c.Now().Add(expires.Sub(clock.Real.Now()))
	}
	return credential.NewToken(t.TokenType, t.AccessToken, expires)
}

// Option configures [Refreshing].
type Option func(*refreshing)

// OnRefresh has f told of each new token before it is used, so that it can be
// kept: many providers give a new refresh token with it, and take the old one no
// longer. f is called by one goroutine at a time.
func OnRefresh(f func(*oauth2.Token)) Option { return func(r *refreshing) { r.saved = f } }

// WithHTTPClient asks the token endpoint through c in place of
// http.DefaultClient.
func WithHTTPClient(c *http.Client) Option { return func(r *refreshing) { r.client = c } }

// Refreshing gives token as long as it is good, and then gets others by its refresh
// token. It asks the token endpoint whenever it is asked for another, so it also
// helps where the provider has refused a token before its end.
func Refreshing(config *oauth2.Config, token *oauth2.Token, opts ...Option) credential.Source {
	if config == nil || token == nil {
		return nil // FromSource tells
	}
	copied := *token
	r := &refreshing{config: config, token: func() *oauth2.Token { return &copied }}
	for _, o := range opts {
		o(r)
	}
	return r
}

type refreshing struct {
	config *oauth2.Config
	client *http.Client
	saved  func(*oauth2.Token)

	mu    sync.Mutex
	token func() *oauth2.Token // the last; behind a func, where what prints it does not look
	given bool                 // the first one was
}

var errNoRefresh = errors.New("the token has ended or was refused, and there is no refresh token: the user has to sign in again")

// Token implements credential.Source.
func (r *refreshing) Token(ctx context.Context) (credential.Token, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := r.token()
	first := !r.given && last.AccessToken != ""
	if r.given = true; first && (last.Expiry.IsZero() || clock.Real.Now().Before(last.Expiry)) {
		return Token(ctx, last), nil
	}
	if last.RefreshToken == "" {
		return credential.Token{}, errNoRefresh
	}
	if r.client != nil {
		ctx = context.WithValue(ctx, oauth2.HTTPClient, r.client)
	}
	next, err := r.config.TokenSource(ctx, &oauth2.Token{RefreshToken: last.RefreshToken}).Token()
	if err != nil {
		return credential.Token{}, credential.Discreet(err, last.RefreshToken, last.AccessToken, r.config.ClientSecret)
	}
	r.token = func() *oauth2.Token { return next }
	if r.saved != nil {
		r.saved(next)
	}
	return Token(ctx, next), nil
}

// String keeps the client's secret out of what prints the source.
func (r *refreshing) String() string { return "oauth: refreshing tokens" }

// GoString does the same for %#v.
func (r *refreshing) GoString() string { return r.String() }
