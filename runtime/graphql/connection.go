package graphql

// This file finds the connection that a query pages through.

import (
	"errors"
	"fmt"
	"strings"

	"github.com/weirkit/weir/runtime/api"
)

// Pages tells how a query pages through a connection: the one whose argument
// after is a variable, and whose pageInfo has hasNextPage and endCursor. Its items
// are its nodes, or else its edges. Where its argument first is a variable too,
// that is the page's size, which the query asks for as far as its variables tell,
// or else as much as the rules allow.
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
	f.found[0].Size = p.size(f.first, r)
	return f.found[0], nil
}

func where(p *api.Pagination) string { return strings.Join(p.Items[1:len(p.Items)-1], ".") }

type finder struct {
	*Prepared
	found []*api.Pagination
	first Field // the connection
	err   error
}

func (f *finder) search(s Selection, path api.Path) {
	f.Document.fields(s, func(field Field) bool {
		if f.err != nil {
			return false
		}
		at := append(path[:len(path):len(path)], field.Key())
		after, _ := field.arg("after")
		if cursor, ok := after.(Var); ok {
			f.connection(field, string(cursor), at)
			return true
		}
		if _, list := field.arg("first"); list {
			return true // what lies in a list has no one place
		}
		f.search(field.Fields, at)
		return true
	})
}

// connection notes a connection with a cursor.
func (f *finder) connection(field Field, cursor string, at api.Path) {
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
		Items: below("nodes"), Next: below("pageInfo", "endCursor"), More: below("pageInfo", "hasNextPage"),
	}
	if p.Items == nil {
		p.Items = below("edges")
	}
	switch {
	case p.Items == nil:
		f.err = fmt.Errorf("%s asks for no nodes and no edges: there is nothing to list", strings.Join(at[1:], "."))
	case p.Next == nil || p.More == nil:
		f.err = fmt.Errorf("%s needs pageInfo { hasNextPage endCursor }, to tell where the next page begins", strings.Join(at[1:], "."))
	}
	f.found, f.first = append(f.found, p), field
}

// size is the variable by which the connection's page size is asked for, if one is.
func (p *Prepared) size(connection Field, r Rules) *api.PageSize {
	first, _ := connection.arg("first")
	name, ok := first.(Var)
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
