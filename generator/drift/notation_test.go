package drift_test

// This file draws schemas and writes each in two notations: they must compare as
// equal, and no longer once a field is taken away.

import (
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/weirkit/weir/generator/drift"
	"github.com/weirkit/weir/generator/load"
)

type object = map[string]any

// drawSchema draws one that has a field, if it is the outermost.
func drawSchema(t *rapid.T, depth int) object {
	kinds := []string{"string", "integer", "number", "boolean", "time", "enum"}
	if depth > 0 {
		kinds = append(kinds, "object", "array", "map")
	}
	if depth == 3 {
		kinds = []string{"object"}
	}
	switch kind := rapid.SampledFrom(kinds).Draw(t, "kind"); kind {
	case "time":
		return object{"type": "string", "format": "date-time"}
	case "enum":
		return object{"type": "string", "enum": []any{"a", "b"}}
	case "array":
		return object{"type": "array", "items": drawSchema(t, depth-1)}
	case "map":
		return object{"type": "object", "additionalProperties": drawSchema(t, depth-1)}
	case "object":
		properties := object{}
		var required []any
		for _, name := range []string{"a", "b", "c"}[:rapid.IntRange(1, 3).Draw(t, "fields")] {
			properties[name] = drawSchema(t, depth-1)
			if rapid.Bool().Draw(t, "required") {
				required = append(required, name)
			}
		}
		s := object{"type": "object", "properties": properties}
		if required != nil {
			s["required"] = required
		}
		return s
	default:
		return object{"type": kind}
	}
}

// rewrite writes a schema in another notation, which means the same.
func rewrite(t *rapid.T, s object, components object) object {
	same := object{}
	for key, value := range s {
		same[key] = value
	}
	if items, ok := s["items"].(object); ok {
		same["items"] = rewrite(t, items, components)
	}
	if values, ok := s["additionalProperties"].(object); ok {
		same["additionalProperties"] = rewrite(t, values, components)
	}
	properties, isObject := s["properties"].(object)
	if isObject {
		rewritten := object{}
		for _, name := range []string{"a", "b", "c"} {
			if p, ok := properties[name].(object); ok {
				rewritten[name] = rewrite(t, p, components)
			}
		}
		same["properties"] = rewritten
	}
	switch rapid.SampledFrom([]string{"as it is", "component", "allOf", "oneOf", "parts", "said"}).Draw(t, "notation") {
	case "component":
		name := fmt.Sprintf("C%d", len(components))
		components[name] = same
		return object{"$ref": "#/components/schemas/" + name}
	case "allOf":
		return object{"allOf": []any{same}}
	case "oneOf":
		return object{"oneOf": []any{same, object{"type": "null"}}}
	case "said":
		same["description"], same["title"] = "a text", "A title"
	case "parts":
		if !isObject {
			return object{"anyOf": []any{same}}
		}
		rest := object{}
		for name, p := range same["properties"].(object) {
			if name != "a" {
				rest[name] = p
			}
		}
		first := object{"type": "object", "properties": object{"a": same["properties"].(object)["a"]}}
		second := object{"type": "object", "properties": rest}
		if required, ok := same["required"]; ok {
			second["required"] = required
		}
		return object{"allOf": []any{first, second}}
	}
	return same
}

func document(t *rapid.T, schema, components object) *load.Document {
	body := object{"content": object{"application/json": object{"schema": schema}}, "description": "ok"}
	text, err := json.Marshal(object{
		"openapi": "3.1.0", "info": object{"title": "T", "version": "1"}, "components": object{"schemas": components},
		"paths": object{"/a": object{"post": object{"requestBody": object{"content": body["content"]}, "responses": object{"200": body}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	d, err := load.Load(load.Input{SpecName: "t.json", Spec: text})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return d
}

func TestNotationMakesNoDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		schema := drawSchema(t, 3)
		components := object{}
		other := rewrite(t, schema, components)
		report, err := drift.Compare(document(t, schema, object{}), document(t, other, components))
		if err != nil || report.Compared != 1 || len(report.Differences) > 0 {
			t.Fatalf("%v, %+v: %v and %v in %v", err, report, schema, other, components)
		}
		delete(schema["properties"].(object), "a")
		report, err = drift.Compare(document(t, schema, object{}), document(t, other, components))
		if err != nil || len(report.Differences) == 0 {
			t.Fatalf("%v: no difference between %v and %v in %v", err, schema, other, components)
		}
	})
}
