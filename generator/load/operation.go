package load

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

// Methods are the HTTP methods that an OpenAPI path may have, in the order in
// which operations of one path are taken.
var Methods = []string{"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"}

// checkOperations reports operations that share an operationId.
func (d *Document) checkOperations(problems *Problems) {
	first := map[string]*yaml.Node{}
	_, paths := child(d.tree.root, "paths")
	if paths == nil {
		return
	}
	for i := 0; paths.Kind == yaml.MappingNode && i+1 < len(paths.Content); i += 2 {
		path, item := paths.Content[i].Value, paths.Content[i+1]
		if !strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "x-") {
			problems.Addf(d.tree.position(paths.Content[i]), "the path %q does not begin with a slash: write /%s", path, path)
		}
		for _, method := range Methods {
			_, operation := child(item, strings.ToLower(method))
			if operation == nil {
				continue
			}
			_, id := child(operation, "operationId")
			if id == nil || id.Value == "" {
				continue
			}
			if other := first[id.Value]; other != nil {
				problems.Addf(d.tree.position(id), "the operationId %s is taken by the operation at %s: give each a name of its own", id.Value, d.tree.position(other))
				continue
			}
			first[id.Value] = id
		}
	}
}

// completeOperations gives every operation an operationId and the parameters of
// its path, so that nothing else needs to look at path items.
func (d *Document) completeOperations() {
	if d.OpenAPI.Paths == nil {
		d.OpenAPI.Paths = openapi3.NewPaths()
	}
	taken := map[string]bool{}
	for _, item := range d.OpenAPI.Paths.Map() {
		for _, op := range item.Operations() {
			taken[op.OperationID] = true
		}
	}
	for _, path := range d.OpenAPI.Paths.InMatchingOrder() {
		item := d.OpenAPI.Paths.Value(path)
		operations := item.Operations()
		for _, method := range Methods {
			op := operations[method]
			if op == nil {
				continue
			}
			if op.OperationID == "" {
				id := deriveID(method, path)
				for n := "2"; taken[id]; n += "2" {
					id = deriveID(method, path) + "_" + n
				}
				taken[id] = true
				op.OperationID = id
			}
			op.Parameters = mergeParameters(item.Parameters, op.Parameters)
			added, dropped := matchPath(path, op)
			at := d.At("paths", path, strings.ToLower(method)).String()
			for _, name := range dropped {
				d.Warnings = append(d.Warnings, at+": the path parameter "+name+" is not in the path: it is left out")
			}
			for _, name := range added {
				d.Warnings = append(d.Warnings, at+": the path parameter "+name+" is not declared: it is taken for a text")
			}
			if op.Responses == nil {
				op.Responses = &openapi3.Responses{}
			}
		}
		item.Parameters = nil
	}
}

// deriveID is the operationId of an operation that has none: get_things_id.
func deriveID(method, path string) string {
	parts := strings.FieldsFunc(path, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	return strings.Join(append([]string{strings.ToLower(method)}, parts...), "_")
}

// mergeParameters are a path's parameters followed by an operation's, which
// replace those of the same place and name.
func mergeParameters(path, operation openapi3.Parameters) openapi3.Parameters {
	merged := openapi3.Parameters{}
	for _, p := range append(slices.Clone(path), operation...) {
		if p == nil || p.Value == nil {
			continue
		}
		same := func(q *openapi3.ParameterRef) bool { return q.Value.In == p.Value.In && q.Value.Name == p.Value.Name }
		if i := slices.IndexFunc(merged, same); i >= 0 {
			merged[i] = p
			continue
		}
		merged = append(merged, p)
	}
	return merged
}
