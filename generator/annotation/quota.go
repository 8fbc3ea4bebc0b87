package annotation

import (
	"regexp"

	"github.com/weirkit/weir/runtime/api"
	"gopkg.in/yaml.v3"
)

// header is the form of a header's name, RFC 9110's token.
var header = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

func (r *reader) header(n *yaml.Node, what string) (string, bool) {
	text, ok := r.text(n, what)
	if ok && !header.MatchString(text) {
		r.addf(n, "%s is %q, which is no header's name: write it as answers have it", what, text)
		return "", false
	}
	return text, ok
}

// quotaHeaders reads x-quota-headers.
func (r *reader) quotaHeaders(n *yaml.Node) {
	for _, item := range r.root(n, "x-quota-headers") {
		var q api.QuotaHeaders
		if r.value(item, "quota-headers", func() { q = r.quotaFamily(item) }) {
			r.set.QuotaHeaders = append(r.set.QuotaHeaders, q)
		}
	}
}

// root is the elements of a list at the root of the document.
func (r *reader) root(n *yaml.Node, what string) (items []*yaml.Node) {
	if n != nil {
		r.value(n, "", func() { items = r.list(n, what) })
	}
	return items
}

func (r *reader) quotaFamily(n *yaml.Node) (q api.QuotaHeaders) {
	const what = "x-quota-headers' family"
	o, ok := r.object(n, what, "limit", "remaining", "reset", "resetIs", "names", "prefix", "limits", "of")
	if !ok {
		return q
	}
	q.Limit, _ = r.header(o.get("limit"), what+"'s limit")
	q.Remaining, _ = r.header(o.get("remaining"), what+"'s remaining")
	q.Reset, _ = r.header(o.get("reset"), what+"'s reset")
	q.Names, _ = r.header(o.get("names"), what+"'s names")
	q.Prefix, _ = r.header(o.get("prefix"), what+"'s prefix")
	q.ResetIs, _ = oneOf(r, o.get("resetIs"), what+"'s resetIs",
		api.DeltaSeconds, api.EpochSeconds, api.EpochMillis, api.ISO8601, api.HTTPDate, api.GoDuration)
	switch {
	case o.get("limit") == nil && o.get("remaining") == nil && o.get("reset") == nil:
		r.addf(n, "%s names no header: add limit, remaining or reset", what)
	case o.get("reset") != nil && o.get("resetIs") == nil:
		r.addf(n, "%s does not say how its reset is written: add resetIs, as delta-seconds or epoch-seconds", what)
	case o.get("reset") == nil && o.get("resetIs") != nil:
		r.addf(o.get("resetIs"), "%s has resetIs without reset: name the header, or drop it", what)
	}
	if limits := o.get("limits"); limits != nil && limits.Kind != yaml.MappingNode {
		r.addf(limits, "%s's limits are not an object: write weir's names by the provider's", what)
	}
	for theirs, ours := range pairs(o.get("limits")) {
		if limit, ok := r.limitName(ours, what+"'s "+theirs.Value); ok {
			if q.Limits == nil {
				q.Limits = map[string]string{}
			}
			q.Limits[theirs.Value] = limit
		}
	}
	for _, item := range r.list(o.get("of"), what+"'s of") {
		if limit, ok := r.limitName(item, what+"'s of"); ok {
			q.Of = append(q.Of, limit)
		}
	}
	return q
}

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
	o, ok := r.object(n, what, "status", "when", "retryAfter")
	if !ok {
		return t
	}
	status := o.need("status")
	if t.Status, ok = r.number(status, what+"'s status", 1); ok && (t.Status < 200 || t.Status > 599 || t.Status/100 == 3) {
		r.addf(status, "%s's status is %d: write that of a refusal, as 429", what, t.Status)
	}
	t.When = r.bodyRule(o.get("when"), what+"'s when")
	if t.When == nil && o.get("when") == nil && t.Status/100 == 2 {
		r.addf(n, "%s has status %d, which good answers have too: add when: {path: …, in: […]}", what, t.Status)
	}
	t.RetryAfter = api.RetryAfterHeader
	after := o.get("retryAfter")
	if after == nil {
		return t
	}
	switch after.Value {
	case string(api.RetryAfterHeader):
	case string(api.RetryAfterNone):
		t.RetryAfter = api.RetryAfterNone
	default:
		t.Path, ok = r.path(after, what+"'s retryAfter is neither header nor none")
		if ok && len(t.Path) == 0 {
			r.addf(after, "%s's retryAfter is the whole body: write header, none or a path as $.retry_after", what)
		}
		t.RetryAfter = api.RetryAfterBody
	}
	return t
}

func (r *reader) bodyRule(n *yaml.Node, what string) *api.BodyRule {
	if n == nil {
		return nil
	}
	o, ok := r.object(n, what, "path", "in")
	if !ok {
		return nil
	}
	var rule api.BodyRule
	rule.Path, _ = r.path(o.need("path"), what+"'s path")
	in := o.need("in")
	rule.In = r.texts(in, what+"'s in")
	if in != nil && in.Kind == yaml.SequenceNode && len(in.Content) == 0 {
		r.addf(in, "%s's in is empty: write the values that it is true of", what)
	}
	return &rule
}

// errors reads x-errors.
func (r *reader) errors(n *yaml.Node) {
	if n == nil {
		return
	}
	var e api.Errors
	ok := r.value(n, "errors", func() {
		o, ok := r.object(n, "x-errors", "code", "message", "requestId", "when")
		if !ok {
			return
		}
		e.Code = r.paths(o.get("code"), "x-errors' code")
		e.Message = r.paths(o.get("message"), "x-errors' message")
		e.RequestID, _ = r.header(o.get("requestId"), "x-errors' requestId")
		e.When = r.bodyRule(o.get("when"), "x-errors' when")
	})
	if ok {
		r.set.Errors = e
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
