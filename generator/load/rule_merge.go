package load

import (
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// mergeConflicts merges the members of an allOf that oapi-codegen would refuse
// to: of different formats, types, defaults or flags. Others are left, since an
// allOf of references says by which names its parts are known.
func mergeConflicts(s *openapi3.Schema) {
	if len(s.AllOf) == 0 {
		return
	}
	var parts []*openapi3.Schema
	flatten(s, map[*openapi3.Schema]bool{}, &parts)
	if len(parts) < 2 || !conflict(parts) {
		return
	}
	merged := openapi3.Schema{Extensions: s.Extensions, Origin: s.Origin}
	for _, part := range parts {
		mergeInto(&merged, part)
	}
	merged.Title, merged.Description = s.Title, s.Description
	*s = merged
}

// flatten lists a schema's parts: its members' first, its own last, which wins.
func flatten(s *openapi3.Schema, seen map[*openapi3.Schema]bool, parts *[]*openapi3.Schema) {
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	for _, member := range s.AllOf {
		flatten(member.Value, seen, parts)
	}
	own := *s
	own.AllOf = nil
	if !bare(&own) || own.Nullable || own.ReadOnly || own.WriteOnly {
		*parts = append(*parts, &own)
	}
}

// conflict reports whether oapi-codegen v2.8.2 (merge_schemas.go) refuses to
// merge parts.
func conflict(parts []*openapi3.Schema) bool {
	first := parts[0]
	types, discriminators, maps := first.Type, 0, 0
	for _, p := range parts {
		if types == nil {
			types = p.Type
		}
		if p.Type != nil && types != nil && !slices.Equal(*p.Type, *types) ||
			p.Format != first.Format || p.UniqueItems != first.UniqueItems ||
			p.ReadOnly != first.ReadOnly || p.WriteOnly != first.WriteOnly ||
			p.AllowEmptyValue != first.AllowEmptyValue ||
			p.Default != nil || p.ExclusiveMin.IsSet() || p.ExclusiveMax.IsSet() {
			return true
		}
		if p.Discriminator != nil {
			discriminators++
		}
		if p.AdditionalProperties.Schema != nil {
			maps++
		}
	}
	return discriminators > 1 || maps > 1
}

// mergeInto adds a part to a schema. Where they differ the later part wins: it
// is the more special one. Defaults and bounds are left out, since no Go type
// says them.
func mergeInto(s, part *openapi3.Schema) {
	switch {
	case s.Type == nil:
		s.Type = part.Type
	case part.Type != nil && !slices.Equal(*s.Type, *part.Type):
		if number(s.Type) && number(part.Type) {
			s.Type = &openapi3.Types{"integer"}
		} else {
			s.Type, s.Format = part.Type, ""
		}
	}
	if part.Format != "" {
		s.Format = part.Format
	}
	if len(s.Properties)+len(part.Properties) > 0 {
		properties := make(openapi3.Schemas, len(s.Properties)+len(part.Properties))
		maps.Copy(properties, s.Properties)
		maps.Copy(properties, part.Properties)
		s.Properties = properties
	}
	for _, name := range part.Required {
		if !slices.Contains(s.Required, name) {
			s.Required = append(slices.Clone(s.Required), name)
		}
	}
	if len(part.Enum) > 0 {
		s.Enum = part.Enum
	}
	if part.Items != nil {
		s.Items = part.Items
	}
	if part.AdditionalProperties.Schema != nil || part.AdditionalProperties.Has != nil {
		s.AdditionalProperties = part.AdditionalProperties
	}
	if part.Discriminator != nil {
		s.Discriminator = part.Discriminator
	}
	s.OneOf = append(slices.Clone(s.OneOf), part.OneOf...)
	s.AnyOf = append(slices.Clone(s.AnyOf), part.AnyOf...)
	s.Nullable = s.Nullable || part.Nullable
	s.ReadOnly = s.ReadOnly || part.ReadOnly
	s.WriteOnly = s.WriteOnly || part.WriteOnly
	s.Deprecated = s.Deprecated || part.Deprecated
}

func number(t *openapi3.Types) bool { return t.Is("integer") || t.Is("number") }
