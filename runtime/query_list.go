package runtime

// This file pages through connections of GraphQL queries.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/graphql"
	"github.com/weirkit/weir/runtime/jsonpath"
	"github.com/weirkit/weir/runtime/page"
)

// QueryList iterates over the nodes of all pages of a connection, as [List] does
// over a list. The connection is the one of the query whose argument after is a
// variable, and it has to ask for pageInfo { hasNextPage endCursor }; or before, and
// pageInfo { hasPreviousPage startCursor }, for the pages from its end on. If it
// asks for no nodes, its edges are listed. If it asks for totalCount, that is the
// pages' Total.
//
// Where the connection's first is a variable too, pages are of the size that the
// variables tell, or of the largest allowed; the size is halved while the provider
// fails on it or finds the query too costly, and grows back.
//
// A node of which a part failed is yielded as an error, in its place, which wraps a
// *[DecodeError] with what came of it; the loop may go on after it, as after what
// failed beside the connection. Any other error ends the loop.
//
//go:noinline
func QueryList[T any](ctx context.Context, c *Client, e *graphql.Endpoint, r graphql.Request, opts ...Option) iter.Seq2[T, error] {
	begin := querying(c, e, r, opts)
	return func(yield func(T, error) bool) {
		begin.items(ctx, (*T)(nil), func(s *page.Sheet, at int, err error) bool {
			if err != nil {
				return yield(*new(T), err)
			}
			return yield(s.Items.([]T)[at], nil)
		})
	}
}

// QueryPages iterates over the pages of a connection, as [QueryList] does over its
// nodes. Page.Cursor, kept, goes on after the page by WithCursor.
//
//go:noinline
func QueryPages[T any](ctx context.Context, c *Client, e *graphql.Endpoint, r graphql.Request, opts ...Option) iter.Seq2[*page.Page[T], error] {
	begin := querying(c, e, r, opts)
	return func(yield func(*page.Page[T], error) bool) {
		begin.pages(ctx, (*T)(nil), func(s *page.Sheet, err error) bool {
			if s == nil {
				return yield(nil, err)
			}
			return yield(page.Of[T](s), err)
		})
	}
}

func querying(c *Client, e *graphql.Endpoint, r graphql.Request, opts []Option) begin {
	return func() (*walk, error) { return newQueryWalk(c, e, r, opts) }
}

func newQueryWalk(c *Client, e *graphql.Endpoint, r graphql.Request, opts []Option) (*walk, error) {
	cl, err := c.newQuery(e, r, opts)
	if err != nil {
		return nil, err
	}
	if cl.op.Pagination, err = cl.query.Pages(e.Rules); err != nil {
		return nil, c.failure(cl, nil, fmt.Errorf("%w: %w", ErrInvalidArgument, err))
	}
	return walkOf(c, cl)
}

// decodePage reads a page's body.
func decodePage(c *Client, cl *call, ans *answer, item reflect.Type) (*page.Sheet, page.Told, error) {
	var told *graphql.Errors
	if cl.query != nil {
		raw, _ := jsonpath.Lookup(ans.body, api.Path{"errors"})
		if told = cl.query.endpoint.Errors(raw); told != nil && errors.Is(told, graphql.ErrTooCostly) {
			return nil, page.Told{}, c.failure(cl, ans, told)
		}
	}
	p, next, err := page.DecodeSheet(ans.body, cl.op.Pagination, item)
	switch {
	case err != nil && told != nil:
		return nil, next, c.failure(cl, ans, told)
	case err != nil:
		return nil, next, c.failure(cl, ans, &DecodeError{Raw: ans.body, Index: -1, Err: err})
	case told != nil:
		told.Partial = true
		setAside(p, told, cl.op.Pagination.Items[1:])
	}
	if cl.query != nil && next.More != nil && *next.More && next.Next == "" {
		return p, next, c.failure(cl, ans, errors.New("the connection has a next page, but tells no cursor for it"))
	}
	return p, next, nil
}

// setAside puts the items of which a part failed among those that failed, and
// what failed beside them behind them all.
func setAside(p *page.Sheet, told *graphql.Errors, items api.Path) {
	total := len(p.Raw) + len(p.Failed)
	failures := map[int]*graphql.Errors{}
	for _, e := range told.List {
		at := itemOf(e.Path, items)
		if at < 0 || at >= total {
			at = total
		}
		if failures[at] == nil {
			failures[at] = &graphql.Errors{Partial: true}
		}
		failures[at].List = append(failures[at].List, e)
	}
	before := *p
	from := reflect.ValueOf(before.Items)
	kept := reflect.MakeSlice(from.Type(), 0, from.Len())
	p.Raw, p.Failed = make([]json.RawMessage, 0, len(before.Raw)), nil
	good := 0
	for at := range total {
		failed := &page.ItemError{Index: at}
		if len(before.Failed) > 0 && before.Failed[0].Index == at {
			failed, before.Failed = before.Failed[0], before.Failed[1:]
		} else {
			failed.Raw = before.Raw[good]
			good++
		}
		if told := failures[at]; told != nil {
			failed.Err = queryErrors{told}
		}
		if failed.Err != nil {
			p.Failed = append(p.Failed, failed)
			continue
		}
		kept, p.Raw = reflect.Append(kept, from.Index(good-1)), append(p.Raw, failed.Raw)
	}
	p.Items = kept.Interface()
	if rest := failures[total]; rest != nil {
		p.Failed = append(p.Failed, &page.ItemError{Index: total, Err: queryErrors{rest}})
	}
}

// itemOf is the index of the item that a path leads into; -1 where it leads
// elsewhere.
func itemOf(p graphql.Path, items api.Path) int {
	if len(p) <= len(items) || !slices.EqualFunc(p[:len(items)], items, func(step any, name string) bool { return step == name }) {
		return -1
	}
	if at, ok := p[len(items)].(int); ok && at >= 0 {
		return at
	}
	return -1
}

// itemFailure is the error of an item, or of what failed beside the items.
func (q *query) itemFailure(c *Client, e *Error, item *page.ItemError) error {
	told, ok := errors.AsType[*graphql.Errors](item.Err)
	if !ok {
		return e
	}
	q.quote(c, e, told)
	return e
}
