// Package zendesk reads and writes Zendesk Support and Help Center, at the full
// speed that the account's plan allows and without ever being refused.
//
// # Start
//
// A client is for one account, by its subdomain, and one credential:
//
//	zd, err := zendesk.New("acme", zendesk.APIToken(email, token), zendesk.OnPlan(zendesk.PlanEnterprise))
//
// Its services have the API's operations as methods. A method takes the path's
// parameters, then the body if there is one, then further parameters if there
// are any (nil for none), then options:
//
//	ticket, err := zd.Tickets.Show(ctx, 4711, nil)
//
// # Authentication
//
// [APIToken] signs as a person by a token of the account, [OAuthToken] by an
// access token. Both are sent to the account's own host and to no other.
//
// # Pages
//
// Lists are loops over all of their pages, of the largest size that Zendesk
// allows, read one page ahead:
//
//	for article, err := range zd.Articles.List(ctx, nil) { … }
//
// Each list has a twin that yields whole pages, with the bytes of each item and
// the cursor that resumes the list after the page (runtime.WithCursor):
//
//	for page, err := range zd.Tickets.ListPages(ctx, nil, runtime.WithCursor(saved)) { … }
//
// Incremental exports end with a cursor too: kept, it starts the next export
// where this one ended.
//
// # Errors
//
// Every error is a *runtime.Error, which tells the operation, the status, what
// Zendesk says (Code and Message), the request's id, and for lists the cursor to
// resume from. errors.Is knows the usual cases: runtime.ErrNotFound,
// runtime.ErrUnauthorized, runtime.ErrRateLimited and so on. An item of a list
// that does not fit its type is a *runtime.DecodeError with the item's bytes;
// the loop may go on after it.
//
// # Limits
//
// Support and Help Center each have a budget of the account's plan (200 to 2,500
// requests a minute), and some endpoints one of their own: incremental exports
// 10 a minute, an agent's view 5 a minute, updates of one ticket 30 in ten
// minutes, and so on. Every call waits for its place in all of those that it
// draws on; `weir`'s annotations in specs/zendesk list them with their sources.
//
// [OnPlan] tells the account's plan. With none chosen the lowest numbers hold
// until the account's own headers say more. Clients of one account in one
// process should share a ledger (runtime.WithLedger), and
// runtime.WithLeave(0.1) leaves a tenth of each limit to the account's people.
package zendesk
