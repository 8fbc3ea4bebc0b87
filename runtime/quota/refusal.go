package quota

// This file tells refusals for lack of budget from other answers.

import (
	"net/http"
	"slices"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/jsonpath"
)

// throttling is the API's rules. Status 429 means a refusal at all providers,
// so it is one unless a rule says when.
func throttling(desc *api.API) []api.Throttling {
	for _, t := range desc.Throttling {
		if t.Status == http.StatusTooManyRequests {
			return desc.Throttling
		}
	}
	return append(slices.Clone(desc.Throttling),
		api.Throttling{Status: http.StatusTooManyRequests, RetryAfter: api.RetryAfterHeader})
}

// NeedsBody reports whether Refusal has to see the body of an answer of this
// status.
func (r *Reader) NeedsBody(status int) bool {
	for _, t := range r.throttle {
		if t.Status == status && (t.When != nil || t.RetryAfter == api.RetryAfterBody) {
			return true
		}
	}
	return false
}

// Refusal reads an answer to op, and returns nil where it does not refuse the
// call for lack of budget. The body may be nil if NeedsBody says so.
//
// A rule for a status other than 429 that is not narrowed to some bodies holds
// only if the answer also tells a wait, or a limit of which nothing is left:
// such statuses have other meanings too. Where no wait is told, but the headers
// say when the limit that ran out refills, that is the time to wait for.
func (r *Reader) Refusal(op *api.Operation, status int, h http.Header, body []byte, sent, answered time.Time) *budget.Refusal {
	for _, t := range r.throttle {
		if t.Status != status || t.When != nil && !holds(t.When, body) {
			continue
		}
		refusal := &budget.Refusal{}
		spent := r.spent(op, h, sent, answered)
		if spent != nil {
			refusal.Limit, refusal.Until = spent.Limit, spent.Reset
		}
		wait, ok := retryAfter(t, h, body, answered)
		if ok {
			refusal.Until = answered.Add(wait)
		}
		if !ok && spent == nil && t.When == nil &&
			t.Status != http.StatusTooManyRequests && t.RetryAfter != api.RetryAfterNone {
			continue
		}
		return refusal
	}
	return nil
}

// RetryAfter reads the standard header of an answer that is not a refusal, such
// as one of status 503.
func RetryAfter(h http.Header, answered time.Time) (time.Duration, bool) {
	value := first(h, "Retry-After")
	if value == "" {
		return 0, false
	}
	date, _ := http.ParseTime(first(h, "Date"))
	return ParseRetryAfter(value, answered, date)
}

func retryAfter(t api.Throttling, h http.Header, body []byte, answered time.Time) (time.Duration, bool) {
	switch t.RetryAfter {
	case api.RetryAfterNone:
		return 0, false
	case api.RetryAfterBody:
		if raw, ok := jsonpath.Lookup(body, t.Path); ok {
			date, _ := http.ParseTime(first(h, "Date"))
			if wait, ok := ParseRetryAfter(jsonpath.Text(raw), answered, date); ok {
				return wait, true
			}
		}
	}
	return RetryAfter(h, answered)
}

// spent is the limit of which nothing is left; of several the one that takes
// longest to refill.
func (r *Reader) spent(op *api.Operation, h http.Header, sent, answered time.Time) *budget.Observation {
	var spent *budget.Observation
	for _, o := range r.Observations(op, h, sent, answered) {
		if o.Remaining == 0 && (spent == nil || o.Reset.After(spent.Reset)) {
			spent = &o
		}
	}
	return spent
}

func holds(rule *api.BodyRule, body []byte) bool {
	raw, ok := jsonpath.Lookup(body, rule.Path)
	return ok && slices.Contains(rule.In, jsonpath.Text(raw))
}
