package budget

// This file has the counters of a forecast.

import (
	"math"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// foreseen is a counter in a forecast.
type foreseen struct {
	key    Key
	limit  int    // the most that one call may take; above size where others draw too
	size   int    // the most that may be occupied
	closed moment // frozen until then
	pool   pool
	now    moment
}

// pool is how a foreseen counter comes free again.
type pool interface {
	// advance frees what is free by now.
	advance(now moment)
	// used is what is occupied.
	used(now moment) int
	// take occupies.
	take(now moment, cost int)
	// opens is when no more than so much is occupied; never if that cannot be.
	opens(now moment, used int) moment
	// rate is what comes free for long, in cost per second, of so much that may be occupied.
	rate(size int) float64
}

func (c *foreseen) advance(now moment) {
	c.now = now
	c.pool.advance(now)
}

func (c *foreseen) room() int {
	if c.now < c.closed {
		return 0
	}
	return c.size - c.pool.used(c.now)
}

func (c *foreseen) take(now moment, cost int) { c.pool.take(now, cost) }

// opens is when requests of a cost can go again. Where the counter comes free
// little by little, and many requests wait for it, some are waited for at once:
// that delays none that come after.
func (c *foreseen) opens(now moment, cost, requests int) moment {
	if cost > c.size {
		return never
	}
	some := cost
	if _, ok := c.pool.(*draining); ok {
		some = max(cost, min(c.size/4, cost*min(requests, c.size)))
	}
	return max(c.pool.opens(now, c.size-some), c.closed, now)
}

// foresee makes the counter that a charge is to, as it stands at the beginning.
func (f *foresight) foresee(charge Charge) *foreseen {
	shape := charge.Shape
	var state *CounterState
	if s := f.given.State; s != nil {
		for i := range s.Counters {
			if s.Counters[i].Key == charge.Key {
				state = &s.Counters[i]
				shape = state.Shape
			}
		}
	}
	c := &foreseen{key: charge.Key, limit: limitOf(shape), closed: always}
	c.size = c.limit
	if f.given.Leave > 0 && c.size < unbounded {
		c.size = max(min(c.size, 1), int(float64(c.size)*(1-f.given.Leave)))
	}
	others := f.given.Others[charge.Key]
	latency := f.given.Latency
	reset := never
	if state != nil && !state.Reset.IsZero() {
		reset = moment(max(state.Reset.Sub(f.given.State.Time), 0))
	}
	switch s := shape.(type) {
	case api.Window:
		var w window
		w.reshape(s, c.size)
		p := &held{life: latency + w.life()}
		if w.fixed && reset < never {
			p.ends, p.per = reset, w.per
		}
		c.size -= ceil(others * w.per.Seconds())
		c.pool = p
	case api.Concurrency:
		c.pool = &held{life: latency}
		if c.size -= ceil(others * latency.Seconds()); latency == 0 {
			c.size = unbounded // answers at once, so that nothing is ever in flight
		}
	case api.Bucket:
		var b bucket
		b.reshape(s, c.size)
		c.pool = newDraining(b.unit, others, latency)
	case api.Adaptive: // evenly paced, whatever is in flight
		c.limit, c.size = unbounded, max(charge.Cost, 1)
		c.pool = newDraining(s.Per/time.Duration(s.Ceiling), others, 0)
	default:
		c.pool = &held{}
	}
	if state != nil {
		if !state.Frozen.IsZero() {
			c.closed = moment(state.Frozen.Sub(f.given.State.Time))
		}
		used := state.Used
		if p, ok := c.pool.(*held); ok {
			for _, r := range state.Releases {
				p.hold(moment(max(r.At.Sub(f.given.State.Time), 0)), r.Cost)
				used -= r.Cost
			}
		}
		c.pool.take(0, used)
	}
	return c
}

// ceil keeps what others draw within what can be counted.
func ceil(n float64) int { return int(min(math.Ceil(n-1e-9), unbounded)) }

// add is a sum that does not overflow.
func add(a, b int) int {
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}

// fine is how many requests a forecast follows one by one.
const fine = 20_000

// coarsen has limits flow evenly that are too small for so many requests.
func (f *foresight) coarsen() {
	grain := f.total / fine
	if grain == 0 {
		return
	}
	for _, c := range f.all {
		if c.size < 1 || c.size >= grain || c.pool.used(0) > 0 {
			continue
		}
		rate := c.pool.rate(c.size)
		if math.IsInf(rate, 1) || rate <= 0 {
			continue
		}
		p := newDraining(time.Duration(float64(time.Second)/rate), 0, 0)
		p.empty = moment(times(p.unit, grain-c.size)) // what goes at once is no more than before
		c.size, c.pool = grain, p
	}
}

// held is a pool whose charges are each held for a time, as windows and
// concurrency hold them.
type held struct {
	life time.Duration // from the sending
	ends moment        // of the present window, where it is told; then they follow one another
	per  time.Duration // the window's length; 0 where its end is not told
	sum  int
	free stamps // by the time that they are free
}

func (p *held) turnover() time.Duration {
	if p.per > 0 {
		return p.per
	}
	return p.life
}

func (p *held) advance(now moment) {
	for !p.free.empty() && p.free.first().at <= now {
		p.sum -= p.free.pop().cost
	}
	if p.per > 0 && p.ends <= now {
		p.ends = p.ends.add((now.sub(p.ends)/p.per + 1) * p.per)
	}
}

func (p *held) used(moment) int { return p.sum }

func (p *held) take(now moment, cost int) {
	if cost <= 0 || p.life == 0 {
		return
	}
	at := now.add(p.life)
	if p.per > 0 {
		at = min(at, p.ends)
	}
	p.hold(at, cost)
}

func (p *held) hold(until moment, cost int) {
	p.sum += cost
	if n := p.free.len(); n > 0 {
		until = max(until, p.free.index(n-1).at)
	}
	p.free.push(until, cost, 0)
}

func (p *held) opens(now moment, used int) moment {
	over := p.sum - used
	for i := 0; over > 0 && i < p.free.len(); i++ {
		s := p.free.index(i)
		if over -= s.cost; over <= 0 {
			return s.at
		}
	}
	if over > 0 {
		return never
	}
	return now
}

func (p *held) rate(size int) float64 {
	return float64(size) / p.turnover().Seconds()
}

// draining is a pool that drains evenly; what is in flight does not drain.
type draining struct {
	unit     time.Duration
	latency  time.Duration
	empty    moment // when all that is answered will have drained
	flying   int
	inFlight stamps // by the time of the answer
}

// newDraining makes a pool of which others take their part.
func newDraining(unit time.Duration, others float64, latency time.Duration) *draining {
	unit = max(unit, 1)
	if others > 0 {
		left := 1/unit.Seconds() - others
		unit = century
		if left > 0 {
			unit = max(min(time.Duration(float64(time.Second)/left), century), 1)
		}
	}
	return &draining{unit: unit, latency: latency, empty: always}
}

func (p *draining) advance(now moment) {
	for !p.inFlight.empty() && p.inFlight.first().at <= now {
		s := p.inFlight.pop()
		p.flying -= s.cost
		p.answered(s.at, s.cost)
	}
}

func (p *draining) answered(at moment, cost int) {
	p.empty = max(p.empty, at).add(times(p.unit, cost))
}

func (p *draining) used(now moment) int {
	if p.empty <= now {
		return p.flying
	}
	return p.flying + int((p.empty.sub(now)+p.unit-1)/p.unit)
}

func (p *draining) take(now moment, cost int) {
	switch {
	case cost <= 0:
	case p.latency == 0:
		p.answered(now, cost)
	default:
		p.flying += cost
		p.inFlight.push(now.add(p.latency), cost, 0)
	}
}

func (p *draining) opens(now moment, used int) moment {
	// What is in flight is answered, one after the other, until enough has drained.
	empty, flying := p.empty, p.flying
	for i := 0; ; i++ {
		at := max(now, empty.add(-times(p.unit, used-flying)))
		if used < flying {
			at = never
		}
		if i == p.inFlight.len() || at <= p.inFlight.index(i).at {
			return at
		}
		s := p.inFlight.index(i)
		flying -= s.cost
		empty = max(empty, s.at).add(times(p.unit, s.cost))
	}
}

func (p *draining) rate(size int) float64 {
	unit := max(p.unit, (p.unit+p.latency)/time.Duration(size))
	return 1 / unit.Seconds()
}
