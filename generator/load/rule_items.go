package load

import "github.com/getkin/kin-openapi/openapi3"

// giveItems gives an array that does not tell its elements, or tells them by
// place, elements of any shape.
func giveItems(s *openapi3.Schema) {
	if s.PrefixItems != nil {
		s.PrefixItems = nil
		s.Items = nil
		if s.Type == nil {
			s.Type = &openapi3.Types{"array"}
		}
	}
	if s.Type.Is("array") && s.Items == nil {
		s.Items = &openapi3.SchemaRef{Value: &openapi3.Schema{}}
	}
}
