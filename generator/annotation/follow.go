package annotation

import (
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/weirkit/weir/runtime/api"
	"gopkg.in/yaml.v3"
)

// missing is the first name of a path that a schema does not have, and those
// that it has there.
type missing struct {
	name  string
	known []string
}

// follow leads from a schema along a path of member names, through references,
// allOf and unions. It returns the schemas that the path may end at; none, with
// no error, where it passes through an object of any members, beyond which
// nothing can be checked.
func follow(from *openapi3.SchemaRef, path api.Path) ([]*openapi3.Schema, *missing) {
	if from == nil || from.Value == nil {
		return nil, nil
	}
	at := []*openapi3.Schema{from.Value}
	for _, name := range path {
		s := step{name: name, known: map[string]bool{}, seen: map[*openapi3.Schema]bool{}}
		for _, schema := range at {
			s.into(schema)
		}
		if s.free {
			return nil, nil
		}
		if len(s.found) == 0 {
			return nil, &missing{name, slices.Sorted(maps.Keys(s.known))}
		}
		at = s.found
	}
	return at, nil
}

// step is one step along a path.
type step struct {
	name  string
	found []*openapi3.Schema
	known map[string]bool
	seen  map[*openapi3.Schema]bool
	free  bool
}

func (s *step) into(schema *openapi3.Schema) {
	if schema == nil || s.seen[schema] {
		return
	}
	s.seen[schema] = true
	for name := range schema.Properties {
		s.known[name] = true
	}
	if p := schema.Properties[s.name]; p != nil {
		s.found = append(s.found, p.Value)
		return
	}
	parts := slices.Concat(schema.AllOf, schema.OneOf, schema.AnyOf)
	for _, part := range parts {
		s.into(part.Value)
	}
	more := schema.AdditionalProperties
	switch {
	case more.Schema != nil || more.Has != nil && *more.Has:
		s.free = true
	case len(schema.Properties) == 0 && len(parts) == 0 && more.Has == nil:
		s.free = schema.Type == nil || schema.Type.Is("object")
	}
}

// elements are the schemas of the elements of those that are arrays.
func elements(schemas []*openapi3.Schema) []*openapi3.Schema {
	var all []*openapi3.Schema
	for _, s := range expand(schemas) {
		if s.Items != nil && s.Items.Value != nil {
			all = append(all, s.Items.Value)
		}
	}
	return all
}

// expand lists schemas with the parts of their unions and allOf.
func expand(schemas []*openapi3.Schema) []*openapi3.Schema {
	var all []*openapi3.Schema
	seen := map[*openapi3.Schema]bool{}
	var add func(s *openapi3.Schema)
	add = func(s *openapi3.Schema) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		all = append(all, s)
		for _, part := range slices.Concat(s.AllOf, s.OneOf, s.AnyOf) {
			add(part.Value)
		}
	}
	for _, s := range schemas {
		add(s)
	}
	return all
}

// mayBe reports whether a value at one of schemas may be of one of types. What
// has no type may be anything.
func mayBe(schemas []*openapi3.Schema, types ...string) bool {
	if len(schemas) == 0 {
		return true
	}
	typed := false
	for _, s := range expand(schemas) {
		for _, t := range s.Type.Slice() {
			typed = true
			if slices.Contains(types, t) {
				return true
			}
		}
	}
	return !typed
}

// response is the schema of an operation's good answer in JSON; nil where it
// has none.
func (op operation) response() *openapi3.SchemaRef {
	if op.spec.Responses == nil {
		return nil
	}
	byStatus := op.spec.Responses.Map()
	for _, status := range append([]string{"200", "201", "202", "2XX", "2xx"}, slices.Sorted(maps.Keys(byStatus))...) {
		answer := byStatus[status]
		if !strings.HasPrefix(status, "2") || answer == nil || answer.Value == nil {
			continue
		}
		if schema := jsonSchema(answer.Value.Content); schema != nil {
			return schema
		}
	}
	return nil
}

// request is the schema of an operation's request body; nil where it has none.
func (op operation) request() *openapi3.SchemaRef {
	if op.spec.RequestBody == nil || op.spec.RequestBody.Value == nil {
		return nil
	}
	return jsonSchema(op.spec.RequestBody.Value.Content)
}

func jsonSchema(content openapi3.Content) *openapi3.SchemaRef {
	if media := content["application/json"]; media != nil {
		return media.Schema
	}
	for _, name := range slices.Sorted(maps.Keys(content)) {
		kind, _, _ := strings.Cut(name, ";")
		if strings.HasSuffix(kind, "json") || kind == "*/*" || kind == "application/x-www-form-urlencoded" {
			return content[name].Schema
		}
	}
	return nil
}

// reached reads a path into a schema that leads to a value of one of types. The
// schemas that it leads to are nil where nothing is known.
func (r *reader) reached(op operation, from *openapi3.SchemaRef, n *yaml.Node, what string, types ...string) (api.Path, []*openapi3.Schema) {
	path, ok := r.path(n, what)
	if !ok || from == nil {
		return path, nil
	}
	found := r.follow(op, from, n, what, path)
	if !mayBe(found, types...) {
		r.addf(n, "%s leads to %s at %s, which is no %s: correct the path", what, typeOf(found), pathText(path), strings.Join(types, " or "))
	}
	return path, found
}
