package slack

import (
	"cmp"
	"context"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/credential"
)

// Token signs calls by a token: of a bot (xoxb-…), of a person (xoxp-…), or what
// else Slack gives to apps. One that is empty or has spaces or line breaks is
// refused by [New].
//
// Slack counts calls by app, workspace and method, and a token does not say of
// which app and workspace it is. So before the first call that is counted so,
// the client asks auth.test, once; clients of one workspace that share a ledger
// (runtime.WithLedger) then share its counters, whatever their tokens. With the
// Account of runtime.WithIdentity, the workspace's id, nothing is asked; say App
// there too. For a person's token auth.test may not tell the app: without App, two
// such tokens of one app are counted apart, and an event says so.
func Token(token string) runtime.ClientOption {
	return runtime.Options(runtime.WithBearer(token), runtime.WithIdentityFrom(identity))
}

// Tokens signs each call by one of several tokens that has room in its limits.
// Since Slack counts by app and workspace, more tokens allow more only where they
// are of several apps. Each token asks auth.test whose it is, as with [Token]; one
// that Slack no longer takes is left out with an event (runtime.CredentialOut).
// See credential.Pool.
func Tokens(tokens ...string) runtime.ClientOption {
	members := make([]credential.Member, len(tokens))
	for i, t := range tokens {
		members[i].Credential = credential.Bearer(t)
	}
	pool, err := credential.NewPool(members...)
	if err != nil {
		return runtime.Invalid(err)
	}
	return runtime.Options(runtime.WithCredentials(pool), runtime.WithIdentityFrom(identity))
}

// identity asks whose calls a client's are.
func identity(ctx context.Context, c *runtime.Client) (runtime.Identity, error) {
	told, err := (&AuthService{c}).Test(ctx)
	if err != nil {
		return runtime.Identity{}, err
	}
	return runtime.Identity{
		App:     cmp.Or(told.AppID, told.BotID), // a bot is one app's in one workspace
		Account: cmp.Or(told.TeamID, told.EnterpriseID),
		User:    told.UserID,
	}, nil
}
