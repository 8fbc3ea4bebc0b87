package redisbudget

import "time"

// This file is what a member may do that has lost sight of Redis.
//
// Its leases have an end, five heartbeats after its last contact: from then on
// Redis may take them as used. Rule: each of its own charges that comes free
// from that moment on may be sent again, by itself; what came free before is
// forgone, for it may have been given to others.
//
// Why the sum stays within the limit: each place is occupied by a charge of one
// member, or leased to one, or free. A place leased and not used by the end is used by
// nobody. Let D be the end of a member's leases, and f when a charge of its comes free.
//
//  1. It sends again only if f > D.
//  2. Redis gives the place to others, or takes it as free, only if f <= by, where by
//     is what the member said of D with its last call that came through
//     (script/charges.lua: trim; grant.lua: nextPlaces). D only grows, and by counts from
//     a reply's time, so by <= D. Then f <= D, and the member forgoes the place.
//  3. f is the same on both sides, or later in Redis: a charge is told with the time
//     that is left, which counts there from the arrival, and charges that are taken
//     together have the same f here. Where ends of windows are told, Redis may
//     free it at any of them, but not before the window's end; so f is here the
//     earliest end that our own answer told, or its own time where it told none
//     (soonest), once we know that ends are told, and until then Redis frees it
//     by none (te).
//  4. A place that was given to others before it was free, and came back, is no longer
//     the owner's to restate, who may be gone: it is nobody's (st.r) until f.
//
// By 2 Redis keeps places of a member whose calls come through while it has no
// replies, and waits for it as it says that it is away. One that is not heard of for as
// long as leases last while others are is taken for gone: that is a partition, and
// PartitionSafe is for it (script/silent.lua).
//
// A bucket cannot be told by places. Without Redis each member has one of 1 at 1/P of
// the rate, so all together have the rate, and draw on nothing but what drains. But
// leases do not drain before they are used: while others may have some, a charge
// beside them may be one too many. Others may have had a reply until our leases had
// ended, else they would be apart from us; so their own end five heartbeats later, and what
// they admitted is sent a linger after that. From then on our bucket regains, from empty.
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
			p.ready = 0
			p.handBack(false)
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
	case p.ledger.config.away == PartitionSafe && now.After(p.ledger.deadline.Add(p.ledger.reserve)):
		return 0, time.Time{} // others have it
	}
	if p.kind == buckets { // a bucket of 1 that regains its share of the rate, empty at first
		if p.ledger.members > p.size {
			return 0, time.Time{} // not even one for each
		}
		next := p.ledger.alone.Add(5*p.ledger.heartbeat + p.ledger.linger + time.Duration(p.ledger.members)*p.unit)
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
		if p.soonest(p.own[n]).After(p.ledger.alone) {
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

// wait has a bucket that is drawn on without Redis wait for its share of the rate.
func (p *portion) wait(from time.Time, cost int) {
	if next := from.Add(time.Duration(cost*p.ledger.members) * p.unit); next.After(p.alone) {
		p.alone = next
	}
}

// soonest is when others may have been given the place of a charge of ours, at the
// earliest. Where ends are told it is the end of its window, as any member was told.
func (p *portion) soonest(s stamp) time.Time {
	switch {
	case !s.low.IsZero():
		return s.low
	case p.tells:
		return s.at
	default:
		return s.free
	}
}
