package load

import "testing"

func TestLowerBooleans(t *testing.T) {
	checkRules(t, "3.1.0", []ruleCase{
		{"a property of any value", `{type: object, properties: {a: true, b: false}}`, `{"type": "object", "properties": {"a": {}, "b": {}}}`},
		{"elements of any value", `{type: array, items: true}`, `{"type": "array", "items": {}}`},
		{"no more members", `{type: object, properties: {a: {type: string}}, additionalProperties: false}`,
			`{"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false}`},
	})
}
