package annotation

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/weirkit/weir/generator/load"
	"gopkg.in/yaml.v3"
)

// Read reads the annotations of a document. Its error joins *load.Errors, all
// problems of the document sorted by position. What is wrong with the vendor's
// own x- keys is added to the document's warnings instead, and they are left out.
func Read(doc *load.Document) (*Set, error) {
	r := &reader{
		doc:   doc,
		set:   &Set{Operations: map[string]*Operation{}},
		names: map[string]*yaml.Node{},
	}
	r.limits(doc.Node("x-rate-limits"))
	r.plans(doc.Node("x-plans"))
	r.quotaHeaders(doc.Node("x-quota-headers"))
	r.quotaBodies(doc.Node("x-quota-body"))
	r.throttling(doc.Node("x-throttling"))
	r.errors(doc.Node("x-errors"))
	r.warningPaths(doc.Node("x-warnings"))
	r.headers(doc.Node("x-headers"))
	r.account(doc.Node("x-account"))
	r.cacheOfAll(doc.Node("x-cache"))
	operations := r.operations()
	for _, op := range operations {
		r.operation(op)
	}
	r.batches(operations)
	r.scans(operations)
	r.jobs(operations)
	r.checkMaxPages()
	r.checkInvalidated()
	r.checkPlaces()
	for _, w := range r.warnings.Texts() {
		if !slices.Contains(doc.Warnings, w) {
			doc.Warnings = append(doc.Warnings, w)
		}
	}
	if err := r.problems.Err(); err != nil {
		return nil, err
	}
	return r.set, nil
}

// operations lists the document's operations in the order of its file.
func (r *reader) operations() []operation {
	var all []operation
	for path, item := range pairs(r.doc.Node("paths")) {
		spec := r.doc.OpenAPI.Paths.Value(path.Value)
		if spec == nil {
			continue
		}
		for method, node := range pairs(item) {
			name := strings.ToUpper(method.Value)
			if op := spec.Operations()[name]; op != nil && method.Value == strings.ToLower(name) {
				all = append(all, r.newOperation(name, path.Value, node, op))
			}
		}
	}
	// Those of a path item that is a reference.
	for path, item := range r.doc.OpenAPI.Paths.Map() {
		for method, op := range item.Operations() {
			if r.set.Operations[Key(method, path)] == nil {
				all = append(all, r.newOperation(method, path, nil, op))
			}
		}
	}
	return all
}

func (r *reader) newOperation(method, path string, node *yaml.Node, spec *openapi3.Operation) operation {
	key := Key(method, path)
	o := &Operation{Pos: r.doc.At("paths", path, strings.ToLower(method))}
	r.set.Operations[key] = o
	return operation{o, key, node, spec}
}

func (r *reader) operation(op operation) {
	if n := get(op.node, "x-rate-limit"); n != nil {
		r.draws(op, n)
	}
	if n := get(op.node, "x-pagination"); n != nil {
		r.pagination(op, n)
	}
	if n := get(op.node, "x-result"); n != nil {
		r.result(op, n)
	}
	if n := get(op.node, "x-body"); n != nil {
		r.inner(op, n, "x-body", op.request(), &op.Body)
	}
	if n := get(op.node, "x-operation-name"); n != nil {
		r.operationName(op, n)
	}
	if n := get(op.node, "x-idempotency"); n != nil {
		r.idempotency(op, n)
	}
	if n := get(op.node, "x-cache"); n != nil {
		r.cache(op, n)
	}
}

// checkMaxPages finds the operations that plans name, by operationId or by
// x-operation-name; a dot for an underscore is no matter, since Slack's document
// says conversations_history where everybody else says conversations.history.
// Other names of the form Service.Method are left to whoever knows the naming
// policy, and the rest are reported.
func (r *reader) checkMaxPages() {
	keys, known := map[string]string{}, []string{}
	for key, op := range r.ids() {
		keys[loose(op)] = key
		known = append(known, op)
	}
	for key, op := range r.set.Operations {
		if op.Name != "" {
			keys[loose(op.Name)] = key
		}
	}
	slices.Sort(known)
	for i, p := range r.set.MaxPages {
		if key, ok := keys[loose(p.Operation)]; ok {
			r.set.MaxPages[i].Key = key
			continue
		}
		if operationName.MatchString(p.Operation) {
			continue
		}
		r.problems.Addf(p.Pos, "the plan %s has a maxPage of %s, and no operation is called that%s", p.Plan, p.Operation,
			load.DidYouMean(p.Operation, known, "write an operationId, or a name as Tickets.List"))
	}
}

// ids are the operationIds by the keys of Set.Operations.
func (r *reader) ids() map[string]string {
	ids := map[string]string{}
	for path, item := range r.doc.OpenAPI.Paths.Map() {
		for method, op := range item.Operations() {
			ids[Key(method, path)] = op.OperationID
		}
	}
	return ids
}

func loose(name string) string {
	return strings.ToLower(strings.NewReplacer(".", "", "_", "", "-", "", "/", "").Replace(name))
}
