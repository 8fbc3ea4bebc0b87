package budget

import (
	"math"
	"time"
)

// This file is hold-back: how much room is kept for calls that are yet to come.
//
// A claim is entitled as long as what it occupies, with the call in question,
// stays within its part S. Rule: an entitled call is admitted if it leaves what
// is held for the active claims before its own; one that is not entitled
// borrows, and leaves what is held for all other active claims. For the classes
// before a call's own that are idle a hundredth of the limit is held in all.
// What is held for a claim hangs on the shape.
//
// Window whose end R is told. With a guard g of two round trips and the clock's
// resolution, and z = (R - g - t) / (W - g) the part of the window that is left,
//
//	hold = max(0, min(S - used, ceil(S z))).
//
// Promise: a claim that makes at most ceil(S z(x)) calls from any x to R, and so
// at most S, waits for no later claim before R - g. Proof: let x be the last
// moment at which what is held was less than S - used, or the window's begin.
// Then ceil(S z(x)) were held and left by all others, and after x others leave
// S - used, which falls by the claim's own calls alone. What is held falls to
// nothing at R - g, and the guard is long enough for others to use the rest.
//
// Window that slides, or whose phase is unknown. Room comes back as it was taken
// W before, so to hold all of S would waste it. A small h = N/200 is held, and
// none below N = 20, and it is seen to that room keeps coming back: each claim
// takes its own part, N - the parts of all other active claims, freely, and what
// it borrows at one per W / what is idle of their parts. So, once that has gone
// on for a W, room that was borrowed comes back evenly, and sooner than its owner
// can ask for it. (At one per W / the sum of their parts all of it would be
// borrowed in the first part of each W, and none would come back in the rest.)
// Promise: a rate under S/W with bursts up to h waits 0 then.
//
// Bucket. What a claim may count on is a bucket of its own, of S = share x B and
// share x r; it is entitled as long as that has room, and the room in it is
// held. Promise: bursts of S at a rate of share x r wait 0. Proof: the room is
// never less than the sum of the rooms of the active claims' own buckets. An
// entitled call takes as much from both sides, a borrowed one leaves that sum, and
// what drains from all is r, at least the sum of share x r. It costs no sustained
// rate, since others are admitted at r, only at a higher level; for that it is
// at most what leaves others room for their cost and what drains in two round
// trips. (To hold S without counting its use would have all others wait until it
// has filled up again after each burst.)
//
// Concurrency. One place is held, where there are 100 or more.

// footing is what hold-back hangs on at a moment.
type footing struct {
	c     *counter
	now   moment
	style holdStyle
	z     float64       // told: the part of the window that is left
	end   moment        // told: R - g
	span  time.Duration // told: W - g
	h     int           // sliding
}

type holdStyle uint8

const (
	holdNone holdStyle = iota
	holdTold
	holdSliding
	holdBucket
	holdOne
)

const (
	holdsFrom    = 20  // the smallest sliding window of which something is held
	holdsOneFrom = 100 // the smallest concurrency of which a place is held
)

// stand takes the footing of a counter at a moment.
func (f *footing) stand(c *counter, now moment) {
	f.c, f.now = c, now
	if !c.ledger.kinds.mixed || len(c.claims) == 0 {
		return
	}
	switch m := c.meter.(type) {
	case *window:
		e := m.current(now)
		switch {
		case m.fixed && e != nil:
			guard := m.resolution + 2*c.roundTrip
			f.style, f.end, f.span = holdTold, e.latest.add(-guard), m.per-guard
			if f.span > 0 {
				f.z = min(max(float64(f.end.sub(now))/float64(f.span), 0), 1)
			}
		case c.size >= holdsFrom:
			f.style, f.h = holdSliding, max(1, c.size/200)
		}
	case *bucket:
		f.style = holdBucket
	case *concurrency:
		if c.size >= holdsOneFrom {
			f.style = holdOne
		}
	}
}

func (c *counter) footing(now moment) (f footing) {
	f.stand(c, now)
	return f
}

// ceiling is how much of a part is held at the most.
func (f *footing) ceiling(n int) int {
	switch f.style {
	case holdTold:
		return int(math.Ceil(float64(n)*f.z - 1e-9))
	case holdSliding:
		return min(n, f.h)
	case holdOne:
		return min(n, 1)
	default:
		return 0
	}
}

// held is what is held for an active claim.
func (f *footing) held(k *claim) int {
	switch f.style {
	case holdTold, holdSliding:
		return max(0, min(k.part-k.used(), f.ceiling(k.part)))
	case holdBucket:
		b := f.c.meter.(*bucket)
		return max(0, k.part-int(k.drains(f.now, b)))
	default:
		return f.ceiling(k.part)
	}
}

// heldIdle is what is held for the idle classes before a claim's.
func (f *footing) heldIdle(k *claim) int {
	if k.stated() || f.style == holdNone || f.style == holdOne {
		return 0
	}
	idle := false
	for class := Urgent; class < k.class; class++ {
		idle = idle || f.c.ledger.kinds.seen[class.index()] && !f.c.classActive(class, f.now)
	}
	if !idle {
		return 0
	}
	if n := f.c.size / 100; f.style == holdTold {
		return f.ceiling(n)
	} else {
		return n
	}
}

func (c *counter) classActive(class Class, now moment) bool {
	for _, k := range c.claims {
		if k.class == class && !k.stated() {
			return c.active(k, now)
		}
	}
	return false
}

// from is what a claim's call has to leave. It is never so much that the call
// could not be admitted at all.
func (f *footing) from(k *claim, cost int) int {
	if f.style == holdNone {
		return 0
	}
	sum := f.heldIdle(k)
	for _, other := range f.c.claims {
		if other != k && (other.rank < k.rank || !f.entitled(k, cost)) && f.c.active(other, f.now) {
			sum += f.held(other)
		}
	}
	most := f.c.size - cost
	if b, ok := f.c.meter.(*bucket); ok {
		most -= int(2*f.c.roundTrip/b.unit) + 1
	}
	return max(min(sum, most), 0)
}

// heldFrom is what a waiter has to leave now, and when it has its turn to borrow.
func (c *counter) heldFrom(now moment, w *waiter, cost int) (held int, turn moment) {
	f := c.footing(now)
	if f.style == holdNone {
		return 0, now
	}
	k := c.claimOf(w.class, w.flow)
	if f.paced(k, cost) {
		turn = k.turn
	}
	return f.from(k, cost), max(turn, now)
}

// entitled reports whether a call is within its claim's part.
func (f *footing) entitled(k *claim, cost int) bool {
	switch m := f.c.meter.(type) {
	case *bucket:
		return k.drains(f.now, m)+float64(cost) <= float64(k.part)
	case *window, *concurrency:
		return k.used()+cost <= k.part
	default:
		return false
	}
}

// others is the sum of the parts of all other active claims.
func (f *footing) others(k *claim) (sum int) {
	for _, other := range f.c.claims {
		if other != k && f.c.active(other, f.now) {
			sum += other.part
		}
	}
	return sum
}

// borrows reports whether a call takes what is others' part of a window that slides.
func (f *footing) borrows(k *claim, cost int) bool {
	if f.style != holdSliding {
		return false
	}
	others := f.others(k)
	return others > 0 && k.own.total()+cost > f.c.shared()-others
}

// paced reports whether a call must wait for its turn to borrow.
func (f *footing) paced(k *claim, cost int) bool {
	return f.now < k.turn && f.borrows(k, cost)
}

// turnAfter is when the claim may borrow again once it has borrowed a cost.
func (f *footing) turnAfter(k *claim, cost int) moment {
	free := 0
	for _, other := range f.c.claims {
		if other != k && f.c.active(other, f.now) {
			free += max(other.part-other.used()-f.held(other), 0)
		}
	}
	per := f.c.meter.(*window).per
	return max(k.turn, f.now).add(times(per, cost) / time.Duration(max(free, 1)))
}

// next is the first moment after now at which waiting claims may have to leave
// less, or come before others, by the passing of time.
func (f *footing) next() moment {
	next, now := never, f.now
	look := func(at moment) {
		if at > now {
			next = min(next, at)
		}
	}
	for _, k := range f.c.claims {
		look(k.next(f.c))
		if k.last != always {
			look(k.last.add(f.c.activeFor()))
		}
		if k.waits() {
			look(k.turn)
			if b, ok := f.c.meter.(*bucket); ok {
				unit := k.unit(b)
				look(k.level.add(times(unit, k.flows[0].head.cost-k.part)))
			}
		}
		if f.style == holdTold && f.c.active(k, now) {
			look(f.falls(k.part, f.held(k)))
		}
	}
	if f.style == holdTold {
		look(f.falls(f.c.size/100, f.ceiling(f.c.size/100)))
	}
	return next
}

// falls is when less than n is held of a part whose end is told.
func (f *footing) falls(part, n int) moment {
	if part == 0 || n == 0 {
		return never
	}
	return f.end.add(-time.Duration(float64(n-1) / float64(part) * float64(f.span))).add(time.Microsecond)
}
