package budget_test

// This file is a provider that counts by itself. It knows nothing of the
// engine: only when requests reach it, and what its limits are.

import (
	"math"
	"slices"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// rule is one limit as the provider enforces it.
type rule interface {
	// room reports whether a request of a cost fits at a moment.
	room(at time.Time, cost int) bool
	// count takes it.
	count(at time.Time, cost int)
	// done says that the provider has done with a request that it took.
	done(cost int)
	// news is what it tells: what is left, and the end of the window; -1 and
	// zero where it has no such thing.
	news(at time.Time) (left int, end time.Time)
}

// fixedRule is N in each window. A window begins with the last one's end, or,
// if onDemand, with the first request after it.
type fixedRule struct {
	limit    int
	per      time.Duration
	begin    time.Time // of the present window
	onDemand bool
	used     int
}

// tick is how coarsely windows read the clock.
const tick = time.Millisecond

func (r *fixedRule) turn(at time.Time) {
	at = at.Truncate(tick)
	if past := at.Sub(r.begin); past >= r.per {
		r.used = 0
		if r.onDemand {
			r.begin = at
		} else {
			r.begin = r.begin.Add(past / r.per * r.per)
		}
	}
}

func (r *fixedRule) room(at time.Time, cost int) bool { r.turn(at); return r.used+cost <= r.limit }
func (r *fixedRule) count(at time.Time, cost int)     { r.turn(at); r.used += cost }
func (r *fixedRule) done(int)                         {}
func (r *fixedRule) news(at time.Time) (int, time.Time) {
	r.turn(at)
	return max(r.limit-r.used, 0), r.begin.Add(r.per)
}

// slidingRule is N in the time up to each request, counted exactly.
type slidingRule struct {
	limit int
	per   time.Duration
	taken []time.Time // one for each unit of cost
}

func (r *slidingRule) turn(at time.Time) {
	at = at.Truncate(tick)
	r.taken = slices.DeleteFunc(r.taken, func(t time.Time) bool { return at.Sub(t) >= r.per })
}

func (r *slidingRule) room(at time.Time, cost int) bool {
	r.turn(at)
	return len(r.taken)+cost <= r.limit
}

func (r *slidingRule) count(at time.Time, cost int) {
	for range cost {
		r.taken = append(r.taken, at.Truncate(tick))
	}
}
func (r *slidingRule) done(int) {}
func (r *slidingRule) news(at time.Time) (int, time.Time) {
	r.turn(at)
	return r.limit - len(r.taken), time.Time{}
}

// approximateRule weighs the last fixed window's count by how much of it lies
// within W, and adds the present one's.
type approximateRule struct {
	limit        int
	per          time.Duration
	begin        time.Time
	before, used int
}

func (r *approximateRule) weight(at time.Time) float64 {
	for at.Sub(r.begin) >= r.per {
		r.before, r.used, r.begin = r.used, 0, r.begin.Add(r.per)
	}
	return float64(r.before)*(1-float64(at.Sub(r.begin))/float64(r.per)) + float64(r.used)
}

func (r *approximateRule) room(at time.Time, cost int) bool {
	return r.weight(at)+float64(cost) <= float64(r.limit)+1e-9
}
func (r *approximateRule) count(at time.Time, cost int)           { r.weight(at); r.used += cost }
func (r *approximateRule) done(int)                               {}
func (r *approximateRule) news(time.Time) (left int, e time.Time) { return -1, time.Time{} }

// bucketRule holds up to burst tokens and regains rate of them a second.
type bucketRule struct {
	burst, rate float64
	tokens      float64
	at          time.Time
}

func (r *bucketRule) refill(at time.Time) {
	r.tokens = math.Min(r.burst, r.tokens+at.Sub(r.at).Seconds()*r.rate)
	r.at = at
}

func (r *bucketRule) room(at time.Time, cost int) bool {
	r.refill(at)
	return r.tokens >= float64(cost)-1e-6
}
func (r *bucketRule) count(at time.Time, cost int) { r.refill(at); r.tokens -= float64(cost) }
func (r *bucketRule) done(int)                     {}
func (r *bucketRule) news(at time.Time) (int, time.Time) {
	r.refill(at)
	return int(math.Max(r.tokens, 0)), time.Time{}
}

// concurrencyRule is M at once.
type concurrencyRule struct{ limit, open int }

func (r *concurrencyRule) room(_ time.Time, cost int) bool        { return r.open+cost <= r.limit }
func (r *concurrencyRule) count(_ time.Time, cost int)            { r.open += cost }
func (r *concurrencyRule) done(cost int)                          { r.open -= cost }
func (r *concurrencyRule) news(time.Time) (left int, e time.Time) { return -1, time.Time{} }

// enforce is the rule of a shape; begin is when its windows begin.
func enforce(shape api.Shape, begin time.Time, onDemand bool) rule {
	switch s := shape.(type) {
	case api.Window:
		switch s.Kind {
		case api.Sliding:
			return &slidingRule{limit: s.Limit, per: s.Per}
		case api.SlidingApproximate:
			return &approximateRule{limit: s.Limit, per: s.Per, begin: begin}
		default:
			return &fixedRule{limit: s.Limit, per: s.Per, begin: begin.Truncate(tick), onDemand: onDemand}
		}
	case api.Bucket:
		return &bucketRule{burst: float64(s.Burst), tokens: float64(s.Burst), at: begin,
			rate: float64(s.Refill) / s.Per.Seconds()}
	case api.Concurrency:
		return &concurrencyRule{limit: s.Max}
	default:
		return &concurrencyRule{limit: math.MaxInt}
	}
}
