package load

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func TestFoldBareMembers(t *testing.T) {
	checkRules(t, "3.0.3", []ruleCase{
		{"an empty list", `{type: object, allOf: []}`, `{"type": "object"}`},
		{"an empty member", `{allOf: [{}, {type: string}]}`, `{"type": "string"}`},
		{"a description", `{allOf: [{type: object, properties: {a: {type: string}}}, {type: object, properties: {b: {type: string}}}, {description: both}]}`,
			`{"description": "both", "allOf": [
				{"type": "object", "properties": {"a": {"type": "string"}}},
				{"type": "object", "properties": {"b": {"type": "string"}}}]}`},
	})
}

func TestCollapseReference(t *testing.T) {
	thing := `{"$ref": "#/components/schemas/Thing"}`
	nullable := `{"$ref": "#/components/schemas/Thing", "→": {"type": "object", "nullable": true, "properties": {"id": {"type": "integer"}}}}`
	described := `{"$ref": "#/components/schemas/Thing", "→": {"type": "object", "description": "whose", "properties": {"id": {"type": "integer"}}}}`
	checkRules(t, "3.0.3", []ruleCase{
		{"allOf of one", `{allOf: [{$ref: '#/components/schemas/Thing'}]}`, thing},
		{"with its type again", `{type: object, allOf: [{$ref: '#/components/schemas/Thing'}]}`, thing},
		{"described", `{allOf: [{$ref: '#/components/schemas/Thing'}, {description: whose}]}`, described},
		{"nullable beside allOf", `{nullable: true, allOf: [{$ref: '#/components/schemas/Thing'}]}`, nullable},
		{"nullable within allOf", `{allOf: [{$ref: '#/components/schemas/Thing'}, {nullable: true}]}`, nullable},
		{"nullable anyOf of one", `{nullable: true, anyOf: [{$ref: '#/components/schemas/Thing'}]}`, nullable},
		{"more than the reference", `{required: [id], allOf: [{$ref: '#/components/schemas/Thing'}]}`,
			`{"required": ["id"], "allOf": [` + thing + `]}`},
		{"an inline member", `{description: here, oneOf: [{type: string, description: there}]}`, `{"type": "string", "description": "here"}`},
	})
	checkRules(t, "3.1.0", []ruleCase{
		{"or null", `{oneOf: [{$ref: '#/components/schemas/Thing'}, {type: "null"}]}`, nullable},
		{"beside $ref", `{$ref: '#/components/schemas/Thing', description: whose}`, described},
	})
}

func TestBreakAllOfCycles(t *testing.T) {
	doc := mustLoad(t, `
openapi: 3.0.3
info: {title: t, version: '1'}
paths: {}
components:
  schemas:
    A:
      allOf:
        - $ref: '#/components/schemas/B'
        - {type: object, properties: {a: {type: string}}}
    B:
      allOf:
        - $ref: '#/components/schemas/A'
        - {type: object, properties: {b: {$ref: '#/components/schemas/B'}}}
`)
	a, b := doc.OpenAPI.Components.Schemas["A"].Value, doc.OpenAPI.Components.Schemas["B"].Value
	if composedOf(a.AllOf[0].Value, a, map[*openapi3.Schema]bool{}) || composedOf(b.AllOf[0].Value, b, map[*openapi3.Schema]bool{}) {
		t.Error("a schema still is a part of itself")
	}
	if len(doc.Warnings) != 1 {
		t.Errorf("warnings %q, want one", doc.Warnings)
	}
}
