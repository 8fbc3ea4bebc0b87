package drift

// This file names the types of shapes, for people and for the patterns of drift.yaml.

import (
	"cmp"

	"github.com/getkin/kin-openapi/openapi3"
)

// class names the type of a shape, for people.
func class(shape *openapi3.Schema) string {
	kind := kindOf(shape)
	// No deeper: a list may be its own element.
	switch kind {
	case "list":
		return "list of " + plural(kindOf(shape.Items.Value))
	case "map":
		return "map of " + plural(kindOf(shape.AdditionalProperties.Schema.Value))
	}
	return kind
}

func plural(kind string) string {
	if kind == anyKind {
		return "anything"
	}
	return kind + "s"
}

// kindOf is the type of a shape without what it contains.
func kindOf(shape *openapi3.Schema) string {
	switch {
	case shape == nil || shape.Type == nil:
		return anyKind
	case shape.Type.Is("string"):
		return cmp.Or(map[string]string{"date-time": "time", "binary": "file", "byte": "base64 text"}[shape.Format], "string")
	case shape.Type.Is("array"):
		return "list"
	case !shape.Type.Is("object"):
		return shape.Type.Slice()[0]
	case shape.AdditionalProperties.Schema != nil:
		return "map"
	case len(shape.Properties) == 0:
		return "any object"
	}
	return "object"
}
