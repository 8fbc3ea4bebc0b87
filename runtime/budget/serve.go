package budget

import "slices"

// This file admits those who wait, by the order of queue.go, and puts them in
// their lines and out again.

// touch notes that the counter may have opened, or opens at another time.
func (l *Local) touch(c *counter) {
	if !c.dirty && c.line.len > 0 {
		c.dirty = true
		l.dirty = append(l.dirty, c)
	}
}

// serve admits whoever can be, and sets the alarm for the rest. Of the first
// ones of several counters the most urgent goes first, then the oldest.
func (l *Local) serve(now moment) {
	for {
		var first *waiter
		var by *set
		for _, c := range l.dirty {
			w, s := c.firstReady(now)
			if w != nil && (first == nil || w.class < first.class || w.class == first.class && w.before(first)) {
				first, by = w, s
			}
		}
		if first == nil {
			break
		}
		l.goesPast(first, by.holds, now)
		l.leave(first, now)
		first.ticket = l.admitAs(l.admissionOf(by.holds), first, by.index, now)
		first.ready <- struct{}{}
	}
	for i, c := range l.dirty {
		c.dirty = false
		l.dirty[i] = nil
		l.rearm(c, now)
	}
	l.dirty = l.dirty[:0]
}

// goesPast counts an admission as the waiter's turn at its counters, and notes
// those who come before it there and are not admitted.
func (l *Local) goesPast(w *waiter, holds []hold, now moment) {
	for i := range holds {
		c := holds[i].c
		if c.line.len == 0 {
			continue
		}
		c.passedBy(w, holds[i].cost, now)
		c.turn(w, holds[i].cost)
	}
}

func (c *counter) passedBy(w *waiter, cost int, now moment) {
	mine := c.claimOf(w.class, w.flow)
	own := mine.flowOf(w)
	if own.head != nil && own.head.waiter.before(w) {
		own.head.waiter.wasPassed()
	}
	if c.line.cost == own.cost {
		return
	}
	f := c.footing(now)
	for _, k := range f.ranked(mine, cost) {
		for _, other := range k.flows {
			if other == own || k == mine && own.start() <= other.tag {
				break
			}
			other.head.waiter.wasPassed()
		}
		if k == mine {
			return
		}
	}
}

// wasPassed puts the waiter among those who may hold their places.
func (w *waiter) wasPassed() {
	if len(w.places) == 0 || w.places[0].passed {
		return
	}
	for _, p := range w.places {
		l := &p.counter.line
		at, _ := slices.BinarySearchFunc(l.passed, p, func(q, p *place) int {
			if q.waiter.before(p.waiter) {
				return -1
			}
			return 1
		})
		l.passed = slices.Insert(l.passed, at, p)
		p.passed = true
	}
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
		p.flow = p.counter.claimOf(w.class, w.flow).flowOf(w)
		p.counter.own().line.insert(p)
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
		kept := p.passed || !c.fits(now, w, p.cost)
		c.line.remove(p)
		if kept {
			l.touch(c)
		}
		if c.line.len == 0 {
			c.want(now, 0)
			l.disarm(c)
		}
	}
	w.waiting = false
	l.waiters--
}

// everyone is all places of the line, in no order that would matter.
func (c *counter) everyone() (all []*place) {
	for _, k := range c.claims {
		for _, f := range k.flows {
			for p := f.head; p != nil; p = p.next {
				all = append(all, p)
			}
		}
	}
	return all
}

// unline empties the line, and reline fills it again: while claims change.
func (c *counter) unline() []*place {
	all := c.everyone()
	passed := c.own().line.passed
	c.line.passed = nil
	for _, p := range all {
		was := p.passed
		p.passed = false
		c.line.remove(p)
		p.passed = was
	}
	c.line.passed = passed
	return all
}

func (c *counter) reline(all []*place) {
	for _, p := range all {
		p.flow = c.claimOf(p.waiter.class, p.waiter.flow).flowOf(p.waiter)
		c.line.insert(p)
	}
}

// fail ends a wait with an error.
func (l *Local) fail(w *waiter, err error, now moment) {
	l.leave(w, now)
	w.err = err
	w.ready <- struct{}{}
}

// failImpossible ends the waits for more than the counter's limit has become.
func (l *Local) failImpossible(c *counter) {
	for _, p := range c.everyone() {
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
	}
}
