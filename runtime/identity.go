package runtime

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// Identity is who calls, as far as limits are counted by it. Parts left empty
// are filled from what the client knows: the account from the server variable
// that names it, the rest from a hash of the credential. A part so filled may
// count apart what the provider counts together; an [IdentityGuessed] event
// tells so, once for each limit concerned, when the client is made.
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

// identityOf completes id and reports which scopes were guessed.
func identityOf(id Identity, account string, cred Credential) (values map[api.Scope]string, guessed map[api.Scope]bool) {
	hash := "anonymous"
	if cred != nil {
		sum := sha256.Sum256([]byte(cred.Secret()))
		hash = hex.EncodeToString(sum[:8])
	}
	if id.Account == "" {
		id.Account = account
	}
	values = map[api.Scope]string{api.ScopeCredential: hash}
	guessed = map[api.Scope]bool{}
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
				guessed[scope] = true
			}
		}
		values[scope] = value
	}
	return values, guessed
}
