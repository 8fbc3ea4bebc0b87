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
	if n != nil && n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		r.set.QuotaHeaders = []api.QuotaHeaders{} // there are none: nothing is to be inferred
	}
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

// encodings are what resetIs may be.
var encodings = []api.ResetEncoding{
	api.DeltaSeconds, api.DeltaMillis, api.EpochSeconds, api.EpochMillis, api.ISO8601, api.HTTPDate, api.GoDuration,
}

func (r *reader) quotaFamily(n *yaml.Node) (q api.QuotaHeaders) {
	const what = "x-quota-headers' family"
	o, ok := r.object(n, what, "limit", "remaining", "reset", "resetIs", "used", "usedShare", "nearLimit", "usage",
		"window", "windowIs", "cost", "ietf", "names", "prefix", "limits", "of")
	if !ok {
		return q
	}
	told := 0
	for _, h := range []struct {
		key   string
		to    *string
		tells bool
	}{
		{"limit", &q.Limit, true}, {"remaining", &q.Remaining, true}, {"reset", &q.Reset, true}, {"used", &q.Used, true},
		{"usedShare", &q.UsedShare, true}, {"nearLimit", &q.NearLimit, true}, {"usage", &q.Usage, true}, {"cost", &q.Cost, true},
		{"ietf", &q.IETF, true}, {"window", &q.Window, false}, {"names", &q.Names, false}, {"prefix", &q.Prefix, false},
	} {
		*h.to, _ = r.header(o.get(h.key), what+"'s "+h.key)
		if o.get(h.key) == nil {
			continue
		}
		if h.tells {
			told++
		}
		if h.key != "ietf" && o.get("ietf") != nil {
			r.addf(o.get(h.key), "%s has ietf and %s: the draft's headers are known by ietf alone, so drop %s", what, h.key, h.key)
		}
	}
	if told == 0 {
		r.addf(n, "%s names no header: add limit, remaining or reset", what)
	}
	q.ResetIs = r.resetIs(o, o.get("ietf") != nil)
	q.WindowIs, _ = oneOf(r, o.get("windowIs"), what+"'s windowIs", api.DeltaSeconds, api.DeltaMillis, api.GoDuration)
	if (o.get("window") == nil) != (o.get("windowIs") == nil) {
		r.addf(n, "%s has one of window and windowIs: write both, as windowIs: delta-millis, or neither", what)
	}
	q.Limits = r.translation(o.get("limits"), what)
	q.Of = r.limitNames(o.get("of"), what+"'s of")
	return q
}

// resetIs reads how an object's reset is written. Where the reset is known
// without being named, resetIs may stand alone.
func (r *reader) resetIs(o object, known bool) api.ResetEncoding {
	is, _ := oneOf(r, o.get("resetIs"), o.what+"'s resetIs", encodings...)
	switch {
	case o.get("reset") != nil && o.get("resetIs") == nil:
		r.addf(o.n, "%s does not say how its reset is written: add resetIs, as delta-seconds or epoch-seconds", o.what)
	case o.get("reset") == nil && o.get("resetIs") != nil && !known:
		r.addf(o.get("resetIs"), "%s has resetIs without reset: say where the reset is told, or drop it", o.what)
	}
	return is
}

// translation reads weir's names of limits by the provider's.
func (r *reader) translation(n *yaml.Node, what string) (limits map[string]string) {
	if n != nil && n.Kind != yaml.MappingNode {
		r.addf(n, "%s's limits are not an object: write weir's names by the provider's", what)
	}
	for theirs, ours := range pairs(n) {
		if limit, ok := r.limitName(ours, what+"'s "+theirs.Value); ok {
			if limits == nil {
				limits = map[string]string{}
			}
			limits[theirs.Value] = limit
		}
	}
	return limits
}

func (r *reader) limitNames(n *yaml.Node, what string) (limits []string) {
	for _, item := range r.list(n, what) {
		if limit, ok := r.limitName(item, what); ok {
			limits = append(limits, limit)
		}
	}
	return limits
}

// quotaBodies reads x-quota-body.
func (r *reader) quotaBodies(n *yaml.Node) {
	for _, item := range r.root(n, "x-quota-body") {
		var q api.QuotaBody
		if r.value(item, "quota-body", func() { q = r.quotaBody(item) }) {
			r.set.QuotaBodies = append(r.set.QuotaBodies, q)
		}
	}
}

func (r *reader) quotaBody(n *yaml.Node) (q api.QuotaBody) {
	const what = "x-quota-body's place"
	o, ok := r.object(n, what, "limit", "remaining", "reset", "resetIs", "cost", "requested", "restore", "of")
	if !ok {
		return q
	}
	for _, p := range []struct {
		key string
		to  *api.Path
	}{
		{"limit", &q.Limit}, {"remaining", &q.Remaining}, {"reset", &q.Reset}, {"cost", &q.Cost}, {"requested", &q.Requested}, {"restore", &q.Restore},
	} {
		if *p.to, ok = r.path(o.get(p.key), what+"'s "+p.key); ok && len(*p.to) == 0 {
			r.addf(o.get(p.key), "%s's %s is the whole body: write the path of a number, as $.cost.actual", what, p.key)
		}
	}
	if o.get("limit") == nil && o.get("remaining") == nil && o.get("cost") == nil {
		r.addf(n, "%s tells nothing: add limit, remaining or cost", what)
	}
	if (o.get("restore") == nil) != (o.get("requested") == nil) || o.get("restore") != nil && o.get("remaining") == nil {
		r.addf(n, "%s has one of restore and requested: a wait is reckoned from both and remaining, so write all three", what)
	}
	q.ResetIs = r.resetIs(o, false)
	q.Of = r.limitNames(o.get("of"), what+"'s of")
	return q
}
