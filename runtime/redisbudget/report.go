package redisbudget

import (
	"slices"
	"time"
)

// This file is what a portion has to tell Redis with its next contact.

// stamp is an answered charge.
type stamp struct {
	free, at time.Time
	cost     int
}

// report is what has happened since another one.
type report struct {
	settled int // of what was out, what it reports
	stamps  []stamp
	ends    []told
	left    []told
	freeze  time.Time
	max     int
	blind   int
	good    int
}

// told is what an answer told of a window's end.
type told struct {
	sent             time.Time
	remaining        int
	earliest, latest time.Time
}

// stamp notes an answered charge.
func (p *portion) stamp(at, free time.Time, cost int) {
	if cost <= 0 {
		return
	}
	grain := p.turnover() / 1000
	s := stamp{free, at, cost}
	i := len(p.own)
	for i > 0 && p.own[i-1].free.After(free) {
		i--
	}
	if p.kind == buckets { // they are not restated
	} else if i == 0 || i < len(p.own) || !p.own[i-1].merge(s, grain) {
		p.own = slices.Insert(p.own, i, s)
	}
	if n := len(p.pending.stamps); n == 0 || !p.pending.stamps[n-1].merge(s, grain) {
		p.pending.stamps = append(p.pending.stamps, s)
	}
}

// merge takes another charge for one that was answered with this one, at the
// later time, if they are within a grain of each other.
func (s *stamp) merge(other stamp, grain time.Duration) bool {
	if other.free.Sub(s.free).Abs() > grain || other.at.Sub(s.at).Abs() > grain {
		return false
	}
	if other.free.After(s.free) {
		s.free = other.free
	}
	if other.at.After(s.at) {
		s.at = other.at
	}
	s.cost += other.cost
	return true
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
