package batch

// This file knows how long flights land: how long those that have been answered
// are waited for, who come back with their next keys.

import (
	"time"

	"github.com/weirkit/weir/runtime/clock"
)

// landing is that of the flights of one class that have ended last.
type landing struct {
	until time.Time // when it is over; zero if it is
	late  time.Time // when it would be over, were it as long as it may get
	due   int       // the callers that were answered
	came  int       // those that have come before late
	times int       // as long as at first; 0 means 1
}

// begin begins a landing, or goes on with it, after a flight that took some time.
// Whether a longer one is worth it shows by who would have come in the longest.
func (p *landing) begin(now time.Time, flight time.Duration, callers int) {
	if p.until.After(now) {
		p.due += callers
	} else {
		switch p.times = max(p.times, 1); {
		case p.due == 0: // the first one
		case p.came >= p.due:
			p.times = min(p.times*2, mostPatience)
		default:
			p.times = max(p.times/2, 1)
		}
		p.due, p.came = callers, 0
	}
	if d := landingOf(flight, p.times); d >= shortestLand {
		p.until = now.Add(d)
	}
	p.late = now.Add(landingOf(flight, mostPatience))
}

// cameBack counts a caller, and reports whether the landing is over by that, since
// nobody else is waited for.
func (p *landing) cameBack(c clock.Clock) bool {
	if p.came >= p.due || c.Now().After(p.late) {
		return false
	}
	if p.came++; p.until.IsZero() || p.came < p.due {
		return false
	}
	p.until = time.Time{}
	return true
}

// landingOf is how long a flight lands that took some time. To come back takes
// callers longer than a thirty-second of a flight of 2 ms, as to a provider next
// door or one in a test: hence the second rule.
func landingOf(flight time.Duration, times int) time.Duration {
	longer := time.Duration(times)
	return max(min(flight*longer/landingPart, longestLand*longer), min(flight/quickPart, quickLand))
}
