package generator

// This file turns schemas into Go types. A schema that Go cannot express becomes
// json.RawMessage (any in requests), so that no schema fails a document.

import (
	"fmt"
	"maps"
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
	f.byValue = f.typ.isStruct()
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
		return wrap("runtime.Nullable[", e), optional
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
	var members []*expr
	for i, ref := range v.union {
		part := memberOf(d, fmt.Sprintf("option_%d", i+1))
		if ref.Value.Title != "" {
			part.part = ref.Value.Title
		}
		part.said = fmt.Sprintf("alternative %d of", i+1)
		e, _ := r.typeOf(ref, dir, part)
		members = append(members, e)
	}
	return r.declareUnion(v, dir, at, members)
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
