package quota

// This file places resets on our clock.

import (
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// moment is when an answer came.
type moment struct {
	sent, answered time.Time
	date           time.Time // as the answer tells; zero if it does not
	dated          bool      // the Date was looked at
	skew           *skew
}

// learnDate looks at the answer's Date, which only some resets need.
func (a *answer) learnDate() {
	if !a.at.dated {
		a.at.dated = true
		a.at.date = a.at.skew.learn(a.header, a.at.sent, a.at.answered)
	}
}

// now is the provider's time.
func (m *moment) now() time.Time {
	if m.date.IsZero() {
		return m.answered
	}
	return m.date
}

// end is when a window ends.
type end struct {
	earliest, latest time.Time // zero where it is not told
	over             bool      // it has passed before the call was sent
	confidence       Confidence
}

// reset returns between which moments, on our clock, a reset must lie: what it
// may have been rounded by, and what is unknown of the provider's clock and of
// the way there and back, added and taken off. One that cannot be meant, or that
// is further off than bound, is not told.
func (m *moment) reset(value string, is api.ResetEncoding, bound time.Duration) end {
	t, c, ok := m.parse(value, is, bound)
	if !ok {
		return end{}
	}
	e := end{confidence: c}
	if t.point.IsZero() {
		e.earliest, e.latest = m.sent.Add(t.span), m.answered.Add(t.span)
	} else {
		low, high := m.skew.bounds()
		e.earliest, e.latest = t.point.Add(-high), t.point.Add(-low)
	}
	e.earliest, e.latest = e.earliest.Add(-t.coarse), e.latest.Add(t.coarse)
	if !e.latest.After(m.answered) {
		return end{over: e.latest.Before(m.sent)}
	}
	if last := m.answered.Add(bound); e.latest.After(last) {
		e.latest = last
		if e.earliest.After(last) {
			return end{}
		}
	}
	return e
}

// parse reads a reset as it is annotated; where that cannot be meant, as the
// point in time that it is in another form; and where nothing is annotated, by
// its form and magnitude.
func (m *moment) parse(value string, is api.ResetEncoding, bound time.Duration) (told, Confidence, bool) {
	now := m.now()
	if is == "" {
		t, ok := parseAny(value, now)
		switch {
		case !ok || !within(t, now, bound):
			return told{}, Guess, false
		case !isDecimal(strings.Trim(strings.TrimSpace(value), `"`)):
			return t, Certain, true
		case t.point.IsZero():
			return t, Guess, true // until its limit's window is looked at
		}
		return t, Likely, true
	}
	if t, ok := parseAs(value, is, now); ok && within(t, now, bound) {
		return t, Annotated, true
	}
	t, ok := parsePoint(value, now)
	return t, Likely, ok && within(t, now, bound)
}

// within reports whether a time lies within reason of now, and no further ahead
// than bound.
func within(t told, now time.Time, bound time.Duration) bool {
	if t.point.IsZero() {
		return t.span-t.coarse <= bound
	}
	return near(t.point, now) && t.point.Sub(now)-t.coarse <= bound+unknownSkew
}
