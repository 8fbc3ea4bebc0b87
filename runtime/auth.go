package runtime

import (
	"errors"
	"fmt"

	"github.com/weirkit/weir/runtime/credential"
)

// Credential signs requests: see package credential for what there is. Its
// methods may be called concurrently.
type Credential = credential.Credential

// WithCredential signs all calls with cred. Where that is a
// [credential.Renewable], such as a credential.Refresher, a call that the provider
// answers with 401 has it renewed, once for all calls that wait for it, and is
// sent again once, for which it passes the budget again. A body that can be read
// only once is not sent again.
func WithCredential(cred Credential) ClientOption { return signWith("WithCredential", cred) }

// WithBearer signs calls with Authorization: Bearer token. A token that is empty
// or has spaces or line breaks is refused.
func WithBearer(token string) ClientOption { return signWith("WithBearer", credential.Bearer(token)) }

// WithBasic signs calls by HTTP basic authentication (RFC 7617).
func WithBasic(user, password string) ClientOption {
	return signWith("WithBasic", credential.Basic(user, password))
}

// WithAPIKey signs calls with a key in a header, a query parameter or a cookie:
// in is "header", "query" or "cookie", as OpenAPI has it.
func WithAPIKey(in, name, key string) ClientOption {
	return signWith("WithAPIKey", credential.APIKey(in, name, key))
}

func signWith(option string, cred Credential) ClientOption {
	return clientOption(func(c *config) error {
		if err := credential.Check(cred); err != nil {
			return fmt.Errorf("%s: %w", option, err)
		}
		c.credential, c.pool = cred, nil
		return nil
	})
}

// WithCredentials signs each call with a member of the pool that has room in the
// budget: the ledger is offered all members, in turn, and the reserves after them,
// and charges the counters of the one that it chooses. What a provider tells of
// limits, and a refusal, is that member's. A refused call goes on at once by
// another that has room.
//
// The calls that fetch the pages of a list stay with one member where the
// provider makes up the cursors ("cursor" and "url" paging), since these may be
// good for that member alone; they change when it is taken out. Pages that the
// client itself counts, and links, go by any. See [WithOneCredential].
//
// A member whose token is being renewed is passed over while others have room.
//
// Answers are taken to be the same for all members: caches and coalesced calls
// are the pool's together. A [Transport] takes no credentials, and so no pool: its
// callers sign by themselves, and are counted apart by what they sign with.
func WithCredentials(pool *credential.Pool) ClientOption {
	return clientOption(func(c *config) error {
		if pool == nil {
			return errors.New("WithCredentials: the pool is nil")
		}
		c.credential, c.pool = nil, pool
		return nil
	})
}

// WithOneCredential says whether all pages of a list go by the member of a pool
// that its first page went by, or by any. Without it that hangs on the list: see
// [WithCredentials]. A list that is resumed by WithCursor begins anew with any.
func WithOneCredential(keep bool) Option {
	return option(func(c *callConfig) error { c.oneCredential = &keep; return nil })
}

// withoutKey takes the client's own key out of a URL that the provider has
// written it into: cursors are kept.
func (c *Client) withoutKey(cursor string) string {
	for _, s := range c.seats {
		cursor = credential.WithoutSecret(s.credential, cursor)
	}
	return cursor
}
