package graphql

// This file asks for many things in one query, each under aliases of its own, and
// tells from the answer what came of each.

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Lookup is how a thing is found by a key. It is data: an SDK has one for each kind
// of thing that can be looked up.
type Lookup struct {
	// Name is what the queries are called: Repositories.
	Name string
	// Path leads from the query's root to the thing. Things that agree in the first
	// steps share them in a query.
	Path []Step
	// Type is the thing's type, and so what is asked of it is asked of.
	Type string
	// Narrow tells that the last step may lead to things of other types, which are
	// then not what was looked for.
	Narrow bool
}

// Step is a field on the way to a thing, with the arguments that are of the key.
type Step struct {
	Field string
	// Args are the arguments by their names, and their types as GraphQL writes them.
	// Their values go as variables, and never become a part of the query's text.
	Args []Variable
}

// Args are the arguments of all steps: what a key has, in order.
func (l *Lookup) Args() []Variable {
	var all []Variable
	for _, step := range l.Path {
		all = append(all, step.Args...)
	}
	return all
}

// Place is where an answer has a thing, by its fields' names or aliases.
type Place []string

// Ask is the query for the things of some keys, of each of which s is asked, and
// where the answer will have them. A key has a value for each of Args. A lone one
// needs no aliases.
func (l *Lookup) Ask(s Selection, keys [][]any) (Request, []Place) {
	b := asking{lookup: l, vars: map[string]any{}, steps: map[string]*asked{}, aliases: len(keys) > 1}
	places := make([]Place, len(keys))
	for i, key := range keys {
		places[i] = b.add(key)
	}
	const fields = "fields"
	of := Selection{Spread{Fragment: fields}}
	if l.Narrow {
		of = append(Leaves("__typename"), of...)
	}
	op := &Operation{Kind: Query, Name: l.Name, Variables: b.declared, Fields: b.selection(b.roots, of)}
	return Request{
		Document:  &Document{Operations: []*Operation{op}, Fragments: []*Fragment{{Name: fields, On: l.Type, Fields: s}}},
		Variables: b.vars,
	}, places
}

// asking is a query that is being made.
type asking struct {
	lookup   *Lookup
	aliases  bool
	taken    int // of them
	declared []Variable
	vars     map[string]any
	roots    []*asked
	steps    map[string]*asked // by the part of the key that leads there
}

// asked is one step of one or several keys.
type asked struct {
	field Field
	under []*asked
}

func (b *asking) add(key []any) Place {
	place := make(Place, 0, len(b.lookup.Path))
	under, used := &b.roots, 0
	for i, step := range b.lookup.Path {
		used += len(step.Args)
		at := ""
		if i < len(b.lookup.Path)-1 { // the last step is each key's own
			at = fmt.Sprintf("%d %#v", i, key[:used])
		}
		node := b.steps[at]
		if node == nil {
			node = &asked{field: b.step(step, key[used-len(step.Args):used])}
			*under = append(*under, node)
		}
		if at != "" {
			b.steps[at] = node
		}
		place = append(place, node.field.Key())
		under = &node.under
	}
	return place
}

func (b *asking) step(step Step, values []any) Field {
	f := Field{Name: step.Field}
	if b.aliases {
		f.Alias = "k" + strconv.Itoa(b.taken)
		b.taken++
	}
	for i, arg := range step.Args {
		name := "v" + strconv.Itoa(len(b.declared))
		b.declared = append(b.declared, Variable{Name: name, Type: arg.Type})
		b.vars[name] = values[i]
		f.Args = append(f.Args, Arg{Name: arg.Name, Value: Var(name)})
	}
	return f
}

func (b *asking) selection(nodes []*asked, of Selection) Selection {
	if len(nodes) == 0 {
		return of
	}
	s := make(Selection, len(nodes))
	for i, node := range nodes {
		f := node.field
		f.Fields = b.selection(node.under, of)
		s[i] = f
	}
	return s
}

// Most is how many things one query is to ask for at the most. That is as many as
// cost no more points than one of them: beyond that, a larger query saves nothing
// but round trips, and comes nearer to what the provider computes at once. It is
// never more than e.MaxAliases. The error is that of a query for one.
func (l *Lookup) Most(e *Endpoint, s Selection) (int, error) {
	estimate := func(n int) (Estimate, error) {
		keys := make([][]any, n)
		for i := range keys {
			keys[i] = make([]any, len(l.Args()))
			for j := range keys[i] {
				keys[i][j] = i
			}
		}
		r, _ := l.Ask(s, keys)
		return e.Rules.Estimate(r.Document, r.Document.Operations[0], nil)
	}
	one, err := estimate(1)
	if err != nil {
		return 0, err
	}
	more := sort.Search(max(e.MaxAliases-1, 0), func(i int) bool {
		many, err := estimate(i + 2)
		return err != nil || many.Points > one.Points
	})
	return 1 + more, nil
}

// Found is what an answer tells of one thing.
type Found struct {
	// Value is the thing; nil where there is none.
	Value json.RawMessage
	// Errors are those of the thing and of what is in it, their paths as if it had
	// been asked for alone; and those that tell no place. Nil where there are none.
	Errors *Errors
	// Is is the thing's type, if it is not the one that was looked for.
	Is string
}

// Read tells what came of each of the things that were asked for at places.
func (l *Lookup) Read(e *Endpoint, a Answer, places []Place) []Found {
	known := map[string]bool{}
	for _, place := range places {
		known[place[0]] = true
	}
	found := make([]Found, len(places))
	objects := map[string]map[string]json.RawMessage{}
	for i, place := range places {
		f := &found[i]
		f.Value = valueAt(a.Data, place, objects)
		f.Errors = l.errorsAt(e, a.Errors, place, known)
		if f.Errors != nil {
			f.Errors.Partial = f.Value != nil
		}
		var typed struct {
			Name string `json:"__typename"`
		}
		if l.Narrow && f.Value != nil && json.Unmarshal(f.Value, &typed) == nil && typed.Name != l.Type {
			f.Is = typed.Name
		}
	}
	return found
}

// valueAt is what stands at a place; nil where that is nothing. objects remembers
// what has been taken apart.
func valueAt(raw json.RawMessage, place Place, objects map[string]map[string]json.RawMessage) json.RawMessage {
	for i, name := range place {
		at := strings.Join(place[:i], ".")
		object, known := objects[at]
		if !known {
			if json.Unmarshal(raw, &object) != nil {
				object = nil
			}
			objects[at] = object
		}
		raw = object[name]
	}
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	return raw
}

// errorsAt are the errors that concern what stands at a place: in it, on the way to
// it, or of the whole query. One at a field that nobody looked up, as that of the
// endpoint's Report, concerns nothing.
func (l *Lookup) errorsAt(e *Endpoint, told *Errors, place Place, known map[string]bool) *Errors {
	if told == nil {
		return nil
	}
	at := &Errors{}
	for _, err := range told.List {
		if first, _ := stepAt(err.Path, 0); len(err.Path) > 0 && !known[first] && first == e.Report.Key() {
			continue
		}
		if l.concerns(&err, place, known) {
			at.List = append(at.List, err)
			at.costly = at.costly || e.costly(&err)
		}
	}
	if len(at.List) == 0 {
		return nil
	}
	return at
}

// concerns reports whether an error is about a place, and puts the fields' own names
// into its path.
func (l *Lookup) concerns(err *Error, place Place, known map[string]bool) bool {
	first, ok := stepAt(err.Path, 0)
	if !ok || !known[first] {
		return true
	}
	path := slices.Clone(err.Path)
	for i, name := range place[:min(len(place), len(path))] {
		if step, _ := stepAt(path, i); step != name {
			return false
		}
		path[i] = l.Path[i].Field
	}
	err.Path = path
	return true
}

func stepAt(p Path, i int) (string, bool) {
	if i >= len(p) {
		return "", false
	}
	name, ok := p[i].(string)
	return name, ok
}
