package budget

import (
	"math"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// counter is one limit for one concrete key. What every shape has in common is
// here: calls in flight and lost ones, the freeze, the line of waiters. The
// shape's own count of what was answered is its meter.
//
// The rule that holds for all: a charge is counted until proven free. The
// provider counts a request at some moment between its sending and its answer.
// So a charge occupies the counter from its admission, which is before, and
// its release clock starts at its answer, which is after.
type counter struct {
	hash      uint64   // see table
	following *counter // see table
	key       Key

	given    api.Shape // as the last charge gave it
	meter    meter
	size     int // the most that may be occupied, after what is left to others
	inFlight int // cost admitted and not answered, lost ones included
	calls    int // how many calls that is, without the lost ones
	ledger   *Local
	supply   Portion // nil where the limit is not shared
	admitted int64
	lastUsed moment
	seen     statistics
	*extras  // see own
}

// extras are what a counter has once it has seen more than calls that are
// admitted at once and answered well. There may be a counter for each object of
// each customer: most of them never have any of this, and share noExtras.
type extras struct {
	line      line
	lost      stamps // of the cost in flight: what will never be answered, by the moment that stands for its answer
	freeze    freeze
	foreign   foreign
	costs     costs         // as answers told them
	told      bool          // the provider has told its own limit
	toldShape api.Shape     // that limit, where it is not the one given
	toldAt    moment        // when the newest call that told one was sent
	claims    []*claim      // in order of precedence; none until calls differ or wait
	parts     []part        // of them, where several ledgers share the limit
	roundTrip time.Duration // how long calls take, once they differ
	wake      moment        // when the alarm is to look at it; never when not
	wakeIndex int           // in Local.alarms; -1 when absent
	dirty     bool          // in Local.dirty
	refused   int64
}

// noExtras is never written to.
var noExtras = newExtras()

func newExtras() *extras {
	return &extras{freeze: freeze{until: always}, foreign: foreign{until: always}, toldAt: always, wake: never, wakeIndex: -1}
}

// own gives the counter extras of its own, which comes before any change of them.
func (c *counter) own() *extras {
	if c.extras == noExtras {
		c.extras = newExtras()
	}
	return c.extras
}

// shape is the limit as it stands.
func (c *counter) shape() api.Shape {
	if c.toldShape != nil {
		return c.toldShape
	}
	return c.given
}

// meter is the part of a counter that differs by shape: how long an answered
// charge goes on occupying it. All methods are given the present, which never
// goes back.
type meter interface {
	// reshape adopts new numbers of the same kind of shape; it is false if shape
	// is of another kind. size is what may be occupied.
	reshape(shape api.Shape, size int) bool
	// advance frees what is free by now.
	advance(now moment)
	// used is what answered charges occupy.
	used(now moment) int
	// spare is how much of the room is kept back for now by the meter itself.
	spare(now moment) int
	// answered starts the release clock of a charge at a moment not after now.
	answered(at moment, cost int)
	// done says that a body has ended.
	done(cost int)
	// next is the first moment after now at which used or spare may fall.
	next(now moment) moment
	// soonest is when need more could fit besides inFlight. If hopeful it is a
	// bound that no news can beat; otherwise the best guess, with everything in
	// flight taken as answered now. never means unknown: it hangs on answers alone.
	soonest(now moment, need, inFlight int, hopeful bool) moment
	// turnover is the time in which all of the limit comes free again.
	turnover() time.Duration
}

func (l *Local) newMeter(shape api.Shape) meter {
	switch shape := shape.(type) {
	case api.Window:
		return &window{resolution: shape.Resolution, lastFreed: always, told: nothingTold}
	case api.Bucket:
		return &bucket{}
	case api.Concurrency:
		return &concurrency{}
	default:
		return &adaptive{ledger: l, free: always}
	}
}

// reshape brings the counter to another shape. A different kind of shape starts
// with what the old one occupied, as if it had been answered just now.
func (l *Local) reshape(c *counter, shape api.Shape, now moment) {
	c.size = l.sizeOf(shape)
	defer c.portion()
	if c.supply != nil {
		c.supply.Reshape(shape, c.size, c.told)
	}
	if c.meter == nil {
		c.meter = l.newMeter(shape)
		c.meter.reshape(shape, c.size)
		return
	}
	if c.meter.reshape(shape, c.size) {
		return
	}
	used := c.meter.used(now)
	c.meter = l.newMeter(shape)
	c.meter.reshape(shape, c.size)
	if _, ends := c.meter.(*concurrency); used > 0 && !ends { // no body's end will free what another shape counted
		c.meter.answered(now, used)
	}
}

// sizeOf is how much of a limit may be occupied.
func (l *Local) sizeOf(shape api.Shape) int {
	size := limitOf(shape)
	if l.options.leave > 0 && size < unbounded {
		return max(min(size, 1), int(float64(size)*(1-l.options.leave)))
	}
	return size
}

// unbounded stands for all larger limits, so that their sums do not overflow.
const unbounded = math.MaxInt32

// limitOf is the most that a shape lets be occupied at once.
func limitOf(shape api.Shape) int {
	if limit, ok := api.Capacity(shape); ok {
		return min(limit, unbounded)
	}
	return unbounded
}

// withLimit is the shape with the limit that the provider told. For a bucket
// that is the burst: the refill is not what limit headers tell.
func withLimit(shape api.Shape, limit int) api.Shape {
	switch shape := shape.(type) {
	case api.Window:
		shape.Limit = limit
		return shape
	case api.Bucket:
		shape.Burst = limit
		return shape
	case api.Concurrency:
		shape.Max = limit
		return shape
	default:
		return shape
	}
}

// advance frees what is free by now, lost charges included.
func (c *counter) advance(now moment) {
	for !c.lost.empty() && c.lost.first().at <= now {
		s := c.lost.pop()
		c.inFlight -= s.cost
		c.meter.advance(s.at)
		c.meter.answered(s.at, s.cost)
		c.meter.done(s.cost)
	}
	c.meter.advance(now)
}

// open is what may be admitted now: so much cost, in so many calls.
func (c *counter) open(now moment) (room, calls int) {
	c.advance(now)
	if now < c.freeze.until {
		return 0, 0
	}
	room = c.size - c.meter.used(now) - c.inFlight - c.meter.spare(now)
	room = min(room, c.foreign.room(c, now))
	return room, min(c.freeze.calls(), c.foreign.calls(c, now, room))
}

// timeless reports whether an admission by an earlier present is as good: it is
// not where admissions are spaced, nor where each window begins with care.
func (c *counter) timeless() bool {
	_, spaced := c.meter.(*adaptive)
	return !spaced && c.supply == nil && c.foreign.until == always
}

// occupy charges an admission.
func (c *counter) occupy(now moment, cost int) (thaw uint32) {
	c.inFlight += cost
	c.calls++
	c.admitted++
	c.lastUsed = now
	if a, ok := c.meter.(*adaptive); ok {
		a.admitted(now, cost)
	}
	if c.supply != nil {
		c.supply.Take(c.ledger.time(now), cost)
	}
	return c.freeze.admitted()
}

// giveBack undoes occupy, of a call that was never written.
func (c *counter) giveBack(h hold) {
	c.inFlight -= h.cost
	c.calls--
	c.freeze.ended(h.thaw)
	h.unused()
	if c.supply != nil {
		c.supply.Back(h.cost)
	}
}

// lose gives up waiting for a call's answer: it is deemed to come at a moment
// so late that nothing is counted after it.
func (c *counter) lose(h hold, now, deemed moment) {
	c.calls--
	c.freeze.ended(h.thaw)
	c.went(now, h.cost)
	h.answered(now)
	h.done()
	c.own().lost.push(deemed, h.cost, 0)
	if c.supply != nil {
		c.supply.Lost(c.ledger.time(deemed), h.cost)
	}
}

// next is the first moment after now at which the counter may open further by
// the passing of time alone.
func (c *counter) next(now moment) moment {
	next := min(c.meter.next(now), c.suppliedNext(now))
	if !c.lost.empty() {
		next = min(next, c.lost.first().at)
	}
	if c.freeze.until > now {
		next = min(next, c.freeze.until)
	}
	if c.foreign.until > now {
		next = min(next, c.foreign.until)
	}
	if c.ledger.kinds.mixed {
		f := c.footing(now)
		next = min(next, f.next())
	}
	if p := c.line.passed; len(p) > 0 && p[0].waiter.holdsAt > now {
		next = min(next, p[0].waiter.holdsAt)
	}
	return max(next, now+1)
}

// soonest is when need more could be admitted; see meter.soonest.
func (c *counter) soonest(now moment, need int, hopeful bool) moment {
	c.advance(now)
	at := c.meter.soonest(now, need, c.inFlight, hopeful)
	if at == never {
		if !hopeful {
			return never
		}
		at = now
	}
	if c.supply != nil {
		if until := c.supply.Frozen(c.ledger.time(now)); !until.IsZero() {
			at = max(at, c.ledger.moment(until))
		}
	}
	return max(at, c.freeze.until)
}

// idle reports whether the counter could be made anew without a difference.
func (c *counter) idle(now moment) bool {
	if len(c.claims) > 0 && c.claims[0].stated() || c.inFlight > 0 || c.calls > 0 || c.line.len > 0 || c.freeze.stands(now) || c.foreign.until > now {
		return false
	}
	c.advance(now)
	if a, ok := c.meter.(*adaptive); ok && a.low > 0 {
		return false
	}
	return c.meter.used(now) == 0
}
