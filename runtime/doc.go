// Package runtime is what every generated SDK runs on: it builds requests from
// an operation's facts, waits for the provider's budget, repeats what failed,
// walks pages, and turns refusals and faults into one typed error.
//
// A generated method states facts and delegates to [Do], [Exec], [List] or
// [ListPages]. The layers that a call passes through stand in chain.go, top to
// bottom. One may call these functions with an [api.Operation] of one's own, to
// reach what an SDK lacks; and [Query], [QueryList] and [QueryPages] with a
// graphql.Endpoint, to ask a provider by GraphQL.
package runtime

// SupportsGenV1 is named by generated packages, so that one that is newer than
// this runtime fails to compile here rather than to work there. If your build
// fails on this name, upgrade github.com/weirkit/weir.
const SupportsGenV1 = true
