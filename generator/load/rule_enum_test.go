package load

import "testing"

func TestCleanEnum(t *testing.T) {
	checkRules(t, "3.0.3", []ruleCase{
		{"null", `{type: string, enum: [a, null]}`, `{"type": "string", "nullable": true, "enum": ["a"]}`},
		{"twice", `{type: string, enum: [a, b, a]}`, `{"type": "string", "enum": ["a", "b"]}`},
		{"YAML's own kinds in a text", `{type: string, enum: [true, 1, 1.5, "1"]}`, `{"type": "string", "enum": ["true", "1", "1.5"]}`},
		{"numbers", `{type: integer, enum: [1, 2, 1]}`, `{"type": "integer", "enum": [1, 2]}`},
		{"a text among numbers", `{type: integer, enum: [1, all]}`, `{"type": "integer"}`},
		{"booleans", `{type: boolean, enum: [true]}`, `{"type": "boolean"}`},
		{"only null", `{type: string, enum: [null]}`, `{"nullable": true}`},
		{"objects", `{enum: [{a: 1}]}`, `{}`},
		{"YAML 1.1's value sign", `{type: string, enum: [=, "!="]}`, `{"type": "string", "enum": ["=", "!="]}`},
	})
}
