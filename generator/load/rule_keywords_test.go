package load

import "testing"

func TestLowerKeywords(t *testing.T) {
	checkRules(t, "3.1.0", []ruleCase{
		{"a pattern of names is a map", `{type: object, patternProperties: {'^x': {type: string}}}`, `{"type": "object", "additionalProperties": {"type": "string"}}`},
		{"base64", `{type: string, contentEncoding: base64}`, `{"type": "string", "format": "byte"}`},
		{"bytes", `{type: string, contentMediaType: application/octet-stream}`, `{"type": "string", "format": "binary"}`},
		{"conditions", `{type: object, if: {properties: {a: {const: 1}}}, then: {required: [b]}, not: {required: [c]}, dependentRequired: {a: [b]}}`, `{"type": "object"}`},
		{"examples", `{type: string, example: a, examples: [b]}`, `{"type": "string"}`},
	})
}
