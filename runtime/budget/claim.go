package budget

import "time"

// claim is a part of a counter that calls of one kind may count on: those of a
// class or, before all classes, those of a flow that has stated a demand. A
// counter has none until calls differ or have to wait.
//
// A claim keeps count of its own charges by the rule of the counter's meter.
// Only hold-back hangs on that: that nothing is refused does not.
type claim struct {
	class  Class
	demand *demand // nil for a class
	rank   int     // in counter.claims: the first takes precedence
	share  float64 // of the limit
	part   int     // S, that share of the limit in its units
	last   moment  // when a call of it was admitted last

	own, borrowed usage
	turn          moment // when it may borrow next, where that is paced
	level         moment // of its part of a bucket: when that will have drained

	// Its waiters, by flow; see fair.go.
	flows    []*flow // that have waiters, in the order in which they are to be served
	names    map[string]*flow
	tag      float64 // its start tag among the claims
	virtual  float64 // time among its flows
	len      int     // waiters
	entitled bool    // as counter.ranked found
}

// usage is what a claim occupies.
type usage struct {
	inFlight int
	open     int // answered, and the body has not ended: where that counts
	answered int // the sum of stamps
	stamps   stamps
}

func (u *usage) total() int   { return u.inFlight + u.open + u.answered }
func (k *claim) used() int    { return k.own.total() + k.borrowed.total() }
func (k *claim) waits() bool  { return k.len > 0 }
func (k *claim) stated() bool { return k.demand != nil }

// activeFor is how long after its last call a claim is active.
func (c *counter) activeFor() time.Duration { return 2 * max(c.meter.turnover(), time.Second) }

// active reports whether something is to be held for the claim: it had calls
// within two windows, has some waiting, or states a demand.
func (c *counter) active(k *claim, now moment) bool {
	return k.stated() || k.waits() || k.last != always && now < k.last.add(c.activeFor())
}

// advance frees what is free by now.
func (k *claim) advance(c *counter, now moment) {
	life, over := c.meter.turnover(), always
	if w, ok := c.meter.(*window); ok {
		life, over = w.life(), w.over
	}
	for _, u := range [...]*usage{&k.own, &k.borrowed} {
		for !u.stamps.empty() && (u.stamps.first().at <= over || u.stamps.first().at.add(life) <= now) {
			u.answered -= u.stamps.pop().cost
		}
	}
}

// next is when it will have more free.
func (k *claim) next(c *counter) moment {
	life, next := c.meter.turnover(), never
	if w, ok := c.meter.(*window); ok {
		life = w.life()
	}
	for _, u := range [...]*usage{&k.own, &k.borrowed} {
		if !u.stamps.empty() {
			next = min(next, u.stamps.first().at.add(life))
		}
	}
	return next
}

// take charges an admission to a claim.
func (c *counter) take(k *claim, h *hold, now moment) {
	h.usage, h.taken = &k.own, int32(h.cost)
	if f := c.footing(now); f.borrows(k, h.cost) {
		h.usage = &k.borrowed
		k.turn = f.turnAfter(k, h.cost)
	}
	h.usage.inFlight += h.cost
	k.last = now
	if b, ok := c.meter.(*bucket); ok {
		k.level = max(k.level, now).add(times(k.unit(b), h.cost))
	}
}

// unit is the time in which one unit of a bucket drains at the claim's share of its rate.
func (k *claim) unit(b *bucket) time.Duration {
	return min(time.Duration(float64(b.unit)/max(k.share, 1e-6)), century)
}

// drains is what the claim's part of a bucket has yet to drain.
func (k *claim) drains(now moment, b *bucket) float64 {
	return float64(max(k.level.sub(now), 0)) / float64(k.unit(b))
}

// unused undoes take, of a call that was never written.
func (h *hold) unused() {
	if h.usage != nil {
		h.usage.inFlight -= int(h.taken)
	}
}

// answered starts the release clock of what was taken.
func (h *hold) answered(now moment) {
	u := h.usage
	if u == nil {
		return
	}
	u.inFlight -= int(h.taken)
	switch m := h.c.meter.(type) {
	case *concurrency:
		u.open += h.cost
	case *window:
		u.answered += h.cost
		u.stamps.push(now, h.cost, m.grain())
	case *bucket:
		u.answered += h.cost
		u.stamps.push(now, h.cost, m.turnover()/1000)
	}
}

// done says that a body has ended.
func (h *hold) done() {
	if h.usage != nil {
		h.usage.open = max(h.usage.open-h.cost, 0)
	}
}

// timed learns how long calls take: a little less is believed slowly, a little
// more at once.
func (c *counter) timed(d time.Duration) {
	c.roundTrip = max(d, c.roundTrip-c.roundTrip/8+d/8)
}

// claimOf is the claim of a class's flow; it is made if it is missing.
func (c *counter) claimOf(class Class, name string) *claim {
	for _, k := range c.claims {
		if k.class == class && (!k.stated() || k.demand.flow == name) {
			return k
		}
	}
	if first := c.ledger.kinds.first; class != first && c.ledger.kinds.mixed && c.admitted > 0 {
		// Until now calls were not told apart: all were of that class.
		if k := c.claimOf(first, ""); k.last == always {
			k.last = c.lastUsed
		}
	}
	at := 0
	for at < len(c.claims) && (c.claims[at].stated() || c.claims[at].class < class) {
		at++
	}
	return c.addClaim(at, &claim{class: class, last: always})
}
