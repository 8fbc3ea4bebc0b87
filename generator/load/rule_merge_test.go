package load

import "testing"

func TestMergeConflicts(t *testing.T) {
	checkRules(t, "3.0.3", []ruleCase{
		{"formats", `{allOf: [{type: string, format: uuid}, {type: string, minLength: 1}]}`, `{"type": "string", "format": "uuid"}`},
		{"formats, by reference", `{allOf: [{$ref: '#/components/schemas/Text'}, {$ref: '#/components/schemas/Fixed'}]}`, `{"type": "string", "format": "uuid"}`},
		{"formats that differ", `{allOf: [{type: string, format: uuid}, {type: string, format: uri}]}`, `{"type": "string", "format": "uri"}`},
		{"types", `{allOf: [{type: string, format: uuid}, {type: integer}]}`, `{"type": "integer"}`},
		{"numbers", `{allOf: [{type: number}, {type: integer}]}`, `{"type": "integer"}`},
		{"flags, with properties of both", `{required: [id], allOf: [{$ref: '#/components/schemas/Thing'}, {$ref: '#/components/schemas/Other'}, {type: object, properties: {b: {type: string}}}]}`,
			`{"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "b": {"type": "string"}}}`},
		{"maps", `{allOf: [{type: object, additionalProperties: {type: string}}, {type: object, additionalProperties: {type: integer}}]}`,
			`{"type": "object", "additionalProperties": {"type": "integer"}}`},
		{"no conflict", `{allOf: [{$ref: '#/components/schemas/Thing'}, {type: object, properties: {b: {type: string}}}]}`,
			`{"allOf": [{"$ref": "#/components/schemas/Thing"}, {"type": "object", "properties": {"b": {"type": "string"}}}]}`},
	})
}
