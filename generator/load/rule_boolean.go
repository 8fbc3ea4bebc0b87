package load

import "gopkg.in/yaml.v3"

// lowerBooleans makes a schema of any value of true and false where 3.1 lets
// them stand for schemas; kin-openapi reads them under additionalProperties only.
func lowerBooleans(object *yaml.Node) {
	for i := 0; i+1 < len(object.Content); i += 2 {
		value := object.Content[i+1]
		switch object.Content[i].Value {
		case "items", "not", "contains", "if", "then", "else", "propertyNames":
			anySchema(value)
		case "allOf", "oneOf", "anyOf", "prefixItems":
			for _, member := range value.Content {
				anySchema(member)
			}
		case "properties", "patternProperties", "dependentSchemas", "schemas", "$defs":
			for j := 1; j < len(value.Content); j += 2 {
				anySchema(value.Content[j])
			}
		}
	}
}

func anySchema(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!bool" {
		*n = yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line, Column: n.Column}
	}
}
