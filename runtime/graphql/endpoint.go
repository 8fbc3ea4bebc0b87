package graphql

import (
	"slices"
	"strings"

	"github.com/weirkit/weir/runtime/api"
)

// Endpoint is what there is to know of a provider's GraphQL API. It is data:
// an SDK has one for its provider, and a user may make one for a provider that
// has no SDK.
type Endpoint struct {
	// Query and Mutation are the endpoint's operation as it is charged for each
	// kind: one POST to one path, with different draws. A query may be repeated,
	// and so Query is Idempotent as a rule.
	Query, Mutation *api.Operation
	// Beside are further draws, by the fields at the root of the request.
	Beside []FieldDraws
	// At is the endpoint's path by the path of the base URL, for installations
	// that have it elsewhere than beside the other operations.
	At map[string]string
	// Points is the limit on which a query draws what it costs; the draw is of what
	// the query is reckoned to cost by Rules. Empty means that Query's draws tell.
	Points string
	// Rules are how the provider reckons what a query costs.
	Rules Rules
	// Report is a field of the query's root in which an answer tells what it has
	// cost, where api.QuotaBodies expects it. It is added to queries that lack it; a
	// field without a name adds nothing.
	Report Field
	// TooCostly are the codes, and CostlyMessages parts of the messages, of errors
	// that mean ErrTooCostly.
	TooCostly, CostlyMessages []string
	// TimedOut are the statuses by which the provider's gateway tells that a query took
	// too long. A query for several things is then asked again in parts.
	TimedOut []int
	// MaxAliases is the most things that one query looks up; zero means one.
	MaxAliases int
	// Codes tells what the codes of errors mean. A code that is not listed means
	// what the API's own errors say.
	Codes api.Errors
}

// FieldDraws are what a request draws once, beside its operation's own draws, if
// the name of one of the fields at its root begins with one of Prefixes.
type FieldDraws struct {
	Kind     Kind
	Prefixes []string
	Draws    []api.Draw
}

func (d *FieldDraws) of(p *Prepared) bool {
	found := false
	p.Document.fields(p.Operation.Fields, func(f Field) bool {
		found = slices.ContainsFunc(d.Prefixes, func(prefix string) bool { return strings.HasPrefix(f.Name, prefix) })
		return !found
	})
	return found && p.Operation.Kind == d.Kind
}

// TookTooLong reports whether a status tells that a query took too long.
func (e *Endpoint) TookTooLong(status int) bool { return slices.Contains(e.TimedOut, status) }

func (e *Endpoint) costly(err *Error) bool {
	if code := err.Code(); code != "" && slices.Contains(e.TooCostly, code) {
		return true
	}
	return slices.ContainsFunc(e.CostlyMessages, func(part string) bool { return strings.Contains(err.Message, part) })
}
