package load

import "testing"

func TestFoldNullMembers(t *testing.T) {
	checkRules(t, "3.1.0", []ruleCase{
		{"null type", `{anyOf: [{type: string}, {type: integer}, {type: "null"}]}`, `{"nullable": true, "anyOf": [{"type": "string"}, {"type": "integer"}]}`},
		{"null enum", `{oneOf: [{type: string}, {enum: [null]}]}`, `{"type": "string", "nullable": true}`},
		{"a nullable member is kept", `{oneOf: [{type: [string, "null"]}, {type: integer}]}`, `{"oneOf": [{"type": "string", "nullable": true}, {"type": "integer"}]}`},
	})
}

func TestDropValidationUnions(t *testing.T) {
	checkRules(t, "3.0.3", []ruleCase{
		{"which must be given", `{type: object, properties: {a: {type: string}}, anyOf: [{required: [a]}, {required: [b]}]}`,
			`{"type": "object", "properties": {"a": {"type": "string"}}}`},
		{"patterns of a text", `{type: string, oneOf: [{pattern: a}, {type: string, maxLength: 3}]}`, `{"type": "string"}`},
		{"a shape among them", `{type: object, properties: {a: {type: string}}, anyOf: [{required: [a]}, {properties: {b: {type: string}}}]}`,
			`{"type": "object", "properties": {"a": {"type": "string"}}, "anyOf": [{"required": ["a"]}, {"type": "object", "properties": {"b": {"type": "string"}}}]}`},
	})
}

func TestDiscriminatorsStay(t *testing.T) {
	checkRules(t, "3.0.3", []ruleCase{{"a union by type",
		`{oneOf: [{$ref: '#/components/schemas/Thing'}, {$ref: '#/components/schemas/Other'}], discriminator: {propertyName: kind, mapping: {thing: '#/components/schemas/Thing'}}}`,
		`{"oneOf": [{"$ref": "#/components/schemas/Thing"}, {"$ref": "#/components/schemas/Other"}],
			"discriminator": {"propertyName": "kind", "mapping": {"thing": "#/components/schemas/Thing"}}}`}})
}
