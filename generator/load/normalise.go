package load

// This file drives the normalising pass, which rewrites what oapi-codegen
// cannot take, or takes badly, into OpenAPI 3.0 that means the same on the wire.
// One file, rule_<what>.go, has one rule. Names are not touched here.

import (
	"maps"
	"reflect"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

// prepare applies the rules that must come before kin-openapi reads the
// document, since it refuses such schemas or drops what they say.
func (t *tree) prepare() {
	eachObject(t.root, keywords, func(object *yaml.Node) {
		lowerBooleans(object)
		lowerTuple(object)
		wrapNullableReference(object)
		fillNulls(object)
	})
}

// normalise applies the rules that work on schemas, then those on operations.
func (d *Document) normalise() {
	slots := collect(d.OpenAPI)
	d.rules(slots)
	for _, op := range operations(d.OpenAPI) {
		giveSchemas(op)
	}
	// 3.1's keywords are lowered by now, and oapi-codegen reads null differently
	// in a document that says 3.1.
	d.OpenAPI.OpenAPI = "3.0.3"
}

func (d *Document) rules(slots []slot) {
	// Members come before what contains them, so a rule finds them simple.
	for _, s := range slots {
		for _, rule := range []func(*openapi3.Schema){
			lowerTypes, lowerConst, cleanEnum, lowerKeywords, giveItems,
			foldNullMembers, dropValidationUnions, mergeConstMembers, foldBareMembers,
		} {
			rule(s.ref.Value)
		}
	}
	for _, s := range slots {
		if breakAllOfCycles(s.ref.Value) {
			d.Warnings = append(d.Warnings, d.At(s.pointer...).String()+": an allOf contains itself: that member is left out")
		}
	}
	for _, s := range slots {
		if s.ref.Ref == "" && !s.component {
			collapseReference(s.ref)
		}
	}
	for _, s := range slots {
		mergeConflicts(s.ref.Value)
	}
}

// slot is one place of the document that holds a schema.
type slot struct {
	ref *openapi3.SchemaRef
	// component marks a schema of components, which must stay a schema of its own.
	component bool
	pointer   []string
}

// collect lists every schema once, members first. References follow, where they
// have a copy of the schema of their own (3.1 lets keywords stand beside $ref).
func collect(doc *openapi3.T) []slot {
	c := collector{seen: map[*openapi3.SchemaRef]bool{}, values: map[*openapi3.Schema]bool{}}
	if doc.Components != nil {
		for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
			c.schema(doc.Components.Schemas[name], true, []string{"components", "schemas", name})
		}
		for _, name := range slices.Sorted(maps.Keys(doc.Components.Parameters)) {
			c.parameter(doc.Components.Parameters[name])
		}
		for _, name := range slices.Sorted(maps.Keys(doc.Components.RequestBodies)) {
			c.body(doc.Components.RequestBodies[name])
		}
		for _, name := range slices.Sorted(maps.Keys(doc.Components.Responses)) {
			c.response(doc.Components.Responses[name])
		}
		c.headers(doc.Components.Headers)
	}
	for _, op := range operations(doc) {
		for _, p := range op.Parameters {
			c.parameter(p)
		}
		c.body(op.RequestBody)
		if op.Responses != nil {
			for _, status := range slices.Sorted(maps.Keys(op.Responses.Map())) {
				c.response(op.Responses.Value(status))
			}
		}
	}
	for _, ref := range c.references {
		if ref.Value != nil && !c.values[ref.Value] {
			c.values[ref.Value] = true
			c.slots = append(c.slots, slot{ref: ref, component: true})
		}
	}
	return c.slots
}

// operations are all operations, those of webhooks and callbacks included, in a
// fixed order.
func operations(doc *openapi3.T) []*openapi3.Operation {
	var all []*openapi3.Operation
	seen := map[*openapi3.Operation]bool{}
	var item func(*openapi3.PathItem)
	item = func(i *openapi3.PathItem) {
		if i == nil {
			return
		}
		byMethod := i.Operations()
		for _, method := range slices.Sorted(maps.Keys(byMethod)) {
			op := byMethod[method]
			if seen[op] {
				continue
			}
			seen[op] = true
			all = append(all, op)
			for _, name := range slices.Sorted(maps.Keys(op.Callbacks)) {
				if callback := op.Callbacks[name]; callback != nil && callback.Value != nil {
					for _, expression := range slices.Sorted(maps.Keys(callback.Value.Map())) {
						item(callback.Value.Value(expression))
					}
				}
			}
		}
	}
	if doc.Paths != nil {
		for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
			item(doc.Paths.Value(path))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(doc.Webhooks)) {
		item(doc.Webhooks[name])
	}
	return all
}

type collector struct {
	slots      []slot
	references []*openapi3.SchemaRef
	seen       map[*openapi3.SchemaRef]bool
	values     map[*openapi3.Schema]bool
}

func (c *collector) schema(ref *openapi3.SchemaRef, component bool, pointer []string) {
	if ref == nil || c.seen[ref] {
		return
	}
	c.seen[ref] = true
	if ref.Ref != "" {
		c.references = append(c.references, ref)
		return
	}
	if ref.Value == nil {
		ref.Value = &openapi3.Schema{} // {properties: {a: null}}
	}
	if c.values[ref.Value] {
		return
	}
	c.values[ref.Value] = true
	for _, member := range members(ref.Value) {
		c.schema(member, false, pointer)
	}
	c.slots = append(c.slots, slot{ref, component, pointer})
}

// members are the schemas directly within a schema, in a fixed order.
func members(s *openapi3.Schema) []*openapi3.SchemaRef {
	all := slices.Concat(s.AllOf, s.OneOf, s.AnyOf, s.PrefixItems)
	all = append(all, s.Items, s.AdditionalProperties.Schema, s.Not)
	for _, properties := range []openapi3.Schemas{s.Properties, s.PatternProperties} {
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			if properties[name] == nil {
				properties[name] = &openapi3.SchemaRef{}
			}
			all = append(all, properties[name])
		}
	}
	return all
}

func (c *collector) parameter(p *openapi3.ParameterRef) {
	if p == nil || p.Value == nil {
		return
	}
	c.schema(p.Value.Schema, false, nil)
	c.content(p.Value.Content)
}

func (c *collector) body(b *openapi3.RequestBodyRef) {
	if b != nil && b.Value != nil {
		c.content(b.Value.Content)
	}
}

func (c *collector) response(r *openapi3.ResponseRef) {
	if r != nil && r.Value != nil {
		c.content(r.Value.Content)
		c.headers(r.Value.Headers)
	}
}

func (c *collector) headers(headers openapi3.Headers) {
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if h := headers[name]; h != nil && h.Value != nil {
			c.schema(h.Value.Schema, false, nil)
			c.content(h.Value.Content)
		}
	}
}

func (c *collector) content(content openapi3.Content) {
	for _, media := range slices.Sorted(maps.Keys(content)) {
		if content[media] != nil {
			c.schema(content[media].Schema, false, nil)
		}
	}
}

// bare reports whether a schema says nothing about the shape of a value, only
// about it: a description, nullability, who may write it.
func bare(s *openapi3.Schema) bool {
	if s == nil {
		return true
	}
	c := *s
	c.Title, c.Description, c.Comment = "", "", ""
	c.Default, c.Example, c.Examples, c.ExternalDocs, c.XML = nil, nil, nil, nil, nil
	c.Nullable, c.ReadOnly, c.WriteOnly, c.Deprecated, c.AllowEmptyValue = false, false, false, false, false
	c.Extensions, c.Origin = nil, nil
	for _, list := range []*openapi3.SchemaRefs{&c.AllOf, &c.OneOf, &c.AnyOf} {
		if len(*list) == 0 {
			*list = nil
		}
	}
	return reflect.ValueOf(c).IsZero()
}

// fold gives a schema what a bare one says. What the schema says itself wins.
func fold(into, from *openapi3.Schema) {
	if into.Title == "" {
		into.Title = from.Title
	}
	if into.Description == "" {
		into.Description = from.Description
	}
	into.Nullable = into.Nullable || from.Nullable
	into.ReadOnly = into.ReadOnly || from.ReadOnly
	into.WriteOnly = into.WriteOnly || from.WriteOnly
	into.Deprecated = into.Deprecated || from.Deprecated
	if len(from.Extensions) > 0 {
		extensions := maps.Clone(from.Extensions)
		maps.Copy(extensions, into.Extensions)
		into.Extensions = extensions
	}
}
