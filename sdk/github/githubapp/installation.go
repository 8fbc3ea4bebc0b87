package githubapp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/sdk/github"
)

const (
	// renewBefore is how long before its end a token is replaced: a call that it
	// signs may yet be on its way for a while.
	renewBefore = 2 * time.Minute
	// mintWithin bounds the wait for a token, its waits for budget included.
	mintWithin = 2 * time.Minute
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
	app  *App
	id   int64
	body github.AppsCreateInstallationAccessTokenBody

	mu     sync.Mutex
	held   token
	flight *flight // under way, if any
}

var _ runtime.Credential = (*Installation)(nil)

// token is a token and until when it is used. The text is behind a func, of which
// whatever prints a client that holds the installation shows the address.
type token struct {
	text  func() string // nil where there is none
	until time.Time
}

// flight is one request for a token, which all calls wait for that need it.
type flight struct {
	done  chan struct{}
	token token // once done
	err   error
}

// Sign implements runtime.Credential. It may wait for a token, as long as the
// request's context allows.
func (i *Installation) Sign(r *http.Request) error {
	if home := i.app.client.Runtime(); !home.Serves(r.URL) {
		return fmt.Errorf("githubapp: installation %d is of %s, and the call goes to %s: give both clients the same server", i.id, home.BaseURL().Host, r.URL.Host)
	}
	t, err := i.token(r.Context())
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+t)
	return nil
}

// Secret implements runtime.Credential. It identifies the installation, by which
// GitHub counts, whichever token it has at the moment.
func (i *Installation) Secret() string {
	return fmt.Sprintf("github app %s, installation %d", i.app.id, i.id)
}

// String keeps the token out of what prints the credential.
func (i *Installation) String() string { return i.Secret() }

// GoString does the same for %#v.
func (i *Installation) GoString() string { return i.Secret() }

// token is the token held, or a new one.
func (i *Installation) token(ctx context.Context) (string, error) {
	i.mu.Lock()
	if i.held.text != nil && i.app.clock.Now().Before(i.held.until) {
		defer i.mu.Unlock()
		return i.held.text(), nil
	}
	f := i.flight
	if f == nil {
		f = &flight{done: make(chan struct{})}
		i.flight = f
		// The first to ask may give up while others wait for the same token.
		go i.fly(context.WithoutCancel(ctx), f)
	}
	i.mu.Unlock()
	select {
	case <-f.done:
		if f.err != nil {
			return "", f.err
		}
		return f.token.text(), nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// fly gets a token for all who wait. A failure is theirs too, and is not kept:
// the next call tries again.
func (i *Installation) fly(ctx context.Context, f *flight) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	timer := i.app.clock.NewTimer(mintWithin)
	defer timer.Stop()
	go func() {
		select {
		case <-timer.C():
			cancel()
		case <-ctx.Done():
		}
	}()
	minted, err := i.mint(ctx)
	if err != nil {
		// Not wrapped: that an installation is not found must not pass for what the
		// call itself asks for being so.
		f.err = fmt.Errorf("githubapp: token of installation %d: %v", i.id, err)
	}
	f.token = minted
	i.mu.Lock()
	defer i.mu.Unlock()
	if f.err == nil {
		i.held = f.token
	}
	i.flight = nil
	close(f.done)
}

func (i *Installation) mint(ctx context.Context) (token, error) {
	asked := i.app.clock.Now()
	answer, err := i.app.mint(ctx, i.id, i.body)
	if err != nil {
		return token{}, err
	}
	expires, err := time.Parse(time.RFC3339, answer.ExpiresAt)
	if err != nil || answer.Token == "" {
		return token{}, errors.New("the answer has no token, or does not say when it expires")
	}
	// Of a token that lasts less than expected most is used all the same.
	margin := min(renewBefore, max(0, expires.Sub(asked))/10)
	return token{func() string { return answer.Token }, expires.Add(-margin)}, nil
}
