// Package slack calls Slack's Web API, at the full speed that the app's standing
// allows and without ever being refused.
//
// # Start
//
// A client is for one token, and so for one workspace:
//
//	sl, err := slack.New(slack.Token(token), slack.OnPlan(slack.PlanInternal))
//
// Its services are Slack's families of methods: conversations.list is
// Conversations.List, usergroups.users.list is UsergroupsUsers.List. A method
// takes the body if there is one, then further parameters if there are any (nil
// for none), then options:
//
//	for channel, err := range sl.Conversations.List(ctx, nil) { … }
//	posted, err := sl.Chat.PostMessage(ctx, slack.ChatPostMessageBody{Channel: "C1", Text: new("Hello")})
//
// # Authentication
//
// [Token] signs by any of Slack's tokens, which go to slack.com and to no other
// host. It also asks auth.test, once and before the first call that needs it,
// whose workspace it is: Slack counts calls by app, workspace and method. An app
// that knows says so by runtime.WithIdentity (App and Account), and nothing is asked.
//
// # Pages
//
// Lists are loops over all of their pages, of the largest size that Slack
// allows, read one page ahead. Each has a twin that yields whole pages, with the
// bytes of each item and the cursor that resumes the list after the page:
//
//	for page, err := range sl.Conversations.HistoryPages(ctx, params, runtime.WithCursor(saved)) { … }
//
// Files, searches and access logs come in numbered pages: of these,
// runtime.WithParallelPages fetches several at once.
//
// # Errors
//
// Every error is a *runtime.Error with the method, Slack's code (missing_scope)
// and its message. Slack answers 200 to everything, so errors.Is goes by codes:
// invalid_auth is runtime.ErrUnauthorized, missing_scope runtime.ErrForbidden,
// channel_not_found runtime.ErrNotFound, and internal_error is
// runtime.ErrUnavailable, which is repeated where a method only reads. [ScopesOf]
// tells which scopes were needed and which the token has; runtime.Detail decodes
// whatever else Slack says of an error. What good answers warn of is in
// runtime.Response, by runtime.WithResponse, and in the log of runtime.WithLogger.
//
// # Limits and plans
//
// Each method has a tier, from once to a hundred times a minute, by app and
// workspace; messages are posted once a second in each channel. Calls wait for
// their place; the annotations in specs/slack have every number with its source.
//
// Of one thing Slack's limit hangs on what the app is. Apps that are sold or given
// to others and are not in Slack's Marketplace ([PlanUnlisted]) may ask for
// messages, by Conversations.History and Conversations.Replies, once a minute and
// for 15 at a time; those in the Marketplace ([PlanMarketplace]) and those that a
// customer has built for themselves ([PlanInternal]) fifty times, for 999. Slack
// does not tell which one an app is. So say it by [OnPlan]: with none chosen the
// lowest numbers hold, and ten thousand messages take eleven hours, not one second.
//
// Clients of one app and workspace in one process should share a ledger
// (runtime.WithLedger); package redisbudget has one for many machines.
//
// # Uploads
//
// Slack takes files in three steps, which Files.Upload makes one:
//
//	file, err := sl.Files.Upload(ctx, slack.Upload{Filename: "report.txt", Content: f}, &slack.Share{ChannelID: "C1"})
//
// Its length has to be known and exact: content that can seek tells it, for other
// content it is Upload.Size, or else it is held in memory. Files.UploadAll shares
// several files in one message.
package slack
