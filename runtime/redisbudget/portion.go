package redisbudget

import (
	"math"
	"slices"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// portion is what this process holds of one counter. What it states as out is
// what it may still send or has sent, and has not reported as answered; Redis
// lets no more be out than the limit less what answered charges occupy.
//
// All of it is guarded by the ledger's lock.
type portion struct {
	ledger *Ledger
	key    budget.Key
	id     string // in Redis
	kind   string // windows, buckets, concurrency; and those with no number, of which only freezes are shared
	life   time.Duration
	unit   time.Duration
	size   int
	active bool // in Ledger.active

	ready    int    // may be taken
	coming   []slot // may be taken later, in order
	inFlight int    // taken, and not answered
	frozen   time.Time
	refused  time.Time // until when a refusal of ours has frozen it
	denied   bool

	own     []stamp // answered charges that may still count, by when they do not
	stated  int     // as out, with the last call that had a reply, and what that granted
	unheard bool    // the last call that carried it has no reply
	sending report  // in a call that has no reply yet
	pending report  // for the next one

	max     int       // as the provider has told it to any member
	smaller int       // the limit of others, where it is smaller
	given   int       // of the limit, where all together want more; 0 when not told
	yields  bool      // it is the turn of others
	end     time.Time // of the window, as last passed on
	heard   int       // the last call that had a reply for it
	tells   bool      // somebody is told of windows' ends
	drained time.Time // a bucket, of all that was poured in here
	alone   time.Time // of a bucket while Redis is away: when it may be drawn on next

	mark           int // with no more in hand than this, more is fetched
	waiting, least int
	taken          int       // since the last reckoning
	since          time.Time // that
	rate           float64   // taken per heartbeat
	moved          time.Time // when something was taken or granted last
	used           time.Time
	retry          time.Time // when more could be had
	due            time.Time // when it wants a contact; zero when it does not
}

const (
	windows     = "w"
	buckets     = "b"
	concurrency = "c"
	numberless  = "f"
)

// slot is a place that is free from a moment on.
type slot struct {
	at   time.Time
	cost int
}

// plenty is what a portion has where nothing bounds it.
const plenty = math.MaxInt32

// Reshape implements budget.Portion.
func (p *portion) Reshape(shape api.Shape, size int, told bool) {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	was := p.size
	p.kind, p.life, p.unit, p.size = numberless, 0, 0, size
	switch s := shape.(type) {
	case api.Window:
		p.kind, p.life = windows, s.Per
		if s.Kind == api.SlidingApproximate {
			p.life *= 2
		}
		if s.Resolution > 0 {
			p.life += s.Resolution
		} else {
			p.life += time.Millisecond
		}
	case api.Bucket:
		p.kind, p.unit = buckets, (s.Per+time.Duration(s.Refill)-1)/time.Duration(max(s.Refill, 1))
	case api.Concurrency:
		p.kind = concurrency
	}
	if limit, ok := api.Capacity(shape); told && ok && limit != p.max {
		now := p.ledger.clock.Now()
		if p.max, p.pending.max = limit, limit; size < was {
			p.drop(now)
		}
		p.wants(now)
	}
}

// Has implements budget.Portion.
func (p *portion) Has(now time.Time) (int, time.Time) {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	return p.has(now)
}

// Frozen implements budget.Portion.
func (p *portion) Frozen(now time.Time) time.Time {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	if until := p.ledger.frozen[p.id]; until.After(p.frozen) && until.After(now) {
		return until
	}
	if p.frozen.After(now) {
		return p.frozen
	}
	return time.Time{}
}

func (p *portion) has(now time.Time) (int, time.Time) {
	switch {
	case p.denied:
		return 0, time.Time{}
	case now.Before(p.frozen):
		return 0, p.frozen
	case p.kind == numberless:
		if until := p.ledger.frozen[p.id]; until.After(now) {
			return 0, until
		}
		return plenty, time.Time{}
	case p.ledger.isAway(now):
		return p.hasAlone(now)
	}
	p.advance(now)
	next := p.ledger.deadline
	if len(p.coming) > 0 && p.coming[0].at.Before(next) {
		next = p.coming[0].at
	}
	return p.ready, next
}

// advance makes ready what has come free.
func (p *portion) advance(now time.Time) {
	n := 0
	for n < len(p.coming) && !p.coming[n].at.After(now) {
		p.ready += p.coming[n].cost
		n++
	}
	if n > 0 {
		p.coming = slices.Delete(p.coming, 0, n)
	}
}

// units is what may be taken now or later.
func (p *portion) units() int {
	n := p.ready
	for _, s := range p.coming {
		n += s.cost
	}
	return n
}

// out is what may still be sent, or was and is not reported as answered.
func (p *portion) out() int { return p.units() + p.inFlight + p.pending.settled }

// Wants implements budget.Portion.
func (p *portion) Wants(now time.Time, cost, least int) {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	p.waiting, p.least = cost, least
	if cost == 0 || p.kind == numberless {
		return
	}
	p.used = now
	if p.units() < cost {
		at := now
		if p.retry.After(at) {
			at = p.retry
		}
		p.wants(at)
	}
}

// wants asks for a contact at a moment.
func (p *portion) wants(at time.Time) {
	if !p.active {
		p.active = true
		p.ledger.active[p.key] = p
	}
	if p.due.IsZero() || at.Before(p.due) {
		p.due = at
		p.ledger.expect(at)
	}
}

// Take implements budget.Portion.
func (p *portion) Take(now time.Time, cost int) {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	p.inFlight += cost
	p.used = now
	if p.kind == numberless {
		if !p.active {
			p.wants(now.Add(p.ledger.heartbeat))
		}
		return
	}
	p.ready -= cost
	p.taken += cost
	p.moved = now
	if left := p.units(); left <= p.mark && left < p.ahead() && !now.Before(p.retry) {
		p.wants(now)
	}
}

// ahead is how much should be in hand beyond what waits: what two heartbeats
// take, and in a burst twice what was taken lately.
func (p *portion) ahead() int { return max(int(math.Ceil(2*p.rate)), 2*p.taken) }

// Back implements budget.Portion.
func (p *portion) Back(cost int) {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	p.inFlight -= cost
	if p.kind != numberless {
		p.ready += cost
	}
}

// Answer implements budget.Portion.
func (p *portion) Answer(a budget.PortionAnswer) {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	if !a.Refused {
		p.pending.good++
	}
	if a.Blind {
		p.pending.blind += a.Cost
	}
	switch p.kind {
	case concurrency: // until the body has ended
		p.inFlight += a.Cost - a.Charged
		return
	case numberless:
		p.inFlight -= a.Charged
		return
	}
	p.inFlight -= a.Charged
	p.pending.settled += a.Charged
	s := stamp{at: a.Now, free: a.Now.Add(p.life), cost: a.Cost}
	if !a.End.IsZero() && p.kind == windows {
		p.tells = true
		if s.low = a.Earliest; a.End.Before(s.free) {
			s.free = a.End
		}
		p.pending.end(told{sent: a.Sent, latest: a.End})
	}
	p.wait(a.Now, a.Cost)
	p.stamp(s)
	p.reports(a.Now)
}

// Done implements budget.Portion.
func (p *portion) Done(cost int) {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	if p.kind != concurrency {
		return
	}
	now := p.ledger.clock.Now()
	p.inFlight -= cost
	if p.ledger.isAway(now) || !p.yields && p.waiting > 0 && p.out()+cost <= p.part() {
		p.ready += cost // within our share: for the next of ours
		return
	}
	p.pending.settled += cost
	p.reports(now)
}

// part is what of the limit this process may count on, where others want it too.
func (p *portion) part() int {
	if p.given > 0 {
		return p.given
	}
	return p.size / p.ledger.members
}

// Lost implements budget.Portion.
func (p *portion) Lost(deemed time.Time, cost int) {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	p.inFlight -= cost
	if p.kind == numberless {
		return
	}
	p.pending.settled += cost
	p.wait(deemed, cost)
	p.stamp(stamp{at: deemed, free: deemed.Add(p.life), cost: cost})
	p.reports(p.ledger.clock.Now())
}

// Resent implements budget.Portion.
func (p *portion) Resent(deemed time.Time, cost int) {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	if p.kind != numberless {
		p.wait(deemed, cost)
		p.stamp(stamp{at: deemed, free: deemed.Add(p.life), cost: cost})
		p.reports(p.ledger.clock.Now())
	}
}

// Left implements budget.Portion.
func (p *portion) Left(remaining int, earliest, latest time.Time) {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	if p.kind != windows {
		return
	}
	if now := p.ledger.clock.Now(); remaining <= 0 && latest.After(now) { // the others are not to go on
		p.wants(now.Add(p.ledger.heartbeat / 30))
	}
	if n := len(p.pending.left); n > 0 {
		if l := &p.pending.left[n-1]; latest.Sub(l.earliest).Abs() < p.life/2 {
			l.remaining = min(l.remaining, remaining)
			if earliest.After(l.earliest) {
				l.earliest = earliest
			}
			if latest.Before(l.latest) {
				l.latest = latest
			}
			return
		}
	}
	p.pending.left = append(p.pending.left, told{remaining: remaining, earliest: earliest, latest: latest})
}

// Level implements budget.Portion.
func (p *portion) Level(sent time.Time, level int) {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	if drains := sent.Add(time.Duration(level) * p.unit); p.kind == buckets && drains.After(p.pending.drains) {
		p.pending.drains = drains
	}
}

// Freeze implements budget.Portion. The others are to know at once.
func (p *portion) Freeze(until time.Time) {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	p.refused = until
	if until.After(p.pending.freeze) {
		p.pending.freeze = until
	}
	p.wants(p.ledger.clock.Now())
}
