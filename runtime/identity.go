package runtime

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// Identity is who calls, as far as limits are counted by it. Parts left empty
// are filled from what the client knows: the account from the server variable
// that names it, what the provider tells (see [WithIdentityFrom]), the rest from
// a hash of the credential. A part so filled may count apart what the provider
// counts together; an [IdentityGuessed] event tells so, once for each limit
// concerned, when the client is made, or when the provider has not told.
type Identity struct {
	App     string // the connector's own registration at the provider
	Account string // the customer
	User    string // the person whose credential is used
	IP      string // the address that calls leave from
}

// WithIdentity tells who calls, where the client cannot know it by itself.
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

// hash is that of the client's credential.
func (c *Client) hash() string {
	if c.credential == nil {
		return hashOf("")
	}
	return hashOf(c.credential.Secret())
}

// newWho completes id by what is left to guess from.
func newWho(id Identity, hash string, limits map[string]api.Limit) *who {
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

// reportGuesses tells which limits are counted by a guessed identity.
func (c *Client) reportGuesses(w *who) {
	if c.events == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(c.limits)) {
		for _, s := range c.limits[name].Scope {
			if w.guessed[s] {
				c.events(budget.Event{
					Kind: IdentityGuessed,
					Time: c.clock.Now(),
					Key:  budget.Key{API: c.desc.Name, Limit: name, Scope: string(s)},
				})
			}
		}
	}
}
