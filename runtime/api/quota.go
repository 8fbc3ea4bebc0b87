package api

// QuotaHeaders is one family of headers in which an answer tells the state of
// a limit. Unset names are not read.
type QuotaHeaders struct {
	// Limit, Remaining and Reset are header names; or, where Prefix is set, the
	// keys within a header's value.
	Limit     string
	Remaining string
	Reset     string
	// ResetIs is how Reset is encoded.
	ResetIs ResetEncoding
	// Names is the header that tells which limit the numbers are of
	// (x-ratelimit-resource), by a name that Limits translates.
	Names string
	// Prefix makes this a family of structured headers, one for each limit:
	// zendesk-ratelimit-tickets-index: total=100; remaining=99; resets=41. What
	// follows the prefix is a name that Limits translates.
	Prefix string
	// Limits translates the provider's names to names of Limit. A name that is
	// missing here is taken as it is.
	Limits map[string]string
	// Of are the limits that the numbers may be of, where the provider does not
	// name one: the one of them that the operation draws on. Empty means the
	// operation's first draw.
	Of []string
}

// ResetEncoding is how a reset time is written.
type ResetEncoding string

const (
	DeltaSeconds ResetEncoding = "delta-seconds" // whole or decimal seconds from now
	EpochSeconds ResetEncoding = "epoch-seconds"
	EpochMillis  ResetEncoding = "epoch-millis"
	ISO8601      ResetEncoding = "iso-8601"
	HTTPDate     ResetEncoding = "http-date"
	GoDuration   ResetEncoding = "duration" // 6m0s, 7.66s
)

// Throttling is one kind of answer that refuses a call for lack of budget.
type Throttling struct {
	// Status is the HTTP status of such an answer.
	Status int
	// When narrows it to bodies for which the rule is true. Nil means all that
	// have status 429; with another status, which has other meanings too, those
	// that also tell a wait or a limit of which nothing is left, unless RetryAfter
	// is RetryAfterNone. (Where no rule is of status 429, it is one by itself.)
	When *BodyRule
	// RetryAfter is where the wait is told: RetryAfterHeader, RetryAfterNone, or
	// RetryAfterBody with Path.
	RetryAfter RetryAfterIn
	// Path leads to a number of seconds in the body.
	Path Path
}

// RetryAfterIn is where a refusal tells how long to wait.
type RetryAfterIn string

const (
	RetryAfterHeader RetryAfterIn = "header"
	RetryAfterBody   RetryAfterIn = "body"
	RetryAfterNone   RetryAfterIn = "none"
)
