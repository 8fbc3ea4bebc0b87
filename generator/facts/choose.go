package facts

// This file finds the operations that are asked for.

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weirkit/weir/generator/load"
	"gopkg.in/yaml.v3"
)

// choice is what is kept: all, or the operation nodes in it.
type choice struct {
	all        bool
	count      int
	operations map[*yaml.Node]bool
}

func (c choice) has(operation *yaml.Node) bool { return c.all || c.operations[operation] }

// hasAny reports whether an operation of a path is kept.
func (c choice) hasAny(item *yaml.Node) bool {
	if c.all {
		return true
	}
	return slices.ContainsFunc(methods, func(m string) bool { return c.operations[member(item, m)] })
}

// choose finds the operations with the tags, and those that are named. What is
// not there is an error, all of it together.
func choose(doc *load.Document, tags, names []string) (choice, error) {
	c := choice{all: len(tags)+len(names) == 0, operations: map[*yaml.Node]bool{}}
	var knownTags, knownIDs, knownPaths []string
	missingTags, missingNames := set(tags), set(names)
	for path, item := range pairs(doc.Node("paths")) {
		if strings.HasPrefix(path.Value, "x-") {
			continue
		}
		for _, method := range methods {
			operation := member(item, method)
			if operation == nil {
				continue
			}
			key := strings.ToUpper(method) + " " + path.Value
			knownPaths = append(knownPaths, key)
			id := scalar(member(operation, "operationId"))
			if id != "" {
				knownIDs = append(knownIDs, id)
			}
			for _, name := range []string{key, id} {
				if slices.Contains(names, name) && name != "" {
					c.operations[operation] = true
					delete(missingNames, name)
				}
			}
			for _, tag := range elements(member(operation, "tags")) {
				knownTags = append(knownTags, tag.Value)
				if slices.Contains(tags, tag.Value) {
					c.operations[operation] = true
					delete(missingTags, tag.Value)
				}
			}
		}
	}
	var problems []string
	for _, tag := range tags {
		if missingTags[tag] {
			known := slices.Compact(slices.Sorted(slices.Values(knownTags)))
			problems = append(problems, fmt.Sprintf("no operation has the tag %q%s", tag, load.DidYouMean(tag, known, "there are "+list(known))))
		}
	}
	for _, name := range names {
		if missingNames[name] {
			known := knownIDs
			if strings.Contains(name, " ") {
				known = knownPaths
			}
			problems = append(problems, fmt.Sprintf("there is no operation %q%s", name,
				load.DidYouMean(name, known, "name an operationId, or method and path as in \"GET /things\"")))
		}
	}
	if len(problems) > 0 {
		return c, fmt.Errorf("%s: %s", doc.At(), strings.Join(slices.Compact(problems), "\n"))
	}
	c.count = len(c.operations)
	if c.all {
		c.count = len(knownPaths)
	}
	return c, nil
}

// list joins names, the first of them where there are many.
func list(names []string) string {
	const enough = 20
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > enough:
		return strings.Join(names[:enough], ", ") + fmt.Sprintf(" and %d more", len(names)-enough)
	}
	return strings.Join(names, ", ")
}

func set(names []string) map[string]bool {
	out := map[string]bool{}
	for _, n := range names {
		out[n] = true
	}
	return out
}
