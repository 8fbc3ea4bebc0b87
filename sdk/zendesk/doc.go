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
// Zendesk has lists of three kinds, which look the same here. Most go by cursor
// and have no end. Those that go by numbered pages end with an error of Zendesk's
// after 10,000 items, and searches with one after 1,000: [SearchService.Export] has
// all that a search finds. Incremental exports (Tickets.Export, Users.Export,
// CustomObjectRecords.Export and others) tell what has changed since a time, and
// end with a cursor too: kept, it starts the next export where this one ended.
//
// Lists that are short, such as a ticket's followers, come as a slice.
//
// # Many at once
//
// Where one thing is shown, many often are: Tickets.ShowMany, Users.ShowMany (by
// id or by external id), Organizations.ShowMany, TicketFields.ShowMany and others
// take up to a hundred ids, for what one call costs.
//
// Bulk writes take up to a hundred items and answer with a job at once:
//
//	job, err := zd.Users.CreateOrUpdateMany(ctx, users)
//
// Zendesk does the work later. JobStatuses.Show tells how far it is, and in the
// end how each item has fared: a job that is completed may have items that have
// failed. An account may have thirty jobs queued and running; one more is an error
// whose Code is TooManyJobs.
//
// Each bulk write has a twin that takes any number of items, keeps at most thirty
// jobs under way, waits for them and yields what came of each item, in order:
//
//	for result, err := range zd.Users.CreateOrUpdateManyBulk(ctx, slices.Values(users)) { … }
//
// An item that failed is a *runtime.JobError, and the loop goes on. When ctx ends
// before the jobs do, the last error is a *runtime.JobsError with those that are
// open, for which JobStatuses.Wait goes on waiting, in another process too
// (runtime.WithJobs tells of each job as it begins).
//
// Bulk writes of rules (Macros.UpdateMany, Triggers.DestroyMany and so on) are done
// when they answer. The body of an update says either one change for all that the
// ids name, or a list of items with a change each.
//
// # Errors
//
// Every error is a *runtime.Error, which tells the operation, the status, what
// Zendesk says (Code and Message, of whichever of its three forms of errors), the
// request's id, and for lists the cursor to resume from. errors.Is knows the usual cases: runtime.ErrNotFound,
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
// draws on. A method's comment names them, `weir limits zendesk tickets.update`
// tells their numbers and where these are from.
//
// [OnPlan] tells the account's plan. With none chosen the lowest numbers hold
// until the account's own headers say more. Clients of one account in one
// process should share a ledger (runtime.WithLedger), and
// runtime.WithLeave(0.1) leaves a tenth of each limit to the account's people.
//
// # What there is
//
// All of Support and the Help Center that returns the data of a business, and the
// common and the bulk writes. Administration, such as sessions, OAuth clients and
// security settings, is left out; specs/README.md has the list. [runtime.Do] calls
// what is not here.
package zendesk
