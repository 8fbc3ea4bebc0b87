package api

import "time"

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
	// Used is the header that tells how much is used (RateLimit-Observed): with
	// the limit told, it tells what remains.
	Used string
	// UsedShare is the header that tells which share of the limit is used: a
	// fraction (0.9; 1.8 is far over) or, above 2, percent. It is read where the
	// limit is told too, or is the same on all plans.
	UsedShare string
	// NearLimit is the header that says true when less than a fifth of the limit
	// is left. It is read where nothing finer is told.
	NearLimit string
	// Usage is the header that tells what is used and the limit in one, as 32/40,
	// or as such a fraction for each of several limits: api-usage=18/5000. Their
	// names are translated by Limits.
	Usage string
	// Window is the header that tells how long the limit's window lasts, and
	// WindowIs how: DeltaSeconds, DeltaMillis or GoDuration.
	Window   string
	WindowIs ResetEncoding
	// Cost is the header that tells what this very call has taken from the limit.
	Cost string
	// IETF is the name of the header of draft-ietf-httpapi-ratelimit-headers, as
	// "RateLimit", or "Beta-RateLimit" where a provider sends it under another
	// name. It is read, with those that have -Limit, -Remaining, -Reset and -Policy
	// after that name, in any of the draft's three wire forms; of the other fields
	// here only Limits, Of and ResetIs then count.
	IETF string
	// Names is the header that tells which limit the numbers are of
	// (x-ratelimit-resource), by a name that Limits translates.
	Names string
	// Prefix makes this a family of structured headers, one for each limit:
	// zendesk-ratelimit-tickets-index: total=100; remaining=99; resets=41. What
	// follows the prefix is a name that Limits translates.
	Prefix string
	// Limits translates the provider's names to names of Limit. A name that is
	// missing here is looked for without its last part (Tenant/Read for
	// Tenant/Read/4711, then Tenant); if there is none, it is taken as it is.
	Limits map[string]string
	// Of are the limits that the numbers may be of, where the provider does not
	// name one: the one of them that the operation draws on. Empty means the
	// operation's first draw.
	Of []string
}

// QuotaBody is where answers tell the state of a limit, and what calls cost, in
// their bodies, as GraphQL APIs do. Unset paths are not read.
type QuotaBody struct {
	Limit     Path
	Remaining Path
	Reset     Path
	// ResetIs is how Reset is encoded.
	ResetIs ResetEncoding
	// Cost leads to what this very call has taken.
	Cost Path
	// Requested leads to what the call was reckoned to take: a refused call waits
	// until so much has come back.
	Requested Path
	// Restore leads to how much comes back each second.
	Restore Path
	// Of are the limits that the numbers may be of: the one of them that the
	// operation draws on. Empty means the operation's first draw.
	Of []string
}

// ResetEncoding is how a reset time is written. Without one, it is told by the
// value's form and its magnitude.
type ResetEncoding string

const (
	DeltaSeconds ResetEncoding = "delta-seconds" // whole or decimal seconds from now
	DeltaMillis  ResetEncoding = "delta-millis"
	EpochSeconds ResetEncoding = "epoch-seconds" // whole or decimal
	EpochMillis  ResetEncoding = "epoch-millis"
	ISO8601      ResetEncoding = "iso-8601" // RFC 3339, or to the minute alone
	HTTPDate     ResetEncoding = "http-date"
	GoDuration   ResetEncoding = "duration" // 6m0s, 7.66s
)

// Throttling is one kind of answer that refuses a call for lack of budget.
type Throttling struct {
	// Status is the HTTP status of such an answer.
	Status int
	// When narrows it to bodies for which the rule is true; of an array on the
	// way any element counts. Nil means all that have status 429; with another
	// status, which has other meanings too, those that also tell a wait or a limit
	// of which nothing is left, unless WhenHeader narrows it or RetryAfter is
	// RetryAfterNone. (Where no rule is of status 429, it is one by itself.)
	When *BodyRule
	// WhenHeader narrows it to answers with a header; nil means all.
	WhenHeader *HeaderRule
	// RetryAfter is where the wait is told: RetryAfterHeader, RetryAfterNone, or
	// RetryAfterBody with Path.
	RetryAfter RetryAfterIn
	// Path leads to a number of seconds in the body.
	Path Path
	// Header is the header of RetryAfterHeader; empty means Retry-After.
	Header string
	// RetryAfterIs is how the wait is encoded; empty means that it is told by its
	// form, and that plain numbers are seconds.
	RetryAfterIs ResetEncoding
	// Wait is how long to wait, by the provider's documentation, where the answer
	// does not tell. Zero means that this is unknown.
	Wait time.Duration
	// Names is the header that names the limit (Stripe-Rate-Limited-Reason), and
	// NamesPath where in the body it is named, by names that Limits translates.
	Names     string
	NamesPath Path
	// Limits translates the provider's names to names of Limit.
	Limits map[string]string
	// Of are the limits that may have refused, where the provider names none: the
	// one of them that the operation draws on. Empty means that it is unknown.
	Of []string
}

// RetryAfterIn is where a refusal tells how long to wait.
type RetryAfterIn string

const (
	RetryAfterHeader RetryAfterIn = "header"
	RetryAfterBody   RetryAfterIn = "body"
	RetryAfterNone   RetryAfterIn = "none"
)

// HeaderRule is true of an answer that has the header, with one of the values.
type HeaderRule struct {
	Header string
	// In are the values, in any case of letters; empty means any.
	In []string
}
