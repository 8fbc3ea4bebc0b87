package budget

import (
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// window is the meter of N within each stretch of W.
//
// Rule, for sliding windows and for fixed ones of unknown phase: a charge is
// free at its answer + W + the resolution of the provider's clock.
//
// Proof. Take any N+1 calls, and among them the one admitted last. Had each of
// the others been freed before that, it was answered, so counted, more than W
// before that admission, so before the last one was counted. So if all N+1 were
// counted within one W, none of the others was free, and N occupied places left
// no room. In whole ticks of the provider's clock two moments that are W and a
// tick apart are still at least W apart, hence the resolution.
//
// An approximate sliding counter weighs two fixed windows as if each was filled
// evenly. Its worst case of what is held here, all of the previous window's
// calls at its very end, weighs up to all of them for one more W: so the length
// is doubled and the number kept, which is half the rate.
//
// Windows whose end is told are in ends.go.
type window struct {
	occupied   int    // answered and not free: the sum of untold and ends
	quiet      moment // nothing comes free before
	limit      int32
	fixed      bool
	anyAnswer  bool
	per        time.Duration
	resolution time.Duration
	untold     stamps // answers that told no end, by the moment of the answer
	lastFreed  moment
	*told      // see tell
}

// told is what has been told of a window's ends. Of most windows nothing ever
// is, and they share nothingTold.
type told struct {
	ends []*end // by the latest that each can be
	over moment // the latest end of a window that has passed
}

// nothingTold is never written to.
var nothingTold = &told{over: always}

func (w *window) reshape(shape api.Shape, size int) bool {
	s, ok := shape.(api.Window)
	if !ok {
		return false
	}
	w.limit, w.per, w.fixed = int32(size), min(max(s.Per, 1), century/4), s.Kind == api.Fixed
	if s.Kind == api.SlidingApproximate {
		w.per *= 2
	}
	w.resolution = s.Resolution
	if w.resolution == 0 {
		w.resolution = time.Millisecond
	}
	w.quiet = always
	return true
}

func (w *window) used(moment) int         { return w.occupied }
func (w *window) done(int)                {}
func (w *window) turnover() time.Duration { return w.per }

// life is how long a charge occupies a place after its answer, if nothing told frees it before.
func (w *window) life() time.Duration { return w.per + w.resolution }

// grain is how near answers share a stamp: a thousandth of the window, so that
// a counter of any traffic holds about a thousand stamps, and loses as little.
func (w *window) grain() time.Duration { return w.per / 1000 }

func (w *window) advance(now moment) {
	if now < w.quiet {
		return
	}
	for !w.untold.empty() && w.untold.first().at.add(w.life()) <= now {
		w.occupied -= w.untold.pop().cost
		w.lastFreed = now
	}
	w.endPassed(now)
	w.quiet = never
	if !w.untold.empty() {
		w.quiet = w.untold.first().at.add(w.life())
	}
	for _, e := range w.ends {
		if e.latest > now {
			w.quiet = min(w.quiet, e.latest)
		}
	}
	if len(w.ends) > 0 {
		w.quiet = min(w.quiet, w.ends[0].latest.add(w.per))
	}
}

func (w *window) answered(at moment, cost int) {
	w.anyAnswer = true
	w.occupied += cost
	w.untold.push(at, cost, w.grain())
	w.quiet = min(w.quiet, at.add(w.life()))
}

func (w *window) next(now moment) moment {
	next := never
	if !w.untold.empty() {
		next = w.untold.first().at.add(w.life())
	}
	for _, e := range w.ends {
		if e.latest > now {
			next = min(next, e.latest)
		}
	}
	return min(next, w.nextProbe(now))
}

func (w *window) soonest(now moment, need, inFlight int, hopeful bool) moment {
	short := need - (int(w.limit) - w.occupied - inFlight)
	if short <= 0 {
		return now
	}
	if w.limit < 1 {
		return never
	}
	if w.fixed && hopeful && (w.anyEnd() || !w.anyAnswer) {
		// Any answer may tell that the window ends, but not before the earliest end known.
		turns := (short - 1) / int(w.limit)
		at := now
		if e := w.current(now); e != nil {
			at = max(at, e.earliest)
		}
		return at.add(times(w.per, turns))
	}
	turns := (short - 1) / int(w.limit)
	short -= turns * int(w.limit)
	return w.freeing(now, short).add(times(w.per, turns))
}

// freeing is when cost more will be free, with calls in flight taken as answered now.
func (w *window) freeing(now moment, cost int) moment {
	e := 0
	for i := 0; ; {
		stamp, end := never, never
		if i < w.untold.len() {
			stamp = w.untold.index(i).at.add(w.life())
		}
		for e < len(w.ends) && w.ends[e].cost == 0 {
			e++
		}
		if e < len(w.ends) {
			end = w.ends[e].latest
		}
		at := min(stamp, end)
		switch at {
		case never:
			return now.add(w.life())
		case stamp:
			cost -= w.untold.index(i).cost
			i++
		default:
			cost -= w.ends[e].cost
			e++
		}
		if cost <= 0 {
			return at
		}
	}
}
