package budget

import (
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// freeze is the state of a counter after a refusal.
//
// A refusal stops the counter until the time told. Then it thaws: one call, and
// with each good answer to a call of the thaw twice as many at once, until that
// is all that the limit allows. A refusal of a call of the thaw freezes it anew;
// one of a call admitted before only lengthens the freeze, if it tells a later time.
//
// A refusal that tells no time is taken for a sign that others draw on the
// limit too, for by our own count there was room. The freeze is then a part of
// the time in which the limit turns over: for a window until its end if that is
// known, else W/16; for a bucket what the call's cost takes to drain, at least
// 100 ms; otherwise a second. Each further refusal of a call of the thaw
// doubles it, up to the whole turnover (a minute for concurrency and unlimited
// ones), by which the provider's own count must have come down. A good answer
// of the thaw ends the doubling.
type freeze struct {
	until   moment        // nothing is admitted before
	guess   bool          // nobody told until
	thaw    uint32        // counts the freezes; a charge bears the count of its admission
	allowed int           // calls at once while it thaws; 0 when it does not
	running int           // calls of the thaw in flight
	backoff time.Duration // the last guess; 0 after a good answer
}

// stands reports whether the counter is frozen, or was until lately.
func (f *freeze) stands(now moment) bool { return now < f.until.add(time.Minute) }

// calls is how many more may be admitted, as far as the thaw goes.
func (f *freeze) calls() int {
	if f.allowed == 0 {
		return unbounded
	}
	return f.allowed - f.running
}

func (f *freeze) admitted() uint32 {
	if f.allowed > 0 {
		f.running++
	}
	return f.thaw
}

// ended says that a call admitted under the given thaw is no longer in flight.
func (f *freeze) ended(thaw uint32) {
	if f.allowed > 0 && thaw == f.thaw {
		f.running--
	}
}

// good says that a call admitted under the given thaw had a good answer.
func (f *freeze) good(thaw uint32, size int) {
	if f.allowed == 0 || thaw != f.thaw {
		return
	}
	f.backoff = 0
	if f.allowed *= 2; f.allowed >= min(size, 1024) {
		f.allowed, f.running = 0, 0
	}
}

// refuse freezes the counter because a call admitted under the given thaw was
// refused; told is never when the provider told no time. It reports whether
// the freeze is new or longer.
func (c *counter) refuse(now, told moment, h hold, maxFreeze time.Duration) bool {
	f := &c.own().freeze
	fresh := h.thaw == f.thaw // admitted since the last refusal
	until := told
	switch {
	case fresh && told == never:
		f.backoff = c.backoff(now, h.cost)
		until = now.add(f.backoff)
	case told == never, !fresh && (told <= now || told <= f.until && !f.guess):
		return false // nothing new
	default:
		f.backoff = 0
	}
	until = min(until, now.add(maxFreeze))
	if a, ok := c.meter.(*adaptive); ok && fresh {
		a.refused(now)
	}
	if fresh || f.allowed == 0 { // a freeze ends in a thaw of its own, unless that is under way
		f.thaw++
		f.allowed, f.running = 1, 0
	}
	grew := fresh || until > f.until
	f.until, f.guess = until, told == never
	return grew
}

// backoff is the next guess, after a refusal that told no time.
func (c *counter) backoff(now moment, cost int) time.Duration {
	first, longest := time.Second, time.Minute
	switch m := c.meter.(type) {
	case *window:
		if e := m.current(now); e != nil && c.freeze.backoff == 0 {
			return e.latest.sub(now)
		}
		first, longest = m.per/16, m.per
	case *bucket:
		first = max(times(m.unit, cost), 100*time.Millisecond)
		longest = max(m.turnover(), first)
	}
	return max(min(max(first, 2*c.freeze.backoff), longest), time.Millisecond)
}

// narrowest is the charge with the lowest rate of calls: the one to freeze when
// a refusal tells nothing of its limit.
func narrowest(holds []hold) *hold {
	var found *hold
	slowest := -1.0
	for i := range holds {
		if s := secondsPerCall(&holds[i]); s > slowest {
			found, slowest = &holds[i], s
		}
	}
	return found
}

// secondsPerCall is how slow a call can be repeated for long under its charge;
// 0 where that is not a matter of time.
func secondsPerCall(h *hold) float64 {
	switch h.c.shape().(type) {
	case api.Window, api.Bucket:
		return h.c.meter.turnover().Seconds() * float64(h.cost) / float64(max(h.c.size, 1))
	default:
		return 0
	}
}
