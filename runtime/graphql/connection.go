package graphql

// This file finds the connection that a query pages through.

import (
	"errors"
	"fmt"
	"strings"

	"github.com/weirkit/weir/runtime/api"
)

// direction is one of the two ways through a connection.
type direction struct{ cursor, size, next, more string }

var (
	forward  = direction{"after", "first", "endCursor", "hasNextPage"}
	backward = direction{"before", "last", "startCursor", "hasPreviousPage"}
)

// Pages tells how a query pages through a connection: the one whose argument
// after is a variable, and whose pageInfo has hasNextPage and endCursor; or before,
// hasPreviousPage and startCursor, to page from its end. Its items are its nodes,
// or else its edges; its total is its totalCount, if that is asked for. Where its
// argument first (or last) is a variable too, that is the page's size, which the
// query asks for as far as its variables tell, or else as much as the rules allow.
func (p *Prepared) Pages(r Rules) (*api.Pagination, error) {
	f := finder{Prepared: p}
	f.search(p.Operation.Fields, api.Path{"data"})
	switch {
	case f.err != nil:
		return nil, f.err
	case len(f.found) == 0:
		return nil, errors.New("the query has no connection to page through: one whose after is a variable, as in issues(first: $first, after: $cursor) { nodes { … } pageInfo { hasNextPage endCursor } }")
	case len(f.found) > 1:
		return nil, fmt.Errorf("the query pages through both %s and %s: ask for one of them at a time", where(f.found[0]), where(f.found[1]))
	}
	f.found[0].Size = p.size(f.size, r)
	return f.found[0], nil
}

func where(p *api.Pagination) string { return strings.Join(p.Items[1:len(p.Items)-1], ".") }

type finder struct {
	*Prepared
	found []*api.Pagination
	size  any // the last one's argument for it
	err   error
}

func (f *finder) search(s Selection, path api.Path) {
	f.Document.fields(s, func(field Field) bool {
		if f.err != nil {
			return false
		}
		at := append(path[:len(path):len(path)], field.Key())
		list := false
		for _, d := range []direction{forward, backward} {
			cursor, _ := field.arg(d.cursor)
			if cursor, ok := cursor.(Var); ok {
				f.connection(field, d, string(cursor), at)
				return true
			}
			_, sized := field.arg(d.size)
			list = list || sized
		}
		if !list { // what lies in a list has no one place
			f.search(field.Fields, at)
		}
		return true
	})
}

// connection notes a connection with a cursor.
func (f *finder) connection(field Field, d direction, cursor string, at api.Path) {
	below := func(names ...string) api.Path {
		path, s := at, field.Fields
		for _, name := range names {
			var inner Field
			f.Document.fields(s, func(candidate Field) bool {
				if candidate.Name == name {
					inner = candidate
				}
				return inner.Name == ""
			})
			if inner.Name == "" {
				return nil
			}
			path, s = append(path[:len(path):len(path)], inner.Key()), inner.Fields
		}
		return path
	}
	p := &api.Pagination{
		Style: api.CursorStyle, Cursor: api.Param{In: api.InVariable, Name: cursor},
		Items: below("nodes"), Next: below("pageInfo", d.next), More: below("pageInfo", d.more), Total: below("totalCount"),
	}
	if p.Items == nil {
		p.Items = below("edges")
	}
	switch {
	case p.Items == nil:
		f.err = fmt.Errorf("%s asks for no nodes and no edges: there is nothing to list", strings.Join(at[1:], "."))
	case p.Next == nil || p.More == nil:
		f.err = fmt.Errorf("%s needs pageInfo { %s %s }, to tell where the next page begins", strings.Join(at[1:], "."), d.more, d.next)
	}
	f.found = append(f.found, p)
	f.size, _ = field.arg(d.size)
}

// size is the variable by which the connection's page size is asked for, if one is.
func (p *Prepared) size(asked any, r Rules) *api.PageSize {
	name, ok := asked.(Var)
	if !ok || r.MaxPage <= 0 {
		return nil
	}
	e := estimator{rules: r, doc: p.Document, op: p.Operation, variables: p.Values}
	n, known, null := e.number(name)
	if !known || null || n < 1 || n > r.MaxPage {
		n = r.MaxPage
	}
	return &api.PageSize{Param: api.Param{In: api.InVariable, Name: string(name)}, Max: n}
}
