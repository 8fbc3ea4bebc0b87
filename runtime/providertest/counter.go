package providertest

// This file counts as providers do: one counter for each shape of a limit, in
// integers of nanoseconds, so that a boundary is exactly where it is said to
// be. It shares nothing with the engine that it referees.

import (
	"math"
	"time"
)

// counter is the use of one limit by one set of scope values. Times are in
// nanoseconds since 1970 and never go back.
type counter interface {
	// fits tells whether cost more may be used now; if not, when it may be.
	fits(now int64, cost int) (free int64, ok bool)
	// charge uses cost, whether it fits or not.
	charge(now int64, cost int)
	// state is the use now, and when all of it will be free again; zero where
	// time frees nothing.
	state(now int64) (used int, reset int64)
}

// fixedWindow counts from one boundary to the next.
type fixedWindow struct {
	limit, used int
	per, start  int64
	reopen      bool
}

func (w *fixedWindow) roll(now int64) {
	if now-w.start < w.per {
		return
	}
	w.used = 0
	if w.reopen {
		w.start = now
		return
	}
	w.start += (now - w.start) / w.per * w.per
}

func (w *fixedWindow) fits(now int64, cost int) (int64, bool) {
	w.roll(now)
	return w.start + w.per, w.used+cost <= w.limit
}

func (w *fixedWindow) charge(now int64, cost int) {
	w.roll(now)
	w.used += cost
}

func (w *fixedWindow) state(now int64) (int, int64) {
	w.roll(now)
	return w.used, w.start + w.per
}

// slidingWindow remembers each charge for exactly one window.
type slidingWindow struct {
	limit, used int
	per         int64
	charges     []charged // oldest first
}

type charged struct {
	at   int64
	cost int
}

func (w *slidingWindow) roll(now int64) {
	gone := 0
	for gone < len(w.charges) && w.charges[gone].at+w.per <= now {
		w.used -= w.charges[gone].cost
		gone++
	}
	w.charges = w.charges[gone:]
}

func (w *slidingWindow) fits(now int64, cost int) (int64, bool) {
	w.roll(now)
	over := w.used + cost - w.limit
	if over <= 0 {
		return now, true
	}
	for _, c := range w.charges {
		if over -= c.cost; over <= 0 {
			return c.at + w.per, false
		}
	}
	return now + w.per, false
}

func (w *slidingWindow) charge(now int64, cost int) {
	w.roll(now)
	w.used += cost
	w.charges = append(w.charges, charged{now, cost})
}

func (w *slidingWindow) state(now int64) (int, int64) {
	w.roll(now)
	if len(w.charges) == 0 {
		return 0, now
	}
	return w.used, w.charges[len(w.charges)-1].at + w.per
}

// approximateWindow weighs the count of the previous fixed window by the part
// of it that a window ending now still covers.
type approximateWindow struct {
	limit, current, previous int
	per, start               int64
}

func (w *approximateWindow) roll(now int64) {
	switch turns := (now - w.start) / w.per; {
	case turns == 1:
		w.previous, w.current = w.current, 0
		w.start += w.per
	case turns > 1:
		w.previous, w.current = 0, 0
		w.start += turns * w.per
	}
}

func (w *approximateWindow) fits(now int64, cost int) (int64, bool) {
	w.roll(now)
	left := w.per - (now - w.start)
	room := int64(w.limit - w.current - cost)
	if float64(w.previous)*float64(left) <= float64(room)*float64(w.per) {
		return now, true
	}
	// The weight of a whole window falls to what the room covers; where the
	// current window alone leaves none, once it is itself the previous one.
	if room >= 0 {
		return w.start + w.per - share(w.per, room, w.previous), false
	}
	if room = int64(w.limit - cost); room >= 0 {
		return w.start + 2*w.per - share(w.per, room, w.current), false
	}
	return now + w.per, false
}

// share is per * room / count, at most per.
func share(per, room int64, count int) int64 {
	if room >= int64(count) {
		return per
	}
	return int64(float64(per) * float64(room) / float64(count))
}

func (w *approximateWindow) charge(now int64, cost int) {
	w.roll(now)
	w.current += cost
}

func (w *approximateWindow) state(now int64) (int, int64) {
	w.roll(now)
	weighed := float64(w.previous) * float64(w.per-(now-w.start)) / float64(w.per)
	if w.current == 0 {
		return int(math.Ceil(weighed)), w.start + w.per
	}
	return w.current + int(math.Ceil(weighed)), w.start + 2*w.per
}

// bucket keeps its level in parts of a token, per of them to one, of which
// refill drain each nanosecond: so no fraction is ever rounded.
type bucket struct {
	burst, refill, per int64
	level, at          int64
}

func (b *bucket) drain(now int64) {
	if passed := now - b.at; passed >= ceilDiv(b.level, b.refill) {
		b.level = 0
	} else {
		b.level -= passed * b.refill
	}
	b.at = now
}

func (b *bucket) fits(now int64, cost int) (int64, bool) {
	b.drain(now)
	over := b.level + int64(cost)*b.per - b.burst*b.per
	if over <= 0 {
		return now, true
	}
	return now + ceilDiv(over, b.refill), false
}

func (b *bucket) charge(now int64, cost int) {
	b.drain(now)
	b.level = min(b.level+int64(cost)*b.per, b.burst*b.per)
}

func (b *bucket) state(now int64) (int, int64) {
	b.drain(now)
	return int(ceilDiv(b.level, b.per)), now + ceilDiv(b.level, b.refill)
}

func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }

// concurrency counts the calls that are being answered.
type concurrency struct{ max, used int }

// busyWait is the wait told to a call that found all places taken: no one
// knows when one is free.
const busyWait = int64(time.Second)

func (c *concurrency) fits(now int64, cost int) (int64, bool) {
	return now + busyWait, c.used+cost <= c.max
}
func (c *concurrency) charge(_ int64, cost int) { c.used += cost }
func (c *concurrency) state(int64) (int, int64) { return c.used, 0 }

// unlimited only remembers.
type unlimited struct{}

func (unlimited) fits(now int64, _ int) (int64, bool) { return now, true }
func (unlimited) charge(int64, int)                   {}
func (unlimited) state(int64) (int, int64)            { return 0, 0 }
