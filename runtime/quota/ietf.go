package quota

// This file reads the headers of draft-ietf-httpapi-ratelimit-headers. Three
// forms of it are in use, under the same names, and are told apart by their syntax:
//
//	-00 to -06  RateLimit-Limit: 100, 100;w=60   RateLimit-Remaining: 99   RateLimit-Reset: 50
//	-07         RateLimit: limit=100, remaining=50, reset=30
//	-08 to -11  RateLimit: "default";r=50;t=30
//
// Beside them RateLimit-Policy tells the limits themselves, as 100;w=60 up to
// -07 and as "burst";q=100;w=60 since. Some send the first form with an epoch for
// a reset, so that resets are told by their magnitude unless annotated.

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/dunglas/httpsfv"

	"github.com/weirkit/weir/runtime/api"
)

// draft is the family of such headers under one name.
type draft struct {
	state, policy, limit, remaining, reset string // header names
	resetIs                                api.ResetEncoding
	ours                                   names
	of                                     []string
	confidence                             Confidence
}

func newDraft(q api.QuotaHeaders, c Confidence) *draft {
	name := http.CanonicalHeaderKey(q.IETF)
	return &draft{
		state: name, policy: name + "-Policy",
		limit: name + "-Limit", remaining: name + "-Remaining", reset: name + "-Reset",
		resetIs: q.ResetIs, ours: newNames(q.Limits), of: q.Of, confidence: c,
	}
}

func (d *draft) read(a *answer) {
	h := a.header
	states := h[d.state]
	if len(states)+len(h[d.policy])+len(h[d.limit])+len(h[d.remaining])+len(h[d.reset]) == 0 {
		return
	}
	policies := readPolicies(h[d.policy])
	if len(states) == 0 || !d.readItems(a, states, policies) && !d.readCombined(a, states, policies) {
		policies = d.readTrio(a, policies)
	}
	for _, p := range policies {
		if limit, c := d.subject(a, p, false); !p.used && p.most > 0 {
			a.say(limit, d.policy, numbers{max: p.most, remaining: -1, used: -1, window: p.window}, c)
		}
	}
}

// policy is one limit as a provider describes it.
type policy struct {
	name   string // empty where it has none
	most   int    // -1 where it is not told, or not in requests
	window time.Duration
	used   bool // told of together with what is left of it
}

// readPolicies reads 100;w=60 and "burst";q=100;w=60. What else there is in a
// header that does not parse is left out.
func readPolicies(values []string) []policy {
	if len(values) == 0 {
		return nil
	}
	list, err := httpsfv.UnmarshalList(values)
	if err != nil {
		return nil
	}
	var all []policy
	for _, member := range list {
		item, ok := member.(httpsfv.Item)
		if !ok {
			continue
		}
		p := policy{name: nameOf(item), most: whole(item.Value), window: windowOf(item.Params)}
		if q, ok := item.Params.Get("q"); ok {
			p.most = whole(q)
		}
		if name, ok := item.Params.Get("name"); ok && p.name == "" {
			p.name = text(name)
		}
		if unit, ok := item.Params.Get("qu"); ok && text(unit) != "requests" {
			p.most = -1
		}
		all = append(all, p)
	}
	return all
}

// readItems reads "default";r=50;t=30, and reports whether the field is of that form.
func (d *draft) readItems(a *answer, states []string, policies []policy) bool {
	list, err := httpsfv.UnmarshalList(states)
	if err != nil {
		return false
	}
	read := false
	for _, member := range list {
		item, ok := member.(httpsfv.Item)
		if !ok || nameOf(item) == "" {
			continue
		}
		p := policy{name: nameOf(item), most: -1}
		for i := range policies {
			if policies[i].name == p.name {
				policies[i].used = true
				p = policies[i]
			}
		}
		n := numbers{max: p.most, remaining: -1, used: -1, window: p.window, resetIs: api.DeltaSeconds}
		if r, ok := item.Params.Get("r"); ok {
			n.remaining = whole(r)
		}
		if t, ok := item.Params.Get("t"); ok {
			n.reset = digits(t)
		}
		limit, c := d.subject(a, p, len(list) == 1)
		a.say(limit, d.state, n, c)
		read = true
	}
	return read
}

// readCombined reads limit=100, remaining=50, reset=30, and reports whether the
// field is of that form.
func (d *draft) readCombined(a *answer, states []string, policies []policy) bool {
	fields, err := httpsfv.UnmarshalDictionary(states)
	if err != nil {
		return false
	}
	n := numbers{max: member(fields, "limit"), remaining: member(fields, "remaining"), used: -1, resetIs: api.DeltaSeconds}
	if reset := member(fields, "reset"); reset >= 0 {
		n.reset = strconv.Itoa(reset)
	}
	if n.max < 0 && n.remaining < 0 && n.reset == "" {
		return false
	}
	d.sayExpiring(a, d.state, n, policies)
	return true
}

// readTrio reads RateLimit-Limit, -Remaining and -Reset, and returns all policies
// told. The first of the limits is the one that the numbers are of; what follows
// describes it, or others.
func (d *draft) readTrio(a *answer, policies []policy) []policy {
	h := a.header
	n := numbers{
		max: count(first(h, d.limit)), remaining: least(first(h, d.remaining)), used: -1,
		reset: first(h, d.reset), resetIs: d.resetIs,
	}
	if listed := readPolicies(h[d.limit]); len(listed) > 0 {
		if listed[0].window == 0 && listed[0].name == "" {
			listed = listed[1:]
		}
		policies = append(listed, policies...)
	}
	from := d.limit
	if len(h[d.remaining]) > 0 {
		from = d.remaining
	}
	d.sayExpiring(a, from, n, policies)
	return policies
}

// sayExpiring says the numbers of the limit that a single set of them is of: the
// policy that has its number, or the only one.
func (d *draft) sayExpiring(a *answer, from string, n numbers, policies []policy) {
	of := policy{most: n.max}
	found := 0
	for i := range policies {
		if policies[i].most == n.max && n.max >= 0 || len(policies) == 1 && n.max < 0 {
			if found++; found == 1 {
				of = policies[i]
				policies[i].used = true
			}
		}
	}
	if found > 1 {
		of.name, of.window = "", 0
	}
	n.window = of.window
	limit, c := d.subject(a, of, true)
	a.say(limit, from, n, c)
}

// subject is the limit that a policy is of: by its name, or by its numbers, or
// the operation's own if the policy is the only one and may be of it. Else it is
// the provider's name, which no call draws on.
func (d *draft) subject(a *answer, p policy, alone bool) (limit string, c Confidence) {
	r := a.reader
	if p.name != "" {
		if ours, ok := d.ours.lookup(p.name); ok {
			return ours, d.confidence
		}
		if r.limits[p.name] != nil {
			return p.name, d.confidence
		}
	}
	most := p.most
	if p.window == 0 && p.name != "" {
		most = -1 // a name of its own, and a number that others may have by chance
	}
	if ours := r.match(a.op, most, p.window); ours != "" && (len(d.of) == 0 || drawn(a.op, d.of) != "") {
		return ours, min(d.confidence, Certain)
	}
	own := drawn(a.op, d.of)
	if k := r.limits[own]; alone && (p.window == 0 || k == nil || k.longest == 0 || k.has(-1, p.window)) {
		if len(a.op.Draws) != 1 && len(d.of) == 0 && (d.confidence < Annotated || p.name != "") {
			return p.name, Guess
		}
		return own, min(d.confidence, Likely)
	}
	return p.name, d.confidence
}

// nameOf is an item's value as a name: a string, or a token; empty for a number.
func nameOf(item httpsfv.Item) string { return text(item.Value) }

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case httpsfv.Token:
		return string(v)
	}
	return ""
}

// whole is a number of the structured field, -1 if it is none or negative.
func whole(v any) int {
	switch v := v.(type) {
	case int64:
		if v >= 0 && v <= math.MaxInt32 {
			return int(v)
		}
	case float64:
		if v >= 0 && v <= math.MaxInt32 {
			return int(v)
		}
	}
	return -1
}

func member(fields *httpsfv.Dictionary, key string) int {
	m, ok := fields.Get(key)
	if item, isItem := m.(httpsfv.Item); ok && isItem {
		return whole(item.Value)
	}
	return -1
}

// digits writes a span as its provider did; nothing where it is no number.
func digits(v any) string {
	switch v := v.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// windowOf is the parameter w, in seconds.
func windowOf(params *httpsfv.Params) time.Duration {
	w, ok := params.Get("w")
	if n := whole(w); ok && n > 0 && time.Duration(n) <= 366*24*time.Hour/time.Second {
		return time.Duration(n) * time.Second
	}
	return 0
}
