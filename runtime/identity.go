package runtime

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/credential"
)

// Identity is who calls, as far as limits are counted by it. Parts left empty
// are filled from what the client knows: the account from the server variable
// that names it, what the provider tells (see [WithIdentityFrom]), the rest from
// a hash of the credential. A part so filled may count apart what the provider
// counts together; an [IdentityGuessed] event tells so, once for each limit
// concerned, when the client is made, or when the provider has not told.
type Identity = credential.Identity

// WithIdentity tells who calls, where the client cannot know it by itself. What a
// member of a pool has of its own holds for that one.
func WithIdentity(id Identity) ClientOption {
	return clientOption(func(c *config) error { c.identity = id; return nil })
}

// IdentityGuessed is the kind of event which tells that a limit is counted by
// a part of the identity that nobody gave. Its Key names the limit and scope.
const IdentityGuessed budget.EventKind = "identity guessed"

// who is a complete identity, with the counters' keys that follow from it.
type who struct {
	identity map[api.Scope]string
	guessed  map[api.Scope]bool
	scopes   map[string]string // of limits whose scope is the same for all calls, by limit name
	final    bool              // the provider was asked, or need not be
}

// hashOf stands for a credential's secret, empty for none.
func hashOf(secret string) string {
	if secret == "" {
		return "anonymous"
	}
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:8])
}

// newWho completes id by what is left to guess from: a hash of the credential, and
// one that stands for all credentials of a client. By that the app and the account
// are counted, so that a pool does not multiply their limits.
func newWho(id Identity, hash, shared string, limits map[string]api.Limit) *who {
	w := &who{
		identity: map[api.Scope]string{api.ScopeCredential: hash},
		guessed:  map[api.Scope]bool{},
		scopes:   map[string]string{},
	}
	for scope, value := range map[api.Scope]string{
		api.ScopeApp:     id.App,
		api.ScopeAccount: id.Account,
		api.ScopeUser:    id.User,
		api.ScopeIP:      id.IP,
	} {
		if value == "" {
			value = hash
			if scope != api.ScopeUser {
				value = shared
			}
			// All calls of a process leave from one address, so one name for it
			// is right; and without a credential nobody is told apart.
			if scope == api.ScopeIP {
				value = "local"
			} else {
				w.guessed[scope] = true
			}
		}
		w.identity[scope] = value
	}
	for name, l := range limits {
		if !slices.ContainsFunc(l.Scope, func(s api.Scope) bool { _, ok := w.identity[s]; return !ok }) {
			w.scopes[name] = w.scope(l, nil)
		}
	}
	return w
}

// guesses reports whether a limit is counted by a part that was guessed.
func (w *who) guesses(l api.Limit) bool {
	return slices.ContainsFunc(l.Scope, func(s api.Scope) bool { return w.guessed[s] })
}

// reportGuesses tells which limits are counted by a guessed identity; member is
// the name of a pool's.
func (c *Client) reportGuesses(w *who, member string) {
	if c.events == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(c.limits)) {
		for _, s := range c.limits[name].Scope {
			if w.guessed[s] {
				c.events(budget.Event{
					Kind:       IdentityGuessed,
					Time:       c.clock.Now(),
					Key:        budget.Key{API: c.desc.Name, Limit: name, Scope: string(s)},
					Credential: member,
				})
			}
		}
	}
}
