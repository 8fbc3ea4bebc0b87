package load

import (
	"regexp"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

// matchPath makes an operation's path parameters those of its path's template:
// one that is not declared is a text, and one that the template lacks, which
// could not be sent, is left out. It returns the names of both.
func matchPath(path string, op *openapi3.Operation) (added, dropped []string) {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(path, -1) {
		names = append(names, m[1])
	}
	declared := map[string]bool{}
	op.Parameters = slices.DeleteFunc(op.Parameters, func(p *openapi3.ParameterRef) bool {
		if p.Value.In != openapi3.ParameterInPath {
			return false
		}
		if !slices.Contains(names, p.Value.Name) {
			dropped = append(dropped, p.Value.Name)
			return true
		}
		declared[p.Value.Name] = true
		p.Value.Required = true // an address has no optional parts
		return false
	})
	for _, name := range names {
		if !declared[name] {
			declared[name] = true
			added = append(added, name)
			p := openapi3.NewPathParameter(name).WithSchema(openapi3.NewStringSchema())
			op.Parameters = append(op.Parameters, &openapi3.ParameterRef{Value: p})
		}
	}
	return added, dropped
}
