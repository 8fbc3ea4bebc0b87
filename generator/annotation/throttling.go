package annotation

import (
	"slices"
	"strings"

	"github.com/weirkit/weir/runtime/api"
	"gopkg.in/yaml.v3"
)

// throttling reads x-throttling.
func (r *reader) throttling(n *yaml.Node) {
	for _, item := range r.root(n, "x-throttling") {
		var t api.Throttling
		if r.value(item, "throttling", func() { t = r.refusal(item) }) {
			r.set.Throttling = append(r.set.Throttling, t)
		}
	}
}

func (r *reader) refusal(n *yaml.Node) (t api.Throttling) {
	const what = "x-throttling's answer"
	o, ok := r.object(n, what, "status", "when", "retryAfter", "wait", "names", "limits", "of")
	if !ok {
		return t
	}
	status := o.need("status")
	if t.Status, ok = r.number(status, what+"'s status", 1); ok && (t.Status < 200 || t.Status > 599 || t.Status/100 == 3) {
		r.addf(status, "%s's status is %d: write that of a refusal, as 429", what, t.Status)
	}
	when := o.get("when")
	if get(when, "header") != nil {
		t.WhenHeader = r.headerRule(when, what+"'s when")
	} else {
		t.When = r.bodyRule(when, what+"'s when")
	}
	if when == nil && t.Status/100 == 2 {
		r.addf(n, "%s has status %d, which good answers have too: add when: {path: …, in: […]}", what, t.Status)
	}
	r.retryAfter(o.get("retryAfter"), what+"'s retryAfter", &t)
	t.Wait, _ = r.duration(o.get("wait"), what+"'s wait")
	r.limitNamed(o.get("names"), what+"'s names", &t)
	t.Limits = r.translation(o.get("limits"), what)
	if o.get("limits") != nil && o.get("names") == nil {
		r.addf(o.get("limits"), "%s has limits without names: add names, the header or the path that names the limit", what)
	}
	t.Of = r.limitNames(o.get("of"), what+"'s of")
	return t
}

// retryAfter reads where the wait is told: header, none, a path, or an object
// that also says how.
func (r *reader) retryAfter(n *yaml.Node, what string, t *api.Throttling) {
	t.RetryAfter = api.RetryAfterHeader
	if n == nil {
		return
	}
	if n.Kind == yaml.MappingNode {
		o, _ := r.object(n, what, "header", "path", "is")
		t.Header, _ = r.header(o.get("header"), what+"'s header")
		t.RetryAfterIs, _ = oneOf(r, o.get("is"), what+"'s is", encodings...)
		path := o.get("path")
		if (path == nil) == (o.get("header") == nil) {
			r.addf(n, "%s has not one of header and path: write where the wait is told", what)
		}
		if path != nil {
			r.waitPath(path, what+"'s path", t)
		}
		return
	}
	switch n.Value {
	case string(api.RetryAfterHeader):
	case string(api.RetryAfterNone):
		t.RetryAfter = api.RetryAfterNone
	default:
		r.waitPath(n, what+" is neither header nor none", t)
	}
}

func (r *reader) waitPath(n *yaml.Node, what string, t *api.Throttling) {
	var ok bool
	t.Path, ok = r.path(n, what)
	if ok && len(t.Path) == 0 {
		r.addf(n, "%s is the whole body: write header, none or a path as $.retry_after", strings.TrimSuffix(what, " is neither header nor none"))
	}
	t.RetryAfter = api.RetryAfterBody
}

// limitNamed reads where the limit is named: a header or, with $, a path.
func (r *reader) limitNamed(n *yaml.Node, what string, t *api.Throttling) {
	if n == nil {
		return
	}
	if !strings.HasPrefix(n.Value, "$") {
		t.Names, _ = r.header(n, what)
		return
	}
	var ok bool
	if t.NamesPath, ok = r.path(n, what); ok && len(t.NamesPath) == 0 {
		r.addf(n, "%s is the whole body: write the path of a name, as $.error.reason", what)
	}
}

func (r *reader) headerRule(n *yaml.Node, what string) *api.HeaderRule {
	o, ok := r.object(n, what, "header", "in")
	if !ok {
		return nil
	}
	var rule api.HeaderRule
	rule.Header, _ = r.header(o.get("header"), what+"'s header")
	rule.In = r.valuesOf(o.get("in"), what)
	return &rule
}

func (r *reader) bodyRule(n *yaml.Node, what string) *api.BodyRule {
	if n == nil {
		return nil
	}
	o, ok := r.object(n, what, "path", "in", "contains")
	if !ok {
		return nil
	}
	var rule api.BodyRule
	rule.Path, _ = r.path(o.need("path"), what+"'s path")
	contains := o.get("contains")
	if contains == nil {
		rule.In = r.valuesOf(o.need("in"), what)
		return &rule
	}
	rule.In = r.valuesOf(o.get("in"), what)
	rule.Contains = r.texts(contains, what+"'s contains")
	if len(rule.Contains) == 0 || slices.Contains(rule.Contains, "") {
		r.addf(contains, "%s's contains has to tell what texts have in them", what)
	}
	return &rule
}

// valuesOf are the values that a rule is true of.
func (r *reader) valuesOf(in *yaml.Node, what string) []string {
	if in != nil && in.Kind == yaml.SequenceNode && len(in.Content) == 0 {
		r.addf(in, "%s's in is empty: write the values that it is true of", what)
	}
	return r.texts(in, what+"'s in")
}

// errors reads x-errors.
func (r *reader) errors(n *yaml.Node) {
	if n == nil {
		return
	}
	var e api.Errors
	ok := r.value(n, "errors", func() {
		o, ok := r.object(n, "x-errors", "code", "message", "requestId", "when", "codes")
		if !ok {
			return
		}
		e.Code = r.paths(o.get("code"), "x-errors' code")
		e.Message = r.paths(o.get("message"), "x-errors' message")
		e.RequestID, _ = r.header(o.get("requestId"), "x-errors' requestId")
		e.When = r.bodyRule(o.get("when"), "x-errors' when")
		e.Codes = r.codes(o.get("codes"))
	})
	if ok {
		r.set.Errors = e
	}
}

// meanings are what codes may mean, in the order of their statuses.
var meanings = []api.ErrorMeaning{
	api.BadRequest, api.Unauthorized, api.Forbidden, api.NotFound, api.Conflict, api.RateLimited, api.Unavailable,
}

// codes reads what an API's error codes mean. A code means one thing.
func (r *reader) codes(n *yaml.Node) (all []api.ErrorCodes) {
	const what = "x-errors' codes"
	if n == nil {
		return nil
	}
	var known []string
	for _, m := range meanings {
		known = append(known, string(m))
	}
	o, ok := r.object(n, what, known...)
	if !ok {
		return nil
	}
	if len(n.Content) == 0 {
		r.addf(n, "%s are empty: write some, as not-found: [no_such_user], or drop them", what)
	}
	means := map[string]string{}
	for _, m := range known {
		in := r.texts(o.get(m), what+" "+m)
		for i, code := range in {
			other, twice := means[code]
			at := o.get(m).Content[min(i, len(o.get(m).Content)-1)]
			switch {
			case code == "" || strings.Contains(strings.TrimPrefix(code, "*"), "*") || code == "*":
				r.addf(at, "%s' %q is no code: write one as answers have it, or an ending as *_not_found", what, code)
			case twice:
				r.addf(at, "%s say that %s means %s and %s: choose one", what, code, other, m)
			}
			means[code] = m
		}
		if len(in) > 0 {
			all = append(all, api.ErrorCodes{Means: api.ErrorMeaning(m), In: in})
		}
	}
	return all
}

// warningPaths reads x-warnings.
func (r *reader) warningPaths(n *yaml.Node) {
	if n == nil {
		return
	}
	var paths []api.Path
	ok := r.value(n, "x-warnings", func() {
		if paths = r.paths(n, "x-warnings"); len(paths) == 0 {
			r.addf(n, "x-warnings leads nowhere: write paths, as [$.warning], or drop it")
		}
	})
	if ok {
		r.set.Warnings = paths
	}
}

func (r *reader) paths(n *yaml.Node, what string) []api.Path {
	var paths []api.Path
	for _, item := range r.list(n, what) {
		if p, ok := r.path(item, what); ok {
			paths = append(paths, p)
		}
	}
	return paths
}
