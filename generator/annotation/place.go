package annotation

import (
	"slices"
	"strings"

	"github.com/weirkit/weir/generator/load"
	"gopkg.in/yaml.v3"
)

// rootKeys and operationKeys are the x- family, by where its keys stand.
var (
	rootKeys      = []string{"x-rate-limits", "x-plans", "x-quota-headers", "x-throttling", "x-errors", "x-account"}
	operationKeys = []string{
		"x-rate-limit", "x-pagination", "x-result", "x-body", "x-operation-name", "x-idempotency",
		"x-batch", "x-cache", "x-job",
	}
)

// checkPlaces reports keys of the overlay that nothing would read: those of the
// family in a wrong place, and those that misspell it. Other x- keys are other
// tools'.
func (r *reader) checkPlaces() {
	r.lenient = false
	r.checkKeys(r.doc.Node(), nil)
}

func (r *reader) checkKeys(n *yaml.Node, at []string) {
	for _, item := range n.Content {
		if n.Kind == yaml.SequenceNode {
			r.checkKeys(item, append(at, ""))
		}
	}
	for key, value := range pairs(n) {
		if !strings.HasPrefix(key.Value, "x-") {
			r.checkKeys(value, append(at, key.Value))
			continue
		}
		if r.doc.FromOverlay(key) {
			r.checkKey(key, at)
		}
	}
}

func (r *reader) checkKey(key *yaml.Node, at []string) {
	const none = ""
	place, right := "this place", none
	switch {
	case slices.Contains(rootKeys, key.Value):
		right = "the root of the document, as with target: $"
	case slices.Contains(operationKeys, key.Value):
		right = "an operation, as with target: $.paths['/things'].get"
	}
	switch {
	case len(at) == 0:
		place = "the root"
		if slices.Contains(rootKeys, key.Value) {
			return
		}
	case isOperation(at):
		place = "an operation"
		if slices.Contains(operationKeys, key.Value) {
			return
		}
	}
	if right != none {
		r.addf(key, "%s is not read at %s: put it at %s", key.Value, place, right)
		return
	}
	// A properties or schemas object may have a member of any name.
	if len(at) > 0 && slices.Contains([]string{"properties", "schemas", "headers", "definitions"}, at[len(at)-1]) {
		return
	}
	if c := load.Closest(key.Value, slices.Concat(rootKeys, operationKeys)); c != "" && closeEnough(key.Value, c) {
		r.addf(key, "%s is no key that weir knows: did you mean %s?", key.Value, c)
	}
}

// closeEnough keeps other tools' short keys, such as x-foo, from being taken
// for misspellings: what follows x- must be mostly the same.
func closeEnough(key, known string) bool {
	key, known = strings.TrimPrefix(key, "x-"), strings.TrimPrefix(known, "x-")
	return load.Closest(key, []string{known}) != ""
}

func isOperation(at []string) bool {
	return len(at) == 3 && at[0] == "paths" && slices.Contains(load.Methods, strings.ToUpper(at[2]))
}
