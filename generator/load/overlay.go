package load

// This file reads an overlay file into actions, strictly; apply.go applies them.

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// action is one action of an overlay. Exactly one of update, remove and copy is set.
type action struct {
	target *yaml.Node
	update *yaml.Node
	remove bool
	copy   *yaml.Node
}

var overlayVersion = regexp.MustCompile(`^1\.[01]\.\d+$`)

// readOverlay parses an overlay file. All problems are reported together.
func readOverlay(file string, data []byte) ([]action, error) {
	root, err := parse(file, data)
	if err != nil {
		return nil, err
	}
	r := overlayReader{file: file}
	actions := r.overlay(root)
	if err := r.problems.Err(); err != nil {
		return nil, err
	}
	return actions, nil
}

type overlayReader struct {
	file     string
	problems Problems
}

func (r *overlayReader) addf(n *yaml.Node, format string, args ...any) {
	r.problems.Addf(Position{File: r.file, Line: n.Line, Column: n.Column}, format, args...)
}

// object checks that n is an object with known keys only.
func (r *overlayReader) object(n *yaml.Node, what string, known ...string) bool {
	if n.Kind != yaml.MappingNode {
		r.addf(n, "%s is not an object: it has the keys %s", what, strings.Join(known, ", "))
		return false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if !slices.Contains(known, key.Value) && !strings.HasPrefix(key.Value, "x-") {
			r.addf(key, "%s has no key %s%s", what, key.Value, DidYouMean(key.Value, known, "use "+strings.Join(known, ", ")))
		}
	}
	return true
}

// text is a member that must be a string, or nil where it is missing or is none.
func (r *overlayReader) text(n *yaml.Node, what, name string) *yaml.Node {
	_, value := child(n, name)
	if value == nil {
		return nil
	}
	if value.Kind != yaml.ScalarNode || value.ShortTag() == "!!null" || strings.TrimSpace(value.Value) == "" {
		r.addf(value, "%s's %s is not a text: write one", what, name)
		return nil
	}
	return value
}

func (r *overlayReader) overlay(root *yaml.Node) []action {
	if !r.object(root, "the overlay", "overlay", "info", "extends", "actions") {
		return nil
	}
	switch version := r.text(root, "the overlay", "overlay"); {
	case version != nil && !overlayVersion.MatchString(version.Value):
		r.addf(version, "overlay version %s is not known: write overlay: 1.1.0", version.Value)
	case !has(root, "overlay"):
		r.addf(root, "this is no overlay, it has no version: begin it with overlay: 1.1.0")
	}
	if _, info := child(root, "info"); info == nil {
		r.addf(root, "the overlay has no info: add info: {title: …, version: …}")
	} else if r.object(info, "the overlay's info", "title", "version", "description") {
		for _, name := range []string{"title", "version"} {
			if r.text(info, "the overlay's info", name) == nil && !has(info, name) {
				r.addf(info, "the overlay's info has no %s: add one", name)
			}
		}
		r.text(info, "the overlay's info", "description")
	}
	if extends := r.text(root, "the overlay", "extends"); extends != nil {
		if _, err := url.Parse(extends.Value); err != nil {
			r.addf(extends, "the overlay's extends is no URL: name the document that it is for, or drop it")
		}
	}
	_, list := child(root, "actions")
	switch {
	case list == nil:
		r.addf(root, "the overlay has no actions: add actions, each with a target and an update")
		return nil
	case list.Kind != yaml.SequenceNode || len(list.Content) == 0:
		r.addf(list, "the overlay's actions are not a list: add actions, each with a target and an update")
		return nil
	}
	actions := make([]action, 0, len(list.Content))
	for _, n := range list.Content {
		if a, ok := r.action(n); ok {
			actions = append(actions, a)
		}
	}
	return actions
}

func (r *overlayReader) action(n *yaml.Node) (a action, ok bool) {
	const what = "the action"
	if !r.object(n, what, "target", "description", "update", "remove", "copy") {
		return a, false
	}
	a.target = r.text(n, what, "target")
	if !has(n, "target") {
		r.addf(n, "the action has no target: add one, as in target: $.paths['/things'].get")
	}
	if _, d := child(n, "description"); d != nil && d.Kind != yaml.ScalarNode {
		r.addf(d, "the action's description is not a text: write one")
	}
	given := 0
	if _, a.update = child(n, "update"); a.update != nil {
		given++
	}
	if _, remove := child(n, "remove"); remove != nil {
		if remove.ShortTag() != "!!bool" {
			r.addf(remove, "the action's remove is neither true nor false: write remove: true")
		}
		if err := remove.Decode(&a.remove); err == nil && a.remove {
			given++
		}
	}
	if has(n, "copy") {
		a.copy = r.text(n, what, "copy")
		given++
	}
	switch {
	case given == 0:
		r.addf(n, "the action does nothing: add an update, or remove: true")
	case given > 1:
		r.addf(n, "the action has more than one of update, remove and copy: make an action of each")
	}
	return a, a.target != nil && given == 1
}

func has(n *yaml.Node, name string) bool {
	_, value := child(n, name)
	return value != nil
}
