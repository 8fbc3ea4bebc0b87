package github

import (
	"strings"

	"github.com/weirkit/weir/runtime"
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
