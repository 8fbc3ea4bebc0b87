package drift

// This file sorts differences into those that are accepted and others.

import (
	"strings"

	"github.com/weirkit/weir/generator/load"
)

// Apply returns the differences that no entry accepts. Its error joins
// *load.Errors about entries, and patterns of entries, that fit none: such a
// line says of the documents what is not so, and would hide a difference that
// comes one day.
func (a *Accepted) Apply(differences []Difference) (unexplained []Difference, err error) {
	for _, d := range differences {
		explained := false
		for _, e := range a.Entries {
			explained = e.accept(d) || explained
		}
		if !explained {
			unexplained = append(unexplained, d)
		}
	}
	var problems load.Problems
	for _, e := range a.Entries {
		e.check(&problems)
	}
	return unexplained, problems.Err()
}

// criterion is one key of an entry and what it is held against.
type criterion struct {
	key      string
	patterns []*Pattern
	value    string
}

func (e *Entry) criteria(d Difference) []criterion {
	field := d.Field
	if d.Schema != "" && field == "" {
		field = "$"
	}
	return []criterion{
		{"kind", e.Kinds, string(d.Kind)}, {"operations", e.Operations, d.Operation}, {"place", e.Places, d.Place},
		{"schema", e.Schemas, d.Schema}, {"field", e.Fields, field}, {"here", e.Here, d.Here}, {"there", e.There, d.There},
	}
}

// accept reports whether an entry fits a difference, and notes by which patterns.
func (e *Entry) accept(d Difference) bool {
	var used []*Pattern
	for _, c := range e.criteria(d) {
		fits := len(c.patterns) == 0
		for _, p := range c.patterns {
			if (c.key != "schema" || c.value != "") && glob(p.Text, c.value) {
				fits = true
				used = append(used, p)
			}
		}
		if !fits {
			return false
		}
	}
	for _, p := range used {
		p.used = true
	}
	return true
}

// check reports the entry where nothing of it is of use, or else its patterns
// that are not.
func (e *Entry) check(problems *load.Problems) {
	unused, all := []criterion{}, true
	for _, c := range e.criteria(Difference{}) {
		for _, p := range c.patterns {
			if p.used {
				all = false
				continue
			}
			unused = append(unused, criterion{c.key, []*Pattern{p}, ""})
		}
	}
	if all {
		problems.Add(e.Pos, stale(e.Pos, "this entry"))
		return
	}
	for _, c := range unused {
		problems.Add(e.Pos, stale(c.patterns[0].Pos, c.key+" "+c.patterns[0].Text))
	}
}

// glob reports whether a text fits a pattern, in which * stands for any text.
// path.Match would stop at slashes and read brackets, of which places are full.
func glob(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return pattern == text
	}
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return true
}
