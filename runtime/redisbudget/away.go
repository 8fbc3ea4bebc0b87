package redisbudget

import "time"

// This file is what a member may do that has lost sight of Redis.
//
// Its leases have an end, five heartbeats after its last contact: from then on
// Redis may take them as used. Rule: each of its own charges that comes free
// from that moment on may be sent again, by itself; what came free before is
// forgone, for it may have been given to others.
//
// Why the sum stays within the limit when all have lost Redis: each place is
// occupied by a charge of one member, or leased to one, or free. A place leased
// and not used by the end is used by nobody. A place of a charge is given to
// others only if it comes free before its owner's leases end, counted from
// the last contact that the owner is known to have had a reply of (script/members.lua:
// confirmed). So the owner forgoes what had been given away.
//
// A process that was held up, as by a SIGSTOP, has lost sight of Redis as well, but
// the others have not, and were given what came free meanwhile. So a charge counts
// only if contacts were failing as it came free.

// isAway reports whether leases have ended, and notes it.
func (l *Ledger) isAway(now time.Time) bool {
	if !l.away && now.After(l.deadline) {
		l.away, l.restating = true, false
		l.alone = l.deadline
		for _, p := range l.active {
			p.ready, p.coming = 0, nil
		}
		l.expect(now)
	}
	if l.away && !l.alone.IsZero() && l.heldUp(l.tried, now) {
		l.alone = time.Time{} // it was held up: what came free until the next contact fails is forgone
		for _, p := range l.active {
			p.ready = 0
		}
	}
	return l.away
}

// missed notes that a contact has failed.
func (l *Ledger) missed(sent, now time.Time) {
	if l.heldUp(sent, now) {
		return // that may be why
	}
	l.tried = now
	if l.away && l.alone.IsZero() {
		l.alone = now
	}
}

// heldUp reports whether more time has passed between two moments than contacts
// that fail take, one after the other.
func (l *Ledger) heldUp(from, to time.Time) bool {
	return to.Sub(from) > l.heartbeat+time.Duration(float64(l.timeout)*l.speed)
}

// hasAlone is what a portion may take while Redis is away.
func (p *portion) hasAlone(now time.Time) (int, time.Time) {
	switch {
	case p.ledger.taken, p.ledger.config.away == Closed:
		return 0, time.Time{}
	case p.ledger.config.away == Open:
		return plenty, time.Time{}
	case p.ledger.alone.IsZero():
		return 0, time.Time{}
	}
	if p.kind == buckets { // a bucket of 1 that regains its share of the rate, empty at first
		if p.ledger.members > p.size {
			return 0, time.Time{} // not even one for each
		}
		next := p.ledger.alone.Add(time.Duration(p.ledger.members) * p.unit)
		if p.alone.After(next) {
			next = p.alone
		}
		switch {
		case p.inFlight > 0:
			return 0, time.Time{}
		case now.Before(next):
			return 0, next
		}
		return 1, time.Time{}
	}
	n := 0
	for n < len(p.own) && !p.own[n].free.After(now) {
		if p.own[n].free.After(p.ledger.alone) {
			p.ready += p.own[n].cost
		}
		n++
	}
	p.own = p.own[n:]
	if len(p.own) > 0 {
		return p.ready, p.own[0].free
	}
	return p.ready, time.Time{}
}
