package load

import "github.com/getkin/kin-openapi/openapi3"

// lowerKeywords puts the keywords of JSON Schema 2020-12 that say something
// about a Go type into those of OpenAPI 3.0, and drops the others, which only
// validate.
func lowerKeywords(s *openapi3.Schema) {
	if len(s.PatternProperties) == 1 && s.AdditionalProperties.Schema == nil && s.AdditionalProperties.Has == nil {
		for _, ref := range s.PatternProperties {
			s.AdditionalProperties.Schema = ref
		}
		if s.Type == nil {
			s.Type = &openapi3.Types{"object"}
		}
	}
	if s.Type.Is("string") && s.Format == "" {
		switch {
		case s.ContentEncoding == "base64":
			s.Format = "byte"
		case s.ContentEncoding == "" && s.ContentMediaType == "application/octet-stream":
			s.Format = "binary"
		}
	}
	s.PatternProperties, s.DependentSchemas, s.DependentRequired, s.Defs = nil, nil, nil, nil
	s.If, s.Then, s.Else, s.Not = nil, nil, nil, nil
	s.Contains, s.MinContains, s.MaxContains, s.PropertyNames = nil, nil, nil, nil
	s.UnevaluatedItems, s.UnevaluatedProperties = openapi3.BoolSchema{}, openapi3.BoolSchema{}
	s.ContentEncoding, s.ContentMediaType, s.ContentSchema = "", "", nil
	s.SchemaDialect, s.SchemaID, s.Anchor, s.DynamicRef, s.DynamicAnchor, s.Comment = "", "", "", "", "", ""
	s.Example, s.Examples = nil, nil
}
