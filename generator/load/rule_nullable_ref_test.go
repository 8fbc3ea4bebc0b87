package load

import "testing"

func TestWrapNullableReference(t *testing.T) {
	checkRules(t, "3.0.3", []ruleCase{
		{"beside", `{$ref: '#/components/schemas/Thing', nullable: true}`,
			`{"$ref": "#/components/schemas/Thing", "→": {"type": "object", "nullable": true, "properties": {"id": {"type": "integer"}}}}`},
		{"false", `{$ref: '#/components/schemas/Thing', nullable: false}`, `{"$ref": "#/components/schemas/Thing"}`},
		{"elements", `{type: array, items: {$ref: '#/components/schemas/Text', nullable: true}}`,
			`{"type": "array", "items": {"$ref": "#/components/schemas/Text"}}`},
	})
}
