package providertest

// This file reads GraphQL queries, by a scanner for another language that has the
// same names, numbers and texts.

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/scanner"
)

// graphQuery is a query as it was sent.
type graphQuery struct {
	fields    []*graphField
	fragments map[string]*graphField
	variables map[string]any
}

// graphField is a field, a fragment (on, and no name), or the use of one (spread).
type graphField struct {
	alias, name, on, spread string
	args                    map[string]any // texts, numbers, bools, nil, lists, objects, or variables; enums are texts
	fields                  []*graphField
}

type graphVariable string

func (f *graphField) key() string { return cmp.Or(f.alias, f.name) }

func readGraphQuery(body []byte) (*graphQuery, error) {
	var sent struct {
		Query     string
		Variables map[string]any
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		return nil, errors.New("problems parsing JSON")
	}
	q := &graphQuery{fragments: map[string]*graphField{}, variables: sent.Variables}
	r := graphReader{}
	r.scan.Init(strings.NewReader(sent.Query))
	r.scan.Mode = scanner.ScanIdents | scanner.ScanInts | scanner.ScanFloats | scanner.ScanStrings
	r.scan.Error = func(*scanner.Scanner, string) { r.fail("a token") }
	r.next()
	for r.tok != scanner.EOF && r.err == nil {
		q.definition(&r)
	}
	if q.fields == nil {
		r.fail("a query")
	}
	for name := range q.fragments {
		if r.err == nil && q.circular(q.fragments[name].fields, map[string]bool{name: true}) {
			r.err = fmt.Errorf("fragment %s contains an infinite loop", name)
		}
	}
	return q, r.err
}

// circular reports whether some fields use a fragment that they are in.
func (q *graphQuery) circular(fields []*graphField, in map[string]bool) bool {
	for _, f := range fields {
		if in[f.spread] || q.circular(f.fields, in) {
			return true
		}
		if fragment := q.fragments[f.spread]; fragment != nil {
			in[f.spread] = true
			if q.circular(fragment.fields, in) {
				return true
			}
			delete(in, f.spread)
		}
	}
	return false
}

func (q *graphQuery) definition(r *graphReader) {
	switch {
	case r.text() == "fragment":
		r.next()
		name := r.name()
		r.need("on")
		f := &graphField{on: r.name()}
		f.fields = r.selection()
		q.fragments[name] = f
	case r.text() == "query" || r.text() == "{":
		for r.text() != "{" && r.tok != scanner.EOF { // types are believed
			r.next()
		}
		q.fields = r.selection()
	default:
		r.fail("a query or a fragment")
	}
}

type graphReader struct {
	scan  scanner.Scanner
	tok   rune
	depth int
	err   error
}

// deepest is how far selections and values may nest.
const deepest = 50

// enter notes one more level, which the function that it returns ends.
func (r *graphReader) enter() func() {
	if r.depth++; r.depth > deepest {
		r.fail("no further level")
	}
	return func() { r.depth-- }
}

// next passes to the next token; commas mean nothing.
func (r *graphReader) next() {
	for r.tok = r.scan.Scan(); r.tok == ','; {
		r.tok = r.scan.Scan()
	}
}

func (r *graphReader) text() string { return r.scan.TokenText() }

func (r *graphReader) fail(want string) {
	if r.err == nil {
		r.err = fmt.Errorf("parse error on %q at %v: %s should stand there", r.text(), r.scan.Position, want)
	}
	r.tok = scanner.EOF
}

func (r *graphReader) need(text string) {
	if r.tok == scanner.EOF || r.text() != text {
		r.fail(text)
		return
	}
	r.next()
}

func (r *graphReader) name() string {
	name := r.text()
	if r.tok != scanner.Ident {
		r.fail("a name")
		return ""
	}
	r.next()
	return name
}

func (r *graphReader) selection() []*graphField {
	defer r.enter()()
	var all []*graphField
	r.need("{")
	for r.tok != scanner.EOF && r.text() != "}" {
		all = append(all, r.field())
	}
	r.need("}")
	return all
}

func (r *graphReader) field() *graphField {
	if r.text() == "." {
		for range 3 {
			r.need(".")
		}
		if r.tok == scanner.Ident && r.text() != "on" {
			return &graphField{spread: r.name()}
		}
		f := &graphField{}
		if r.text() == "on" {
			r.next()
			f.on = r.name()
		}
		f.fields = r.selection()
		return f
	}
	f := &graphField{name: r.name(), args: map[string]any{}}
	if r.text() == ":" {
		r.next()
		f.alias, f.name = f.name, r.name()
	}
	if r.text() == "(" {
		r.next()
		f.args = r.members(")")
	}
	if r.text() == "{" {
		f.fields = r.selection()
	}
	return f
}

func (r *graphReader) value() any {
	defer r.enter()()
	text := r.text()
	switch r.tok {
	case '$':
		r.next()
		return graphVariable(r.name())
	case '[':
		r.next()
		list := []any{}
		for r.tok != scanner.EOF && r.tok != ']' {
			list = append(list, r.value())
		}
		r.need("]")
		return list
	case '{':
		r.next()
		return r.members("}")
	case scanner.String:
		r.next()
		var s string
		if json.Unmarshal([]byte(text), &s) != nil {
			r.fail("a text")
		}
		return s
	case scanner.Int, scanner.Float:
		r.next()
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			r.fail("a number")
		}
		return n
	case scanner.Ident:
		r.next()
		switch text {
		case "null":
			return nil
		case "true", "false":
			return text == "true"
		}
		return text
	}
	r.fail("a value")
	return nil
}

// members are names with values, up to what ends them.
func (r *graphReader) members(end string) map[string]any {
	all := map[string]any{}
	for r.tok != scanner.EOF && r.text() != end {
		name := r.name()
		r.need(":")
		all[name] = r.value()
	}
	r.need(end)
	return all
}
