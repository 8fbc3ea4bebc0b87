package generator

// This file turns schemas into Go types. A schema that Go cannot express becomes
// json.RawMessage (any in requests), so that no schema fails a document.

import (
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// place is where an inline schema stands, from which it gets its name.
type place struct {
	parent *declaration
	part   string // the member's or parameter's name, or what owner is given
	said   string // how a comment speaks of it
	owner  string // what the type is named after where it has no parent
}

// elem is the place of the items of a list.
func (p place) elem() place { p.part = singularPart(p.part); return p }

func memberOf(d *declaration, name string) place { return place{parent: d, part: name} }

// singularPart names the items of a list: ticket_fields are of ticket_field.
func singularPart(part string) string {
	words := splitWords(part)
	if len(words) == 0 {
		return part
	}
	last := words[len(words)-1]
	if s := singular(last); s != strings.ToLower(last) {
		return strings.Join(append(words[:len(words)-1:len(words)-1], s), "_")
	}
	return part
}

type declarationKey struct {
	schema    *openapi3.Schema
	direction direction
}

// typeOf is the Go type of a schema, and whether null may stand for it.
func (r *resolver) typeOf(ref *openapi3.SchemaRef, dir direction, at place) (e *expr, nullable bool) {
	if ref == nil || ref.Value == nil {
		return r.free(dir), false
	}
	v := r.named.view(ref)
	return r.typeOfView(v, dir, at), v.nullable
}

func (r *resolver) typeOfView(v view, dir direction, at place) *expr {
	if _, ok := v.schema.Extensions["x-go-type"]; ok {
		if e := r.foreignType(v.schema); e != nil {
			return e
		}
	}
	if len(v.properties) == 0 && dir == request && !slices.ContainsFunc(v.union, r.holdsObject) {
		if len(v.union) > 0 || len(v.kinds) > 1 { // the same for both directions
			e := r.typeOfView(v, response, at)
			if e.ref != nil {
				e.ref.makers = true
			}
			return e
		}
	}
	key := declarationKey{v.schema, dir}
	if d := r.declared[key]; d != nil {
		if d.instead != nil {
			return d.instead
		}
		return refTo(d)
	}
	if r.active[key] {
		return r.free(dir) // a list or map of itself, with no struct between
	}
	r.active[key] = true
	defer delete(r.active, key)
	switch {
	case len(v.enum) > 0 && !slices.Contains(v.kinds, "array"):
		return r.enumType(v, dir, at)
	case len(v.properties) > 0:
		return refTo(r.structType(v, dir, at))
	case len(v.union) > 0:
		return r.unionType(v, dir, at)
	case len(v.kinds) > 1:
		return r.kindsType(v, dir, at)
	case v.items != nil || slices.Contains(v.kinds, "array"):
		elem, nullable := r.typeOf(v.items, dir, at.elem())
		return wrap("[]", elementOf(elem, nullable))
	case v.extra != nil || v.open:
		elem, nullable := r.typeOf(v.extra, dir, at.elem())
		return wrap("map[string]", elementOf(elem, nullable))
	}
	return r.scalar(v, dir)
}

func (r *resolver) free(dir direction) *expr {
	switch dir {
	case request:
		return basic("any")
	case parameter:
		return basic("string")
	default:
		return basic("json.RawMessage")
	}
}

// scalar is the type of what is neither enum nor union nor container.
func (r *resolver) scalar(v view, dir direction) *expr {
	kind := ""
	if len(v.kinds) == 1 {
		kind = v.kinds[0]
	}
	if kind == "" { // vendors leave the type out where the format says it
		switch v.format {
		case "date", "date-time", "email", "uri", "uuid":
			kind = "string"
		case "int32", "int64", "integer":
			kind = "integer"
		}
	}
	if kind == "" || kind == "object" {
		return r.free(dir)
	}
	plain := &openapi3.Schema{Type: &openapi3.Types{kind}, Format: v.format}
	goType, err := scalarType(plain)
	if err != nil {
		r.note("%v: taken as any value", err)
		return r.free(dir)
	}
	if goType == "runtime.File" && !r.multipart {
		goType = "string" // there are no raw bytes within JSON
	}
	if dir == parameter && goType == "[]byte" {
		goType = "string"
	}
	return basic(goType)
}

// foreignType is the type that x-go-type asks for, or nil where it is malformed.
func (r *resolver) foreignType(s *openapi3.Schema) *expr {
	goType, err := scalarType(s)
	if err != nil || goType == "" {
		r.note("x-go-type: %v", err)
		return nil
	}
	if m, ok := s.Extensions["x-go-type-import"].(map[string]any); ok {
		if path, ok := m["path"].(string); ok {
			name, _ := m["name"].(string)
			if name == "" {
				name = path[strings.LastIndex(path, "/")+1:]
			}
			r.api.Imports[name] = path
		}
	}
	return basic(goType)
}

// declare makes a declaration for a schema, to be named later.
func (r *resolver) declare(key declarationKey, kind declarationKind, at place) *declaration {
	d := &declaration{kind: kind, direction: key.direction, component: r.components[key.schema],
		schema: key.schema, place: at}
	if name, ok := key.schema.Extensions["x-go-type-name"].(string); ok {
		d.wishes = []string{exportedName(name)}
	} else if d.component == "" {
		d.wishes = r.wrappers[key.schema]
	}
	r.declared[key] = d
	r.order = append(r.order, d)
	return d
}

// enumType declares an open string or integer type with constants. An inline
// enum of one value is a plain string: a constant of its own would say nothing.
func (r *resolver) enumType(v view, dir direction, at place) *expr {
	base := "string"
	for _, value := range v.enum {
		switch n := value.(type) {
		case string:
		case float64:
			if n != float64(int64(n)) {
				return r.scalar(v, dir)
			}
			base = "int64"
		case int, int64, uint64:
			base = "int64"
		default: // booleans and objects
			return r.scalar(v, dir)
		}
	}
	for _, value := range v.enum {
		if _, text := value.(string); text != (base == "string") {
			return r.scalar(v, dir) // of mixed types
		}
	}
	if slices.Contains(v.kinds, "boolean") || slices.Contains(v.kinds, "number") || base == "string" && slices.Contains(v.kinds, "integer") {
		return r.scalar(v, dir)
	}
	if base == "int64" && slices.Contains(v.kinds, "string") {
		base = "string" // YAML reads 2024 as a number
	}
	component := r.components[v.schema]
	if component == "" && len(v.enum) == 1 {
		return basic(base)
	}
	// The same values under the same name are the same type, wherever they stand.
	shared := fmt.Sprint(base, "\x00", at.part, "\x00", v.enum)
	key := declarationKey{v.schema, response}
	if component == "" {
		if d := r.enums[shared]; d != nil {
			d.uses++
			return refTo(d)
		}
	} else if d := r.declared[key]; d != nil {
		return refTo(d)
	}
	d := r.declare(key, enumKind, at)
	d.base, d.values, d.uses = base, v.enum, 1
	for _, x := range []string{"x-enum-varnames", "x-enumNames"} {
		if list, ok := v.schema.Extensions[x].([]any); ok && len(list) == len(v.schema.Enum) {
			for i, value := range v.schema.Enum {
				if value != nil && len(d.labels) < len(d.values) {
					d.labels = append(d.labels, fmt.Sprint(list[i]))
				}
			}
		}
	}
	if component == "" {
		r.enums[shared] = d
	}
	return refTo(d)
}

// describe names a declaration in a report, before it has its name.
func (r *resolver) describe(d *declaration) string {
	switch {
	case d.component != "":
		return "schema " + d.component
	case d.place.parent != nil:
		return r.describe(d.place.parent) + "." + d.place.part
	}
	return "type " + d.place.owner + exportedName(d.place.part)
}
