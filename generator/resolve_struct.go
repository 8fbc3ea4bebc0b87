package generator

// This file makes structs of objects, and decides how each member is held.

import (
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// elementOf is the type within a list or map: nullable structs, bools and
// numbers are pointers there too.
func elementOf(e *expr, nullable bool) *expr {
	if nullable && needsPointer(e) {
		return wrap("*", e)
	}
	return e
}

// needsPointer reports whether a type's zero value would hide that it is absent.
func needsPointer(e *expr) bool {
	return e.isPlain("bool", "int64", "float64", "runtime.File") || e.isStruct() || e.ref != nil && e.ref.kind == enumKind && e.ref.base != "string"
}

// structType declares the struct of an object, once for each direction.
func (r *resolver) structType(v view, dir direction, at place) *declaration {
	d := r.declare(declarationKey{v.schema, dir}, structKind, at)
	names := scope{}
	for _, name := range propertyOrder(v.properties) {
		if f := r.structField(v, name, d, dir); f != nil {
			f.goName = names.take(f.wishName)
			d.fields = append(d.fields, f)
		}
	}
	if v.extra != nil {
		r.note("%s has named and unnamed members: the unnamed are not decoded", r.describe(d))
	}
	return d
}

// propertyOrder is id first and then the alphabet: the document's own order is
// lost on the way here, and would make the output follow vendors' reshuffling.
func propertyOrder(properties map[string]*openapi3.SchemaRef) []string {
	names := slices.Sorted(maps.Keys(properties))
	if i := slices.Index(names, "id"); i > 0 {
		names = slices.Insert(slices.Delete(names, i, i+1), 0, "id")
	}
	return names
}

func (r *resolver) structField(v view, name string, d *declaration, dir direction) *field {
	ref := v.properties[name]
	if ref == nil || ref.Value == nil {
		return nil
	}
	p := r.named.view(ref)
	if dir == request && (p.readOnly || ref.Value.ReadOnly) || dir == response && (p.writeOnly || ref.Value.WriteOnly) {
		return nil
	}
	if !validTagName(name) {
		r.note("%s: a Go struct cannot have the member %q: it is left out", r.describe(d), name)
		return nil
	}
	f := &field{json: name, wishName: exportedName(name)}
	if goName, ok := ref.Value.Extensions["x-go-name"].(string); ok {
		f.wishName = exportedName(goName)
	}
	if p.deprecated || ref.Value.Deprecated {
		f.comment = []string{"Deprecated: the provider has deprecated it."}
	}
	e := r.typeOfView(p, dir, memberOf(d, name))
	f.typ, f.tag = fieldType(e, name, v.required[name], p.nullable, dir)
	f.holds = f.typ.holds()
	return f
}

// fieldType decides how a member of an object is held.
func fieldType(e *expr, name string, required, nullable bool, dir direction) (*expr, string) {
	plain := `json:"` + name + `"`
	if name == "-" {
		plain = `json:"-,"`
	}
	optional := strings.TrimSuffix(plain, `"`) + `,omitzero"`
	optional = strings.Replace(optional, ",,", ",", 1)
	if dir == response {
		switch {
		case required && !nullable:
			return e, plain
		case name == "id" && !nullable:
			// What an answer shows has an id, whether or not the document says
			// so, and no provider's is 0.
			return e, optional
		case needsPointer(e):
			return wrap("*", e), optional
		}
		return e, optional
	}
	// A nil slice, map, union or any is absent already.
	absent := e.prefix == "[]" || e.prefix == "map[string]" || e.isPlain("any", "[]byte", "json.RawMessage") || e.ref != nil && e.ref.kind == unionKind
	switch {
	case required && !nullable, required && absent:
		return e, plain
	case required:
		return wrap("*", e), plain
	case nullable:
		return wrap(nullablePrefix, e), optional
	case absent:
		return e, optional
	}
	return wrap("*", e), optional
}

// validTagName reports whether a struct tag can carry the name: encoding/json
// takes letters, digits and most punctuation.
func validTagName(name string) bool {
	return name != "" && !strings.ContainsAny(name, "\"'`\\,\n\r\t")
}
