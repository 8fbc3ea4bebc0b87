package load

import "gopkg.in/yaml.v3"

// lowerTuple makes one schema of a list of schemas under items, which
// kin-openapi cannot read. Lists whose elements differ by place have elements
// of any shape; Go has no better type for them.
func lowerTuple(object *yaml.Node) {
	_, items := child(object, "items")
	if items == nil || items.Kind != yaml.SequenceNode {
		return
	}
	if len(items.Content) == 1 {
		*items = *items.Content[0]
		return
	}
	*items = yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: items.Line, Column: items.Column}
}
