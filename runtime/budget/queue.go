package budget

import (
	"slices"
	"time"
)

// This file is the order among waiters. Who may use how much room is in
// hold.go, whose turn it is among equals in fair.go.
//
// A waiter stands in the line of all counters that it would draw on. The order
// of a line is: claims that are entitled, by precedence; then those that borrow,
// by their tags; within a claim its flows, by their tags; within a flow by age,
// that is by the moment at which the call first asked. (Where all calls are
// alike that is one flow of one claim, in order of age.) On a counter that lacks
// room for it, a waiter keeps its place: nobody who comes after it is admitted
// past it. On its counters that have room others pass, or a call held up by a
// narrow limit would hold up all others at the wide ones.
//
// That alone would let a call with many counters starve, if each time that one
// of them had room another had none. So one that has been passed, and is older
// than the time in which one of its counters turns over, at most maxPatience,
// holds its place on all its counters against its own claim and those after it:
// on each the oldest such waiter comes before them.
//
// Nobody starves. Of all who were passed the oldest holds, from that age on, its
// places on all its counters, each of which frees enough for it within a
// turnover and a round trip of those before it; then another is the oldest. One
// that is never passed is served in its turn, and turns come (fair.go). Claims
// before its own are entitled to their parts and no more: beyond these they
// borrow, and then the tags decide.
//
// Only those who were passed hold a place, though age alone would do against
// starvation. In a long line everybody is old, and the order would be by age.

const maxPatience = 30 * time.Second

// waiter is a call that waits.
type waiter struct {
	operation string
	class     Class
	flow      string
	weight    float64
	came      moment // when it asked for this admission
	since     moment // when its call first asked
	number    uint64 // of equal age the first to wait is first
	holdsAt   moment // from when on it holds its places, if it was passed
	sets      []set
	places    []*place
	ready     chan struct{} // receives once, when ticket or err is set
	ticket    *ticket
	err       error
	waiting   bool
}

// set is one alternative of a waiter.
type set struct {
	index int // in Request.Alternatives
	holds []hold
}

// before reports whether w is older than v.
func (w *waiter) before(v *waiter) bool {
	return w.since < v.since || w.since == v.since && w.number < v.number
}

// line is the waiters for one counter.
type line struct {
	len     int
	cost    int      // of all of them
	virtual float64  // time among the claims
	passed  []*place // of waiters that others were admitted past, by age
	order   []*claim // where counter.ranked puts its result
}

// place is a waiter's place in one line.
type place struct {
	waiter     *waiter
	counter    *counter
	flow       *flow
	cost       int  // the least that one of its alternatives draws here
	passed     bool // it is in line.passed
	prev, next *place
}

// ranked is the claims in the order in which they are served now: those that
// have waiters, and mine, of which a call of a cost asks. The result is good
// until the next call.
func (f *footing) ranked(mine *claim, cost int) []*claim {
	if claims := f.c.claims; len(claims) < 2 {
		return claims
	}
	order := f.c.line.order[:0]
	for _, k := range f.c.claims {
		switch {
		case k.waits():
			k.entitled = f.entitled(k, k.flows[0].head.cost)
		case k == mine:
			k.entitled = f.entitled(k, cost)
		default:
			continue
		}
		at := len(order)
		for at > 0 && f.c.serves(k, order[at-1]) {
			at--
		}
		order = slices.Insert(order, at, k)
	}
	f.c.line.order = order
	return order
}

// serves reports whether the counter serves k before j.
func (c *counter) serves(k, j *claim) bool {
	if k.entitled || j.entitled {
		return k.entitled && (!j.entitled || k.rank < j.rank)
	}
	a, b := k.start(&c.line), j.start(&c.line)
	return a < b || a == b && k.rank < j.rank
}

// walk follows a line and tells, of each waiter in turn, whether the counter
// has room for it.
type walk struct {
	footing
	room, calls int
	supplied    int    // what the counter's portion has in hand
	holder      *place // who comes first, for it has been passed for too long
}

// begin begins at the head of the counter's line.
func (w *walk) begin(c *counter, now moment) {
	w.room, w.calls = c.open(now)
	w.supplied = c.supplied(now)
	if c.ledger.kinds.mixed {
		for _, k := range c.claims {
			k.advance(c, now)
		}
	}
	w.stand(c, now)
	if p := c.line.passed; len(p) > 0 && p[0].waiter.holdsAt <= now {
		w.holder = p[0]
	}
}

// fits reports whether there is room for a call of a claim at this point of the line.
func (w *walk) fits(k *claim, cost int) bool {
	return w.calls >= 1 && w.supplied >= cost && w.room >= cost && w.room-cost >= w.from(k, cost)
}

// holds lets the holder keep its place, once the walk has come to a claim that
// it comes before. It is false when the counter lacks room for it.
func (w *walk) holds(k *claim) bool {
	h := w.holder
	if h == nil || k != nil && k.entitled && k.rank < h.flow.claim.rank {
		return true
	}
	w.holder = nil
	if !w.fits(h.flow.claim, h.cost) {
		return false
	}
	w.room -= h.cost
	w.supplied -= h.cost
	w.calls--
	return true
}

// fits reports whether the counter has room for a waiter, who need not stand in
// its line yet, given those who come before it.
func (c *counter) fits(now moment, w *waiter, cost int) bool {
	if c.line.len == 0 && !c.ledger.kinds.mixed {
		room, calls := c.open(now)
		return room >= cost && calls >= 1 && c.supplied(now) >= cost
	}
	var s walk
	s.begin(c, now)
	if s.calls < 1 || s.room < cost || s.supplied < cost {
		return false
	}
	mine := c.claimOf(w.class, w.flow)
	if s.paced(mine, cost) {
		return false
	}
	if c.line.len == 0 || s.calls > c.line.len && s.supplied >= c.line.cost+cost && s.room-s.from(mine, cost) >= c.line.cost+cost {
		return s.fits(mine, cost)
	}
	if s.holder != nil && s.holder.waiter == w {
		s.holder = nil // nobody who comes before it lacks room, or it does
		for _, k := range s.ranked(mine, cost) {
			if k == mine || !k.entitled || k.rank > mine.rank {
				break
			}
			if !s.passAll(k, nil) {
				return false
			}
		}
		return s.fits(mine, cost)
	}
	for _, k := range s.ranked(mine, cost) {
		if !s.holds(k) {
			return false
		}
		if k == mine {
			return s.passAll(k, w) && s.fits(mine, cost)
		}
		if !s.passAll(k, nil) {
			return false
		}
	}
	return s.fits(mine, cost)
}

// passAll reports whether there is room for the first of each flow of a claim,
// up to w, and in w's own flow for all who are before it. Who has room here and
// waits is held up elsewhere.
func (w *walk) passAll(k *claim, until *waiter) bool {
	var mine *flow
	if until != nil {
		mine = k.flowOf(until)
	} else if w.paced(k, k.flows[0].head.cost) {
		return true
	}
	for _, f := range k.flows {
		if mine != nil && f != mine && mine.empty() && mine.start() < f.tag {
			break
		}
		for p := f.head; p != nil; p = p.next {
			if f == mine && (p.waiter == until || !p.waiter.before(until)) {
				return true
			}
			if !w.fits(k, p.cost) {
				return false
			}
			if f != mine {
				break
			}
		}
		if f == mine {
			return true
		}
	}
	return true
}

// fit reports whether a waiter fits all counters of a set.
func fit(now moment, w *waiter, holds []hold) bool {
	for i := range holds {
		if !holds[i].c.fits(now, w, holds[i].cost) {
			return false
		}
	}
	return true
}

// ready is the alternative by which a waiter can be admitted, nil if there is none.
func (w *waiter) readyBy(now moment) *set {
	for i := range w.sets {
		if fit(now, w, w.sets[i].holds) {
			return &w.sets[i]
		}
	}
	return nil
}

// vain has waiters of one flow who cannot be admitted. Nor can anyone after them
// in the flow who asks for the same: a counter that has no room for the one, given
// those before it, has none for the other, but for one who was passed and may hold
// its place. Without it a long line at a counter that has room, of calls that
// another has none for, took time by the square of its length for each admission.
type vain struct {
	len     int
	waiters [8]*waiter // of calls of so many kinds
}

// readyBy is the waiter's own, for waiters in their order.
func (v *vain) readyBy(now moment, p *place) *set {
	if !p.passed && slices.ContainsFunc(v.waiters[:v.len], p.waiter.asksAs) {
		return nil
	}
	by := p.waiter.readyBy(now)
	if by == nil && v.len < len(v.waiters) {
		v.waiters[v.len] = p.waiter
		v.len++
	}
	return by
}

// asksAs reports whether all of a waiter's alternatives are another's too, in
// whichever order.
func (w *waiter) asksAs(other *waiter) bool {
	return !slices.ContainsFunc(w.sets, func(s set) bool {
		return !slices.ContainsFunc(other.sets, func(t set) bool {
			return slices.EqualFunc(s.holds, t.holds, func(a, b hold) bool { return a.c == b.c && a.cost == b.cost })
		})
	})
}

// firstReady is the first in the counter's line who can be admitted, and by
// which alternative.
func (c *counter) firstReady(now moment) (*waiter, *set) {
	if c.line.len == 0 {
		return nil, nil
	}
	var w walk
	w.begin(c, now)
	if w.holder != nil {
		if by := w.holder.waiter.readyBy(now); by != nil {
			return w.holder.waiter, by
		}
	}
	holder := w.holder
next:
	for _, k := range w.ranked(nil, 0) {
		blocked := !w.holds(k)
		for _, f := range k.flows {
			var vain vain
			for p := f.head; p != nil; p = p.next {
				paced := w.paced(k, p.cost)
				lacks := blocked || !paced && p != holder && !w.fits(k, p.cost)
				if !lacks && !paced || len(p.waiter.sets) > 1 { // another alternative may do without this counter
					if by := vain.readyBy(now, p); by != nil {
						return p.waiter, by
					}
				}
				switch {
				case lacks:
					return nil, nil
				case paced:
					continue next
				}
			}
		}
	}
	return nil, nil
}

// ahead is about how much will be served before w on the counter, once it has
// room again: those who lack it before w in its own flow, and of each other
// flow its share in that time.
func (c *counter) ahead(now moment, w *waiter) int {
	if c.line.len == 0 {
		return 0
	}
	mine := c.claimOf(w.class, w.flow)
	own := mine.flowOf(w)
	cost := 0
	if own.tail != nil && own.tail.waiter.before(w) && !c.fits(now, own.head.waiter, own.head.cost) {
		cost = own.cost
	} else {
		lacks := false
		for p := own.head; p != nil && p.waiter.before(w); p = p.next {
			if lacks = lacks || !c.fits(now, p.waiter, p.cost); lacks {
				cost += p.cost
			}
		}
	}
	if c.line.cost == own.cost {
		return cost
	}
	sum := float64(cost)
	turns := float64(cost+1) / own.rate()
	for _, k := range c.claims {
		for _, f := range k.flows {
			if f != own && !c.fits(now, f.head.waiter, f.head.cost) {
				sum += min(float64(f.cost), turns*f.rate())
			}
		}
	}
	return int(sum)
}

// rate is the flow's share of the turns at its counter.
func (f *flow) rate() float64 {
	sum := f.weight
	for _, other := range f.claim.flows {
		if other != f {
			sum += other.weight
		}
	}
	return max(f.claim.share, 0.01) * f.weight / sum
}
