package runtime

// This file asks GraphQL endpoints. Such a call goes the same way as all others;
// what differs is how its request is made, what it costs, and how its answer
// tells of errors.

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/graphql"
	"github.com/weirkit/weir/runtime/jsonpath"
)

// Query asks a GraphQL endpoint, and decodes the data of its answer into T. SDKs
// have functions of their own around it (github.Query).
//
// Every error is an *[Error]. Where the answer tells of errors its Code and Message
// are the first one's, and errors.As finds all of them as a *[graphql.Errors]. They
// may be Partial: then the result has the data that there are, and the error tells
// what is missing. errors.Is knows graphql.ErrTooCostly.
//
// A query is charged with what it is reckoned to cost, until the answer tells what
// it has cost. Queries are repeated as the policy says; a mutation only if it was
// surely not executed, unless [WithRepeatable] says more.
func Query[T any](ctx context.Context, c *Client, e *graphql.Endpoint, r graphql.Request, opts ...Option) (T, error) {
	var result T
	err := c.ask(ctx, e, r, opts, &result)
	return result, err
}

// ask is Query for a result of any type.
func (c *Client) ask(ctx context.Context, e *graphql.Endpoint, r graphql.Request, opts []Option, result any) error {
	cl, err := c.newQuery(e, r, opts)
	if err != nil {
		return err
	}
	ans, err := c.exchange(ctx, cl, cl.prepared.url)
	if err != nil {
		return err
	}
	err = c.readQuery(cl, ans, result)
	cl.watch.ended(err)
	return err
}

// graphQLConfig is what options say of a query.
type graphQLConfig struct {
	operation  string
	asIs       bool
	repeatable bool
}

// WithOperation names the operation to execute, of a GraphQL document that has
// several.
func WithOperation(name string) Option {
	return callOnly{name: "WithOperation", option: func(c *callConfig) error { c.graphQL.operation = name; return nil }}
}

// WithQueryAsIs sends a GraphQL query as it was written. By default the field that
// tells what the query has cost (GitHub's rateLimit) is added to queries that lack
// it; without, they stay charged with what they are reckoned to cost.
func WithQueryAsIs() Option {
	return option(func(c *callConfig) error { c.graphQL.asIs = true; return nil })
}

// WithRepeatable tells that executing this GraphQL mutation twice does no more
// than executing it once, so that it may be sent again where it is not known
// whether it was executed.
func WithRepeatable() Option {
	return callOnly{name: "WithRepeatable", option: func(c *callConfig) error { c.graphQL.repeatable = true; return nil }}
}

// query is what a call that asks a GraphQL endpoint has to know.
type query struct {
	*graphql.Prepared
	endpoint *graphql.Endpoint
	several  bool // it asks for several things that could be asked for apart
}

func (c *Client) newQuery(e *graphql.Endpoint, r graphql.Request, opts []Option) (*call, error) {
	cl := &call{op: cmp.Or(e.Query, e.Mutation, &api.Operation{Name: "GraphQL"})}
	var err error
	if cl.config, err = c.configure(opts); err != nil {
		return nil, c.failure(cl, nil, err)
	}
	if r.Operation == "" {
		r.Operation = cl.config.graphQL.operation
	}
	prepared, err := e.Prepare(r, cl.config.graphQL.asIs)
	if err != nil {
		return nil, c.failure(cl, nil, fmt.Errorf("%w: %w", ErrInvalidArgument, err))
	}
	cl.op, cl.query = prepared.Call, &query{Prepared: prepared, endpoint: e}
	if cl.config.graphQL.repeatable {
		cl.op.Idempotent = true
	}
	if cl.prepared, err = c.prepare(cl.op, Args{Body: prepared.Body}, cl.config); err != nil {
		return nil, c.failure(cl, nil, err)
	}
	if path, elsewhere := e.At[c.base.Path]; elsewhere {
		cl.prepared.url.Path, cl.prepared.url.RawPath = path, ""
	}
	return cl, nil
}

// readQuery decodes an answer's data into result, and returns its errors.
func (c *Client) readQuery(cl *call, ans *answer, result any) error {
	a, err := cl.query.endpoint.Read(ans.body)
	if err != nil {
		return c.failure(cl, ans, &DecodeError{Raw: ans.body, Index: -1, Err: err})
	}
	if raw := cl.config.raw; raw != nil {
		*raw = a.Data
	}
	if len(a.Data) > 0 {
		if err = json.Unmarshal(a.Data, result); err != nil {
			err = &DecodeError{Raw: a.Data, Index: -1, Err: err}
		}
	}
	switch {
	case a.Errors == nil && err == nil:
		return nil
	case a.Errors == nil:
	case err == nil:
		err = a.Errors
	default:
		err = fmt.Errorf("%w: %w", a.Errors, err)
	}
	return c.failure(cl, ans, err)
}

// queryErrors are errors whose first code and message stand in an Error already.
type queryErrors struct{ *graphql.Errors }

func (e queryErrors) Error() string {
	s := "the query failed"
	if e.Partial {
		s = "a part of the query failed"
	}
	if len(e.List) > 0 && len(e.List[0].Path) > 0 {
		s += " at " + clipped(e.List[0].Path.String())
	}
	if more := len(e.List) - 1; more > 0 {
		s += fmt.Sprintf(" (and %d more)", more)
	}
	return s
}

func (e queryErrors) Unwrap() error { return e.Errors }

// explain puts what an answer says of errors into the error of its call.
func (q *query) explain(c *Client, e *Error, ans *answer) {
	told, ok := errors.AsType[*graphql.Errors](e.Err)
	if !ok {
		a, err := q.endpoint.Read(ans.body)
		if told = a.Errors; err != nil || told == nil {
			return
		}
	}
	switch {
	case e.Err == nil, e.Err == error(told):
		e.Err = queryErrors{told}
	case !ok:
		e.Err = fmt.Errorf("%w: %w", e.Err, queryErrors{told})
	}
	q.quote(c, e, told)
	e.Body = bytes.Clone(ans.body[:min(len(ans.body), maxErrorBody)])
}

// quote takes the code, its meaning and the message from the first error.
func (q *query) quote(c *Client, e *Error, told *graphql.Errors) {
	if len(told.List) == 0 {
		return
	}
	e.Code, e.Message = clipped(told.List[0].Code()), clipped(told.List[0].Message)
	if status, known := meantStatus[q.meaning(c, e.Code)]; known && !e.Refused {
		e.Kind = kindOf(status)
	}
}

func (q *query) meaning(c *Client, code string) api.ErrorMeaning {
	return cmp.Or(q.endpoint.Codes.Meaning(code), c.desc.Errors.Meaning(code))
}

// amountsTo is 503 for an answer with a good status and nothing but the error that
// the provider is in trouble, which is then repeated as such; what tooMuch says; else
// zero.
func (q *query) amountsTo(c *Client, ans *answer) int {
	if status := q.tooMuch(ans); status != 0 {
		return status
	}
	raw, failed := jsonpath.Lookup(ans.body, api.Path{"errors"})
	data, _ := jsonpath.Lookup(ans.body, api.Path{"data"})
	if !failed || ans.status != http.StatusOK || len(data) > 0 && string(data) != "null" {
		return 0
	}
	if told := q.endpoint.Errors(raw); told != nil && !errors.Is(told, graphql.ErrTooCostly) && q.meaning(c, told.List[0].Code()) == api.Unavailable {
		return http.StatusServiceUnavailable
	}
	return 0
}
