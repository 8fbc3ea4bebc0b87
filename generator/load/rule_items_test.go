package load

import "testing"

func TestGiveItems(t *testing.T) {
	checkRules(t, "3.1.0", []ruleCase{
		{"no items", `{type: array}`, `{"type": "array", "items": {}}`},
		{"by place", `{type: array, prefixItems: [{type: string}, {type: integer}]}`, `{"type": "array", "items": {}}`},
		{"by place, no type", `{prefixItems: [{type: string}], items: false}`, `{"type": "array", "items": {}}`},
	})
}

func TestLowerTuple(t *testing.T) {
	checkRules(t, "3.0.3", []ruleCase{
		{"several", `{type: array, items: [{type: string}, {type: integer}]}`, `{"type": "array", "items": {}}`},
		{"one", `{type: array, items: [{type: string}]}`, `{"type": "array", "items": {"type": "string"}}`},
		{"none", `{type: array, items: []}`, `{"type": "array", "items": {}}`},
		{"a property called items", `{type: object, properties: {items: {type: string}}}`, `{"type": "object", "properties": {"items": {"type": "string"}}}`},
	})
}
