package budget

// This file takes in what an answer tells.

// settle starts the release clocks of an answered call, and learns from it.
func (l *Local) settle(t *admission, now moment, a *Answer) {
	if a.Refusal != nil {
		l.refused(t, now, a)
	}
	for i := range t.holds {
		h := &t.holds[i]
		c := h.c
		c.advance(now)
		charged := h.cost
		h.correct(t.operation, a)
		var first *end // the earliest end told
		blind := true
		for j := range a.Observations {
			o := &a.Observations[j]
			if !o.concerns(c) {
				continue
			}
			if e := l.observe(c, now, t.sent, o); e != nil && (first == nil || e.latest < first.latest) {
				first = e
			}
			blind = blind && o.Remaining < 0
		}
		c.settled(t, now, charged, h.cost, first, blind, a.Refusal != nil)
		c.inFlight -= h.cost
		c.calls--
		c.answeredAfter(now.sub(t.sent), now, h.cost)
		if h.usage != nil {
			h.answered(now)
			c.timed(now.sub(t.sent))
		}
		c.freeze.ended(h.thaw)
		if a.Refusal == nil {
			c.freeze.good(h.thaw, c.size)
			if m, ok := c.meter.(*adaptive); ok && h.thaw == c.freeze.thaw {
				m.answeredWell()
			}
		}
		if w, ok := c.meter.(*window); ok {
			if e := w.current(now); blind && e != nil {
				e.blind += h.cost
				e.blindAt = now
			}
			if first != nil {
				w.answeredIn(first, now, t.sent, h.cost)
				l.touch(c)
				continue
			}
		}
		c.meter.answered(now, h.cost)
		l.touch(c)
	}
	for i := range a.Observations {
		if o := &a.Observations[i]; o.Key != (Key{}) && t.charge(o.Key.Limit) == nil {
			if c := l.counters.find(&o.Key); c != nil {
				l.observe(c, now, t.sent, o)
				l.touch(c)
			}
		}
	}
}

// concerns reports whether an answer's observation is of the counter.
func (o *Observation) concerns(c *counter) bool {
	if o.Key != (Key{}) {
		return o.Key == c.key
	}
	return o.Limit == c.key.Limit
}

// charge is the admission's charge to the limit of a name, nil when there is none.
func (a *admission) charge(limit string) *hold {
	for i := range a.holds {
		if a.holds[i].c.key.Limit == limit {
			return &a.holds[i]
		}
	}
	return nil
}

// observe takes one observation: told now, by the answer to a call sent at
// sent. It returns the window's end when that was told.
func (l *Local) observe(c *counter, now, sent moment, o *Observation) (e *end) {
	c.advance(now)
	if o.Max >= 0 {
		l.limitTold(c, now, sent, min(o.Max, unbounded))
	}
	if w, ok := c.meter.(*window); ok && !o.Reset.IsZero() {
		latest := l.moment(o.Reset)
		earliest := latest
		if !o.ResetEarliest.IsZero() {
			earliest = min(latest, l.moment(o.ResetEarliest))
		}
		e = w.tell(now, sent, earliest, latest, l.options.maxFreeze)
	}
	if o.Remaining >= 0 {
		limit := min(o.Max, unbounded)
		if limit < 1 {
			limit = limitOf(c.shape())
		}
		c.remaining(now, sent, min(o.Remaining, unbounded), limit, e)
	}
	return e
}

// refused freezes the counter that a refusal is about: the one it names; else
// the one that the answer's other news are of, one that has nothing left first;
// else the narrowest of the call.
func (l *Local) refused(t *admission, now moment, a *Answer) {
	told := never
	if !a.Refusal.Until.IsZero() {
		told = l.moment(a.Refusal.Until)
	}
	h := t.charge(a.Refusal.Limit)
	for i := range a.Observations {
		o := &a.Observations[i]
		if m := t.charge(o.Limit); m != nil && (h == nil || h == m) {
			if told == never && o.Remaining == 0 && !o.Reset.IsZero() {
				told = l.moment(o.Reset)
			}
			if h == nil && o.Remaining == 0 {
				h = m
			}
		}
	}
	for i := 0; h == nil && i < len(a.Observations); i++ {
		h = t.charge(a.Observations[i].Limit)
	}
	if h == nil {
		h = narrowest(t.holds)
	}
	if h == nil { // a call without limits
		l.event(Event{Kind: Refused, Time: l.time(now), Operation: t.operation, Until: l.time(told)})
		return
	}
	c := h.c
	c.own().refused++
	l.event(Event{Kind: Refused, Time: l.time(now), Operation: t.operation, Key: c.key, Until: l.time(told)})
	c.advance(now)
	if c.refuse(now, told, *h, l.options.maxFreeze) {
		if w, ok := c.meter.(*window); ok && w.anyEnd() {
			c.sawOthers(now) // by our own count there was room
		}
		if c.supply != nil {
			c.supply.Freeze(l.time(c.freeze.until))
		}
		l.event(Event{Kind: Frozen, Time: l.time(now), Operation: t.operation, Key: c.key, Until: l.time(c.freeze.until)})
	}
}
