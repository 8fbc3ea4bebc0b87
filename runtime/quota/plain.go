package quota

// This file reads families of one header for each number.

import (
	"net/http"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// plain is an annotated family, its header names in canonical form.
type plain struct {
	api.QuotaHeaders
	ours    names
	headers []string // that tell something, the most telling first
}

func newPlain(q api.QuotaHeaders) *plain {
	for _, name := range []*string{&q.Limit, &q.Remaining, &q.Reset, &q.Used, &q.UsedShare, &q.NearLimit, &q.Usage, &q.Window, &q.Cost, &q.Names} {
		*name = http.CanonicalHeaderKey(*name)
	}
	if q.Reset == "Retry-After" {
		q.ResetIs = "" // RFC 9110 says how it is written, whatever the annotation
	}
	p := &plain{QuotaHeaders: q, ours: newNames(q.Limits)}
	for _, name := range []string{q.Remaining, q.Usage, q.Reset, q.Used, q.Limit, q.UsedShare, q.NearLimit, q.Window} {
		if name != "" {
			p.headers = append(p.headers, name)
		}
	}
	return p
}

// mostValues is how many values of one header are read.
const mostValues = 8

// read reads each value of headers that are there several times as a family of
// its own: gateways add theirs to the provider's.
func (p *plain) read(a *answer) {
	n := 0
	for _, name := range p.headers {
		n = max(n, len(a.header[name]))
	}
	for i := range min(n, mostValues) {
		p.readNth(a, i)
	}
}

func (p *plain) readNth(a *answer, i int) {
	h := a.header
	n := numbers{
		max:       count(nth(h, p.Limit, i)),
		remaining: least(nth(h, p.Remaining, i)),
		used:      count(nth(h, p.Used, i)),
		reset:     nth(h, p.Reset, i),
		resetIs:   p.ResetIs,
		window:    length(nth(h, p.Window, i), p.WindowIs),
	}
	if usage := nth(h, p.Usage, i); usage != "" && !p.readUsage(a, usage, i, &n) {
		return
	}
	limit := p.subject(a.op, h, i)
	if p.Names == "" && n.window > 0 && len(p.Of) > 1 {
		limit = p.ofWindow(a, n, limit)
	}
	p.approximate(a.reader.limits[limit], h, i, &n)
	a.say(limit, p.from(h), n, Annotated)
}

// subject is the limit that the i-th values are of.
func (p *plain) subject(op *api.Operation, h http.Header, i int) string {
	if p.Names != "" {
		theirs := nth(h, p.Names, i)
		if theirs == "" {
			theirs = first(h, p.Names)
		}
		if theirs != "" {
			return p.ours.ours(theirs)
		}
	}
	return drawn(op, p.Of)
}

// ofWindow picks among several limits by the window told.
func (p *plain) ofWindow(a *answer, n numbers, otherwise string) string {
	for _, limit := range p.Of {
		if drawn(a.op, []string{limit}) != "" && a.reader.limits[limit].has(-1, n.window) {
			return limit
		}
	}
	return otherwise
}

// readUsage reads 32/40 into n; of api-usage=18/5000, per-app-api-usage=7/250 it
// says each, and reports that nothing is left to say.
func (p *plain) readUsage(a *answer, usage string, i int, n *numbers) (more bool) {
	more = true
	for part := range strings.SplitSeq(usage, ",") {
		theirs, value, named := strings.Cut(part, "=")
		if !named || strings.Contains(theirs, "(") {
			if used, most := fraction(part); most >= 0 && more {
				n.used, n.max = used, most
			}
			continue
		}
		each := *n
		if each.used, each.max = fraction(value); each.max >= 0 {
			a.say(p.ours.ours(theirs), p.Usage, each, Annotated)
		}
		more = false
	}
	return more
}

// approximate makes the best of headers that tell no number, where the limit's
// is known for sure.
func (p *plain) approximate(k *known, h http.Header, i int, n *numbers) {
	if n.remaining >= 0 || n.used >= 0 || p.UsedShare == "" && p.NearLimit == "" {
		return
	}
	most := n.max
	if most < 0 {
		most = k.only()
	}
	if most <= 0 {
		return
	}
	if used, ok := share(nth(h, p.UsedShare, i)); ok {
		n.remaining = max(0, int(float64(most)*(1-used)+1e-6)) // 0.9 is a little more than nine tenths
	} else if strings.EqualFold(nth(h, p.NearLimit, i), "true") {
		n.remaining = most / 5
	}
}

// from is the family's most telling header.
func (p *plain) from(h http.Header) string {
	for _, name := range p.headers {
		if len(h[name]) > 0 {
			return name
		}
	}
	return ""
}

// length reads how long a window lasts; zero where it does not tell.
func length(value string, is api.ResetEncoding) time.Duration {
	if value == "" {
		return 0
	}
	if t, ok := parseAs(value, is, time.Time{}); ok && t.point.IsZero() {
		return t.span
	}
	return 0
}
