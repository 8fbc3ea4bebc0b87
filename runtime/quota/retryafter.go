package quota

// This file reads how long a provider asks to wait.

import (
	"net/http"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// ParseRetryAfter reads the value of a Retry-After header, or of what providers
// use in its place: seconds, whole or decimal; an HTTP date, in any of its three
// forms; ISO 8601; an epoch in seconds or finer; or a duration such as 1m30s.
// It returns the time to wait from answered on, never less than zero.
//
// date is the answer's Date header, which points in time are measured from;
// without it (zero) they are measured by our own clock.
//
// ok is false for values that cannot be meant: negative, not a number, or more
// than 32 days off. Digits are an epoch if that makes a time near date; no
// provider asks for a wait of 52 years.
func ParseRetryAfter(value string, answered, date time.Time) (wait time.Duration, ok bool) {
	return parseWait(value, "", answered, date)
}

func parseWait(value string, is api.ResetEncoding, answered, date time.Time) (wait time.Duration, ok bool) {
	now := date
	if now.IsZero() {
		now = answered
	}
	t, ok := parseAs(value, is, now)
	if !ok {
		return 0, false
	}
	wait = t.span
	if !t.point.IsZero() {
		wait = t.point.Sub(now)
		if wait < -beyondReason {
			return 0, false
		}
	}
	if wait > beyondReason {
		return 0, false
	}
	return max(wait, 0), true
}

// RetryAfter reads the standard header of an answer that is not a refusal, such
// as one of status 503. Of several the longest wait counts.
func RetryAfter(h http.Header, answered time.Time) (time.Duration, bool) {
	return waitIn(h, "Retry-After", "", answered)
}

// waitIn reads the wait in a header, its name in canonical form.
func waitIn(h http.Header, name string, is api.ResetEncoding, answered time.Time) (longest time.Duration, ok bool) {
	values := h[name]
	if len(values) == 0 {
		return 0, false
	}
	date, _ := http.ParseTime(first(h, "Date"))
	for _, value := range values[:min(len(values), mostValues)] {
		if wait, told := parseWait(strings.TrimSpace(value), is, answered, date); told {
			longest, ok = max(longest, wait), true
		}
	}
	return longest, ok
}
