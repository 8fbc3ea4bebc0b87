package generator

import (
	"fmt"
	"strings"
)

// invalidations names the operations whose stored answers others make old, as Go
// does: annotations may use operation ids too.
func (r *resolver) invalidations() error {
	var names map[string]string
	for _, op := range r.operations {
		if op.value.Cache == nil || len(op.value.Cache.Invalidates) == 0 {
			continue
		}
		if names == nil {
			names = r.operationNames()
		}
		cache := *op.value.Cache
		cache.Invalidates = nil
		for _, written := range op.notes.Cache.Invalidates {
			name, ok := names[written]
			if !ok {
				pos := r.document.At("paths", op.path, strings.ToLower(op.method), "x-cache", "invalidates")
				return fmt.Errorf("%v: x-cache of %s invalidates %q, which the document does not have: use an operationId or a name such as Tickets.List", pos, op.name, written)
			}
			cache.Invalidates = append(cache.Invalidates, name)
		}
		op.value.Cache = &cache
	}
	return nil
}
