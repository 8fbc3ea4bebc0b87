package generator

// This file makes unions of alternatives, and anything simpler that they come to.

import (
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// kindsType is the type of a schema with several types (OpenAPI 3.1).
func (r *resolver) kindsType(v view, dir direction, at place) *expr {
	var members []*expr
	for _, kind := range v.kinds {
		one := v
		one.kinds = []string{kind}
		switch kind {
		case "array":
			elem, nullable := r.typeOf(v.items, dir, at.elem())
			members = append(members, wrap("[]", elementOf(elem, nullable)))
		case "object":
			members = append(members, r.free(dir))
		default:
			members = append(members, r.scalar(one, dir))
		}
	}
	return r.declareUnion(v, dir, at, members)
}

// unionType is the type of a oneOf or anyOf.
func (r *resolver) unionType(v view, dir direction, at place) *expr {
	// The union is declared before its members are walked, which may hold it.
	var d *declaration
	if dir != parameter {
		d = r.declare(declarationKey{v.schema, dir}, unionKind, at)
	}
	parts := r.alternativeParts(v.union)
	var members []*expr
	for i, ref := range v.union {
		part := memberOf(d, parts[i])
		part.said = fmt.Sprintf("alternative %d of", i+1)
		e, _ := r.typeOf(ref, dir, part)
		members = append(members, e)
	}
	return r.declareUnion(v, dir, at, members)
}

// isUnnamedObject reports whether an alternative is an object with members, told
// where it stands and without a title.
func (r *resolver) isUnnamedObject(ref *openapi3.SchemaRef) bool {
	return ref.Ref == "" && ref.Value.Title == "" && len(r.named.view(ref).properties) > 0
}

// declareUnion declares a union of members, unless fewer types than two are
// left of them: texts of different formats are all strings.
func (r *resolver) declareUnion(v view, dir direction, at place, members []*expr) *expr {
	key := declarationKey{v.schema, dir}
	var distinct []*expr
	for _, m := range members {
		if !slices.ContainsFunc(distinct, func(o *expr) bool { return sameType(o, m) }) {
			distinct = append(distinct, m)
		}
	}
	replace := func(e *expr) *expr {
		d := r.declared[key]
		if d != nil && e.ref == d {
			e = r.free(dir)
		}
		if d != nil {
			d.instead = e
		}
		return e
	}
	switch {
	case dir == parameter:
		if len(distinct) == 1 {
			return distinct[0]
		}
		return basic("string")
	case len(distinct) == 1:
		return replace(distinct[0])
	case !slices.ContainsFunc(distinct, func(e *expr) bool { return !isText(e) }):
		return replace(basic("string"))
	case !slices.ContainsFunc(distinct, func(e *expr) bool { return !e.isPlain("json.RawMessage", "any") }):
		return replace(r.free(dir))
	}
	d := r.declared[key]
	if d == nil {
		d = r.declare(key, unionKind, at)
	}
	d.members = distinct
	d.makers = dir == request
	return refTo(d)
}

// holdsObject reports whether a schema has members, whose struct is another in
// requests than in responses.
func (r *resolver) holdsObject(ref *openapi3.SchemaRef) bool {
	v := r.named.view(ref)
	return len(v.properties) > 0 || v.items != nil || v.extra != nil || v.open || len(v.union) > 0 || len(v.kinds) != 1 || v.kinds[0] == "object"
}

func isText(e *expr) bool {
	return e.isPlain("string", "time.Time", "runtime.Date") || e.ref != nil && e.ref.kind == enumKind && e.ref.base == "string"
}

func sameType(a, b *expr) bool {
	if a.elem != nil && b.elem != nil {
		return a.prefix == b.prefix && sameType(a.elem, b.elem)
	}
	return a.elem == nil && b.elem == nil && a.basic == b.basic && a.ref == b.ref
}
