package annotation

// This file reads x-scan: which list has, among all, what an operation tells of one.

import (
	"strings"

	"github.com/weirkit/weir/generator/load"
	"github.com/weirkit/weir/runtime/api"
	"gopkg.in/yaml.v3"
)

// scans reads all x-scan, once all operations have been read.
func (r *reader) scans(operations []operation) {
	for _, op := range operations {
		n := get(op.node, "x-scan")
		if n == nil {
			continue
		}
		var b *api.Batch
		if r.value(n, "x-scan", func() { b = r.scan(op, n, operations) }) {
			op.Batch = b
		}
	}
}

func (r *reader) scan(op operation, n *yaml.Node, operations []operation) *api.Batch {
	const what = "x-scan"
	o, ok := r.object(n, what, "list", "key", "id")
	if !ok {
		return nil
	}
	switch {
	case get(op.node, "x-batch") != nil:
		r.addf(n, "x-scan stands beside x-batch, which asks for just those that are wanted: drop one of them")
	case op.Pagination != nil:
		r.addf(n, "x-scan is of %s, which has pages: it is for operations that tell of one thing", op.key)
	case !strings.HasPrefix(op.key, "GET "):
		r.addf(n, "x-scan is of %s: only what a GET operation tells is looked for in a list", op.key)
	}
	b := &api.Batch{Scan: true, Key: r.keyParam(op, o, what)}
	list, found := r.listed(op, o, operations)
	if !found {
		return b
	}
	b.With, b.Items = list.key, list.Pagination.Items
	items, _ := follow(list.response(), b.Items)
	if id := o.need("id"); id != nil {
		b.Keys.ID, _ = r.reached(list, anyOf(elements(items)), id, "x-scan's id", "string", "integer", "number")
	}
	r.checkSame(op, n, what, list, items)
	b.Shared = shared(op, list, *b)
	return b
}

// listed finds the list, by its operationId or its x-operation-name.
func (r *reader) listed(op operation, o object, operations []operation) (list operation, found bool) {
	n := o.need("list")
	text, ok := r.text(n, "x-scan's list")
	if !ok {
		return list, false
	}
	var known []string
	for _, other := range operations {
		if other.Pagination != nil {
			known = append(known, other.spec.OperationID)
		}
	}
	list, found = named(operations, text)
	switch {
	case !found:
		r.addf(n, "x-scan's list is %s, and no operation is called that%s", text,
			load.DidYouMean(text, known, "write an operationId, or the name that an x-operation-name gives"))
		return list, false
	case list.Pagination == nil || !strings.HasPrefix(list.key, "GET "):
		r.addf(n, "x-scan's list is %s, which is no list with pages: add its x-pagination, or name another", text)
		return list, false
	}
	r.checkPath(op, n, "x-scan's list is "+text, list, o.get("key"))
	return list, true
}
