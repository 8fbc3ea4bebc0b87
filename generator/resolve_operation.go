package generator

// This file decides what each operation's method looks like: its arguments, its
// body, its result, and the facts that it hands to the runtime.

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/weirkit/weir/generator/annotation"
	"github.com/weirkit/weir/generator/model"
	"github.com/weirkit/weir/runtime/api"
)

// operation is one operation on its way into the model.
type operation struct {
	method, path string
	item         *openapi3.PathItem
	spec         *openapi3.Operation
	notes        *annotation.Operation
	service      string // Tickets
	short        string // List
	name         string // Tickets.List
	variable     string
	value        api.Operation
	arguments    []argument // of the path, then the body
	pathArgs     []string   // their names by placeholder
	body         string     // the body argument's name
	params       *declaration
	result       *expr
	locates      bool   // its answer is the address of its result
	bulk, wait   string // the methods that it has besides, of jobs
	failed       error
}

type argument struct {
	name string
	typ  *expr
}

// nameOperations lists the operations that can be called, names them, and sorts
// them by name.
func (r *resolver) nameOperations() {
	services := map[string][]*operation{}
	for _, path := range sortedKeys(r.doc.Paths.Map()) {
		item := r.doc.Paths.Value(path)
		if item == nil {
			continue
		}
		all := item.Operations()
		for _, method := range sortedKeys(all) {
			spec := all[method]
			op := &operation{method: method, path: path, item: item, spec: spec, notes: r.set.Operations[operationKey(method, path)]}
			if op.notes == nil {
				op.notes = &annotation.Operation{}
			}
			r.tags = append(r.tags, spec.Tags...)
			r.operations = append(r.operations, op)
			op.service = serviceName(spec.Tags, spec.OperationID, path)
			if service, short, ok := strings.Cut(op.notes.Name, "."); ok {
				op.service, op.short = service, short
			} else {
				op.short = methodName(spec.OperationID, method, path, op.service)
			}
			services[op.service] = append(services[op.service], op)
		}
	}
	fields := scope{"Runtime": true}
	for _, name := range sortedKeys(services) {
		service := fields.take(name)
		nameMethods(services[name])
		for _, op := range services[name] {
			op.service = service
			op.name = service + "." + op.short
		}
		r.names.reserve(service + "Service")
	}
	slices.SortFunc(r.operations, func(a, b *operation) int { return strings.Compare(a.name, b.name) })
	variables := scope{}
	variables.reserve(takenInMethods...)
	for _, op := range r.operations {
		op.variable = variables.take(unexportedName(op.service) + op.short)
	}
}

// nameMethods makes the methods of one service unique: those given by
// annotation keep their names, and of others that clash the one whose operation
// id is of the service itself (GitHub's pulls/list beside
// pull-request-stacks/list); the rest take their whole operation id, and what
// clashes still is numbered in the order of paths.
func nameMethods(ops []*operation) {
	count, owners := map[string]int{}, map[string]int{}
	for _, op := range ops {
		count[op.short]++
		if op.isOwner() {
			owners[op.short]++
		}
	}
	for _, op := range ops {
		if count[op.short] > 1 && op.notes.Name == "" && !(op.isOwner() && owners[op.short] == 1) {
			if op.spec.OperationID != "" {
				op.short = exportedName(op.spec.OperationID)
			} else {
				op.short = methodName("", op.method, op.path, "")
			}
		}
	}
	taken := scope{}
	for _, annotated := range []bool{true, false} {
		for _, op := range ops {
			if (op.notes.Name != "") == annotated {
				op.short = taken.take(op.short)
				if op.notes.Pagination != nil {
					taken.reserve(op.short + "Pages")
				}
			}
		}
	}
	for _, op := range ops {
		if op.notes.Job != nil && op.notes.Job.Max > 0 {
			op.bulk = taken.take(op.short + "Bulk")
		}
		if op.notes.JobStatus != nil {
			op.wait = taken.take("Wait")
		}
	}
}

// isOwner reports whether the operation's id names its service as its group.
func (op *operation) isOwner() bool {
	group, _, ok := strings.Cut(op.spec.OperationID, "/")
	return ok && op.notes.Name == "" && exportedName(group) == op.service
}

// resolveOperation walks one operation's schemas.
func (r *resolver) resolveOperation(op *operation) {
	op.value = api.Operation{Name: op.name, Method: op.method, Path: op.path, Draws: op.notes.Draws, Result: op.notes.Result,
		Body: op.notes.Body, Pagination: op.notes.Pagination, Batch: r.batch(op), Keys: op.notes.Keys, Idempotent: op.notes.Idempotent,
		IdempotencyHeader: op.notes.IdempotencyHeader, Cache: op.notes.Cache, Job: r.job(op), JobStatus: op.notes.JobStatus}
	taken := scope{op.variable: true}
	if op.failed = r.resolveServer(op); op.failed != nil {
		return
	}
	if op.failed = r.resolveParameters(op, taken); op.failed != nil {
		return
	}
	// The result first: a type that serves both is named after the answer.
	r.resolveResult(op)
	r.resolveBody(op, taken)
}

// batch is an operation's x-batch, with the name of the operation for many.
func (r *resolver) batch(op *operation) *api.Batch {
	if op.notes.Batch == nil {
		return nil
	}
	batch := *op.notes.Batch
	if batch.With = r.nameOf(batch.With); batch.With == "" {
		return nil
	}
	return &batch
}

// base is what inline types of an operation are named after.
func (op *operation) base() string { return op.service + op.short }

// finishOperations writes the named operations into the model.
func (r *resolver) finishOperations() {
	services := map[string]*model.Service{}
	files := scope{}
	files.reserve(fixedFiles...)
	for _, op := range r.operations {
		if op.failed != nil {
			r.report.LeftOut = append(r.report.LeftOut, LeftOut{Operation: operationKey(op.method, op.path), Reason: op.failed.Error()})
			continue
		}
		m := r.finishOperation(op)
		r.api.Operations = append(r.api.Operations, m)
		s := services[op.service]
		if s == nil {
			s = &model.Service{Name: op.service, Type: op.service + "Service"}
			services[op.service] = s
		}
		s.Methods = append(s.Methods, m)
	}
	for _, name := range sortedKeys(services) {
		s := services[name]
		s.File = files.take(fileName(name)) + ".gen.go"
		s.Comment = serviceComment(s)
		r.api.Services = append(r.api.Services, s)
	}
	r.report.Operations = len(r.api.Operations)
}

func (r *resolver) finishOperation(op *operation) *model.Operation {
	m := &model.Operation{Name: op.name, Method: op.short, Variable: op.variable, Paged: op.value.Pagination != nil && op.result != nil}
	if m.Paged {
		m.Pages = op.short + "Pages"
	}
	m.Literal = literal(op.value)
	m.Comment = operationComment(op)
	for i, a := range op.arguments {
		m.Signature += a.name
		if i+1 == len(op.arguments) || op.arguments[i+1].typ.String() != a.typ.String() {
			m.Signature += " " + a.typ.String()
		}
		m.Signature += ", "
	}
	var args []string
	if len(op.pathArgs) > 0 {
		args = append(args, "Path: []any{"+strings.Join(op.pathArgs, ", ")+"}")
	}
	if op.params != nil {
		m.Signature += "params *" + op.params.name + ", "
		args = append(args, "Params: params")
	}
	if op.body != "" {
		args = append(args, "Body: "+op.body)
	}
	m.Args = strings.Join(args, ", ")
	if op.result != nil {
		m.Result = op.result.handedOut()
	}
	m.Locates = op.locates
	m.Bulk, m.Wait = op.finishBulk(), op.wait
	return m
}

func quote(s string) string { return strconv.Quote(s) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
