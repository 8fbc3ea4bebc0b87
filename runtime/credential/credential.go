// Package credential has what calls are signed with.
//
//   - [Bearer], [Basic] and [APIKey] are secrets that stay as they are.
//   - [FromSource] signs with tokens that come and go: it gets one as it is
//     needed, keeps it until shortly before its end, and gets another when the
//     provider refuses it, once for however many calls wait.
//   - A [Pool] has several of them, of which each call gets one that has room in
//     the budget.
//
// Package oauth, beneath this one, makes sources of golang.org/x/oauth2's.
//
// Secrets are kept where what prints a value does not look: fmt shows of them an
// address, whatever the verb, and no error has one.
package credential

import (
	"context"
	"net/http"
	"time"

	"github.com/weirkit/weir/runtime/clock"
)

// Credential signs requests. Its methods may be called concurrently.
type Credential interface {
	// Sign adds the credential to a request that goes to the provider's host.
	Sign(*http.Request) error
	// Secret identifies the credential among others. The runtime hashes it and
	// keeps the hash alone.
	Secret() string
}

// Renewable is a Credential that can be had anew when the provider refuses it.
// [Refresher] is one. The contexts that its methods and Sign get, Sign in its
// request, have the client's clock: see [Clock].
type Renewable interface {
	Credential
	// Ready reports whether Sign would find at now what it needs. A pool prefers
	// members that are.
	Ready(now time.Time) bool
	// Prepare gets what Sign will need, if that takes any time. It is called before
	// a call waits for its budget, so that nothing is held up meanwhile.
	Prepare(ctx context.Context) error
	// Renew replaces what a request was signed with that the provider has refused
	// (401). Where it was replaced since, it does nothing; of many who ask at once
	// one does the work for all.
	Renew(ctx context.Context, signed *http.Request) error
}

// Identity is who calls, as far as limits are counted by it. Parts left empty
// are filled from what the client knows: the account from the server variable
// that names it, what the provider tells (see runtime.WithIdentityFrom), the rest
// from a hash of the credential. A part so filled may count apart what the
// provider counts together; an event of the kind runtime.IdentityGuessed tells
// so, once for each limit concerned, when the client is made, or when the
// provider has not told.
type Identity struct {
	App     string // the connector's own registration at the provider
	Account string // the customer
	User    string // the person whose credential is used
	IP      string // the address that calls leave from
}

// hidden holds a secret where what prints a client does not look: of a func it
// shows the address, and with some verbs fmt follows all pointers.
type hidden func() string

func hide(secret string) hidden { return func() string { return secret } }

type clockKey struct{}

// WithClock has credentials live in a client's time. The runtime does so for all
// of its calls.
func WithClock(ctx context.Context, c clock.Clock) context.Context {
	return context.WithValue(ctx, clockKey{}, c)
}

// Clock is the time of the client whose call a context is of: the machine's,
// unless it is told.
func Clock(ctx context.Context) clock.Clock {
	if c, ok := ctx.Value(clockKey{}).(clock.Clock); ok {
		return c
	}
	return clock.Real
}

// Check reports why a credential cannot be right, without its secret. Clients
// refuse such a one as they are made.
func Check(c Credential) error {
	if checked, ok := c.(interface{ Check() error }); ok {
		return checked.Check()
	}
	return nil
}

// WithoutSecret takes a credential's own secret out of a URL that the provider
// has written it into, as some do with links to next pages.
func WithoutSecret(c Credential, address string) string {
	if key, ok := c.(*queryKey); ok {
		return key.withoutSecret(address)
	}
	return address
}
