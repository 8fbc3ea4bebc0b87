package annotation

// This file reads x-job, of operations that start jobs, and x-job-status, of those
// that show them.

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/weirkit/weir/generator/load"
	"github.com/weirkit/weir/runtime/api"
	"gopkg.in/yaml.v3"
)

// jobs reads both, once all else is known of the operations: an x-job hangs on
// what another operation says, and that on its x-batch.
func (r *reader) jobs(operations []operation) {
	for _, op := range operations {
		if n := get(op.node, "x-job-status"); n != nil {
			r.jobStatus(op, n)
		}
	}
	for _, op := range operations {
		if n := get(op.node, "x-job"); n != nil {
			r.job(op, n, operations)
		}
	}
}

// job reads the x-job of one operation.
func (r *reader) job(op operation, n *yaml.Node, operations []operation) {
	const what = "x-job"
	var job api.Job
	ok := r.value(n, what, func() {
		o, ok := r.object(n, what, "with", "id", "items", "max", "limit", "source")
		if !ok {
			return
		}
		if strings.HasPrefix(op.key, "GET ") || strings.HasPrefix(op.key, "HEAD ") {
			r.addf(n, "x-job is of %s, which only reads: the operation that shows jobs has x-job-status", op.key)
		}
		job.With = r.showsJobs(o, operations)
		job.ID, _ = r.reached(op, op.response(), o.need("id"), what+"'s id", "string", "integer")
		r.jobItems(op, o, &job)
		r.jobLimit(op, o, &job)
	})
	if ok {
		op.Job = &job
	}
}

// showsJobs is the key of the operation that x-job's with names.
func (r *reader) showsJobs(o object, operations []operation) string {
	n := o.need("with")
	text, ok := r.text(n, "x-job's with")
	if !ok {
		return ""
	}
	var known []string
	for _, other := range operations {
		if get(other.node, "x-job-status") == nil {
			continue
		}
		if text == other.spec.OperationID || text == other.Name {
			return other.key
		}
		known = append(known, other.spec.OperationID)
	}
	r.addf(n, "x-job is with %s, and no operation that has x-job-status is called that%s", text,
		load.DidYouMean(text, known, "give one x-job-status, and its operationId or x-operation-name here"))
	return ""
}

// jobItems reads where a job's items go, and how many there may be.
func (r *reader) jobItems(op operation, o object, job *api.Job) {
	const what = "x-job's items"
	n := o.get("items")
	if (n == nil) != (o.get("max") == nil) {
		r.addf(o.n, "x-job has one of items and max: where there is a list, say how long it may be, and where not, neither")
	}
	if job.Max, _ = r.number(o.get("max"), "x-job's max", 1); o.get("max") != nil || o.get("source") != nil {
		job.Source = r.source(o, !r.lenient)
	}
	switch {
	case n == nil:
	case n.Kind == yaml.MappingNode:
		if p, ok := r.object(n, what, "in", "name"); ok {
			param := r.param(op, p)
			if job.Param = param.Name; param.In != "" && param.In != api.InQuery {
				r.addf(n, "%s are in the %s: write a path into the body, as in $.tickets, or a parameter in the query", what, param.In)
			}
		}
	case op.request() == nil:
		r.addf(n, "%s are in the body, and %s has none: write {in: query, name: …}", what, op.key)
	default:
		job.Items, _ = r.reached(op, op.request(), n, what, "array")
		switch {
		case job.Items == nil:
		case len(job.Items) == 0:
			r.addf(n, "%s are the whole body: name a member, as in $.tickets", what)
		case len(op.Body) > len(job.Items) || !slices.Equal(op.Body, job.Items[:len(op.Body)]):
			r.addf(n, "%s are %s, and x-body is %s, which they have to be or to stand in", what, pathText(job.Items), pathText(op.Body))
		}
	}
}

// jobLimit reads the limit that counts jobs.
func (r *reader) jobLimit(op operation, o object, job *api.Job) {
	n := o.get("limit")
	name, ok := r.limitName(n, "x-job's limit")
	if !ok {
		return
	}
	job.Limit = name
	if l, known := r.limit(name); known {
		if _, ok := l.Shape.(api.Concurrency); !ok {
			r.addf(n, "x-job's limit is %s, which does not count what is under way: name one with concurrency", name)
		}
	}
	if !slices.ContainsFunc(op.Draws, func(d api.Draw) bool { return d.Limit == name }) {
		r.addf(n, "x-job's limit is %s, on which %s does not draw: add it to x-rate-limit", name, op.key)
	}
}

// jobStatus reads the x-job-status of one operation.
func (r *reader) jobStatus(op operation, n *yaml.Node) {
	const what = "x-job-status"
	var status api.JobStatus
	ok := r.value(n, what, func() {
		o, ok := r.object(n, what, "state", "states", "message", "results", "result")
		if !ok {
			return
		}
		job := r.shownJob(op, n)
		status.State, _ = r.reached(op, job, o.need("state"), what+"'s state", "string", "integer")
		status.States = r.jobStates(o)
		status.Message, _ = r.reached(op, job, o.get("message"), what+"'s message", "string")
		status.Results, _ = r.reached(op, job, o.get("results"), what+"'s results", "array", "object")
		status.Result = r.jobResult(op, o, job, status.Results)
	})
	if ok {
		op.JobStatus = &status
	}
}

// shownJob is the schema of a job, nil where nothing is known of it.
func (r *reader) shownJob(op operation, n *yaml.Node) *openapi3.SchemaRef {
	const what = "x-job-status"
	if !strings.HasPrefix(op.key, "GET ") || op.Pagination != nil {
		r.addf(n, "%s is of %s: it is for GET operations without pages", what, op.key)
	}
	inPath := strings.Count(op.key, "{")
	switch {
	case len(op.Keys) == 0 && inPath != 1:
		r.addf(n, "%s is of %s, which neither names one job in its path nor takes ids by x-batch: add x-batch: {keys: …, id: …, max: …}", what, op.key)
	case len(op.Keys) > 0 && inPath > 0:
		r.addf(n, "%s is of %s, whose path needs more than the ids of jobs", what, op.key)
	case len(op.Keys) > 0 && op.Keys[0].ID == nil:
		r.addf(n, "%s is of %s, whose x-batch does not say by which id a job is known: add id", what, op.key)
	}
	answer := op.response()
	if answer == nil {
		return nil
	}
	found, _ := follow(answer, op.Result)
	if len(op.Keys) > 0 {
		found = elements(found)
	}
	return anyOf(found)
}

// jobStates reads the words for a job's states.
func (r *reader) jobStates(o object) (states api.JobStates) {
	const what = "x-job-status's states"
	n := o.need("states")
	if n == nil {
		return states
	}
	s, ok := r.object(n, what, "queued", "working", "completed", "failed", "killed")
	if !ok {
		return states
	}
	seen := map[string]bool{}
	words := func(name string) []string {
		list := r.texts(s.get(name), "x-job-status's "+name)
		for _, word := range list {
			if seen[word] {
				r.addf(s.get(name), "%s have %s twice: a job is in one state", what, word)
			}
			seen[word] = true
		}
		if at := s.get(name); at != nil && len(list) == 0 {
			r.addf(at, "x-job-status's %s is empty: write the provider's words, or leave it out", name)
		}
		return list
	}
	s.need("working")
	s.need("completed")
	return api.JobStates{Queued: words("queued"), Working: words("working"), Completed: words("completed"), Failed: words("failed"), Killed: words("killed")}
}

// jobResult reads how what came of an item looks.
func (r *reader) jobResult(op operation, o object, job *openapi3.SchemaRef, results api.Path) (item api.JobItem) {
	const what = "x-job-status's result"
	n := o.get("result")
	if n == nil {
		return item
	}
	if o.get("results") == nil {
		r.addf(n, "%s is of results, and x-job-status does not say where these are: add results", what)
	}
	p, ok := r.object(n, what, "id", "index", "status", "success", "code", "message")
	if !ok {
		return item
	}
	var schema *openapi3.SchemaRef
	if job != nil {
		found, _ := follow(job, results)
		schema = anyOf(elements(found))
	}
	at := func(name string, types ...string) api.Path {
		path, _ := r.reached(op, schema, p.get(name), what+"'s "+name, types...)
		return path
	}
	return api.JobItem{
		ID: at("id", "string", "integer"), Index: at("index", "integer"), Status: at("status", "string"),
		Success: at("success", "boolean"), Code: at("code", "string", "integer"), Message: at("message", "string"),
	}
}
