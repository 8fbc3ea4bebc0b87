package drift

// This file reduces a schema to what generated code is made of: its type, its
// fields and which of them are required, its elements, its enum. What is left is
// the same for two schemas that differ in notation only: an allOf is the sum of
// its parts, and a union is the sum of its members, as far as they are of one
// kind. Two vendors' unions can hardly be compared member by member, since
// nothing says which member is meant by which; what a caller would lose are
// fields, and those the sum shows.

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// shaper makes shapes of one document's schemas, each once.
type shaper struct {
	// reading is set for answers: fields that are only written are left out, and
	// for requests those that are only read.
	reading bool
	made    map[string]*openapi3.Schema
	// names are the components of schemas, components those of their shapes.
	names, components map[*openapi3.Schema]string
}

func newShaper(doc *openapi3.T, reading bool, components map[*openapi3.Schema]string) *shaper {
	s := &shaper{reading: reading, made: map[string]*openapi3.Schema{}, names: map[*openapi3.Schema]string{}, components: components}
	if doc.Components == nil {
		return s
	}
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		if ref := doc.Components.Schemas[name]; ref != nil && ref.Ref == "" && ref.Value != nil {
			s.names[ref.Value] = name
		}
	}
	return s
}

// of is the shape of a schema.
func (s *shaper) of(ref *openapi3.SchemaRef) *openapi3.SchemaRef {
	if ref == nil || ref.Value == nil {
		return openapi3.NewSchemaRef("", &openapi3.Schema{})
	}
	return openapi3.NewSchemaRef("", s.sum([]*openapi3.Schema{s.value(ref)}))
}

// value is the schema that a reference leads to. Where the loader has made a
// copy, because something is said beside $ref, the copy has the name too.
func (s *shaper) value(ref *openapi3.SchemaRef) *openapi3.Schema {
	if name, ok := strings.CutPrefix(ref.Ref, "#/components/schemas/"); ok && s.names[ref.Value] == "" {
		s.names[ref.Value] = name
	}
	return ref.Value
}

// sum is the shape of a value that is one of several schemas.
func (s *shaper) sum(schemas []*openapi3.Schema) *openapi3.Schema {
	slices.SortFunc(schemas, func(a, b *openapi3.Schema) int {
		return cmp.Compare(reflect.ValueOf(a).Pointer(), reflect.ValueOf(b).Pointer())
	})
	schemas = slices.Compact(schemas)
	key := fmt.Sprintf("%p", schemas[0])
	for _, other := range schemas[1:] {
		key += fmt.Sprintf(" %p", other)
	}
	if made := s.made[key]; made != nil {
		return made
	}
	shape := &openapi3.Schema{}
	s.made[key] = shape // before its members: schemas may contain themselves
	if len(schemas) == 1 && s.names[schemas[0]] != "" {
		s.components[shape] = s.names[schemas[0]]
	}
	seen := map[*openapi3.Schema]bool{}
	whole := s.read(schemas[0], seen)
	for _, other := range schemas[1:] {
		whole = either(whole, s.read(other, seen))
	}
	s.write(shape, whole)
	return shape
}

// facts are what is known of a value. A kind is a type of JSON, any, or empty
// where nothing is said.
type facts struct {
	kind, format     string
	enum             []any
	fields           map[string][]*openapi3.Schema // the schemas that a field may have
	required         map[string]bool
	elements, values []*openapi3.Schema // of a list, of a map
}

// anyKind is the kind of a value of any type.
const anyKind = "any"

// read gathers what a schema says by itself, by its allOf and by its unions.
func (s *shaper) read(schema *openapi3.Schema, seen map[*openapi3.Schema]bool) facts {
	if schema == nil || seen[schema] {
		return facts{}
	}
	seen[schema] = true
	defer delete(seen, schema)
	whole := s.own(schema)
	for _, part := range schema.AllOf {
		whole = both(s.read(s.value(part), seen), whole)
	}
	for _, union := range []openapi3.SchemaRefs{schema.OneOf, schema.AnyOf} {
		if len(union) == 0 {
			continue
		}
		sum := s.read(s.value(union[0]), seen)
		for _, member := range union[1:] {
			sum = either(sum, s.read(s.value(member), seen))
		}
		whole = both(sum, whole)
	}
	return whole
}

// own is what a schema says without its parts.
func (s *shaper) own(schema *openapi3.Schema) facts {
	f := facts{format: schema.Format, enum: schema.Enum, fields: map[string][]*openapi3.Schema{}, required: map[string]bool{}}
	switch types := schema.Type.Slice(); len(types) {
	case 0:
	case 1:
		f.kind = types[0]
	default:
		f.kind = anyKind
	}
	for name, ref := range schema.Properties {
		if ref == nil || ref.Value == nil {
			continue
		}
		if s.reading && ref.Value.WriteOnly || !s.reading && ref.Value.ReadOnly {
			continue
		}
		f.fields[name] = []*openapi3.Schema{s.value(ref)}
	}
	for _, name := range schema.Required {
		f.required[name] = true
	}
	if schema.Items != nil && schema.Items.Value != nil {
		f.elements = []*openapi3.Schema{s.value(schema.Items)}
	}
	if more := schema.AdditionalProperties.Schema; more != nil && more.Value != nil {
		f.values = []*openapi3.Schema{s.value(more)}
	}
	return f
}

// both is of a value for which two things hold. Where they differ the second
// wins, as it does in generated code.
func both(a, b facts) facts {
	sum := facts{kind: cmp.Or(b.kind, a.kind), format: cmp.Or(b.format, a.format), enum: b.enum,
		fields: maps.Clone(a.fields), required: maps.Clone(a.required), elements: b.elements, values: b.values}
	if sum.enum == nil {
		sum.enum = a.enum
	}
	if sum.elements == nil {
		sum.elements = a.elements
	}
	if sum.values == nil {
		sum.values = a.values
	}
	if sum.fields == nil {
		sum.fields, sum.required = map[string][]*openapi3.Schema{}, map[string]bool{}
	}
	maps.Copy(sum.fields, b.fields)
	maps.Copy(sum.required, b.required)
	return sum
}

// either is of a value for which one of two things holds.
func either(a, b facts) facts {
	if a.kind == "" && len(a.fields) > 0 {
		a.kind = "object"
	}
	if b.kind == "" && len(b.fields) > 0 {
		b.kind = "object"
	}
	numbers := numeric(a.kind) && numeric(b.kind)
	if a.kind != b.kind && !numbers || a.kind == "" {
		return facts{kind: anyKind}
	}
	sum := facts{kind: a.kind, fields: map[string][]*openapi3.Schema{}, required: map[string]bool{},
		elements: slices.Concat(a.elements, b.elements), values: slices.Concat(a.values, b.values)}
	if numbers && a.kind != b.kind {
		sum.kind = "number"
	}
	if a.format == b.format {
		sum.format = a.format
	}
	if len(a.enum) > 0 && len(b.enum) > 0 {
		sum.enum = slices.Concat(a.enum, b.enum)
	}
	for _, one := range []facts{a, b} {
		for name, schemas := range one.fields {
			sum.fields[name] = append(sum.fields[name], schemas...)
		}
	}
	for name := range a.required {
		if b.required[name] {
			sum.required[name] = true
		}
	}
	return sum
}

func numeric(kind string) bool { return kind == "integer" || kind == "number" }

// write makes a shape of facts.
func (s *shaper) write(shape *openapi3.Schema, f facts) {
	switch {
	case f.kind == anyKind && len(f.fields) > 0: // a union that tells no type, beside fields
		f.kind = "object"
	case f.kind != "":
	case len(f.fields) > 0 || f.values != nil:
		f.kind = "object"
	case f.elements != nil:
		f.kind = "array"
	}
	if f.kind == "" || f.kind == anyKind {
		return
	}
	shape.Type = &openapi3.Types{f.kind}
	switch f.kind {
	case "string":
		// Other formats make no other Go type.
		if f.format == "date-time" || f.format == "binary" || f.format == "byte" {
			shape.Format = f.format
		}
		shape.Enum = distinct(f.enum)
	case "integer", "number":
		shape.Enum = distinct(f.enum)
	case "array":
		shape.Items = openapi3.NewSchemaRef("", &openapi3.Schema{})
		if f.elements != nil {
			shape.Items.Value = s.sum(f.elements)
		}
	case "object":
		s.writeObject(shape, f)
	}
}

func (s *shaper) writeObject(shape *openapi3.Schema, f facts) {
	if len(f.fields) == 0 {
		// A map of anything is what an object without fields is anyway.
		if f.values != nil && !s.anything(f.values) {
			shape.AdditionalProperties.Schema = openapi3.NewSchemaRef("", s.sum(f.values))
		}
		return
	}
	shape.Properties = make(openapi3.Schemas, len(f.fields))
	for _, name := range slices.Sorted(maps.Keys(f.fields)) {
		shape.Properties[name] = openapi3.NewSchemaRef("", s.sum(f.fields[name]))
		if f.required[name] {
			shape.Required = append(shape.Required, name)
		}
	}
}

// anything reports whether one of schemas says nothing of a value.
func (s *shaper) anything(schemas []*openapi3.Schema) bool {
	return slices.ContainsFunc(schemas, func(schema *openapi3.Schema) bool {
		f := s.read(schema, map[*openapi3.Schema]bool{})
		return f.kind == anyKind || f.kind == "" && len(f.fields) == 0 && f.elements == nil && f.values == nil
	})
}

func distinct(values []any) []any {
	var kept []any
	for _, v := range values {
		if !slices.ContainsFunc(kept, func(k any) bool { return reflect.DeepEqual(k, v) }) {
			kept = append(kept, v)
		}
	}
	return kept
}
