package quota

// This file relates the provider's clock to ours.

import (
	"net/http"
	"sync"
	"time"
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
