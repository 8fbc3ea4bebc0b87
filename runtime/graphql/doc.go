// Package graphql knows GraphQL as far as its callers must: it reads and prints
// queries, reckons what they cost before they are sent, finds the connection that
// a query pages through, and reads what answers say went wrong.
//
// It sends nothing: runtime.Query does, for an [Endpoint], and an SDK has a
// function of its own on top of that, such as github.Query.
//
// A query is a text, read by [Parse]; or is built as a [Document] of [Field]s,
// which [Document.Text] prints with every name checked and every value escaped,
// so that no value can become a part of the query.
//
// A [Lookup] is how things are found by key, many in one query under aliases, and
// [SelectionOf] makes what is asked of them from a Go struct.
package graphql
