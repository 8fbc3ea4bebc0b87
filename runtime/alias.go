package runtime

// This file makes one GraphQL query of many lookups, each under an alias, and gives
// each what came of it.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/weirkit/weir/runtime/batch"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/graphql"
)

// aliases are all lookups of a client that ask for the same of one kind of thing.
// Their keys are the JSON of the values, so that one kind of loader serves them all.
type aliases struct {
	client    *Client
	endpoint  *graphql.Endpoint
	what      *graphql.Lookup
	name      string // of the operation, for errors
	selection graphql.Selection
	most      int
	shared    *batch.Loader[string, alias]
	outages   outages
	err       error // why nothing can be looked up
}

// alias is what came of one key. There may be an error beside the value.
type alias struct {
	value  json.RawMessage // nil where there is none
	err    *Error
	status int
}

// allAliases are those of a client, so that callers need not keep what they look up
// with. There are as many as a program's types that say what is asked for.
type allAliases struct {
	mu     sync.Mutex
	byType map[aliasType]*aliases
	byText map[aliasText]*aliases
}

type aliasType struct {
	what *graphql.Lookup
	of   reflect.Type
}

type aliasText struct {
	what *graphql.Lookup
	text string
}

func aliasesOf[T any](c *Client, e *graphql.Endpoint, what *graphql.Lookup) *aliases {
	return c.aliases.of(c, e, what, reflect.TypeFor[T]())
}

func (all *allAliases) of(c *Client, e *graphql.Endpoint, what *graphql.Lookup, t reflect.Type) *aliases {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.byType == nil {
		all.byType, all.byText = map[aliasType]*aliases{}, map[aliasText]*aliases{}
	}
	a := all.byType[aliasType{what, t}]
	if a == nil {
		a = newAliases(c, e, what, t)
		all.byType[aliasType{what, t}] = a
		if text, ok := a.text(); ok { // other types may ask for the same
			if same := all.byText[aliasText{what, text}]; same != nil {
				a.shared = same.shared
			}
			all.byText[aliasText{what, text}] = a
		}
	}
	return a
}

func newAliases(c *Client, e *graphql.Endpoint, what *graphql.Lookup, t reflect.Type) *aliases {
	service, _, _ := strings.Cut(e.Query.Name, ".")
	a := &aliases{client: c, endpoint: e, what: what, name: service + "." + what.Name}
	if a.selection, a.err = graphql.SelectionOf(t); a.err == nil {
		a.most, a.err = what.Most(e, a.selection)
	}
	if a.err == nil {
		a.shared, a.err = a.newLoader(nil)
	}
	if a.err != nil {
		a.err = fmt.Errorf("%w: %w", ErrInvalidArgument, a.err)
	}
	return a
}

// text is what is asked for, as a query.
func (a *aliases) text() (string, bool) {
	if a.err != nil {
		return "", false
	}
	r, _ := a.what.Ask(a.selection, [][]any{make([]any, len(a.what.Args()))})
	text, err := r.Document.Text()
	return text, err == nil
}

// loader is the one for calls with some options: all calls' own, unless an option
// says how the query is to be sent.
func (a *aliases) loader(opts []Option) (*batch.Loader[string, alias], callConfig, error) {
	if len(opts) == 0 || a.err != nil {
		return a.shared, a.client.callDefault, a.err
	}
	cfg, err := a.client.configure(opts)
	if err != nil {
		return nil, cfg, err
	}
	plain := cfg
	plain.order.class, plain.raw = a.client.callDefault.order.class, a.client.callDefault.raw
	if reflect.DeepEqual(plain, a.client.callDefault) {
		return a.shared, cfg, nil
	}
	own, err := a.newLoader(opts)
	return own, cfg, err
}

func (a *aliases) newLoader(opts []Option) (*batch.Loader[string, alias], error) {
	return batch.New(batch.Config[string, alias]{
		Many: func(ctx context.Context, class budget.Class, keys []string) ([]batch.Item[string, alias], error) {
			return a.ask(ctx, keys, append(slices.Clip(opts), WithPriority(class), withoutRaw))
		},
		Max:   a.most,
		Blame: a.blame,
		Clock: a.client.clock,
	})
}

// withoutRaw keeps the bytes of a query for many from a caller who wants those of one.
var withoutRaw = option(func(c *callConfig) error { c.raw = nil; return nil })

// ask gets some keys of a flight. Its error is that of all of them.
func (a *aliases) ask(ctx context.Context, keys []string, opts []Option) ([]batch.Item[string, alias], error) {
	if err := a.outages.over(ctx); err != nil {
		return nil, err
	}
	items, err := a.send(ctx, keys, opts)
	a.outages.note(ctx, len(keys) == 1 && a.timedOut(err), err)
	return items, err
}

// send sends the query for some keys.
func (a *aliases) send(ctx context.Context, keys []string, opts []Option) ([]batch.Item[string, alias], error) {
	values, err := valuesOf(keys)
	if err != nil {
		return nil, err
	}
	c := a.client
	r, places := a.what.Ask(a.selection, values)
	cl, err := c.newQuery(a.endpoint, r, opts)
	if err != nil {
		return nil, err
	}
	cl.query.several = len(keys) > 1
	ans, err := c.exchange(ctx, cl, cl.prepared.url)
	if err != nil {
		return nil, err
	}
	items, err := a.read(cl, ans, keys, places)
	cl.watch.ended(err)
	return items, err
}

// read gives each key what the answer has for it. Of a query for several that was
// too costly nothing is kept, though parts of it may be there: what the provider had
// not computed by then can look like what does not exist.
func (a *aliases) read(cl *call, ans *answer, keys []string, places []graphql.Place) ([]batch.Item[string, alias], error) {
	c := a.client
	read, err := a.endpoint.Read(ans.body)
	if err != nil {
		return nil, c.failure(cl, ans, &DecodeError{Raw: ans.body, Index: -1, Err: err})
	}
	if told := read.Errors; told != nil && (!told.Partial || len(keys) > 1 && errors.Is(told, graphql.ErrTooCostly)) {
		return nil, c.failure(cl, ans, told)
	}
	items := make([]batch.Item[string, alias], len(keys))
	for i, found := range a.what.Read(a.endpoint, read, places) {
		items[i] = batch.Item[string, alias]{Key: keys[i], Value: alias{value: found.Value, status: ans.status}}
		value := &items[i].Value
		switch {
		case found.Errors != nil:
			value.err = c.failure(cl, ans, found.Errors)
			value.err.Body = nil // it has the others' too
		case found.Value == nil:
			value.err = a.missing(ans, errors.New("there is no such "+a.what.Type))
		case found.Is != "":
			value.value, value.err = nil, a.missing(ans, fmt.Errorf("it is a %s, and no %s", found.Is, a.what.Type))
		}
	}
	return items, nil
}

func (a *aliases) missing(ans *answer, why error) *Error {
	return &Error{
		Operation: a.name, StatusCode: ans.status, Kind: ErrNotFound, Err: why,
		RequestID: ans.header.Get(a.client.desc.Errors.RequestID),
	}
}

// blame tells which errors a query for fewer avoids.
func (a *aliases) blame(err error) batch.Blame {
	if errors.Is(err, graphql.ErrTooCostly) || errors.Is(err, ErrTooLarge) || a.timedOut(err) {
		return batch.TooLarge
	}
	return batch.All
}

func (a *aliases) timedOut(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && a.endpoint.TookTooLong(e.StatusCode)
}

// failure is one caller's own error, of one that others may have too.
func (a *aliases) failure(err error) *Error {
	if known, ok := errors.AsType[*Error](err); ok {
		own := *known
		return &own
	}
	return &Error{Operation: a.name, Err: cause(err)}
}

// key is a key as loaders have it. What cannot be one is refused here: in a query
// with others it would fail them too.
func (a *aliases) key(values []any) (string, error) {
	args := a.what.Args()
	if len(values) != len(args) {
		return "", invalid("the key has %d values, and %s needs %d", len(values), a.what.Name, len(args))
	}
	for i, arg := range args {
		if err := checkKey(arg, values[i]); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(values)
	if err != nil {
		return "", invalid("the key: %w", err)
	}
	return string(text), nil
}

func checkKey(arg graphql.Variable, value any) error {
	switch value := value.(type) {
	case string:
		if value == "" {
			return invalid("%s is empty", arg.Name)
		}
		if !utf8.ValidString(value) {
			return invalid("%s is %q, which is not UTF-8", arg.Name, value)
		}
	case int64:
		if value == 0 {
			return invalid("%s is 0", arg.Name)
		}
		if value < math.MinInt32 || value > math.MaxInt32 {
			return invalid("%s is %d, and GraphQL's numbers have 32 bits", arg.Name, value)
		}
	default:
		return invalid("%s is a %T: give a string or an int64", arg.Name, value)
	}
	return nil
}

func valuesOf(keys []string) ([][]any, error) {
	all := make([][]any, len(keys))
	for i, key := range keys {
		var values []json.RawMessage
		if err := json.Unmarshal([]byte(key), &values); err != nil {
			return nil, err
		}
		for _, value := range values {
			all[i] = append(all[i], value)
		}
	}
	return all, nil
}

// tooMuch is the status that a query amounts to for which the provider took too
// long: with several things in it, it is not repeated as it is, but asked in parts.
func (q *query) tooMuch(ans *answer) int {
	if q.several && q.endpoint.TookTooLong(ans.status) {
		return http.StatusRequestEntityTooLarge
	}
	return 0
}
