package quota

// This file relates the provider's clock to ours.

import (
	"net/http"
	"sync"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// skew learns how far the provider's clock is ahead of ours, from Date headers.
//
// An answer that says D was made between its sending s and its arrival a, at a
// time in [D, D + 1 s) of the provider's: so the provider's clock is ahead by
// between D - a and D + 1 s - s. The bounds of several answers are combined, so
// that whole seconds are learnt finer; where they contradict one another, a
// clock was set or another machine answered, and the newest count alone.
type skew struct {
	mu        sync.Mutex
	low, high time.Duration
	at        time.Time // when learnt; zero means never
}

// drift is how much two clocks may part from one another, by time passed.
const drift = 100e-6

// unknownSkew is how far off the provider's clock is taken to be while it has
// not told its Date.
const unknownSkew = 2 * time.Second

// learn takes note of an answer's Date, and returns it; zero if there is none.
func (s *skew) learn(h http.Header, sent, answered time.Time) time.Time {
	date, err := http.ParseTime(first(h, "Date"))
	if err != nil {
		return time.Time{}
	}
	low, high := date.Sub(answered), date.Add(time.Second).Sub(sent)
	if high < low || high-low > time.Minute {
		return date // too slow an answer to learn from
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.at.IsZero() {
		wider := time.Duration(drift * float64(max(answered.Sub(s.at), 0)))
		oldLow, oldHigh := s.low-wider, s.high+wider
		if max(low, oldLow) <= min(high, oldHigh) {
			low, high = max(low, oldLow), min(high, oldHigh)
		}
	}
	s.low, s.high, s.at = low, high, answered
	return date
}

// bounds are the least and the most that the provider's clock may be ahead.
func (s *skew) bounds() (low, high time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at.IsZero() {
		return -unknownSkew, unknownSkew
	}
	return s.low, s.high
}

// moment is when an answer came.
type moment struct {
	sent, answered time.Time
	date           time.Time // as the answer tells; zero if it does not
	skew           *skew
}

// now is the provider's time.
func (m moment) now() time.Time {
	if m.date.IsZero() {
		return m.answered
	}
	return m.date
}

// reset returns between which moments, on our clock, a reset must lie: what it
// may have been rounded by, and what is unknown of the provider's clock and of
// the way there and back, added and taken off. Both are zero where the reset is
// not told, has passed, or is beyond reason.
func (m moment) reset(value string, form api.ResetEncoding) (earliest, latest time.Time) {
	t, ok := parseAs(value, form, m.now())
	if !ok {
		return time.Time{}, time.Time{}
	}
	if t.point.IsZero() {
		earliest, latest = m.sent.Add(t.span), m.answered.Add(t.span)
	} else {
		if !near(t.point, m.now()) {
			return time.Time{}, time.Time{}
		}
		low, high := m.skew.bounds()
		earliest, latest = t.point.Add(-high), t.point.Add(-low)
	}
	earliest, latest = earliest.Add(-t.coarse), latest.Add(t.coarse)
	if !latest.After(m.answered) {
		return time.Time{}, time.Time{}
	}
	return earliest, latest
}
