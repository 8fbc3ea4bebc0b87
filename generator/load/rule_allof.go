package load

import "github.com/getkin/kin-openapi/openapi3"

// foldBareMembers takes the members out of an allOf that have no shape, only a
// description or nothing at all, and drops a list that is empty then.
func foldBareMembers(s *openapi3.Schema) {
	var kept openapi3.SchemaRefs
	for _, member := range s.AllOf {
		if member.Ref == "" && bare(member.Value) {
			fold(s, member.Value)
			continue
		}
		kept = append(kept, member)
	}
	s.AllOf = kept
	if len(s.OneOf) == 0 {
		s.OneOf = nil
	}
	if len(s.AnyOf) == 0 {
		s.AnyOf = nil
	}
}

// collapseReference turns a schema that is one reference and nothing else, in
// an allOf, oneOf or anyOf, into the reference, so that the named type is used.
// What it says about the reference (nullable, a description) goes into a copy
// of the schema that the reference leads to. One inline member takes the place
// of the schema.
func collapseReference(ref *openapi3.SchemaRef) {
	s := ref.Value
	only := onlyMember(s)
	if only == nil || only.Value == nil {
		return
	}
	c := *only.Value
	about := *s
	about.AllOf, about.OneOf, about.AnyOf = nil, nil, nil
	c.Description, c.Title = "", "" // those of the place come first
	fold(&c, &about)
	fold(&c, only.Value)
	if only.Ref == "" {
		*s = c
		return
	}
	ref.Ref = only.Ref
	ref.Extensions = s.Extensions
	ref.Value = only.Value
	if about.Nullable && !only.Value.Nullable || about.ReadOnly || about.WriteOnly || about.Deprecated || about.Description != "" {
		ref.Value = &c
	}
}

// onlyMember is the one member of a schema's one union, where nothing else
// gives the schema a shape but a type that the member has too.
func onlyMember(s *openapi3.Schema) *openapi3.SchemaRef {
	lists := append(append(append(openapi3.SchemaRefs{}, s.AllOf...), s.OneOf...), s.AnyOf...)
	if len(lists) != 1 {
		return nil
	}
	member := lists[0]
	rest := *s
	rest.AllOf, rest.OneOf, rest.AnyOf = nil, nil, nil
	rest.Discriminator = nil // of one there is nothing to tell apart
	if t := rest.Type.Slice(); len(t) == 1 && member.Value != nil &&
		(member.Value.Type.Is(t[0]) || member.Value.Type == nil && t[0] == "object") {
		rest.Type = nil
	}
	if !bare(&rest) {
		return nil
	}
	return member
}

// breakAllOfCycles drops members through which a schema is part of itself,
// which no value can satisfy and no Go type can have.
func breakAllOfCycles(s *openapi3.Schema) bool {
	var kept openapi3.SchemaRefs
	for _, member := range s.AllOf {
		if !composedOf(member.Value, s, map[*openapi3.Schema]bool{}) {
			kept = append(kept, member)
		}
	}
	broken := len(kept) < len(s.AllOf)
	s.AllOf = kept
	return broken
}

// composedOf reports whether s is part, or a part of its allOf is.
func composedOf(s, part *openapi3.Schema, seen map[*openapi3.Schema]bool) bool {
	if s == part {
		return true
	}
	if s == nil || seen[s] {
		return false
	}
	seen[s] = true
	for _, member := range s.AllOf {
		if composedOf(member.Value, part, seen) {
			return true
		}
	}
	return false
}
