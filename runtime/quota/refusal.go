package quota

// This file tells refusals for lack of budget from other answers.
//
// A refusal stops a counter for all callers, and is always repeated, since a
// refused call did nothing. So an answer is one only if the provider says that
// it is about the caller's budget. A status 5xx is not, by itself: 503 and 529
// (Notion's service_overload) tell that the provider is in trouble, whoever
// asks. Such a failure is the retry policy's, which honours its Retry-After. An
// annotation may say otherwise, for providers that throttle by 503.

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/jsonpath"
)

// throttling is an api.Throttling, its header names in canonical form.
type throttling struct {
	api.Throttling
	whenHeader string
	ours       names
}

// throttlings is the API's rules. Status 429 means a refusal at all providers,
// so it is one unless a rule says when.
func throttlings(desc *api.API) []throttling {
	rules := desc.Throttling
	if !slices.ContainsFunc(rules, func(t api.Throttling) bool { return t.Status == http.StatusTooManyRequests }) {
		rules = append(slices.Clone(rules), api.Throttling{Status: http.StatusTooManyRequests, RetryAfter: api.RetryAfterHeader})
	}
	all := make([]throttling, len(rules))
	for i, t := range rules {
		t.Names = http.CanonicalHeaderKey(t.Names)
		t.Header = http.CanonicalHeaderKey(t.Header)
		if t.Header == "" {
			t.Header = "Retry-After"
		}
		all[i] = throttling{Throttling: t, ours: newNames(t.Limits)}
		if t.WhenHeader != nil {
			all[i].whenHeader = http.CanonicalHeaderKey(t.WhenHeader.Header)
		}
	}
	return all
}

// NeedsBody reports whether the body of an answer of this status to op tells
// anything about limits.
func (r *Reader) NeedsBody(op *api.Operation, status int) bool {
	if good(status) {
		for i := range r.bodies {
			if r.bodies[i].subject(op) != "" {
				return true
			}
		}
	}
	for i := range r.throttle {
		t := &r.throttle[i]
		if t.Status == status && t.concerns(op) && (t.When != nil || t.RetryAfter == api.RetryAfterBody || len(t.NamesPath) > 0 || len(r.bodies) > 0) {
			return true
		}
	}
	return false
}

// Refusal reads an answer to op, and returns nil where it does not refuse the
// call for lack of budget. The body may be nil if NeedsBody says so.
//
// A rule for a status other than 429 that is not narrowed to some answers holds
// only if the answer also tells a wait, or a limit of which nothing is left:
// such statuses have other meanings too.
//
// The time to wait for is the first of these that is told: the wait that the
// rule points to; the reset of the limit that ran out; the time in which the
// cost of the call comes back; the length of the window; the rule's own Wait.
func (r *Reader) Refusal(op *api.Operation, status int, h http.Header, body []byte, sent, answered time.Time) *budget.Refusal {
	for i := range r.throttle {
		t := &r.throttle[i]
		if t.Status != status || !t.concerns(op) || !t.holds(h, body) {
			continue
		}
		readings := r.Readings(op, h, body, sent, answered)
		limit := t.names(r, h, body)
		spent := spentOf(readings, limit)
		wait, told := t.wait(h, body, answered)
		if !told && spent == nil && t.needsEvidence() {
			continue
		}
		if limit == "" && spent != nil {
			limit = spent.Limit
		}
		if limit == "" && len(t.Of) > 0 {
			limit = drawn(op, t.Of)
		}
		refusal := &budget.Refusal{Limit: limit}
		switch {
		case told:
			refusal.Until = answered.Add(wait)
		case spent != nil && !spent.Reset.IsZero():
			refusal.Until = spent.Reset
		default:
			refusal.Until, refusal.Least = r.untold(t, spent, body, answered)
		}
		return refusal
	}
	return nil
}

// concerns reports whether the rule is of answers to op. With a good status, that
// is where op draws on what may have refused: so where one endpoint alone refuses
// so, as a GraphQL one, the bodies of all others need not be read for it.
func (t *throttling) concerns(op *api.Operation) bool {
	return !good(t.Status) || len(t.Of) == 0 || drawn(op, t.Of) != ""
}

func good(status int) bool { return status >= 200 && status < 300 }

// holds reports whether the rule is of such an answer.
func (t *throttling) holds(h http.Header, body []byte) bool {
	if t.When != nil && !holds(t.When, body) {
		return false
	}
	if t.WhenHeader == nil {
		return true
	}
	for _, value := range h[t.whenHeader] {
		if len(t.WhenHeader.In) == 0 || slices.ContainsFunc(t.WhenHeader.In, func(in string) bool { return strings.EqualFold(in, strings.TrimSpace(value)) }) {
			return true
		}
	}
	return false
}

func holds(rule *api.BodyRule, body []byte) bool {
	for raw := range jsonpath.All(body, rule.Path) {
		if rule.Matches(jsonpath.Text(raw)) {
			return true
		}
	}
	return false
}

// needsEvidence reports whether the rule leaves open that the status means
// something else.
func (t *throttling) needsEvidence() bool {
	return t.When == nil && t.WhenHeader == nil && t.Status != http.StatusTooManyRequests && t.RetryAfter != api.RetryAfterNone
}

// names is the limit that the answer says has refused; empty where it names
// none that is known.
func (t *throttling) names(r *Reader, h http.Header, body []byte) string {
	known := func(theirs string) string {
		limit := t.ours.ours(theirs)
		if _, mapped := t.ours.lookup(theirs); mapped || r.limits[limit] != nil {
			return limit
		}
		return ""
	}
	if t.Names != "" {
		for _, theirs := range h[t.Names] {
			if limit := known(strings.TrimSpace(theirs)); limit != "" {
				return limit
			}
		}
	}
	if len(t.NamesPath) > 0 {
		for raw := range jsonpath.All(body, t.NamesPath) {
			if limit := known(jsonpath.Text(raw)); limit != "" {
				return limit
			}
		}
	}
	return ""
}

// spentOf is what was read of the limit named; without one, of the limit of
// which nothing is left, and of several the one that takes longest to refill.
func spentOf(readings []Reading, limit string) (spent *Reading) {
	for i := range readings {
		rd := &readings[i]
		switch {
		case limit != "" && rd.Limit == limit && rd.Remaining <= 0:
			return rd
		case limit == "" && rd.Remaining == 0 && (spent == nil || rd.Reset.After(spent.Reset)):
			spent = rd
		}
	}
	return spent
}

// wait is the wait that the rule points to.
func (t *throttling) wait(h http.Header, body []byte, answered time.Time) (time.Duration, bool) {
	switch t.RetryAfter {
	case api.RetryAfterNone:
		return 0, false
	case api.RetryAfterBody:
		if text := value(body, t.Path); text != "" {
			date, _ := http.ParseTime(first(h, "Date"))
			if wait, ok := parseWait(text, t.RetryAfterIs, answered, date); ok {
				return wait, true
			}
		}
		return RetryAfter(h, answered)
	}
	wait, ok := waitIn(h, t.Header, t.RetryAfterIs, answered)
	if !ok && t.Header != "Retry-After" {
		return RetryAfter(h, answered)
	}
	return wait, ok
}

// untold is when to come again where the answer tells it in other ways, or the
// rule's own wait, the least; zero where there is neither.
func (r *Reader) untold(t *throttling, spent *Reading, body []byte, answered time.Time) (until time.Time, least bool) {
	for i := range r.bodies {
		if wait, ok := r.bodies[i].restored(body); ok {
			return answered.Add(wait), false
		}
	}
	switch {
	case spent != nil && spent.Window > 0 && spent.Window <= r.bound(r.limits[spent.Limit]):
		return answered.Add(spent.Window), false
	case t.Wait > 0:
		return answered.Add(t.Wait), true
	}
	return time.Time{}, false
}
