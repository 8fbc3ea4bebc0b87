package generator

// This file reads a schema for what it says: members of allOf merged,
// alternatives gathered, null told apart from types. It decides nothing about Go.

import (
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// view is a schema, flattened.
type view struct {
	// schema is the one that the view is of: for a schema that only decorates
	// another (an allOf of one member, a oneOf of it and null), the other.
	schema     *openapi3.Schema
	kinds      []string // types without null
	nullable   bool
	readOnly   bool
	writeOnly  bool
	deprecated bool
	properties map[string]*openapi3.SchemaRef
	required   map[string]bool
	items      *openapi3.SchemaRef
	// extra is the schema of further members; open allows any.
	extra  *openapi3.SchemaRef
	open   bool
	enum   []any
	format string
	union  []*openapi3.SchemaRef
}

// named are the component schemas by reference (#/components/schemas/Ticket).
// The loader gives some references a copy of their schema, to add flags to it;
// the schema that they name stays the same.
type named map[string]*openapi3.Schema

func componentReference(name string) string { return "#/components/schemas/" + name }

// indexNamed follows components that are only references to others.
func indexNamed(schemas openapi3.Schemas) named {
	n := named{}
	for name, ref := range schemas {
		for range schemas {
			if ref == nil || ref.Ref == "" {
				break
			}
			next := schemas[strings.TrimPrefix(ref.Ref, componentReference(""))]
			if next == nil {
				break
			}
			ref = next
		}
		if ref != nil && ref.Value != nil {
			n[componentReference(name)] = ref.Value
		}
	}
	for _, name := range sortedKeys(schemas) {
		n.joinNullable(name)
	}
	return n
}

// joinNullable lets a component that is another with null (GitHub's
// nullable-simple-user) be that other, so that both are one Go type.
func (n named) joinNullable(name string) {
	for _, plain := range withoutNullable(name) {
		nullable, other := n[componentReference(name)], n[componentReference(plain)]
		if other != nil && nullable != other && sameShape(nullable, other) {
			n[componentReference(name)] = other
			return
		}
	}
}

// withoutNullable are the names that a component called nullable may be another
// component's of: of nullable-user they are user and -user.
func withoutNullable(name string) []string {
	words := splitWords(name)
	if len(words) < 2 || !strings.EqualFold(words[0], "nullable") {
		return nil
	}
	_, rest, _ := strings.Cut(strings.ToLower(name), "nullable")
	var plain []string
	for _, cut := range []string{"-", "_", ""} {
		if p, ok := strings.CutPrefix(rest, cut); ok {
			plain = append(plain, name[len(name)-len(p):])
		}
	}
	return plain
}

// plainName is a component's name, without nullable where no other component has
// that name: the type has no null in it, the fields that hold it have.
func (n named) plainName(component string) string {
	plain := withoutNullable(component)
	if len(plain) == 0 || slices.ContainsFunc(plain, func(p string) bool { return n[componentReference(p)] != nil }) {
		return component
	}
	return plain[0]
}

// sameShape reports whether two objects have the same members of the same types.
func sameShape(a, b *openapi3.Schema) bool {
	if len(a.Properties) == 0 || len(a.Properties) != len(b.Properties) || len(a.Required) != len(b.Required) ||
		len(a.AllOf)+len(a.OneOf)+len(a.AnyOf)+len(b.AllOf)+len(b.OneOf)+len(b.AnyOf) > 0 {
		return false
	}
	for name, p := range a.Properties {
		q := b.Properties[name]
		if q == nil || p.Ref != q.Ref || slices.Contains(a.Required, name) != slices.Contains(b.Required, name) {
			return false
		}
		if p.Ref == "" && (!slices.Equal(p.Value.Type.Slice(), q.Value.Type.Slice()) || p.Value.Format != q.Value.Format ||
			p.Value.Nullable != q.Value.Nullable || len(p.Value.Properties) != len(q.Value.Properties)) {
			return false
		}
	}
	return true
}

// view flattens the schema that ref leads to. A cycle of allOf ends where it closes.
func (n named) view(ref *openapi3.SchemaRef, within ...*openapi3.Schema) view {
	s := ref.Value
	v := ownView(s)
	if original := n[ref.Ref]; original != nil {
		v.schema = original
	}
	if slices.Contains(within, s) {
		return v
	}
	within = append(slices.Clone(within), s)
	var parts []view
	for _, ref := range s.AllOf {
		if ref == nil || ref.Value == nil {
			continue
		}
		part := n.view(ref, within...)
		if part.structural() || len(part.kinds) > 0 && len(v.kinds) == 0 {
			parts = append(parts, part)
		} else {
			v.decorate(part)
		}
	}
	if len(parts) == 1 && !v.structural() {
		parts[0].decorate(v)
		return parts[0]
	}
	for _, part := range parts {
		v.merge(part)
	}
	return n.alternatives(v, within)
}

// ownView is what s says itself, without allOf.
func ownView(s *openapi3.Schema) view {
	v := view{schema: s, nullable: s.Nullable, readOnly: s.ReadOnly, writeOnly: s.WriteOnly, deprecated: s.Deprecated,
		properties: maps.Clone(map[string]*openapi3.SchemaRef(s.Properties)), required: map[string]bool{}, items: s.Items,
		format: s.Format, extra: s.AdditionalProperties.Schema,
		open: s.AdditionalProperties.Has != nil && *s.AdditionalProperties.Has}
	for _, kind := range s.Type.Slice() {
		if kind == "null" {
			v.nullable = true
		} else {
			v.kinds = append(v.kinds, kind)
		}
	}
	for _, name := range s.Required {
		v.required[name] = true
	}
	values := s.Enum
	if len(values) == 0 && s.Const != nil {
		values = []any{s.Const}
	}
	for _, value := range values {
		if value == nil {
			v.nullable = true
		} else if !slices.Contains(v.enum, value) {
			v.enum = append(v.enum, value)
		}
	}
	for _, ref := range slices.Concat(s.OneOf, s.AnyOf) {
		if ref != nil && ref.Value != nil {
			v.union = append(v.union, ref)
		}
	}
	return v
}

// structural reports whether the view tells more than a type and decoration.
func (v *view) structural() bool {
	return len(v.properties) > 0 || v.items != nil || v.extra != nil || v.open || len(v.enum) > 0 || len(v.union) > 0
}

// decorate adds the flags of a view that says nothing else.
func (v *view) decorate(d view) {
	v.nullable = v.nullable || d.nullable
	v.readOnly = v.readOnly || d.readOnly
	v.writeOnly = v.writeOnly || d.writeOnly
	v.deprecated = v.deprecated || d.deprecated
}

// merge adds another member of allOf. Where both say something of the same
// property the later wins, unless it only decorates.
func (v *view) merge(m view) {
	if len(v.kinds) == 0 {
		v.kinds = m.kinds
	}
	v.nullable = v.nullable || m.nullable
	for name, p := range m.properties {
		if old := v.properties[name]; old != nil && p.Value != nil {
			if late := ownView(p.Value); !late.structural() && len(late.kinds) == 0 && len(p.Value.AllOf) == 0 {
				continue
			}
		}
		if v.properties == nil {
			v.properties = map[string]*openapi3.SchemaRef{}
		}
		v.properties[name] = p
	}
	maps.Copy(v.required, m.required)
	if v.items == nil {
		v.items = m.items
	}
	if v.extra == nil {
		v.extra = m.extra
	}
	v.open = v.open || m.open
	if len(v.enum) == 0 {
		v.enum = m.enum
	}
	if v.format == "" {
		v.format = m.format
	}
	if len(v.union) == 0 {
		v.union = m.union
	}
}

// alternatives reduces a union: null becomes a flag, members that only narrow
// (anyOf of required lists) go, one member alone is the schema itself, and an
// object's alternatives add their properties to it, none of them required.
func (n named) alternatives(v view, within []*openapi3.Schema) view {
	var members []*openapi3.SchemaRef
	for _, ref := range v.union {
		m := n.view(ref, within...)
		switch {
		case slices.Equal(ref.Value.Type.Slice(), []string{"null"}), len(m.kinds) == 0 && !m.structural() && m.nullable:
			v.nullable = true
		case len(m.kinds) == 0 && !m.structural() && (len(m.required) > 0 || len(v.properties) > 0 || len(v.kinds) > 0):
		default:
			members = append(members, ref)
		}
	}
	v.union = members
	if len(members) == 0 {
		return v
	}
	if len(v.properties) > 0 {
		for _, ref := range members {
			m := n.view(ref, within...)
			for _, name := range slices.Sorted(maps.Keys(m.properties)) {
				if v.properties[name] == nil {
					v.properties[name] = m.properties[name]
				}
			}
		}
		v.union = nil
		return v
	}
	if len(members) == 1 {
		only := n.view(members[0], within...)
		only.decorate(v)
		return only
	}
	return v
}
