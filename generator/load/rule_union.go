package load

import "github.com/getkin/kin-openapi/openapi3"

// foldNullMembers takes null out of a union: the union is nullable.
func foldNullMembers(s *openapi3.Schema) {
	for _, union := range []*openapi3.SchemaRefs{&s.OneOf, &s.AnyOf} {
		var kept openapi3.SchemaRefs
		for _, member := range *union {
			if member.Ref == "" && member.Value.Nullable && bare(member.Value) {
				s.Nullable = true
				continue
			}
			kept = append(kept, member)
		}
		*union = kept
	}
}

// dropValidationUnions drops a union that only says which properties must come
// together: anyOf: [{required: [a]}, {required: [b]}] beside properties. It
// changes no Go type, and oapi-codegen would make a union of nothing.
func dropValidationUnions(s *openapi3.Schema) {
	if s.Type == nil && len(s.Properties) == 0 {
		return
	}
	for _, union := range []*openapi3.SchemaRefs{&s.OneOf, &s.AnyOf} {
		shapeless := true
		for _, member := range *union {
			shapeless = shapeless && member.Ref == "" && onlyValidates(member.Value, s.Type)
		}
		if shapeless {
			*union = nil
		}
	}
}

// onlyValidates reports whether a member of a union beside a type adds no shape
// to it.
func onlyValidates(s *openapi3.Schema, beside *openapi3.Types) bool {
	c := *s
	c.Required, c.MinProps, c.MaxProps, c.MinItems, c.MaxItems = nil, 0, nil, 0, nil
	c.Pattern, c.MinLength, c.MaxLength, c.Min, c.Max, c.MultipleOf = "", 0, nil, nil, nil, nil
	if beside != nil && c.Type != nil && len(*beside) == 1 && c.Type.Is((*beside)[0]) {
		c.Type = nil
	}
	for _, union := range []*openapi3.SchemaRefs{&c.OneOf, &c.AnyOf, &c.AllOf} {
		nested := *union
		*union = nil
		for _, member := range nested {
			if member.Ref != "" || !onlyValidates(member.Value, beside) {
				return false
			}
		}
	}
	return bare(&c)
}
