package github

import (
	"context"
	"errors"
	"strings"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/credential"
)

// Token signs calls with a token: a personal access token, an OAuth or GitHub
// App user's token, or GITHUB_TOKEN in an Actions job. A token that is empty, or
// has a space or a line break in it, is refused when the client is made. Without
// a token calls are anonymous, which GitHub allows for public data, 60 times an
// hour.
//
// GitHub counts the calls of a person over all of their tokens. Clients with
// several tokens of one person should share a ledger (runtime.WithLedger) and say
// whose they are: runtime.WithIdentity(runtime.Identity{User: "octocat"}).
//
// For installations of a GitHub App see the package githubapp.
func Token(token string) runtime.ClientOption { return runtime.WithBearer(token) }

// Tokens signs calls with several tokens, of which each call gets one that has
// room in its limits: three people's tokens have three times the calls an hour of
// one. A token that GitHub no longer takes is left out with an event
// (runtime.CredentialOut), and its calls go by the others.
//
// Before its first call each token asks GET /user whose it is, which counts as a
// call, since the tokens of one person share their limits; those that may not ask
// (of Actions jobs, of installations) are counted apart. Where all is known, or
// some tokens are to be kept in reserve, make the pool by credential.NewPool and
// give it as runtime.WithCredentials: installations of GitHub Apps (githubapp) can
// be members too.
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

// identity asks whose a token is. One that is nobody's may not ask, and would not
// the next time.
func identity(ctx context.Context, c *runtime.Client) (runtime.Identity, error) {
	me, err := runtime.Do[struct{ Login string }](ctx, c, &usersGetAuthenticated, runtime.Args{})
	if errors.Is(err, runtime.ErrForbidden) || errors.Is(err, runtime.ErrNotFound) {
		return runtime.Identity{}, nil
	}
	return runtime.Identity{User: me.Login}, err
}

// uploads is where GitHub's document says that the files of releases are sent to.
const uploads = "https://uploads.github.com"

// EnterpriseServer sends calls to a GitHub Enterprise Server by its address, as
// https://github.acme.example, under which its API is at /api/v3, and takes files at /api/uploads. Such a server
// has no limits unless its administrators set some: give OnPlan(PlanServer), and
// its headers tell the rest.
func EnterpriseServer(address string) runtime.ClientOption {
	address = strings.TrimRight(address, "/")
	return runtime.Options(runtime.WithBaseURL(address+"/api/v3"), runtime.WithServer(uploads, address+"/api/uploads"))
}
