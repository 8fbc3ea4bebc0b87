package runtime

// This file looks things up in GraphQL APIs by their keys, as a user sees it.

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/weirkit/weir/runtime/batch"
	"github.com/weirkit/weir/runtime/graphql"
)

// Lookup gets things of one kind from a GraphQL API by their keys. What is asked of
// each are the fields of T, as [graphql.SelectionOf] tells. SDKs have functions that
// make them (github.LookupRepositories).
//
// Keys that are looked up at the same time go out together, in one query that asks
// for each under an alias: those of all Lookups of a client that ask for the same of
// the same kind. A key that is looked up while nothing of its kind is under way goes
// at once, by itself. See package batch for what gathers with what, and for how long.
//
// A query has as many keys as cost no more points than one of them, by the
// endpoint's rules, and graphql.Endpoint.MaxAliases at the most. One that the
// provider finds too costly, or takes too long for, is split until its parts pass,
// and the next ones are of that size, until several of them went well.
//
// A Lookup may be used by many goroutines, and need not be kept: the client
// remembers what is under way.
type Lookup[K comparable, T any] struct {
	aliases *aliases
	args    func(K) []any
}

// NewLookup makes a Lookup. args tells a key's values, one for each of what.Args: of
// type string where that is String or ID, and int64 where it is Int. A T that tells
// no fields, or breaks the endpoint's rules, is the error of all that is looked up.
func NewLookup[K comparable, T any](c *Client, e *graphql.Endpoint, what *graphql.Lookup, args func(K) []any) Lookup[K, T] {
	return Lookup[K, T]{aliases: aliasesOf[T](c, e, what), args: args}
}

// Get looks up one thing. Every error is an *[Error]: errors.Is knows ErrNotFound
// where there is no such thing, and it tells what the provider said of this key, of
// no other. Where only a part of the thing failed, the result has the rest beside
// the error, which is a partial *[graphql.Errors]. A key with an empty part is
// refused without a request.
//
// [WithPriority] makes the query urgent that the key is in. A call with any other
// option is in a query of its own.
func (l Lookup[K, T]) Get(ctx context.Context, key K, opts ...Option) (T, error) {
	var result T
	err := l.aliases.get(ctx, l.args(key), opts, &result)
	return result, err
}

// Many looks up any number of things and returns what came of each, in the order of
// the keys, with the errors that Get would have. Equal keys are asked for once.
// Options hold for all of its queries, which are then of its keys alone; but what
// tells of one answer, as WithResponse does, is an error.
func (l Lookup[K, T]) Many(ctx context.Context, keys []K, opts ...Option) []batch.Result[K, T] {
	results := make([]batch.Result[K, T], len(keys))
	args := make([][]any, len(keys))
	for i, key := range keys {
		results[i].Key, args[i] = key, l.args(key)
	}
	l.aliases.many(ctx, args, opts, func(i int) any { return &results[i].Value }, func(i int, err error) { results[i].Err = err })
	return results
}

// get is Get for a result of any type.
func (a *aliases) get(ctx context.Context, values []any, opts []Option, result any) error {
	loader, cfg, err := a.loader(opts)
	if err != nil {
		return a.failure(err)
	}
	key, err := a.key(values)
	if err != nil {
		return a.failure(err)
	}
	found, err := loader.Load(ctx, cfg.order.class, key)
	if cfg.raw != nil {
		*cfg.raw = bytes.Clone(found.value) // others may have the same key
	}
	return a.deliver(found, err, result)
}

// many is Many for results of any type.
func (a *aliases) many(ctx context.Context, all [][]any, opts []Option, result func(int) any, fail func(int, error)) {
	loader, cfg, err := a.loader(opts)
	if err == nil && (cfg.raw != nil || cfg.response != nil) {
		err = invalid("WithRaw and WithResponse tell of one answer: give them to Get")
	}
	keys, at := make([]string, 0, len(all)), make([]int, 0, len(all))
	for i, values := range all {
		if err != nil {
			fail(i, a.failure(err))
			continue
		}
		key, err := a.key(values)
		if err != nil {
			fail(i, a.failure(err))
			continue
		}
		keys, at = append(keys, key), append(at, i)
	}
	if len(keys) == 0 {
		return
	}
	for i, r := range loader.Many(ctx, cfg.order.class, keys) {
		if err := a.deliver(r.Value, r.Err, result(at[i])); err != nil {
			fail(at[i], err)
		}
	}
}

// deliver decodes what was found for one caller, so that callers who share an answer
// share nothing of its value.
func (a *aliases) deliver(found alias, err error, result any) error {
	if err != nil {
		return a.failure(err)
	}
	if found.value != nil {
		err = json.Unmarshal(found.value, result)
	}
	switch {
	case err == nil && found.err == nil:
		return nil
	case err == nil:
		own := *found.err
		return &own
	}
	e := &Error{Operation: a.name, StatusCode: found.status}
	if found.err != nil {
		*e = *found.err
	}
	e.Err = &DecodeError{Raw: found.value, Index: -1, Err: err}
	if found.err != nil && found.err.Err != nil {
		e.Err = fmt.Errorf("%w: %w", found.err.Err, e.Err)
	}
	return e
}
