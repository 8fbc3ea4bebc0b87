package facts

// This file notes which components a kept part refers to: by $ref, in a security
// requirement, in a discriminator.

import (
	"net/url"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// refer notes what a reference leads to.
func (k *keeper) refer(ref *yaml.Node) {
	parts := pointer(ref.Value)
	switch {
	case len(parts) > 2 && parts[0] == "components":
		k.want(component{"components/" + parts[1], parts[2]})
	case len(parts) > 1 && groupOf("document", parts[0]) != "":
		k.want(component{parts[0], parts[1]})
	case len(parts) > 2 && parts[0] == "paths":
		if item := k.doc.Node(parts[:2]...); !k.chosen.hasAny(item) || slices.Contains(methods, parts[2]) && !k.chosen.has(member(item, parts[2])) {
			k.problems.Addf(k.doc.PositionOf(ref), "the reference %s leads into an operation that is not chosen: choose %s %s too",
				ref.Value, strings.ToUpper(parts[2]), parts[1])
		}
	default:
		k.problems.Addf(k.doc.PositionOf(ref), "the reference %s leads to no component, and its target is not imported: move it to components", ref.Value)
	}
}

func (k *keeper) want(c component) {
	if !k.wanted[c] {
		k.wanted[c] = true
		k.queue = append(k.queue, c)
	}
}

// schemes is the group of security schemes.
func (k *keeper) schemes() string {
	if k.doc.Version == "2.0" {
		return "securityDefinitions"
	}
	return "components/securitySchemes"
}

// secureByAll keeps all schemes of a document that names none in a requirement:
// its author has left the requirements out, not the signing in.
func (k *keeper) secureByAll() {
	for c := range k.wanted {
		if c.group == k.schemes() {
			return
		}
	}
	for name := range pairs(k.doc.Node(strings.Split(k.schemes(), "/")...)) {
		k.want(component{k.schemes(), name.Value})
	}
}

// secure notes the schemes that a security requirement names.
func (k *keeper) secure(requirements *yaml.Node) {
	group := k.schemes()
	for _, r := range elements(requirements) {
		for name := range pairs(r) {
			if k.doc.Node(append(strings.Split(group, "/"), name.Value)...) != nil {
				k.want(component{group, name.Value})
			}
		}
	}
}

// discriminate notes what a mapping leads to: references, or names of schemas.
func (k *keeper) discriminate(mapping *yaml.Node) {
	for _, v := range pairs(mapping) {
		if strings.Contains(v.Value, "/") {
			k.refer(v)
		} else if k.doc.Node("components", "schemas", v.Value) != nil {
			k.want(component{"components/schemas", v.Value})
		}
	}
}

// pointer are the names in a reference "#/a/b".
func pointer(ref string) []string {
	parts := strings.Split(strings.TrimPrefix(ref, "#/"), "/")
	for i, p := range parts {
		if plain, err := url.PathUnescape(p); err == nil {
			p = plain
		}
		parts[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(p)
	}
	return parts
}
