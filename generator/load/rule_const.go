package load

import "github.com/getkin/kin-openapi/openapi3"

// lowerConst turns const into an enum of one text, or, for other values, into
// their type: a constant number is no use as a Go enum.
func lowerConst(s *openapi3.Schema) {
	value := s.Const
	s.Const = nil
	switch value := value.(type) {
	case nil:
	case string:
		if s.Type == nil {
			s.Type = &openapi3.Types{"string"}
		}
		if s.Type.Is("string") && len(s.Enum) == 0 {
			s.Enum = []any{value}
		}
	case bool:
		if s.Type == nil {
			s.Type = &openapi3.Types{"boolean"}
		}
	case float64:
		if s.Type == nil {
			s.Type = &openapi3.Types{"number"}
			if value == float64(int64(value)) {
				s.Type = &openapi3.Types{"integer"}
			}
		}
	}
}

// mergeConstMembers turns a union of constant texts, 3.1's way to document the
// values of an enum, into that enum.
func mergeConstMembers(s *openapi3.Schema) {
	for _, union := range []*openapi3.SchemaRefs{&s.OneOf, &s.AnyOf} {
		var values []any
		for _, member := range *union {
			if member.Ref != "" || len(member.Value.Enum) == 0 || !member.Value.Type.Is("string") {
				values = nil
				break
			}
			rest := *member.Value
			rest.Enum, rest.Type, rest.Format = nil, nil, ""
			if !bare(&rest) {
				values = nil
				break
			}
			s.Nullable = s.Nullable || rest.Nullable
			values = append(values, member.Value.Enum...)
		}
		if len(values) == 0 || s.Type != nil && !s.Type.Is("string") {
			continue
		}
		*union = nil
		s.Type = &openapi3.Types{"string"}
		s.Enum = append(s.Enum, values...)
		cleanEnum(s)
	}
}
