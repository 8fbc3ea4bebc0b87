package githubapp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/weirkit/weir/runtime/credential"
	"github.com/weirkit/weir/sdk/github"
)

// Narrowing restricts what an installation's tokens are good for. Without any
// they are good for all that the app was granted.
type Narrowing func(*github.AppsCreateInstallationAccessTokenBody)

// Repositories restricts tokens to repositories of the account by their names,
// without the owner.
func Repositories(names ...string) Narrowing {
	return func(b *github.AppsCreateInstallationAccessTokenBody) {
		b.Repositories = append(b.Repositories, names...)
	}
}

// RepositoryIDs restricts tokens to repositories by their ids.
func RepositoryIDs(ids ...int64) Narrowing {
	return func(b *github.AppsCreateInstallationAccessTokenBody) {
		b.RepositoryIDs = append(b.RepositoryIDs, ids...)
	}
}

// Permissions restricts what tokens may do.
func Permissions(p github.AppPermissionsInput) Narrowing {
	return func(b *github.AppsCreateInstallationAccessTokenBody) { b.Permissions = &p }
}

// Installation is the credential of an app's installation. It is safe for
// concurrent use.
type Installation struct {
	app    *App
	id     int64
	body   github.AppsCreateInstallationAccessTokenBody
	tokens *credential.Refresher
}

var _ credential.Renewable = (*Installation)(nil)

// Sign implements runtime.Credential. It may wait for a token, as long as the
// request's context allows.
func (i *Installation) Sign(r *http.Request) error {
	if home := i.app.client.Runtime(); !home.Serves(r.URL) {
		return fmt.Errorf("githubapp: installation %d is of %s, and the call goes to %s: give both clients the same server", i.id, home.BaseURL().Host, r.URL.Host)
	}
	return i.tokens.Sign(r)
}

// Secret implements runtime.Credential. It identifies the installation, by which
// GitHub counts, whichever token it has at the moment.
func (i *Installation) Secret() string {
	return fmt.Sprintf("github app %s, installation %d", i.app.id, i.id)
}

// Ready implements credential.Renewable.
func (i *Installation) Ready(now time.Time) bool { return i.tokens.Ready(now) }

// Prepare implements credential.Renewable.
func (i *Installation) Prepare(ctx context.Context) error { return i.tokens.Prepare(ctx) }

// Renew implements credential.Renewable.
func (i *Installation) Renew(ctx context.Context, signed *http.Request) error {
	return i.tokens.Renew(ctx, signed)
}

// String keeps the token out of what prints the credential.
func (i *Installation) String() string { return i.Secret() }

// GoString does the same for %#v.
func (i *Installation) GoString() string { return i.Secret() }

// mint gets a token; the Refresher asks.
func (i *Installation) mint(ctx context.Context) (credential.Token, error) {
	answer, err := i.app.mint(ctx, i.id, i.body)
	if err != nil {
		return credential.Token{}, err
	}
	expires, err := time.Parse(time.RFC3339, answer.ExpiresAt)
	if err != nil || answer.Token == "" {
		return credential.Token{}, errors.New("the answer has no token, or does not say when it expires")
	}
	return credential.NewToken("", answer.Token, expires), nil
}
