// Package github reads and writes GitHub, all 1,223 operations of its REST API
// and its GraphQL, at the full speed that it allows and without being refused.
//
// # Start
//
// A client has the API's services, and they have its operations as methods. A
// method takes the path's parameters, then the body if there is one, then further
// parameters if there are any (nil for none), then options:
//
//	gh, err := github.New(github.Token(token), github.OnPlan(github.PlanToken))
//	repo, err := gh.Repos.Get(ctx, "golang", "go")
//
// # Authentication
//
// [Token] signs by a token of any kind; without one calls are anonymous, 60 an
// hour. The package githubapp signs as an installation of a GitHub App, and renews
// its tokens. [Tokens] signs each call by one of several tokens that has room.
// [EnterpriseServer] is for a server of one's own. A token is sent to
// the client's host and to no other.
//
// # Pages
//
// Lists are loops over all of their pages, of the largest size that GitHub allows,
// read one page ahead:
//
//	for issue, err := range gh.Issues.ListForRepo(ctx, "golang", "go", nil) { … }
//
// Each list has a twin that yields whole pages, with the bytes of each item and
// the cursor that resumes the list after the page (runtime.WithCursor):
//
//	for page, err := range gh.Issues.ListForRepoPages(ctx, "golang", "go", nil, runtime.WithCursor(saved)) { … }
//
// Most lists also begin at a page's number, WithCursor("7").
//
// A search shows no more than the first 1,000 of what matches: where there is more,
// it ends with an error that wraps page.ErrTooDeep after those.
//
// # Caches
//
// With runtime.WithCache whatever was read before is asked for by its ETag. GitHub
// does not count an answer that it is the same in the primary limit, so that a
// second sync of what has not changed takes nothing of it; the points for a minute,
// of the secondary limits, are counted all the same.
//
// # Downloads
//
// Archives, artifacts and logs are elsewhere, and the methods for them, such as
// Repos.DownloadZipballArchive, return the address. It is signed, and good for a
// few minutes: fetch it by an http.Client, which must not send the token there.
//
// # GraphQL
//
// [Query] asks GitHub's GraphQL API, typed and within its points: what a query is
// reckoned to cost is charged before it is sent, and corrected by what it has cost.
// [QueryList] and [QueryPages] are loops over the pages of a query's connection,
// and [QueryDocument] takes a query that was built:
//
//	me, err := github.Query[struct{ Viewer struct{ Login string } }](ctx, gh, `{ viewer { login } }`, nil)
//	for issue, err := range github.QueryList[Issue](ctx, gh, query, variables) { … }
//
// [LookupRepositories], [LookupIssues], [LookupPullRequests], [LookupCommits] and
// [LookupUsers] get single things by their keys, with the fields that a struct names.
// What is looked up at the same time goes together, up to 100 in one query that costs
// a point:
//
//	repo, err := github.LookupRepositories[Repo](gh).Get(ctx, "golang", "go")
//
// # Errors
//
// Every error is a *runtime.Error, which tells the operation, the status, what
// GitHub says (Code and Message), the request's id, and for lists the cursor to
// resume from. errors.Is knows the usual cases: runtime.ErrNotFound,
// runtime.ErrUnauthorized, runtime.ErrRateLimited and so on. A 403 is a refusal for
// lack of budget, which is waited for, only where GitHub says so; else it is
// runtime.ErrForbidden.
//
// # Limits
//
// Every call waits for its place in all limits that it draws on; `weir`'s
// annotations in specs/github list them with their sources. Searches, SBOMs and a
// few more have a primary limit of their own, by the name that GitHub's
// x-ratelimit-resource has for it; everything else draws on core. Of the secondary
// limits, which GitHub does not report, these are kept: 100 calls at once, 900
// points a minute (a read is one, a write is five), and 80 a minute and 500 an hour
// of what makes content, such as issues, comments and reviews.
//
// [OnPlan] tells who calls: [PlanToken] for a person's tokens (5,000 an hour),
// [PlanInstallation] for an app's installation (5,000 and more), [PlanActions] for
// the token of an Actions job (1,000 for each repository), [PlanEnterprise] (15,000),
// [PlanServer] for a server of one's own. With none chosen the lowest numbers hold
// until GitHub's headers say more, which the first answer does.
//
// GitHub counts by person or installation, over all programs. Clients of one in one
// process should share a ledger (runtime.WithLedger) and tell who it is
// (runtime.WithIdentity); runtime.WithLeave(0.1) leaves a tenth to others.
package github
