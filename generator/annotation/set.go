// Package annotation reads weir's x- family out of a loaded document: limits,
// plans, what operations draw, how their pages follow one another, and the few
// other facts that OpenAPI has no words for.
//
// The family is read straight into the plain data of runtime/api, of which
// generated code is made: a mirror of those types would have to be kept in step
// and would say nothing new.
package annotation

import (
	"github.com/weirkit/weir/generator/load"
	"github.com/weirkit/weir/runtime/api"
)

// Set is all annotations of one document.
type Set struct {
	// Limits are sorted by name.
	Limits []api.Limit
	// Plans are in the order of the file.
	Plans []api.Plan
	// MaxPages are what the plans say of page sizes, with positions. Those whose
	// Key is empty are for the model to find: they have the form Service.Method.
	MaxPages     []MaxPage
	QuotaHeaders []api.QuotaHeaders
	QuotaBodies  []api.QuotaBody
	Throttling   []api.Throttling
	Errors       api.Errors
	Warnings     []api.Path
	// Cache is what holds for all operations that read; nil where nothing is said.
	Cache *api.Cache
	// Headers are sent with every request, sorted by name.
	Headers []api.Header
	// Account is the server variable that names the account; empty if none does.
	Account string
	// Operations has an entry for every operation of the document, annotated or
	// not, by "GET /path".
	Operations map[string]*Operation
}

// Operation is the annotations of one operation.
type Operation struct {
	// Pos is where the operation stands in the document.
	Pos load.Position
	// Name is the Service.Method that x-operation-name asks for; empty leaves
	// the name to the naming policy.
	Name  string
	Draws []api.Draw
	// Pagination is nil where the operation has no pages or nothing is known.
	Pagination *api.Pagination
	// NoPages is set by x-pagination: none, which keeps inference away.
	NoPages bool
	// Inferred marks a Pagination that was guessed from the schema.
	Inferred bool
	// Result and Body are where the result and the caller's value stand.
	Result, Body api.Path
	// Batch is what x-batch says of an operation for one key. Its With is a key of
	// Operations, since not all names are known yet.
	Batch *api.Batch
	// Keys are how an operation is asked for many, by its own x-batch or by those of
	// operations for one key.
	Keys []api.Keys
	// NoResult is set by x-result: none, where the answer tells its reader nothing.
	NoResult bool
	// Locates is set by x-result: location, where the answer redirects to the result.
	Locates           bool
	Idempotent        bool
	IdempotencyHeader string
	// Cache is nil where nothing is said. What it invalidates is as written: an
	// operationId, or a name as Tickets.List.
	Cache *api.Cache
	// Job is what x-job says; its With is a key of Operations, as Batch's is.
	Job       *api.Job
	JobStatus *api.JobStatus
}

// Key is an operation's key in Set.Operations.
func Key(method, path string) string { return method + " " + path }
