package drift

// This file reads drift.yaml: which differences from the vendor's documents are
// accepted, and why.
//
//	against: [desk.yaml.gz]
//	accepted:
//	  - kind: missing
//	    place: query parameter per_page
//	    why: lists are paged by cursor
//
// Everything in it is checked, since a misspelt entry would hide nothing and one
// that is too wide would hide everything.

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/weirkit/weir/generator/load"
)

// Accepted is what a drift.yaml says.
type Accepted struct {
	// Against are the vendor's documents: names of files, without a folder.
	Against []string
	Entries []*Entry
}

// Entry accepts the differences of a family: those that fit all that it says. In
// its patterns * stands for any text, nothing included.
type Entry struct {
	Pos   load.Position
	Kinds []*Pattern
	// Operations, Places, Schemas and Fields fit the members of Difference of
	// these names; of several patterns one has to. A field of $ is the schema itself.
	Operations, Places, Schemas, Fields []*Pattern
	// Here and There fit what the two documents say.
	Here, There []*Pattern
	Why         string
}

// Pattern is one pattern of an entry.
type Pattern struct {
	Pos  load.Position
	Text string
	used bool
}

// ReadAccepted reads a drift.yaml; name is for messages. Its error joins
// *load.Errors, each with a position.
func ReadAccepted(name string, text []byte) (*Accepted, error) {
	r := acceptReader{name: name}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		pos, message := load.Position{File: name}, strings.TrimPrefix(err.Error(), "yaml: ")
		if at := yamlLine.FindStringSubmatch(message); at != nil {
			pos.Line, _ = strconv.Atoi(at[1])
			message = message[len(at[0]):]
		}
		return nil, &load.Error{Pos: pos, Msg: message + ": correct the YAML", Err: err}
	}
	accepted := &Accepted{}
	if len(root.Content) == 0 {
		r.problems.Addf(load.Position{File: name, Line: 1}, "the file is empty: name the vendor's documents by against: [acme.json.gz]")
		return nil, r.problems.Err()
	}
	for key, value := range r.members(root.Content[0], "drift.yaml", "against", "accepted") {
		switch key.Value {
		case "against":
			accepted.Against = r.files(value)
		case "accepted":
			if value.Kind != yaml.SequenceNode {
				r.addf(value, "accepted is no list: write - kind: … for each family of differences")
				continue
			}
			for _, item := range value.Content {
				accepted.Entries = append(accepted.Entries, r.entry(item))
			}
		}
	}
	if err := r.problems.Err(); err != nil {
		return nil, err
	}
	return accepted, nil
}

// yamlLine is how the YAML library begins a message that has a place.
var yamlLine = regexp.MustCompile(`^line (\d+): `)

type acceptReader struct {
	name     string
	problems load.Problems
}

func (r *acceptReader) pos(n *yaml.Node) load.Position {
	return load.Position{File: r.name, Line: n.Line, Column: n.Column}
}

func (r *acceptReader) addf(n *yaml.Node, format string, args ...any) {
	r.problems.Addf(r.pos(n), format, args...)
}

// members yields those of a mapping that are known, each once.
func (r *acceptReader) members(n *yaml.Node, what string, known ...string) func(func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		if n.Kind != yaml.MappingNode {
			r.addf(n, "%s is no mapping: write %s: …", what, known[0])
			return
		}
		lines := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			switch {
			case !slices.Contains(known, key.Value):
				r.addf(key, "%s has no key %s%s", what, key.Value, load.DidYouMean(key.Value, known, "there are "+strings.Join(known, ", ")))
			case lines[key.Value] > 0:
				r.addf(key, "%s is already on line %d: keep one of the two", key.Value, lines[key.Value])
			default:
				lines[key.Value] = key.Line
				if !yield(key, n.Content[i+1]) {
					return
				}
			}
		}
	}
}

// texts reads a text, or a list of texts.
func (r *acceptReader) texts(n *yaml.Node, what string) []*Pattern {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	var all []*Pattern
	for _, item := range items {
		switch {
		case item.Kind != yaml.ScalarNode || item.Value == "":
			r.addf(item, "%s is no text: write one pattern, or a list of them", what)
		case slices.ContainsFunc(all, func(p *Pattern) bool { return p.Text == item.Value }):
			r.addf(item, "%s names %s twice: keep one of the two", what, item.Value)
		default:
			all = append(all, &Pattern{Pos: r.pos(item), Text: item.Value})
		}
	}
	if len(items) == 0 {
		r.addf(n, "%s is an empty list: drop it, or write a pattern", what)
	}
	return all
}

func (r *acceptReader) files(n *yaml.Node) []string {
	var names []string
	for _, p := range r.texts(n, "against") {
		if strings.ContainsAny(p.Text, `/\`) {
			r.problems.Addf(p.Pos, "against names %s: write the file's name alone, it is looked for in the folder of references", p.Text)
		}
		names = append(names, p.Text)
	}
	return names
}

func (r *acceptReader) entry(n *yaml.Node) *Entry {
	e := &Entry{Pos: r.pos(n)}
	for key, value := range r.members(n, "an entry", "kind", "operations", "place", "schema", "field", "here", "there", "why") {
		if key.Value == "why" {
			if e.Why = strings.TrimSpace(value.Value); value.Kind != yaml.ScalarNode || len(strings.Fields(e.Why)) < 3 {
				r.addf(value, "why is no reason: say in a sentence why the difference is right")
			}
			continue
		}
		*e.patterns(key.Value) = r.texts(value, key.Value)
	}
	for _, k := range e.Kinds {
		if !slices.Contains(Kinds, Kind(k.Text)) {
			names := make([]string, len(Kinds))
			for i, known := range Kinds {
				names[i] = string(known)
			}
			r.problems.Addf(k.Pos, "kind is %s, which is none%s", k.Text, load.DidYouMean(k.Text, names, "there are "+strings.Join(names, ", ")))
		}
	}
	if n.Kind != yaml.MappingNode {
		return e
	}
	switch {
	case e.Kinds == nil:
		r.addf(n, "an entry has no kind: say which kind of difference is accepted")
	case e.Places == nil && e.Schemas == nil:
		r.addf(n, "an entry has neither place nor schema, and would accept that kind everywhere: say where")
	case e.Fields != nil && e.Schemas == nil:
		r.addf(n, "an entry has a field and no schema: say of which schema, or write a place")
	}
	if e.Why == "" {
		r.addf(n, "an entry has no why: say in a sentence why the difference is right")
	}
	return e
}

// patterns are those of a key.
func (e *Entry) patterns(key string) *[]*Pattern {
	return map[string]*[]*Pattern{
		"kind": &e.Kinds, "operations": &e.Operations, "place": &e.Places, "schema": &e.Schemas,
		"field": &e.Fields, "here": &e.Here, "there": &e.There,
	}[key]
}

// stale says that a part of drift.yaml fits no difference any more.
func stale(pos load.Position, what string) *load.Error {
	return &load.Error{Pos: pos, Msg: fmt.Sprintf("%s fits no difference: remove it, or correct it", what)}
}
