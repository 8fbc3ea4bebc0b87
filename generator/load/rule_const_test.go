package load

import "testing"

func TestLowerConst(t *testing.T) {
	checkRules(t, "3.1.0", []ruleCase{
		{"text", `{const: ticket}`, `{"type": "string", "enum": ["ticket"]}`},
		{"text with type", `{type: string, const: ticket}`, `{"type": "string", "enum": ["ticket"]}`},
		{"true", `{const: true}`, `{"type": "boolean"}`},
		{"whole number", `{const: 3}`, `{"type": "integer"}`},
		{"fraction", `{const: 3.5}`, `{"type": "number"}`},
		{"object", `{const: {a: 1}}`, `{}`},
	})
}

func TestMergeConstMembers(t *testing.T) {
	checkRules(t, "3.1.0", []ruleCase{
		{"documented values", `{oneOf: [{const: a, title: A}, {const: b, description: the other}]}`, `{"type": "string", "enum": ["a", "b"]}`},
		{"with null", `{anyOf: [{const: a}, {enum: [b, c]}, {type: "null"}]}`, `{"type": "string", "nullable": true, "enum": ["a", "b", "c"]}`},
		{"an object among them", `{oneOf: [{const: a}, {$ref: '#/components/schemas/Thing'}]}`,
			`{"oneOf": [{"type": "string", "enum": ["a"]}, {"$ref": "#/components/schemas/Thing"}]}`},
	})
}
