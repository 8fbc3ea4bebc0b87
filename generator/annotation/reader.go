package annotation

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/weirkit/weir/generator/load"
	"github.com/weirkit/weir/runtime/api"
	"gopkg.in/yaml.v3"
)

// reader reads annotations and gathers what is wrong with them.
type reader struct {
	doc *load.Document
	set *Set
	// declared are the names of all limits, wrong ones of the overlay included,
	// so that one mistake is not reported again at each use.
	declared []string
	// names are the x-operation-names so far.
	names map[string]*yaml.Node
	// invalidated are the operations that x-cache names.
	invalidated []*yaml.Node
	// problems are errors; warnings are the same of the vendor's own keys, which
	// may well mean something else than weir's.
	problems, warnings load.Problems
	// lenient tells that the value at hand is the vendor's own.
	lenient bool
	// failed tells that something is wrong with the value at hand.
	failed bool
}

func (r *reader) addf(n *yaml.Node, format string, args ...any) {
	r.failed = true
	to := &r.problems
	if r.lenient {
		to = &r.warnings
	}
	to.Addf(r.doc.PositionOf(n), format, args...)
}

// value reads one annotation with read and checks it by its JSON Schema. It
// reports whether the annotation is good; if not, it is left out.
func (r *reader) value(n *yaml.Node, schema string, read func()) bool {
	lenient, failed := r.lenient, r.failed
	defer func() { r.lenient, r.failed = lenient, failed }()
	r.lenient, r.failed = !r.fromOverlay(n), false
	read()
	if !r.failed {
		r.checkSchema(schema, n)
	}
	return !r.failed
}

// fromOverlay reports whether any part of a value came from the overlay.
func (r *reader) fromOverlay(n *yaml.Node) bool {
	return r.doc.FromOverlay(n) || slices.ContainsFunc(n.Content, r.fromOverlay)
}

// object is an object whose keys are known.
type object struct {
	r    *reader
	n    *yaml.Node
	what string
}

// object reads n as an object with no keys but known ones.
func (r *reader) object(n *yaml.Node, what string, known ...string) (object, bool) {
	if n.Kind != yaml.MappingNode {
		r.addf(n, "%s is not an object: write %s", what, braces(known))
		return object{}, false
	}
	for key := range pairs(n) {
		if !slices.Contains(known, key.Value) {
			r.addf(key, "%s has no key %s%s", what, key.Value, load.DidYouMean(key.Value, known, "it has "+strings.Join(known, ", ")))
		}
	}
	return object{r, n, what}, true
}

func braces(keys []string) string { return "{" + strings.Join(keys, ": …, ") + ": …}" }

// pairs are the members of an object in the order of the file.
func pairs(n *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// get is a member's value, or nil.
func (o object) get(name string) *yaml.Node { return get(o.n, name) }

func get(n *yaml.Node, name string) *yaml.Node {
	for key, value := range pairs(n) {
		if key.Value == name {
			return value
		}
	}
	return nil
}

// need is a member's value; its absence is a problem.
func (o object) need(name string) *yaml.Node {
	v := o.get(name)
	if v == nil {
		o.r.addf(o.n, "%s has no %s: add it", o.what, name)
	}
	return v
}

// The readers of plain values take nil for a member that is absent, and report
// false for it and for one that is wrong.

func (r *reader) text(n *yaml.Node, what string) (string, bool) {
	if n == nil {
		return "", false
	}
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" && n.ShortTag() != "!!timestamp" || n.Value == "" {
		r.addf(n, "%s is not a text: write one", what)
		return "", false
	}
	return n.Value, true
}

// texts are the scalars of a list as text; true and 1 are taken as written.
func (r *reader) texts(n *yaml.Node, what string) []string {
	var all []string
	for _, item := range r.list(n, what) {
		if item.Kind != yaml.ScalarNode || item.ShortTag() == "!!null" {
			r.addf(item, "%s has an element that is no plain value: write texts", what)
			continue
		}
		all = append(all, item.Value)
	}
	return all
}

func (r *reader) list(n *yaml.Node, what string) []*yaml.Node {
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		r.addf(n, "%s is not a list: put it in brackets", what)
		return nil
	}
	return n.Content
}

// number is a whole number of at least least.
func (r *reader) number(n *yaml.Node, what string, least int) (int, bool) {
	if n == nil {
		return 0, false
	}
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || err != nil {
		r.addf(n, "%s is not a whole number: write one", what)
		return 0, false
	}
	if v < least || v > 1_000_000_000 {
		r.addf(n, "%s is %d: write a number from %d to a billion", what, v, least)
		return 0, false
	}
	return v, true
}

func (r *reader) boolean(n *yaml.Node, what string) (value, ok bool) {
	if n == nil {
		return false, false
	}
	if n.ShortTag() != "!!bool" {
		r.addf(n, "%s is neither true nor false: write true, or leave it out", what)
		return false, false
	}
	return n.Value == "true" || n.Value == "True" || n.Value == "TRUE", true
}

// oneOf is a text out of a set of values.
func oneOf[T ~string](r *reader, n *yaml.Node, what string, values ...T) (T, bool) {
	text, ok := r.text(n, what)
	if !ok {
		return "", false
	}
	var known []string
	for _, v := range values {
		known = append(known, string(v))
	}
	if !slices.Contains(known, text) {
		r.addf(n, "%s is %s%s", what, text, load.DidYouMean(text, known, "write one of "+strings.Join(known, ", ")))
		return "", false
	}
	return T(text), true
}

func (r *reader) duration(n *yaml.Node, what string) (time.Duration, bool) {
	return parsed(r, n, what, ParseDuration)
}

func (r *reader) path(n *yaml.Node, what string) (api.Path, bool) {
	return parsed(r, n, what, ParsePath)
}

func parsed[T any](r *reader, n *yaml.Node, what string, parse func(string) (T, error)) (T, bool) {
	var zero T
	if n == nil {
		return zero, false
	}
	if n.Kind != yaml.ScalarNode {
		r.addf(n, "%s is not a plain value: write a text", what)
		return zero, false
	}
	v, err := parse(n.Value)
	if err != nil {
		r.addf(n, "%s: %v", what, err)
		return zero, false
	}
	return v, true
}

// limitName is the name of a limit of the document.
func (r *reader) limitName(n *yaml.Node, what string) (string, bool) {
	name, ok := r.text(n, what)
	if !ok {
		return "", false
	}
	if !slices.Contains(r.declared, name) {
		r.addf(n, "%s is %s, and x-rate-limits has no such limit%s", what, name, load.DidYouMean(name, r.declared, "add it there, or correct the name"))
		return "", false
	}
	return name, true
}

// operation is one operation while its annotations are read.
type operation struct {
	*Operation
	key  string
	node *yaml.Node
	spec *openapi3.Operation
}
