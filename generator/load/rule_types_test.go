package load

import "testing"

func TestLowerTypes(t *testing.T) {
	checkRules(t, "3.1.0", []ruleCase{
		{"text or null", `{type: [string, "null"]}`, `{"type": "string", "nullable": true}`},
		{"null without quotes", `{type: [string, null]}`, `{"type": "string", "nullable": true}`},
		{"a list of one", `{type: [object], properties: {a: {type: string}}}`, `{"type": "object", "properties": {"a": {"type": "string"}}}`},
		{"null alone", `{type: "null"}`, `{"nullable": true}`},
		{"integer or number", `{type: [integer, number]}`, `{"type": "number"}`},
		{"object or array", `{type: [object, array], items: {type: string}, description: either}`, `{"description": "either"}`},
		{"object, text or null", `{type: [object, string, "null"]}`, `{"nullable": true}`},
		{"a union beside several types stays", `{type: [string, integer], oneOf: [{type: string}, {type: integer}]}`,
			`{"oneOf": [{"type": "string"}, {"type": "integer"}]}`},
		{"a vendor's name for a type", `{type: Int}`, `{"type": "integer"}`},
		{"an unknown type", `{type: mixed}`, `{}`},
		{"properties imply an object", `{properties: {a: {type: string}}}`, `{"type": "object", "properties": {"a": {"type": "string"}}}`},
		{"items imply an array", `{items: {type: string}}`, `{"type": "array", "items": {"type": "string"}}`},
		{"an enum of texts implies a text", `{enum: [a, b]}`, `{"type": "string", "enum": ["a", "b"]}`},
	})
}
