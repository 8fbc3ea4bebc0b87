package load

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// typesByName are the types of JSON Schema, and what vendors write for them.
var typesByName = map[string]string{
	"string": "string", "number": "number", "integer": "integer", "boolean": "boolean",
	"object": "object", "array": "array",
	"int": "integer", "long": "integer", "float": "number", "double": "number", "bool": "boolean",
	"date": "string", "datetime": "string", "date-time": "string", "uuid": "string", "file": "string",
}

// lowerTypes leaves a schema with one type or none: null becomes nullable, an
// integer or number is a number, and any other choice of types is a value of
// any shape. A type that is missing but plain from the rest is added.
func lowerTypes(s *openapi3.Schema) {
	var types []string
	unknown := false
	for _, name := range s.Type.Slice() {
		if name == "null" {
			s.Nullable = true
			continue
		}
		if t := typesByName[strings.ToLower(name)]; t == "" {
			unknown = true
		} else if !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	if len(types) == 2 && slices.Contains(types, "integer") && slices.Contains(types, "number") {
		types = []string{"number"}
	}
	switch {
	case unknown || len(types) > 1:
		freeForm(s)
	case len(types) == 1:
		s.Type = &openapi3.Types{types[0]}
	default:
		s.Type = nil
		implyType(s)
	}
}

// implyType adds a type to a schema that has none.
func implyType(s *openapi3.Schema) {
	switch {
	case len(s.AllOf)+len(s.OneOf)+len(s.AnyOf) > 0:
	case len(s.Properties) > 0 || s.AdditionalProperties.Schema != nil:
		s.Type = &openapi3.Types{"object"}
	case s.Items != nil:
		s.Type = &openapi3.Types{"array"}
	case len(s.Enum) > 0 && all[string](s.Enum):
		s.Type = &openapi3.Types{"string"}
	}
}

// all reports whether every value that is not null is a T.
func all[T any](values []any) bool {
	some := false
	for _, v := range values {
		if v == nil {
			continue
		}
		if _, ok := v.(T); !ok {
			return false
		}
		some = true
	}
	return some
}

// freeForm makes a schema one of any value. A union that it has stays, since it
// says more than a list of types.
func freeForm(s *openapi3.Schema) {
	s.Type = nil
	if len(s.OneOf)+len(s.AnyOf) > 0 {
		return
	}
	*s = openapi3.Schema{
		Title: s.Title, Description: s.Description, Nullable: s.Nullable,
		ReadOnly: s.ReadOnly, WriteOnly: s.WriteOnly, Deprecated: s.Deprecated,
		Extensions: s.Extensions, Origin: s.Origin,
	}
}
