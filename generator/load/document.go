package load

import (
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

// Document is a provider's document with its overlay applied.
type Document struct {
	// OpenAPI is the document as OpenAPI 3.0 for oapi-codegen, with shapes that it
	// cannot take rewritten. References are resolved with their Ref kept, so that
	// named types stay named; where something is said of a reference (nullable, a
	// description), its Value is a copy of the component that says it too.
	// Every operation has an operationId, the parameters of its path, and exactly
	// the path parameters of its template. Examples are left out. Each Load makes
	// a fresh one, since oapi-codegen changes what it is given.
	OpenAPI *openapi3.T
	// Version is what the document calls itself: "2.0", "3.0.3", "3.1.0".
	Version string
	// Warnings are oddities that were worked around, each with its file:line.
	Warnings []string

	tree *tree
}

// Node is the value at a JSON pointer in the merged tree, or nil. The tree is
// the vendor's own, before any conversion or rewriting: the definitions of a
// Swagger 2.0 document are found under its own names and under components.
func (d *Document) Node(pointer ...string) *yaml.Node {
	_, value, rest := d.walk(pointer)
	if len(rest) > 0 {
		return nil
	}
	return value
}

// At is the position of the value at a JSON pointer, in the document or in the
// overlay that added it: of its key where it is a member of an object. Where
// the pointer leads nowhere it is the position of the deepest part that exists.
func (d *Document) At(pointer ...string) Position {
	key, value, _ := d.walk(pointer)
	if key != nil {
		return d.tree.position(key)
	}
	return d.tree.position(value)
}

// PositionOf is the position of a node of the merged tree.
func (d *Document) PositionOf(n *yaml.Node) Position { return d.tree.position(n) }

// FromOverlay reports whether a node of the merged tree came from the overlay.
func (d *Document) FromOverlay(n *yaml.Node) bool { return d.tree.fromOverlay(n) }

// walk follows pointer as far as it goes, and returns the last value with its
// key, if it is a member, and the rest of the pointer.
func (d *Document) walk(pointer []string) (key, value *yaml.Node, rest []string) {
	value = d.tree.root
	pointer = d.ownPointer(pointer)
	for i, name := range pointer {
		k, v := child(value, name)
		if v == nil {
			return key, value, pointer[i:]
		}
		key, value = k, v
	}
	return key, value, nil
}

// ownPointer translates a pointer into the converted document to one into a
// Swagger 2.0 document.
func (d *Document) ownPointer(pointer []string) []string {
	if d.Version != "2.0" || len(pointer) < 2 || pointer[0] != "components" {
		return pointer
	}
	switch pointer[1] {
	case "schemas":
		return append([]string{"definitions"}, pointer[2:]...)
	case "securitySchemes":
		return append([]string{"securityDefinitions"}, pointer[2:]...)
	case "parameters", "responses":
		return pointer[1:]
	case "requestBodies":
		return append([]string{"parameters"}, pointer[2:]...)
	}
	return pointer
}

// child is the member or element of a node by name or index, with its key.
func child(n *yaml.Node, name string) (key, value *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == name {
				return n.Content[i], n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(n.Content) {
			return nil, n.Content[i]
		}
	}
	return nil, nil
}
