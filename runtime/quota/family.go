package quota

// This file reads header families: the numbers that tell a limit's state.

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// family is an api.QuotaHeaders, its header names in canonical form.
type family struct {
	limit, remaining, reset string
	resetIs                 api.ResetEncoding
	names                   string
	prefix                  string
	limits                  map[string]string
	of                      []string
	guessed                 bool // not annotated: read where it can mean one limit only
}

// families prepares the annotated families; or, where an API has none at all,
// those that mean the same at nearly all providers that send them. Whatever
// else is to be inferred belongs here.
func families(desc *api.API) []family {
	var fs []family
	for _, q := range desc.QuotaHeaders {
		f := family{
			limit: q.Limit, remaining: q.Remaining, reset: q.Reset,
			resetIs: q.ResetIs,
			names:   http.CanonicalHeaderKey(q.Names),
			limits:  lowerKeys(q.Limits),
			of:      q.Of,
		}
		if q.Prefix != "" {
			f.prefix = http.CanonicalHeaderKey(q.Prefix)
		} else {
			f.canonical()
		}
		fs = append(fs, f)
	}
	if desc.QuotaHeaders == nil {
		for _, prefix := range []string{"X-RateLimit-", "X-Rate-Limit-", "RateLimit-"} {
			f := family{limit: prefix + "Limit", remaining: prefix + "Remaining", reset: prefix + "Reset", guessed: true}
			f.canonical()
			fs = append(fs, f)
		}
	}
	return fs
}

func (f *family) canonical() {
	f.limit = http.CanonicalHeaderKey(f.limit)
	f.remaining = http.CanonicalHeaderKey(f.remaining)
	f.reset = http.CanonicalHeaderKey(f.reset)
}

// present reports whether any of the family's headers is there.
func (f *family) present(h http.Header) bool {
	if f.prefix == "" {
		return first(h, f.limit) != "" || first(h, f.remaining) != "" || first(h, f.reset) != ""
	}
	for name := range h {
		if f.isNamed(name) {
			return true
		}
	}
	return false
}

// read adds what the headers say to what is known of the same answer.
func (f *family) read(seen []budget.Observation, op *api.Operation, h http.Header, at moment) []budget.Observation {
	if f.prefix != "" {
		return f.readPrefixed(seen, h, at)
	}
	name := f.subject(op, h)
	if name == "" || !f.present(h) {
		return seen
	}
	return merge(seen, f.observe(name, first(h, f.limit), first(h, f.remaining), first(h, f.reset), at))
}

// subject is the limit that the numbers are of; empty where that is unknown.
func (f *family) subject(op *api.Operation, h http.Header) string {
	switch {
	case f.guessed:
		if len(op.Draws) != 1 {
			return ""
		}
	case f.names != "":
		if theirs := first(h, f.names); theirs != "" {
			return f.translate(theirs)
		}
	}
	if len(f.of) > 0 {
		return drawnOf(op, f.of)
	}
	return drawn(op)
}

func (f *family) translate(theirs string) string {
	if ours, ok := f.limits[strings.ToLower(theirs)]; ok {
		return ours
	}
	return theirs
}

// readPrefixed reads headers such as
// zendesk-ratelimit-tickets-index: total=100; remaining=99; resets=41.
func (f *family) readPrefixed(seen []budget.Observation, h http.Header, at moment) []budget.Observation {
	var names []string
	for name := range h {
		if f.isNamed(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		var limit, remaining, reset string
		for pair := range strings.FieldsFuncSeq(first(h, name), func(c rune) bool { return c == ';' || c == ',' }) {
			key, value, _ := strings.Cut(pair, "=")
			key, value = strings.TrimSpace(key), strings.Trim(strings.TrimSpace(value), `"`)
			switch {
			case strings.EqualFold(key, f.limit):
				limit = value
			case strings.EqualFold(key, f.remaining):
				remaining = value
			case strings.EqualFold(key, f.reset):
				reset = value
			}
		}
		ours := f.translate(strings.ToLower(name[len(f.prefix):]))
		seen = merge(seen, f.observe(ours, limit, remaining, reset, at))
	}
	return seen
}

// isNamed reports whether a header is the prefix with a limit's name after it.
func (f *family) isNamed(header string) bool {
	return len(header) > len(f.prefix) && strings.HasPrefix(header, f.prefix)
}

// observe puts the three numbers together. If they contradict one another none
// of them can be trusted.
func (f *family) observe(name, limit, remaining, reset string, at moment) budget.Observation {
	o := budget.Observation{Limit: name, Max: count(limit), Remaining: count(remaining)}
	if o.Max == 0 {
		o.Max = -1 // a limit of nothing would never admit the call that it answers
	}
	if o.Max > 0 && o.Remaining > o.Max {
		return budget.Observation{Limit: name, Max: -1, Remaining: -1}
	}
	if reset != "" {
		o.ResetEarliest, o.Reset = at.reset(reset, f.resetIs)
	}
	return o
}

// merge adds an observation, or what it tells beyond an earlier one of the same
// limit. Of two numbers left the smaller holds, and of two ends the earlier.
func merge(seen []budget.Observation, o budget.Observation) []budget.Observation {
	for i := range seen {
		s := &seen[i]
		if s.Limit != o.Limit {
			continue
		}
		s.Max = smaller(s.Max, o.Max)
		s.Remaining = smaller(s.Remaining, o.Remaining)
		if s.Reset.IsZero() || !o.Reset.IsZero() && o.Reset.Before(s.Reset) {
			s.Reset, s.ResetEarliest = o.Reset, o.ResetEarliest
		}
		return seen
	}
	return append(seen, o)
}

// smaller of two numbers, of which a negative one was not told.
func smaller(a, b int) int {
	if a < 0 {
		return b
	}
	if b < 0 {
		return a
	}
	return min(a, b)
}

// count reads a number of calls or units: whole, or with decimals that are
// dropped, or the first of a list with parameters (100, 100;w=60). It returns -1
// for anything else.
func count(s string) int {
	s = strings.TrimSpace(s)
	if i := strings.IndexByte(s, ';'); i >= 0 {
		s = s[:i]
	}
	s, _, _ = strings.Cut(s, ", ")
	s = strings.TrimSpace(s)
	if !isDecimal(s) {
		return -1
	}
	whole, _, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n > math.MaxInt32 {
		return -1
	}
	return int(n)
}

// first is a header's first value. The name must be in canonical form.
func first(h http.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// isDecimal reports whether s is digits, perhaps with a point between them.
func isDecimal(s string) bool {
	whole, fraction, dotted := strings.Cut(s, ".")
	return isDigits(whole) && (!dotted || isDigits(fraction))
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
