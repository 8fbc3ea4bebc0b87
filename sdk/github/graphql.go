package github

// This file reaches GitHub's GraphQL API, which its OpenAPI document does not
// describe.

import (
	"context"
	"iter"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/graphql"
	"github.com/weirkit/weir/runtime/page"
)

// Query asks GitHub's GraphQL API, and decodes the data of the answer into T:
//
//	type data struct{ Viewer struct{ Login string } }
//	me, err := github.Query[data](ctx, gh, `{ viewer { login } }`, nil)
//
// The query may be a mutation. vars are its variables, a map or a struct that
// encodes as a JSON object, or nil. Of several operations runtime.WithOperation
// names the one to execute.
//
// # What it costs
//
// GitHub counts points for each hour: a query costs a hundredth of the requests
// that its connections take if all are as long as what is asked of them, and 1 at
// least. That is reckoned and charged before the query is sent, and corrected by
// what the answer tells: for that rateLimit { cost limit remaining resetAt } is
// added to a query that does not ask for it (runtime.WithQueryAsIs leaves it as it
// is). A mutation costs 5 of the points that GitHub allows in a minute, a query 1.
//
// A call that is refused for lack of points is repeated when they are back, be the
// refusal of status 200 or 403. A query that failed is repeated as others are; a
// mutation is not, unless runtime.WithRepeatable says that it may be.
//
// # Errors
//
// Where the answer tells of errors, the error is a *runtime.Error with the Code
// (NOT_FOUND) and the Message of the first, and errors.As finds a *graphql.Errors
// with all of them, each with the path to what failed. T is filled as far as there
// are data, so that nothing is lost where Partial says that only a part failed.
// errors.Is knows runtime.ErrNotFound, runtime.ErrForbidden and so on, and
// graphql.ErrTooCostly where the query asks for more than GitHub computes at once.
func Query[T any](ctx context.Context, gh *Client, query string, vars any, opts ...runtime.Option) (T, error) {
	return runtime.Query[T](ctx, gh.runtime, &graphQL, graphql.Request{Query: query, Variables: vars}, opts...)
}

// QueryDocument is [Query] for a query that was built. Before it is sent it is held
// to GitHub's rules: first and last from 1 to 100 at every connection whose nodes
// are asked for, and 500,000 nodes in all. The error of one that breaks them is a
// *graphql.RuleError, which names the connection.
func QueryDocument[T any](ctx context.Context, gh *Client, query *graphql.Document, vars any, opts ...runtime.Option) (T, error) {
	return runtime.Query[T](ctx, gh.runtime, &graphQL, graphql.Request{Document: query, Variables: vars}, opts...)
}

// QueryList iterates over the nodes of a connection, on all of its pages:
//
//	for issue, err := range github.QueryList[Issue](ctx, gh, `
//		query ($first: Int!, $after: String) {
//			repository(owner: "golang", name: "go") {
//				issues(first: $first, after: $after) { nodes { number title } pageInfo { hasNextPage endCursor } }
//			}
//		}`, nil) { … }
//
// The connection is the one whose argument after is a variable, by any name; its
// pageInfo has to ask for hasNextPage and endCursor. (With before, hasPreviousPage
// and startCursor the pages are those from its end on.) If it asks for no nodes,
// its edges are listed. Where first is a variable too, pages are of the size that vars
// tell, or else of 100; after a timeout, or where GitHub finds the query too
// costly, the size is halved, and it grows back.
//
// As with other lists the next page is read ahead, an error that ends the loop has
// the cursor to go on from (runtime.WithCursor), and after one of a single node,
// which wraps a *runtime.DecodeError, the loop may go on.
func QueryList[T any](ctx context.Context, gh *Client, query string, vars any, opts ...runtime.Option) iter.Seq2[T, error] {
	return runtime.QueryList[T](ctx, gh.runtime, &graphQL, graphql.Request{Query: query, Variables: vars}, opts...)
}

// QueryPages is [QueryList], page by page, each with the bytes of its nodes and
// the cursor that resumes the list after it.
func QueryPages[T any](ctx context.Context, gh *Client, query string, vars any, opts ...runtime.Option) iter.Seq2[*page.Page[T], error] {
	return runtime.QueryPages[T](ctx, gh.runtime, &graphQL, graphql.Request{Query: query, Variables: vars}, opts...)
}

// WithGraphQL has a [Transport] hold requests to https://api.github.com/graphql,
// which GitHub's OpenAPI document does not describe, to the limits of GraphQL. What
// they ask is not read, so each counts as a mutation: one point of the hour's, until
// the answer tells the cost (of a query that asks for rateLimit { cost }), and five
// of the minute's; and none is repeated but where it was refused. [Query] knows better.
func WithGraphQL() runtime.ClientOption { return runtime.WithOperations(graphQL.Mutation) }

// graphQL is GitHub's endpoint.
//
// Its rules are of docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api,
// read on 2026-08-09 (documented). The codes are those that its answers show
// (observed, in issues of others' projects up to 2026-07-25): there is no list of them.
var graphQL = graphql.Endpoint{
	Query: &api.Operation{
		Name: "GraphQL.Query", Method: "POST", Path: "/graphql", Idempotent: true,
		Draws: []api.Draw{{Limit: "graphql"}, {Limit: "graphql_points"}, {Limit: "concurrent"}},
	},
	// That a mutation takes five of a minute's points is what writes take (inferred).
	Mutation: &api.Operation{
		Name: "GraphQL.Mutation", Method: "POST", Path: "/graphql",
		Draws: []api.Draw{{Limit: "graphql"}, {Limit: "graphql_points", Cost: 5}, {Limit: "concurrent"}},
	},
	// What makes content is limited by the minute and by the hour, over REST and
	// GraphQL together. Which mutations do is told nowhere; these do by their names
	// (inferred).
	Beside: []graphql.FieldDraws{{
		Kind: graphql.Mutation, Prefixes: []string{"add", "create", "submit"},
		Draws: []api.Draw{{Limit: "content"}, {Limit: "content_hourly"}},
	}},
	At:     map[string]string{"/api/v3": "/api/graphql"}, // GitHub Enterprise Server
	Points: "graphql",
	Rules:  graphql.Rules{MaxPage: 100, MaxNodes: 500_000, RequestsPerPoint: 100, Lists: map[string]string{"nodes": "ids"}},
	Report: graphql.Field{Name: "rateLimit", Fields: graphql.Leaves("cost", "limit", "remaining", "resetAt")},
	TooCostly: []string{
		"RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED",
	},
	CostlyMessages: []string{
		"Resource limits for this query exceeded",
		"Something went wrong while executing your query. This may be the result of a timeout",
	},
	// A query ends after 10 s with one of these (documented, as the rules).
	TimedOut: []int{502, 504},
	// GitHub names no most. Hundreds of light lookups in a query have been seen to pass
	// (500 for ids alone: github.com/MeltanoLabs/tap-github/pull/203, 2023-05-10), 80 of
	// heavy ones to be too costly (github.com/Skydio/revup/pull/271, 2026-07-01):
	// observed, so this is what is tried first, and a query that fails on it is split.
	MaxAliases: 100,
	Codes: api.Errors{Codes: []api.ErrorCodes{
		{Means: api.NotFound, In: []string{"NOT_FOUND"}},
		{Means: api.Forbidden, In: []string{"FORBIDDEN", "INSUFFICIENT_SCOPES"}},
		{Means: api.BadRequest, In: []string{"UNPROCESSABLE", "EXCESSIVE_PAGINATION", "MISSING_PAGINATION_BOUNDARIES"}},
		{Means: api.Unavailable, In: []string{"SERVICE_UNAVAILABLE", "INTERNAL"}},
	}},
}
