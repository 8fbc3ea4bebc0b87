package annotation

import (
	"strings"

	"github.com/weirkit/weir/generator/load"
)

// Read reads the annotations of a document. Its error joins *load.Errors, each
// with a position.
func Read(doc *load.Document) (*Set, error) {
	set := &Set{Operations: map[string]*Operation{}}
	for path, item := range doc.OpenAPI.Paths.Map() {
		for method := range item.Operations() {
			set.Operations[Key(method, path)] = &Operation{Pos: doc.At("paths", path, strings.ToLower(method))}
		}
	}
	return set, nil
}
