package budget

import (
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// This file is where a Local shares its limits with other ledgers. It goes on
// admitting by its own rules, and a Portion is a further condition: a call is
// admitted once its counters have room by the ledger's own count, as ever, and
// their portions have so much in hand. So order, classes and flows are as they
// are without, and what several ledgers admit together is bounded by what hands
// out the portions. (To take from the shared count first, and to ask the ledger
// then, would have calls wait for each other with places in their hands.)

// Supply has a Portion for each counter whose limit is shared with other
// ledgers.
type Supply interface {
	// Portion is called as a counter is made; nil means that it is not shared. A
	// counter that was idle is forgotten, and may be made again.
	Portion(Key) Portion
}

// Portion is what a ledger may take of one counter. Its methods are called under
// the ledger's lock: they are quick, and never call the ledger.
type Portion interface {
	// Reshape tells the limit, at first and when it changes: what of it may be
	// occupied, and whether the provider has told it.
	Reshape(shape api.Shape, size int, told bool)
	// Has is how much may be taken now. It may change by itself at next; zero is
	// not known.
	Has(now time.Time) (cost int, next time.Time)
	// Frozen is until when a refusal that any ledger has had stops the counter; zero
	// when none does.
	Frozen(now time.Time) time.Time
	// Wants tells that calls of this cost in all wait for the counter, the first of
	// them for least.
	Wants(now time.Time, cost, least int)
	// Take takes what an admitted call is charged; Back returns what was never sent.
	Take(now time.Time, cost int)
	Back(cost int)
	// Answer settles what a call has taken.
	Answer(PortionAnswer)
	// Done says that the body of an answered call has ended.
	Done(cost int)
	// Lost says that no answer will come: it is deemed to come at the time given.
	Lost(deemed time.Time, cost int)
	// Resent says that as much was sent once more, and will be answered by then.
	Resent(deemed time.Time, cost int)
	// Left tells what an answer says is left of a window, which ends in [earliest, latest].
	Left(remaining int, earliest, latest time.Time)
	// Level tells what a bucket holds, as the answer says to a call that was sent then.
	Level(sent time.Time, level int)
	// Freeze says that a refusal stops the counter.
	Freeze(until time.Time)
}

// PortionAnswer is the answer to a call, as far as one counter is concerned.
type PortionAnswer struct {
	Now, Sent time.Time
	Charged   int       // what Take took
	Cost      int       // what it has cost
	End       time.Time // of its window, at the latest; zero when not told
	Earliest  time.Time // the same, at the earliest
	Blind     bool      // it tells nothing of what is left
	Refused   bool
}

// WithSupply has the ledger share its limits: it admits nothing that the supply
// has no portion for.
func WithSupply(s Supply) LedgerOption {
	return func(o *options) error {
		o.supply = s
		return nil
	}
}

// Supplied says that the portions of some counters have changed.
func (l *Local) Supplied(keys ...Key) {
	l.lock()
	defer l.unlock()
	for i := range keys {
		if c := l.counters.find(&keys[i]); c != nil {
			l.touch(c)
		}
	}
}

// Pause runs f while nothing is admitted. What a portion has in hand may be taken out
// of it here: elsewhere it may just have been counted on.
func (l *Local) Pause(f func()) {
	l.lockUntimed()
	defer l.unlock()
	f()
}

// Sharers tells how many ledgers share the limits, this one included. Of a limit
// whose numbers nobody tells each has an even part of the ceiling.
func (l *Local) Sharers(n int) {
	l.lock()
	defer l.unlock()
	l.sharers = n
}

// RefusedElsewhere tells of a refusal that another ledger has had: a limit whose
// numbers nobody tells slows down here too.
func (l *Local) RefusedElsewhere(key Key) {
	now := l.lock()
	defer l.unlock()
	if c := l.counters.find(&key); c != nil {
		if m, ok := c.meter.(*adaptive); ok {
			m.refused(now)
			l.touch(c)
		}
	}
}

// Deny ends the waits for a counter with an error, as when its limit cannot be shared.
func (l *Local) Deny(key Key, err error) {
	now := l.lock()
	defer l.unlock()
	if c := l.counters.find(&key); c != nil {
		for _, p := range c.everyone() {
			l.fail(p.waiter, &WaitError{Operation: p.waiter.operation, Key: key, Err: err}, now)
		}
	}
}

// supplied is how much the counter's portion has in hand.
func (c *counter) supplied(now moment) int {
	if c.supply == nil {
		return unbounded
	}
	has, _ := c.supply.Has(c.ledger.time(now))
	return has
}

// suppliedNext is when its portion may change by itself.
func (c *counter) suppliedNext(now moment) moment {
	if c.supply != nil {
		if _, next := c.supply.Has(c.ledger.time(now)); !next.IsZero() {
			return c.ledger.moment(next)
		}
	}
	return never
}

// want asks the counter's portion for what its line, and one more call, need.
func (c *counter) want(now moment, more int) {
	if c.supply == nil {
		return
	}
	least := more
	for _, k := range c.claims {
		for _, f := range k.flows {
			if cost := f.head.cost; least == 0 || cost < least {
				least = cost
			}
		}
	}
	c.supply.Wants(c.ledger.time(now), c.line.cost+more, least)
}

// settled tells the portion of an answer; e is the end of the window, where told.
func (c *counter) settled(t *admission, now moment, charged, cost int, e *end, blind, refused bool) {
	if c.supply == nil {
		return
	}
	a := PortionAnswer{Now: c.ledger.time(now), Sent: c.ledger.time(t.sent), Charged: charged, Cost: cost, Blind: blind, Refused: refused}
	if e != nil {
		a.End, a.Earliest = c.ledger.time(e.latest), c.ledger.time(e.earliest)
	}
	c.supply.Answer(a)
}
