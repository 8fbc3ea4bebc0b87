package annotation

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/weirkit/weir/generator/load"
	"github.com/weirkit/weir/runtime/api"
	"gopkg.in/yaml.v3"
)

// limits reads x-rate-limits.
func (r *reader) limits(n *yaml.Node) {
	if n == nil {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.value(n, "", func() {
			r.addf(n, "x-rate-limits is not an object: write the limits by their names")
		})
		return
	}
	for key, value := range pairs(n) {
		limit := api.Limit{Name: key.Value}
		what := "the limit " + key.Value
		ok := r.value(value, "limit", func() {
			if !name.MatchString(key.Value) {
				r.addf(key, "%s has a name of other characters than letters, digits, _, - and .: rename it", what)
			}
			if o, ok := r.object(value, what, append(slices.Clone(shapes), "scope", "source")...); ok {
				limit.Shape = r.shape(o)
				limit.Scope = r.scope(o)
				limit.Source = r.source(o, !r.lenient)
			}
		})
		if ok {
			r.set.Limits = append(r.set.Limits, limit)
		}
		if ok || r.fromOverlay(value) {
			r.declared = append(r.declared, key.Value)
		}
	}
	slices.SortFunc(r.set.Limits, func(a, b api.Limit) int { return cmp.Compare(a.Name, b.Name) })
}

// name is what limits and plans may be called.
var name = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*$`)

var shapes = []string{"window", "bucket", "concurrency", "adaptive", "unlimited"}

// shape reads the one shape that an object has; nil if it is wrong.
func (r *reader) shape(o object) api.Shape {
	var given []string
	for _, s := range shapes {
		if o.get(s) != nil {
			given = append(given, s)
		}
	}
	switch {
	case len(given) == 0:
		r.addf(o.n, "%s has no shape: add one of %s", o.what, strings.Join(shapes, ", "))
		return nil
	case len(given) > 1:
		r.addf(o.n, "%s has several shapes (%s): keep one, and make a limit of each other", o.what, strings.Join(given, ", "))
		return nil
	}
	n, what := o.get(given[0]), o.what+"'s "+given[0]
	switch given[0] {
	case "window":
		return r.window(n, what)
	case "bucket":
		return r.bucket(n, what)
	case "concurrency":
		c, ok := r.object(n, what, "max")
		if !ok {
			return nil
		}
		most, _ := r.number(c.need("max"), what+"'s max", 1)
		return api.Concurrency{Max: most}
	case "adaptive":
		return r.adaptive(n, what)
	}
	if v, ok := r.boolean(n, what); ok && !v {
		r.addf(n, "%s is false: write true, or give a shape", what)
	}
	return api.Unlimited{}
}

var windowKinds = map[string]api.WindowKind{
	"fixed": api.Fixed, "sliding": api.Sliding, "sliding-approximate": api.SlidingApproximate,
}

func (r *reader) window(n *yaml.Node, what string) api.Shape {
	o, ok := r.object(n, what, "limit", "per", "kind", "resolution")
	if !ok {
		return nil
	}
	var w api.Window
	w.Limit, _ = r.number(o.need("limit"), what+"'s limit", 1)
	w.Per, _ = r.duration(o.need("per"), what+"'s per")
	if kind, ok := oneOf(r, o.get("kind"), what+"'s kind", "fixed", "sliding", "sliding-approximate"); ok {
		w.Kind = windowKinds[kind]
	}
	w.Resolution, ok = r.duration(o.get("resolution"), what+"'s resolution")
	if ok && w.Per > 0 && w.Resolution > w.Per {
		r.addf(o.get("resolution"), "%s's resolution is longer than the window: write how coarsely the provider reads its clock", what)
	}
	return w
}

func (r *reader) bucket(n *yaml.Node, what string) api.Shape {
	o, ok := r.object(n, what, "burst", "rate")
	if !ok {
		return nil
	}
	var b api.Bucket
	b.Burst, _ = r.number(o.need("burst"), what+"'s burst", 1)
	if rate := o.need("rate"); rate != nil {
		b.Refill, _ = parsed(r, rate, what+"'s rate", func(text string) (refill int, err error) {
			refill, b.Per, err = ParseRate(text)
			return refill, err
		})
	}
	return b
}

func (r *reader) adaptive(n *yaml.Node, what string) api.Shape {
	o, ok := r.object(n, what, "ceiling")
	if !ok {
		return nil
	}
	var a api.Adaptive
	if ceiling := o.need("ceiling"); ceiling != nil {
		a.Ceiling, _ = parsed(r, ceiling, what+"'s ceiling", func(text string) (n int, err error) {
			n, a.Per, err = ParseRate(text)
			return n, err
		})
	}
	return a
}

var scopes = []string{"app", "account", "user", "credential", "ip", "operation"}

func (r *reader) scope(o object) []api.Scope {
	n := o.need("scope")
	if n == nil {
		return nil
	}
	what := o.what + "'s scope"
	items := r.list(n, what)
	if n.Kind == yaml.SequenceNode && len(items) == 0 {
		r.addf(n, "%s is empty: write what the limit is counted by, as in [account]", what)
	}
	var scope []api.Scope
	for _, item := range items {
		text, ok := r.text(item, what)
		if !ok {
			continue
		}
		in, parameter, isParameter := strings.Cut(text, ":")
		switch {
		case slices.Contains(scope, api.Scope(text)):
			r.addf(item, "%s has %s twice: drop one", what, text)
		case isParameter && parameter != "" && (in == api.InPath || in == api.InQuery || in == api.InBody):
		case !slices.Contains(scopes, text):
			r.addf(item, "%s has %s, which no limit is counted by%s", what, text,
				load.DidYouMean(text, scopes, "write "+strings.Join(scopes, ", ")+", path:name, query:name or body:name"))
		}
		scope = append(scope, api.Scope(text))
	}
	return scope
}

// source reads the source of an object's numbers. In an overlay, which is
// written for weir, numbers without one cannot be checked again and are refused.
func (r *reader) source(o object, required bool) api.Source {
	n := o.get("source")
	if n == nil {
		if required {
			r.addf(o.n, "%s has no source: add source: {url: …, date: …, confidence: documented}", o.what)
		}
		return api.Source{}
	}
	s, ok := r.object(n, o.what+"'s source", "url", "date", "confidence")
	if !ok {
		return api.Source{}
	}
	var source api.Source
	source.Confidence, _ = oneOf(r, s.need("confidence"), s.what+"'s confidence", api.Documented, api.Observed, api.Inferred)
	need := s.need
	if source.Confidence == api.Inferred {
		need = s.get // a guess comes from no page
	}
	source.URL, _ = parsed(r, need("url"), s.what+"'s url", parseURL)
	source.Date, _ = parsed(r, need("date"), s.what+"'s date", parseDate)
	return source
}

func parseURL(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", fmt.Errorf("%q is no address: write one that begins with https://", text)
	}
	return text, nil
}

func parseDate(text string) (string, error) {
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return "", fmt.Errorf("%q is no date: write the day it was read as 2026-11-21", text)
	}
	return text, nil
}
