package load

import "gopkg.in/yaml.v3"

// wrapNullableReference moves a $ref that has nullable beside it into an allOf.
// OpenAPI 3.0 says to ignore what stands beside $ref, and kin-openapi does, but
// vendors write it and mean it. collapseReference makes a reference of it again.
func wrapNullableReference(object *yaml.Node) {
	_, ref := child(object, "$ref")
	_, nullable := child(object, "nullable")
	if ref == nil || ref.Kind != yaml.ScalarNode || nullable == nil || nullable.Value != "true" {
		return
	}
	at := memberIndex(object, "$ref")
	key := object.Content[at]
	inner := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: key.Line, Column: key.Column, Content: []*yaml.Node{key, ref}}
	object.Content[at] = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "allOf", Line: key.Line, Column: key.Column}
	object.Content[at+1] = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: ref.Line, Column: ref.Column, Content: []*yaml.Node{inner}}
}
