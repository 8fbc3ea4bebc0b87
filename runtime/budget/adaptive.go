package budget

import (
	"math"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// adaptive is the meter of limits whose numbers nobody tells: api.Unlimited and
// api.Adaptive. It counts nothing; refusals alone teach it how fast calls may go.
//
// Without trouble calls go at the ceiling, or unpaced where there is none. A
// refusal halves the rate: half of what was allowed, or of what was used, if
// that was less. Then it grows by a straight line, so that after a minute it is
// where it was refused (additive increase, multiplicative decrease); from there
// on the growth doubles each minute, up to the ceiling. Ten minutes without a
// refusal end the trouble. So the rate swings between a half and all of a hidden
// limit with about one refusal a minute, and comes back from any depth within
// minutes, whether calls go or not: growth hangs on time alone. (A limiter that
// gains its rate back only by good answers, or has a fixed sum of them to spend,
// stays throttled for as long as it is idle, and for good if it has run dry.)
//
// A rate is halved once for each good answer at the most. What refuses one call
// after the other with nothing good between, as in an outage, is the freeze's
// matter, which waits longer each time; it says nothing of rates.
//
// Ledgers that share it have an even part of the ceiling each, and halve their
// rates when one of them is refused.
type adaptive struct {
	ledger  *Local
	ceiling float64 // cost per second; infinite where there is none
	low     float64 // the rate at the last cut; 0 when there is no trouble
	top     float64 // the rate that was refused then
	cut     moment
	good    bool   // an answer since the cut was good
	free    moment // when the next call may go
	recent  recent
}

const (
	growth      = time.Minute           // from a cut until the rate is where it was refused
	troubleEnds = 10 * time.Minute      // without a refusal
	lowestRate  = 1.0 / 60              // a cut goes no lower
	leastTop    = 2.0                   // one refusal of few calls says little of rates
	late        = 10 * time.Millisecond // what timers may be late by is made up for
	recentSpan  = moment(10 * time.Second)
)

func (a *adaptive) reshape(shape api.Shape, _ int) bool {
	switch s := shape.(type) {
	case api.Window, api.Bucket, api.Concurrency:
		return false
	case api.Adaptive:
		a.ceiling = max(float64(s.Ceiling), 1) / max(s.Per, 1).Seconds()
	default:
		a.ceiling = math.Inf(1)
	}
	return true
}

// rate is the cost per second that is allowed now.
func (a *adaptive) rate(now moment) float64 {
	if a.low == 0 {
		return a.most()
	}
	turns := now.sub(a.cut).Seconds() / growth.Seconds()
	r := a.low + (a.top-a.low)*turns
	if turns > 1 {
		r = a.top + (a.top-a.low)*(math.Exp2(turns-1)-1)
	}
	return min(r, a.most())
}

// most is this ledger's part of the ceiling.
func (a *adaptive) most() float64 { return a.ceiling / float64(max(a.ledger.sharers, 1)) }

func (a *adaptive) advance(now moment) {
	if a.low > 0 && now.sub(a.cut) >= troubleEnds {
		a.low, a.top = 0, 0
	}
}

// admitted has the next call wait for its turn. A turn is not given back by a
// call that is cancelled: the next one is near.
func (a *adaptive) admitted(now moment, cost int) {
	a.recent.add(now, cost)
	if r := a.rate(now); !math.IsInf(r, 1) {
		a.free = max(a.free, now.add(-late)).add(min(time.Duration(float64(cost)/r*float64(time.Second)), century))
	}
}

// answeredWell notes a good answer to a call that was admitted after the last refusal.
func (a *adaptive) answeredWell() { a.good = true }

// refused cuts the rate, once for each good answer.
func (a *adaptive) refused(now moment) {
	if a.low > 0 && !a.good {
		return
	}
	a.top = min(a.rate(now), max(a.recent.rate(now), leastTop))
	a.low = max(a.top/2, min(lowestRate, a.most()))
	a.top = max(a.top, a.low)
	a.cut, a.good = now, false
}

// spare keeps all back until the next call's turn.
func (a *adaptive) spare(now moment) int {
	if now < a.free {
		return unbounded
	}
	return 0
}

func (a *adaptive) next(now moment) moment {
	if a.free > now {
		return a.free
	}
	return never
}

func (a *adaptive) soonest(now moment, need, _ int, hopeful bool) moment {
	at := max(now, a.free)
	if r := a.rate(now); !hopeful && !math.IsInf(r, 1) {
		at = at.add(min(time.Duration(float64(need-1)/r*float64(time.Second)), century))
	}
	return at
}

func (a *adaptive) used(moment) int         { return 0 }
func (a *adaptive) answered(moment, int)    {}
func (a *adaptive) done(int)                {}
func (a *adaptive) turnover() time.Duration { return maxPatience }

// recent is how much went of late: what was counted in the present span and in
// the one before.
type recent struct {
	begin         moment
	now, previous int
}

func (r *recent) roll(now moment) {
	switch passed := now - r.begin; {
	case passed < recentSpan:
	case passed < 2*recentSpan:
		r.begin, r.previous, r.now = r.begin+recentSpan, r.now, 0
	default:
		r.begin, r.previous, r.now = now, 0, 0
	}
}

func (r *recent) add(now moment, cost int) {
	r.roll(now)
	r.now += cost
}

// rate is the cost per second of the last span.
func (r *recent) rate(now moment) float64 {
	r.roll(now)
	left := float64(recentSpan-(now-r.begin)) / float64(recentSpan)
	return (float64(r.now) + float64(r.previous)*left) / time.Duration(recentSpan).Seconds()
}
