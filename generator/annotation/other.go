package annotation

// This file finds the operations that annotations of one name, and holds them to
// what the one can give.

import (
	"github.com/weirkit/weir/runtime/api"
	"gopkg.in/yaml.v3"
)

// named is the operation of an operationId or an x-operation-name.
func named(operations []operation, text string) (op operation, found bool) {
	for _, other := range operations {
		if text == other.spec.OperationID || text == other.Name {
			op, found = other, true
		}
	}
	return op, found
}

// checkPath reports path parameters of another operation that one has not to give,
// since they are its key, or not its own at all. said begins the message.
func (r *reader) checkPath(op operation, n *yaml.Node, said string, other operation, key *yaml.Node) {
	for _, p := range other.spec.Parameters {
		if p.Value == nil || p.Value.In != api.InPath {
			continue
		}
		if found, _ := op.parameter(api.InPath, p.Value.Name); !found || key != nil && key.Value == "path:"+p.Value.Name {
			r.addf(n, "%s, whose path needs %s, which %s has not beside its key", said, p.Value.Name, op.key)
		}
	}
}
