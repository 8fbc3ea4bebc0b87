package redisbudget

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/weirkit/weir/runtime/budget"
)

// This file is a portion's side of a contact. All of it is under the ledger's lock.

// turnover is for how long what is answered counts.
func (p *portion) turnover() time.Duration {
	if p.kind == buckets {
		return time.Duration(p.size) * p.unit
	}
	return p.life
}

// prune forgets own charges that are free. Away they are used first.
func (p *portion) prune(now time.Time, away bool) {
	if away {
		return
	}
	n := 0
	for n < len(p.own) && !p.own[n].free.After(now) {
		n++
	}
	p.own = p.own[n:]
	p.advance(now)
}

// giveBack returns what is of no use: all of it at a freeze, and what has been in
// hand for a heartbeat while nothing was taken. What waits then is held up at
// another counter, where somebody may wait for the places in our hand. A
// place that is not free yet goes back as the charge that it is.
func (p *portion) giveBack(now time.Time) {
	frozen := now.Before(p.frozen)
	if !frozen && now.Sub(p.moved) < p.ledger.heartbeat {
		return
	}
	if p.ready > 0 && p.waiting > 0 {
		p.retry = now.Add(time.Duration(rand.Float64() * float64(p.ledger.heartbeat) / 2)) // or two would meet again
	}
	if p.waiting > 0 && !frozen {
		p.ready = min(p.ready, 0)
		return
	}
	p.drop(now)
}

// drop returns all that is in hand.
func (p *portion) drop(now time.Time) {
	p.advance(now)
	p.ready = min(p.ready, 0)
	p.handBack(true)
}

// handBack returns the places that are not free yet, each as a charge that is: whose
// it was may have left, and nobody else would tell of it. Until that is reported
// they are out, unless our leases have ended.
func (p *portion) handBack(out bool) {
	for _, s := range p.coming {
		if p.kind == buckets { // they are not charges of somebody
			continue
		}
		p.pending.back = append(p.pending.back, s)
		if out {
			p.pending.settled += s.cost
		}
	}
	p.coming = nil
}

// restate makes the next report one of all that is known.
func (p *portion) restate() {
	back := append(p.sending.back, p.pending.back...)
	p.sending, p.pending = report{freeze: p.pending.freeze, max: p.max, back: back}, report{}
	if p.frozen.After(p.sending.freeze) {
		p.sending.freeze = p.frozen
	}
	p.sending.stamps = append([]stamp(nil), p.own...)
}

// concerned reports whether a contact has to do with the portion: it states what is
// out or was, tells, or asks. What was used lately is carried once a heartbeat. The
// others wait for their charges to end: ten thousand counters, of an object
// each, would otherwise all be in each contact.
func (p *portion) concerned(now time.Time, beat bool) bool {
	return p.unheard || p.out() != 0 || p.stated != 0 || p.waiting > 0 || p.kind == numberless || !p.due.IsZero() ||
		!p.sending.empty() || !p.pending.empty() || beat && now.Sub(p.used) <= 2*p.ledger.heartbeat
}

// forgettable reports whether Redis and this process may forget each other's count.
func (p *portion) forgettable(now time.Time) bool {
	return p.out() == 0 && p.stated == 0 && !p.unheard && p.waiting == 0 && len(p.own) == 0 && !p.drained.After(now) && !p.frozen.After(now) &&
		len(p.sending.stamps) == 0 && len(p.sending.back) == 0 && p.sending.freeze.IsZero() && p.sending.max == 0 && p.sending.settled == 0 &&
		now.Sub(p.used) > 5*p.ledger.heartbeat
}

// reckon learns how fast the portion is used.
func (p *portion) reckon(now time.Time) {
	beat := p.ledger.heartbeat
	past := now.Sub(p.since)
	if past < beat/10 {
		return
	}
	beats := past.Seconds() / beat.Seconds()
	p.rate = max(float64(p.taken)/beats, p.rate*math.Pow(0.5, beats))
	if p.rate < 0.1 {
		p.rate = 0
	}
	p.taken, p.since = 0, now
}

// ask is what the next call says of the counter.
func (p *portion) ask(now time.Time, uses []budget.Use) counterAsk {
	q := counterAsk{
		Kind: p.kind, Unit: milliseconds(p.unit), Life: milliseconds(p.life), Size: p.size, Out: max(p.out(), 0),
		Heard: p.heard, Told: p.sending.max, Tells: p.tells, Blind: p.sending.blind, Good: p.sending.good,
	}
	if p.kind == numberless {
		q.Out = 0
	} else {
		ahead := p.ahead()
		if now.Sub(p.used) >= p.ledger.heartbeat {
			ahead = 0 // what was given back unused is not fetched again
		}
		q.Want, q.Least = max(p.waiting+ahead-p.units(), 0), max(p.least-p.units(), 1)
		p.uses(&q, uses)
	}
	for _, s := range p.sending.stamps {
		q.Stamps = append(q.Stamps, [3]float64{milliseconds(s.free.Sub(now)), milliseconds(s.at.Sub(now)), float64(s.cost)})
	}
	for _, s := range p.sending.back {
		if s.at.After(now) {
			q.Back = append(q.Back, [2]float64{milliseconds(s.at.Sub(now)), float64(s.cost)})
		}
	}
	for _, e := range p.sending.ends {
		q.Ends = append(q.Ends, [2]float64{milliseconds(e.sent.Sub(now)), milliseconds(e.latest.Sub(now))})
	}
	for _, e := range p.sending.left {
		q.Left = append(q.Left, [3]float64{float64(e.remaining), milliseconds(e.earliest.Sub(now)), milliseconds(e.latest.Sub(now))})
	}
	q.Drains = max(milliseconds(p.sending.drains.Sub(now)), 0)
	if p.sending.freeze.After(now) {
		q.Freeze = milliseconds(p.sending.freeze.Sub(now))
	}
	return q
}

// granted takes in what a reply says of the counter.
func (p *portion) granted(sent, now time.Time, r *counterAnswer, q *counterAsk, n *news) {
	beat := p.ledger.heartbeat
	if p.denied = r.Conflict != ""; p.denied {
		if n.denied == nil {
			n.denied = map[budget.Key]error{}
		}
		err := fmt.Errorf("redisbudget: %w: %s", ErrConflict, r.Conflict)
		n.denied[p.key] = err
		n.events = append(n.events, budget.Event{Kind: Conflict, Key: p.key, Err: err})
		p.retry = now.Add(beat)
		return
	}
	got := 0
	for _, g := range r.Granted {
		cost := int(g[1])
		got += cost
		if g[0] <= 0 {
			p.ready += cost
		} else {
			p.coming = append(p.coming, slot{now.Add(duration(g[0])), cost})
		}
		p.moved = now
	}
	slices.SortFunc(p.coming, func(a, b slot) int { return a.at.Compare(b.at) })
	p.mark = p.units() / 2
	switch p.retry = now; {
	case r.Retry > 0:
		p.retry = now.Add(min(max(duration(r.Retry), beat/30), beat))
	case got == 0 && q.Want > 0: // a freeze, or a recovery
		p.retry = now.Add(beat / 4)
	}
	if until := now.Add(duration(r.Freeze)); r.Freeze > 0 && until.After(p.frozen) {
		p.slows(until, n)
		p.frozen = until
	}
	if r.Smaller > 0 && r.Smaller != p.smaller {
		n.events = append(n.events, budget.Event{Kind: Conflict, Key: p.key, Limit: r.Smaller, Was: p.size})
	}
	p.smaller = r.Smaller
	o := budget.Observation{Key: p.key, Max: -1, Remaining: -1}
	if r.Told > 0 && r.Told != p.max {
		if p.max, o.Max = r.Told, r.Told; r.Told < p.size {
			p.drop(now) // it was granted of more
		}
	}
	if len(r.End) == 2 {
		if end := now.Add(duration(r.End[1])); end.Sub(p.end).Abs() > p.life/1000 {
			p.tells = true
			p.end, o.Reset, o.ResetEarliest = end, end, sent.Add(duration(r.End[0]))
		}
	}
	if o.Max > 0 || !o.Reset.IsZero() {
		n.observations = append(n.observations, o)
	}
	p.given, p.yields = 0, r.Yield
	for _, part := range r.Parts {
		p.given += part
	}
	if len(r.Parts) == len(q.uses) {
		n.shared = append(n.shared, apportioned{p.key, q.uses, r.Parts})
	}
	p.waiting = 0 // the ledger says anew who waits
	n.keys = append(n.keys, p.key)
}
