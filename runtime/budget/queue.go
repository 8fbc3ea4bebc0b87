package budget

import "time"

// This file is the order among waiters, and all of it.
//
// Waiters are served by age: by the moment at which their call first asked.
// Each stands in the line of all counters that it would draw on. On a counter
// that lacks room for it, it keeps its place: nobody younger is admitted past
// it. On its counters that have room, younger ones pass, or a call held up by a
// narrow limit would hold up all others at the wide ones.
//
// That alone would let a call with many counters starve, if each time that one
// of them had room another had none. So a waiter older than the time in which
// one of its counters turns over, at most maxPatience, that is the first in a
// line holds its place there too.
//
// Nobody starves: the oldest waiter of all is the first in all its lines, so
// from that age on it holds its places on all its counters, each of which frees
// enough for it within a turnover and a round trip. Then another is the oldest.

const maxPatience = 30 * time.Second

// waiter is a call that waits.
type waiter struct {
	operation string
	since     moment
	number    uint64 // of equal age the first to wait is first
	holdsAt   moment // from when on it holds its places
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

// before reports whether w is served before v.
func (w *waiter) before(v *waiter) bool {
	return w.since < v.since || w.since == v.since && w.number < v.number
}

// line is the waiters for one counter, in order of age.
type line struct {
	head, tail *place
	len        int
	cost       int // of all of them
}

// place is a waiter's place in one line.
type place struct {
	waiter     *waiter
	counter    *counter
	cost       int // the least that one of its alternatives draws here
	prev, next *place
}

func (l *line) insert(p *place) {
	after := l.tail
	for after != nil && p.waiter.before(after.waiter) {
		after = after.prev
	}
	p.prev = after
	if after == nil {
		p.next, l.head = l.head, p
	} else {
		p.next, after.next = after.next, p
	}
	if p.next == nil {
		l.tail = p
	} else {
		p.next.prev = p
	}
	l.len++
	l.cost += p.cost
}

func (l *line) remove(p *place) {
	if p.prev == nil {
		l.head = p.next
	} else {
		p.prev.next = p.next
	}
	if p.next == nil {
		l.tail = p.prev
	} else {
		p.next.prev = p.prev
	}
	p.prev, p.next = nil, nil
	l.len--
	l.cost -= p.cost
}

// walk follows a line from its head and tells, of each waiter in turn, whether
// the counter has room for it.
type walk struct {
	now         moment
	room, calls int
	at          *place
}

func (c *counter) walk(now moment) walk {
	room, calls := c.open(now)
	return walk{now: now, room: room, calls: calls, at: c.line.head}
}

// fits reports whether there is room for a cost at this point of the line.
func (k *walk) fits(cost int) bool { return k.room >= cost && k.calls >= 1 }

// pass goes on to the next waiter. It is false when the counter lacks room for
// the present one, and so for all behind it.
func (k *walk) pass() bool {
	p := k.at
	if !k.fits(p.cost) {
		return false
	}
	if p.prev == nil && k.now >= p.waiter.holdsAt {
		k.room -= p.cost
		k.calls--
	}
	k.at = p.next
	return true
}

// fits reports whether the counter has room for a waiter, who need not stand in
// its line yet, given those who are before it.
func (c *counter) fits(now moment, w *waiter, cost int) bool {
	k := c.walk(now)
	if c.line.len == 0 || k.room >= c.line.cost+cost && k.calls > c.line.len {
		return k.fits(cost)
	}
	for k.at != nil && k.at.waiter != w && k.at.waiter.before(w) {
		if !k.pass() {
			return false
		}
	}
	return k.fits(cost)
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

// ahead is the cost of those who will be served before w on the counter.
func (c *counter) ahead(now moment, w *waiter) int {
	k := c.walk(now)
	for k.at != nil && k.at.waiter.before(w) && k.pass() {
	}
	if k.at == nil || !k.at.waiter.before(w) {
		return 0
	}
	if c.line.tail.waiter.before(w) && k.at == c.line.head {
		return c.line.cost
	}
	cost := 0
	for p := k.at; p != nil && p.waiter.before(w); p = p.next {
		cost += p.cost
	}
	return cost
}

// firstReady is the first in the counter's line who can be admitted, and by
// which alternative.
func (c *counter) firstReady(now moment) (*waiter, *set) {
	k := c.walk(now)
	for k.at != nil {
		w := k.at.waiter
		for i := range w.sets {
			if fit(now, w, w.sets[i].holds) {
				return w, &w.sets[i]
			}
		}
		if !k.pass() {
			return nil, nil
		}
	}
	return nil, nil
}

// touch notes that the counter may have opened, or opens at another time.
func (l *Local) touch(c *counter) {
	if !c.dirty && c.line.len > 0 {
		c.dirty = true
		l.dirty = append(l.dirty, c)
	}
}

// serve admits whoever can be, the oldest first, and sets the alarm for the rest.
func (l *Local) serve(now moment) {
	if len(l.dirty) == 0 {
		return
	}
	for {
		var oldest *waiter
		var by *set
		for _, c := range l.dirty {
			if w, s := c.firstReady(now); w != nil && (oldest == nil || w.before(oldest)) {
				oldest, by = w, s
			}
		}
		if oldest == nil {
			break
		}
		l.leave(oldest, now)
		oldest.ticket = l.admit(oldest.operation, by.index, by.holds, now)
		oldest.ready <- struct{}{}
	}
	for i, c := range l.dirty {
		c.dirty = false
		l.dirty[i] = nil
		l.rearm(c, now)
	}
	l.dirty = l.dirty[:0]
}

// join puts a waiter in its lines.
func (l *Local) join(w *waiter) {
	for _, s := range w.sets {
		for _, h := range s.holds {
			if p := w.placeAt(h.c); p != nil {
				p.cost = min(p.cost, h.cost)
			} else {
				w.places = append(w.places, &place{waiter: w, counter: h.c, cost: h.cost})
			}
		}
	}
	for _, p := range w.places {
		p.counter.line.insert(p)
		l.touch(p.counter)
	}
	w.waiting = true
	l.waiters++
}

func (w *waiter) placeAt(c *counter) *place {
	for _, p := range w.places {
		if p.counter == c {
			return p
		}
	}
	return nil
}

// leave takes a waiter out of its lines. Where it may have kept a place,
// others may now fit.
func (l *Local) leave(w *waiter, now moment) {
	for _, p := range w.places {
		c := p.counter
		kept := p.prev == nil || !c.fits(now, w, p.cost)
		c.line.remove(p)
		if kept {
			l.touch(c)
		}
		if c.line.len == 0 {
			l.disarm(c)
		}
	}
	w.waiting = false
	l.waiters--
}

// fail ends a wait with an error.
func (l *Local) fail(w *waiter, err error, now moment) {
	l.leave(w, now)
	w.err = err
	w.ready <- struct{}{}
}

// failImpossible ends the waits for more than the counter's limit has become.
func (l *Local) failImpossible(c *counter) {
	for p := c.line.head; p != nil; {
		next := p.next
		w := p.waiter
		possible := w.sets[:0]
		for _, s := range w.sets {
			if impossible(s.holds) == nil {
				possible = append(possible, s)
			}
		}
		if w.sets = possible; len(possible) == 0 {
			l.fail(w, &WaitError{Operation: w.operation, Key: c.key, Err: ErrImpossible}, l.last)
		}
		p = next
	}
}
