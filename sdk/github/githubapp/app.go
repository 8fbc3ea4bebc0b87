// Package githubapp signs calls as a GitHub App and as its installations.
//
// An app proves itself by its private key. For each account that it is installed
// on it gets tokens, which last an hour; an Installation gets them as they are
// needed, one at a time for however many calls wait, and keeps each until shortly
// before its end, or until GitHub refuses it:
//
//	app, err := githubapp.New("12345", privateKeyPEM)
//	gh, err := github.New(runtime.WithCredential(app.Installation(67890)), github.OnPlan(github.PlanInstallation))
//
// GitHub counts calls by installation, and so does a client with such a
// credential: a token that follows another draws on the same counters. The
// installations of several apps on one account can be members of a credential.Pool.
package githubapp

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/credential"
	"github.com/weirkit/weir/sdk/github"
)

const (
	// issuedBefore is how far back an app's own token is dated, in case GitHub's
	// clock is behind ours.
	issuedBefore = time.Minute
	// appTokenLife is how long it is good. GitHub takes ten minutes at most, by its own clock.
	appTokenLife = 9 * time.Minute
)

// App is a GitHub App. It is safe for concurrent use.
type App struct {
	id     string
	key    *rsa.PrivateKey
	clock  clock.Clock
	client *github.Client
}

// New returns the app with this id, its number or its client id, by a private
// key of it, in the PEM form that GitHub gives it out in. opts are for the client
// that asks for tokens: github.EnterpriseServer for an app of such a server,
// runtime.WithLedger, runtime.WithClock, and so on.
func New(id string, privateKeyPEM []byte, opts ...runtime.ClientOption) (*App, error) {
	if id = strings.TrimSpace(id); id == "" {
		return nil, errors.New("githubapp: the app's id is empty")
	}
	key, err := jwt.ParseRSAPrivateKeyFromPEM(privateKeyPEM)
	if err != nil {
		// The parser's error may have parts of what it was given.
		return nil, errors.New("githubapp: the private key does not parse: give the PEM file of an RSA key, as GitHub lets one download it, whole")
	}
	a := &App{id: id, key: key}
	client, err := github.New(runtime.Options(opts...), runtime.WithCredential(a.Credential()))
	if err != nil {
		return nil, fmt.Errorf("githubapp: %w", err)
	}
	a.client, a.clock = client, client.Runtime().Clock()
	return a, nil
}

// Credential signs calls as the app itself, for the few operations that want
// that, as Apps.ListInstallations does.
func (a *App) Credential() runtime.Credential { return appCredential{a} }

// Client calls as the app itself.
func (a *App) Client() *github.Client { return a.client }

// Installation returns the credential of one of the app's installations. It asks
// for no token before the first call. All calls for an installation should share
// one, for the sake of its token.
func (a *App) Installation(id int64, narrowed ...Narrowing) *Installation {
	i := &Installation{app: a, id: id}
	for _, n := range narrowed {
		n(&i.body)
	}
	i.tokens = credential.FromSource(i.Secret(), credential.SourceFunc(i.mint))
	return i
}

// token signs a token of the app's own.
func (a *App) token() (string, error) {
	now := a.clock.Now()
	token, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.RegisteredClaims{
		Issuer:    a.id,
		IssuedAt:  jwt.NewNumericDate(now.Add(-issuedBefore)),
		ExpiresAt: jwt.NewNumericDate(now.Add(appTokenLife)),
	}).SignedString(a.key)
	if err != nil {
		return "", errors.New("githubapp: the private key cannot sign")
	}
	return token, nil
}

// mint gets an installation's token.
func (a *App) mint(ctx context.Context, id int64, body github.AppsCreateInstallationAccessTokenBody) (*github.InstallationToken, error) {
	token, err := a.client.Apps.CreateInstallationAccessToken(ctx, id, body)
	if _, odd := errors.AsType[*runtime.DecodeError](err); odd {
		return nil, errors.New("the answer is no token") // the error has the answer, and with it perhaps the token
	}
	return token, err
}

// appCredential is the app's own. It holds no secret itself, so that printing it
// shows none.
type appCredential struct{ app *App }

// Sign implements runtime.Credential.
func (c appCredential) Sign(r *http.Request) error {
	token, err := c.app.token()
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return nil
}

// Secret implements runtime.Credential. It identifies the app, whose tokens come and go.
func (c appCredential) Secret() string { return "github app " + c.app.id }

// String keeps the key out of what prints the credential.
func (c appCredential) String() string { return c.Secret() }

// String keeps the key out of what prints the app.
func (a *App) String() string { return "github app " + a.id }

// GoString does the same for %#v.
func (a *App) GoString() string { return a.String() }

// GoString does the same for %#v.
func (c appCredential) GoString() string { return c.Secret() }
