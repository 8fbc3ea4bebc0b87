package draft

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/weirkit/weir/generator/annotation"
	"github.com/weirkit/weir/generator/load"
)

// operation is an operation that guesses may be made of.
type operation struct {
	method, path string
	name         string // in Go
	spec         *openapi3.Operation
	notes        *annotation.Operation
	own          func(key string) bool // reports whether the document has a key of its own
}

// list has the operations by path. It leaves out those that the overlay cannot reach, since they stand in
// another path item that theirs refers to, and those that are to go without guesses.
func (d *drafter) list(without map[string]bool) []*operation {
	var all []*operation
	paths := d.doc.OpenAPI.Paths.Map()
	for _, path := range sorted(paths) {
		for _, method := range load.Methods {
			spec, key := paths[path].GetOperation(method), annotation.Key(method, path)
			at := []string{"paths", path, strings.ToLower(method)}
			if spec == nil || d.names[key] == "" || without[key] || d.doc.Node(at...) == nil || !addressable(path) {
				continue
			}
			all = append(all, &operation{
				method: method, path: path, name: d.names[key], spec: spec, notes: d.set.Operations[key],
				own: func(key string) bool { return d.doc.Node(append(slices.Clone(at), key)...) != nil },
			})
		}
	}
	return all
}

// addressable reports whether a path can stand in a target as it is.
func addressable(path string) bool { return printable(path) == path }

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// group is an action on all operations of which the same is to be said.
type group struct {
	method   string
	paths    []string
	comment  string
	update   []string
	template bool // to be filled in: all of it is a comment
}

// groups gathers operations of which the same is said, in the order of the first of each.
type groups struct {
	all  []*group
	byID map[string]*group
}

func (g *groups) add(op *operation, template bool, comment string, update []string) {
	id := strings.Join(append([]string{op.method, comment}, update...), "\n")
	at := g.byID[id]
	if at == nil {
		if g.byID == nil {
			g.byID = map[string]*group{}
		}
		at = &group{method: op.method, comment: comment, update: update, template: template}
		g.byID[id] = at
		g.all = append(g.all, at)
	}
	at.paths = append(at.paths, op.path)
}

// print writes the groups as actions.
func (g *groups) print(p *page) {
	for i, group := range g.all {
		if i > 0 {
			p.line(0, "")
		}
		p.comment(2, "%s", group.comment)
		if group.template {
			p.target("# - ", 2, group.paths, group.method)
			p.form(2, indented(group.update)...)
			continue
		}
		p.target("- ", 2, group.paths, group.method)
		for _, line := range indented(group.update) {
			p.line(2, "%s", line)
		}
	}
}

// indented is an update as a member of its action; of one line it stands in braces.
func indented(update []string) []string {
	if len(update) == 1 {
		return []string{"  update: {" + update[0] + "}"}
	}
	lines := []string{"  update:"}
	for _, line := range update {
		lines = append(lines, "    "+line)
	}
	return lines
}
