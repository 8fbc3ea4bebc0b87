package retry

import "time"

// Policy tells how often and how long a call is repeated. A field left zero
// means its default.
type Policy struct {
	// Attempts is how often a call is sent in all; 5 unless set, and 1 never repeats.
	Attempts int
	// MaxElapsed bounds the time from the call's beginning to the sending of its
	// last attempt. Unset, only the context's deadline does.
	MaxElapsed time.Duration
	// MinBackoff and MaxBackoff bound the wait where the provider told none:
	// it doubles from MinBackoff with each attempt, up to MaxBackoff, and half of
	// it is random. 500 ms and 30 s unless set.
	MinBackoff, MaxBackoff time.Duration
	// Jitter is the most that is added, at random, to a wait that the provider
	// told; 250 ms unless set, and none if negative.
	Jitter time.Duration
	// MaxRetryAfter is the longest wait to accept from a provider; 2 hours unless
	// set, which leaves room for hourly windows and not for daily ones. A longer
	// one fails the call at once, with the time in the error.
	MaxRetryAfter time.Duration
}

// The defaults of Policy.
const (
	DefaultAttempts      = 5
	DefaultMinBackoff    = 500 * time.Millisecond
	DefaultMaxBackoff    = 30 * time.Second
	DefaultJitter        = 250 * time.Millisecond
	DefaultMaxRetryAfter = 2 * time.Hour
)

// RetryAfterCap is MaxRetryAfter or its default.
func (p Policy) RetryAfterCap() time.Duration { return p.withDefaults().MaxRetryAfter }

func (p Policy) withDefaults() Policy {
	if p.Attempts <= 0 {
		p.Attempts = DefaultAttempts
	}
	if p.MinBackoff <= 0 {
		p.MinBackoff = DefaultMinBackoff
	}
	if p.MaxBackoff <= 0 {
		p.MaxBackoff = DefaultMaxBackoff
	}
	p.MaxBackoff = max(p.MaxBackoff, p.MinBackoff)
	if p.Jitter == 0 {
		p.Jitter = DefaultJitter
	}
	p.Jitter = max(p.Jitter, 0)
	if p.MaxRetryAfter <= 0 {
		p.MaxRetryAfter = DefaultMaxRetryAfter
	}
	return p
}

// backoff is the wait after the given attempt (from 1) where the provider told
// none. Half of it is fixed, so that a wait is never next to nothing; the other
// half is random, so that callers who failed together do not return together.
func (p Policy) backoff(attempt int, random float64) time.Duration {
	d := p.MinBackoff
	for range attempt - 1 {
		if d >= p.MaxBackoff/2 {
			d = p.MaxBackoff
			break
		}
		d *= 2
	}
	return d/2 + time.Duration(random*float64(d-d/2))
}
