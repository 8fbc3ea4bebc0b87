package load

import "gopkg.in/yaml.v3"

// fillNulls gives named parts that are left empty in YAML (properties: {a: },
// responses: {204: }) an empty object; kin-openapi refuses null there.
func fillNulls(object *yaml.Node) {
	for i := 0; i+1 < len(object.Content); i += 2 {
		named := object.Content[i+1]
		if keywords.under(object.Content[i].Value, named) != names || named.Kind != yaml.MappingNode {
			continue
		}
		for j := 1; j < len(named.Content); j += 2 {
			if v := named.Content[j]; v.Kind == yaml.ScalarNode && v.ShortTag() == "!!null" {
				named.Content[j] = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: v.Line, Column: v.Column}
			}
		}
	}
}
