package budget

import (
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// bucket is the meter of B at once, refilled at r.
//
// It is seen as a leaky bucket: a call pours its cost in, it drains at r, and
// may not exceed B. Rule: answered charges drain from their answers on, charges
// in flight do not drain, and a call is admitted while level + cost <= B.
//
// Proof. The provider's own level counts the same calls, each earlier than or
// at its answer. To move an arrival later can only raise the level from then
// on, and not to let it drain raises it further. So this level is never below
// the provider's.
//
// The level is held as the moment at which it will have drained, so that it
// needs no clock of its own and no fractions: one unit of cost is one unit of
// time, rounded up.
type bucket struct {
	burst int
	unit  time.Duration // the time in which one unit of cost drains
	empty moment        // when all that is answered will have drained
}

func (b *bucket) reshape(shape api.Shape, size int) bool {
	s, ok := shape.(api.Bucket)
	if !ok {
		return false
	}
	refill := time.Duration(max(s.Refill, 1))
	b.burst, b.unit = size, min(max((s.Per+refill-1)/refill, 1), century)
	return true
}

func (b *bucket) level(now moment) time.Duration { return max(b.empty.sub(now), 0) }

// used rounds up: a part of a unit that has yet to drain is no room.
func (b *bucket) used(now moment) int {
	return int((b.level(now) + b.unit - 1) / b.unit)
}

func (b *bucket) answered(at moment, cost int) {
	b.empty = max(b.empty, at).add(times(b.unit, cost))
}

func (b *bucket) advance(moment)          {}
func (b *bucket) spare(moment) int        { return 0 }
func (b *bucket) done(int)                {}
func (b *bucket) turnover() time.Duration { return times(b.unit, b.burst) }

// next is when the level has drained by another whole unit.
func (b *bucket) next(now moment) moment {
	level := b.level(now)
	if level == 0 {
		return never
	}
	part := level % b.unit
	if part == 0 {
		part = b.unit
	}
	return now.add(part)
}

func (b *bucket) soonest(now moment, need, inFlight int, _ bool) moment {
	over := b.level(now) + times(b.unit, need+inFlight-b.burst)
	return now.add(max(over, 0))
}
