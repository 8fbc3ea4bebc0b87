package annotation

import (
	"slices"
	"strings"

	"github.com/weirkit/weir/generator/load"
	"gopkg.in/yaml.v3"
)

// rootKeys and operationKeys are the x- family, by where its keys stand.
var (
	rootKeys      = []string{"x-rate-limits", "x-plans", "x-quota-headers", "x-quota-body", "x-throttling", "x-errors", "x-warnings", "x-headers", "x-account", "x-cache"}
	operationKeys = []string{
		"x-rate-limit", "x-pagination", "x-result", "x-body", "x-operation-name", "x-idempotency",
		"x-batch", "x-scan", "x-cache", "x-job", "x-job-status",
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
	known := slices.Concat(rootKeys, operationKeys)
	if isOperation(at) {
		known = slices.Concat(operationKeys, rootKeys) // of equally near ones the first is proposed
	}
	if c := closestKey(key.Value, known); c != "" {
		r.addf(key, "%s is no key that weir knows: did you mean %s?", key.Value, c)
	}
}

// closestKey compares what follows x-, which all keys begin with: other tools'
// short keys, such as x-foo, are not misspellings of x-job.
func closestKey(key string, known []string) string {
	var names []string
	for _, k := range known {
		names = append(names, strings.TrimPrefix(k, "x-"))
	}
	key = strings.TrimPrefix(key, "x-")
	if c := load.Closest(key, names); c != "" {
		return "x-" + c
	}
	for _, name := range names {
		if sameStem(key, name) {
			return "x-" + name
		}
	}
	return ""
}

// sameStem reports whether two words differ in their endings only: throttle and
// throttling.
func sameStem(a, b string) bool {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n > 4 && len(a)-n <= 3 && len(b)-n <= 3
}

func isOperation(at []string) bool {
	return len(at) == 3 && at[0] == "paths" && slices.Contains(load.Methods, strings.ToUpper(at[2]))
}
