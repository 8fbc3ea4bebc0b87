package load

// This file applies an overlay's actions to the tree. Of the overlay library
// only JSONPath is used, and not ApplyToStrict, which reports neither file nor
// line, whose copies of nodes have no lines, and which concatenates the lists of
// extensions, so that correcting an operation's limits would add to them.

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// apply applies actions in order; one that fails is reported and the rest are
// still tried, so that all problems of a file show at once.
func (t *tree) apply(actions []action) error {
	var problems Problems
	for _, a := range actions {
		at := Position{File: t.overlay, Line: a.target.Line, Column: a.target.Column}
		targets, err := find(a.target.Value, t.root)
		if err != nil {
			problems.Add(at, err)
			continue
		}
		switch {
		case a.remove:
			if err := t.remove(targets); err != nil {
				problems.Add(at, err)
			}
		case a.copy != nil:
			problems.Add(at, t.copy(a, targets))
		default:
			for _, target := range targets {
				if err := t.update(target, a.update, t.take); err != nil {
					problems.Add(Position{File: t.overlay, Line: a.update.Line, Column: a.update.Column},
						fmt.Errorf("the update does not fit its target %s: %w", a.target.Value, err))
					break
				}
			}
		}
	}
	return problems.Err()
}

// take copies a node of the overlay into the tree. Each target has a copy of
// its own, since a later action may change one of them only.
func (t *tree) take(n *yaml.Node) *yaml.Node {
	c := t.clone(n)
	t.mark(c)
	return c
}

func (t *tree) mark(n *yaml.Node) {
	t.added[n] = true
	for _, c := range n.Content {
		t.mark(c)
	}
}

// clone copies a node of the tree with where each part came from.
func (t *tree) clone(n *yaml.Node) *yaml.Node {
	c := *n
	if t.added[n] {
		t.added[&c] = true
	}
	c.Content = make([]*yaml.Node, len(n.Content))
	for i := range n.Content {
		c.Content[i] = t.clone(n.Content[i])
	}
	return &c
}

// update merges an update into a target by the rules for an action: into an
// object its members, onto a list its elements or itself, and a scalar is
// replaced by a scalar. take copies what is merged.
func (t *tree) update(target, update *yaml.Node, take func(*yaml.Node) *yaml.Node) error {
	switch target.Kind {
	case yaml.MappingNode:
		if update.Kind != yaml.MappingNode {
			return fmt.Errorf("the target is an object and the update %s: write an object", kindName(update))
		}
		return t.merge(target, update, take, false)
	case yaml.SequenceNode:
		added := []*yaml.Node{update}
		if update.Kind == yaml.SequenceNode {
			added = update.Content
		}
		for _, n := range added {
			target.Content = append(target.Content, take(n))
		}
		return nil
	}
	if update.Kind != yaml.ScalarNode {
		return fmt.Errorf("the target is a plain value and the update %s: target its parent", kindName(update))
	}
	replacement := take(update)
	*target = *replacement
	if t.added[replacement] {
		t.added[target] = true
	}
	return nil
}

// merge merges an object's members into another's, recursively. Lists are
// concatenated, as the specification has it, but within an extension the later
// list replaces the earlier: those of the x- family say what holds, not what
// else holds.
func (t *tree) merge(target, update *yaml.Node, take func(*yaml.Node) *yaml.Node, extension bool) error {
	for i := 0; i+1 < len(update.Content); i += 2 {
		key, value := update.Content[i], update.Content[i+1]
		inside := extension || strings.HasPrefix(key.Value, "x-")
		at := memberIndex(target, key.Value)
		if at < 0 {
			target.Content = append(target.Content, take(key), take(value))
			continue
		}
		old := target.Content[at+1]
		switch {
		case old.Kind == yaml.MappingNode && value.Kind == yaml.MappingNode:
			if err := t.merge(old, value, take, inside); err != nil {
				return fmt.Errorf("%s: %w", key.Value, err)
			}
		case old.Kind == yaml.SequenceNode && value.Kind == yaml.SequenceNode && !inside:
			for _, n := range value.Content {
				old.Content = append(old.Content, take(n))
			}
		case old.Kind != value.Kind && !inside:
			return fmt.Errorf("%s is %s in the document and %s in the update: remove it first, or write the same kind",
				key.Value, kindName(old), kindName(value))
		default:
			target.Content[at], target.Content[at+1] = take(key), take(value)
		}
	}
	return nil
}

func memberIndex(object *yaml.Node, name string) int {
	for i := 0; i+1 < len(object.Content); i += 2 {
		if object.Content[i].Value == name {
			return i
		}
	}
	return -1
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "an object"
	case yaml.SequenceNode:
		return "a list"
	}
	return "a plain value"
}

// remove takes targets out of the tree, members with their keys.
func (t *tree) remove(targets []*yaml.Node) error {
	gone := make(map[*yaml.Node]bool, len(targets))
	for _, n := range targets {
		if n == t.root {
			return fmt.Errorf("the whole document cannot be removed: name a part of it")
		}
		gone[n] = true
	}
	prune(t.root, gone)
	return nil
}

func prune(n *yaml.Node, gone map[*yaml.Node]bool) {
	kept := n.Content[:0]
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			if gone[key] || gone[value] {
				continue
			}
			prune(value, gone)
			kept = append(kept, key, value)
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			if gone[item] {
				continue
			}
			prune(item, gone)
			kept = append(kept, item)
		}
	default:
		return
	}
	n.Content = kept
}

// copy merges the one value that a copy action names into its targets.
func (t *tree) copy(a action, targets []*yaml.Node) error {
	at := Position{File: t.overlay, Line: a.copy.Line, Column: a.copy.Column}
	sources, err := find(a.copy.Value, t.root)
	if err != nil {
		return &Error{Pos: at, Msg: "copy: " + err.Error(), Err: err}
	}
	if len(sources) != 1 {
		return &Error{Pos: at, Msg: fmt.Sprintf("copy: %s selects %d values: name one", a.copy.Value, len(sources))}
	}
	source := t.clone(sources[0])
	for _, target := range targets {
		if err := t.update(target, source, t.clone); err != nil {
			return &Error{Pos: at, Msg: "copy does not fit its target " + a.target.Value + ": " + err.Error(), Err: err}
		}
	}
	return nil
}
