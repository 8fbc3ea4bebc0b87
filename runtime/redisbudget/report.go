package redisbudget

import (
	"slices"
	"time"
)

// This file is what a portion has to tell Redis with its next contact.

// stamp is an answered charge.
type stamp struct {
	free, at time.Time
	low      time.Time // when it may be free at the earliest, where the end of its window was told
	cost     int
}

// report is what has happened since another one.
type report struct {
	settled int // of what was out, what it reports
	stamps  []stamp
	back    []slot
	ends    []told
	left    []told
	drains  time.Time // of a bucket: when what it held, as answers say, will have drained
	freeze  time.Time
	max     int
	blind   int
	good    int
}

// empty reports whether there is nothing to tell.
func (r *report) empty() bool {
	return r.settled == 0 && len(r.stamps) == 0 && len(r.back) == 0 && len(r.ends) == 0 && len(r.left) == 0 && r.drains.IsZero() && r.freeze.IsZero() &&
		r.max == 0 && r.blind == 0 && r.good == 0
}

// told is what an answer told of a window's end.
type told struct {
	sent             time.Time
	remaining        int
	earliest, latest time.Time
}

// stamp notes an answered charge.
func (p *portion) stamp(s stamp) {
	if s.cost <= 0 {
		return
	}
	grain := p.turnover() / 1000
	if n := len(p.pending.stamps); n == 0 || !p.pending.stamps[n-1].merge(s, grain) {
		p.pending.stamps = append(p.pending.stamps, s)
	}
	if p.kind == buckets { // what was poured is not restated
		if drained := s.at.Add(p.turnover()); drained.After(p.drained) {
			p.drained = drained
		}
		if s.free = s.at; !s.at.After(p.ledger.clock.Now()) {
			return
		}
	}
	i := len(p.own)
	for i > 0 && p.own[i-1].free.After(s.free) {
		i--
	}
	if i == 0 || !p.own[i-1].merge(s, grain) {
		p.own = slices.Insert(p.own, i, s)
	}
}

// merge takes another charge for one with this, if both times of the one are of the
// same grain as those of the other; the later times hold. (Not: if they are less than a
// grain apart. A steady stream would then be one charge, free with the last of it.)
func (s *stamp) merge(other stamp, grain time.Duration) bool {
	if !together(s.free, other.free, grain) || !together(s.at, other.at, grain) || s.low.IsZero() != other.low.IsZero() {
		return false
	}
	if other.free.After(s.free) {
		s.free = other.free
	}
	if other.at.After(s.at) {
		s.at = other.at
	}
	if other.low.Before(s.low) {
		s.low = other.low
	}
	s.cost += other.cost
	return true
}

// together reports whether two times are of one grain. It is on the path of each
// answer, and Time.Truncate divides bit by bit: it took most of that path's time.
func together(a, b time.Time, grain time.Duration) bool {
	return a.Equal(b) || grain > 0 && a.UnixNano()/int64(grain) == b.UnixNano()/int64(grain)
}

func (r *report) end(e told) {
	if n := len(r.ends); n > 0 && r.ends[n-1].latest.Equal(e.latest) {
		if e.sent.After(r.ends[n-1].sent) {
			r.ends[n-1].sent = e.sent
		}
		return
	}
	r.ends = append(r.ends, e)
}

// reports has the news told in time for others to use what they free: a tenth of
// the time in which the limit turns over, within a heartbeat.
func (p *portion) reports(now time.Time) {
	in := p.life / 10
	if p.kind == buckets {
		in = time.Duration(p.size) * p.unit / 10
	}
	p.wants(now.Add(min(max(in, p.ledger.heartbeat/30), p.ledger.heartbeat)))
}
