package budget

import (
	"cmp"
	"slices"
	"time"
)

// This file holds what is known of the ends of fixed windows. An end is known
// as an interval: the provider tells whole seconds, and its answer takes time.
//
// All proofs assume that windows do not overlap and have length W, so that the
// ends of two windows are at least W apart. They need not follow one another at
// once: a window may begin with the first request after the last one ended.
// That is why boundaries are never extrapolated.
//
// For an answer X, told at a, to a call sent at s, that tells an end E:
//
//  1. E <= a + W, since the window had begun when X was counted; and s <= E. A
//     reset that contradicts this was misread, or W was: one that lies before s
//     is ignored, and one that lies beyond a + W is taken at its word. (To all
//     bounds above, the resolution of the provider's clock is added.)
//  2. X's own charge is free at E: it was counted in that window, or, if the
//     answer was written late, in an earlier one.
//  3. A charge whose answer was in by s is free at E: it was counted before X.
//  4. Two intervals that lie within less than W of each other, all told, are of
//     one end, and the end lies in both. So of several answers in one window the
//     tightest bound holds for all, and whole seconds are learnt finer.
//  5. If E lies after all that another end can be, that end's window is over at
//     a, for X was counted in a later one.
//
// A charge that has an end needs no other clock: by 1 the end is at most W
// after its own answer.

// end is the end of one window.
type end struct {
	earliest, latest moment // it lies in here
	cost             int    // answered charges that are free at latest
	remaining        int    // the least that was told to be left in this window; -1 when nothing was
	blind            int    // cost answered since without telling what is left
	blindAt          moment // when the last of that was answered
}

// anyEnd reports whether an end has been told once.
func (w *window) anyEnd() bool { return w.told != nothingTold }

// maxEnds bounds how many ends are held. Honest news needs three.
const maxEnds = 8

// tell takes the news that the window ends within [earliest, latest]: told now,
// by the answer to a call sent at sent. It returns the end, nil if the news is of no
// use. One that seems too late is believed for maxFreeze at the most.
func (w *window) tell(now, sent, earliest, latest moment, maxFreeze time.Duration) *end {
	if !w.fixed || latest < sent {
		return nil
	}
	earliest, latest = max(earliest, sent), latest.add(w.resolution)
	if bound := now.add(w.life()); earliest <= bound {
		latest = min(latest, bound)
	} else {
		latest = min(latest, now.add(maxFreeze))
		earliest = min(earliest, latest)
	}
	if latest.sub(earliest) >= w.per {
		return nil
	}
	if !w.anyEnd() {
		w.told = &told{over: always}
	}
	w.quiet = always
	for _, e := range w.ends {
		if max(latest, e.latest).sub(min(earliest, e.earliest)) >= w.per {
			continue
		}
		if low, high := max(earliest, e.earliest), min(latest, e.latest); low <= high {
			e.earliest, e.latest = low, high
		} else { // they contradict each other: somebody's clock is off, so the later counts
			e.earliest, e.latest = min(earliest, e.earliest), max(latest, e.latest)
		}
		w.sortEnds()
		return e
	}
	for _, e := range w.ends {
		if e.latest < earliest && e.latest > now {
			e.latest = now // 5.
			e.earliest = min(e.earliest, now)
		}
	}
	w.endPassed(now)
	if len(w.ends) == maxEnds {
		return nil
	}
	e := &end{earliest: earliest, latest: latest, remaining: -1}
	w.ends = append(w.ends, e)
	w.sortEnds()
	return e
}

func (w *window) sortEnds() {
	slices.SortFunc(w.ends, func(a, b *end) int { return cmp.Compare(a.latest, b.latest) })
}

// endPassed frees the charges of windows that are over. An end is remembered
// for another W, so that late news of it is recognised.
func (w *window) endPassed(now moment) {
	for _, e := range w.ends {
		if e.latest <= now {
			w.over = max(w.over, e.latest)
		}
		if e.latest <= now && e.cost > 0 {
			w.occupied -= e.cost
			e.cost = 0
			w.lastFreed = now
		}
	}
	if len(w.ends) > 0 && w.ends[0].latest.add(w.per) <= now {
		w.ends = slices.Delete(w.ends, 0, 1)
	}
}

// answeredIn puts an answered charge to the end that it is free at, and with it
// those that rule 3 frees then.
func (w *window) answeredIn(e *end, now, sent moment, cost int) {
	w.anyAnswer, w.quiet = true, always
	w.occupied += cost
	if !w.untold.empty() && w.untold.first().at <= sent {
		cost += w.untold.take(func(s stamp) bool {
			return s.at <= sent && s.at.add(w.life()) > e.latest
		})
	}
	if e.latest > now {
		e.cost += cost
		return
	}
	w.occupied -= cost // it is over, and may be forgotten already
	w.lastFreed = now
}

// current is the end of the window that is open now, nil if it is not known.
func (w *window) current(now moment) *end {
	if n := len(w.ends); n > 0 && w.ends[n-1].latest > now {
		return w.ends[n-1]
	}
	return nil
}

// Probes. Whole seconds leave an end uncertain by a second however many answers
// tell it: ends told rounded up and ends a second later told rounded down look
// the same. But a call counted just after the end tells the next one, and so
// that this one is over (rule 5). So where the uncertainty costs more than they
// do, the last places of a window are kept for such calls: one for shortly
// after the earliest moment that the end can be at, for providers that round
// up, and one for half a second later, for those that round to the nearest. A
// probe is an ordinary call at the head of the line; one that comes too early
// loses nothing, one that comes in time leaves one place of the old window unused.
const probes = 2

// probeTimes are the moments from which one and two of the places kept may be
// used; ok is false when none are kept.
func (w *window) probeTimes(now moment) (first, second moment, ok bool) {
	e := w.current(now)
	if e == nil {
		return 0, 0, false
	}
	slack := e.latest.sub(e.earliest)
	if float64(slack)*float64(w.limit) < 2*probes*float64(w.per) {
		return 0, 0, false
	}
	return e.earliest.add(slack / 8), e.earliest.add(slack * 5 / 8), true
}

func (w *window) spare(now moment) int {
	first, second, ok := w.probeTimes(now)
	switch {
	case !ok || now >= second:
		return 0
	case now >= first:
		return 1
	default:
		return probes
	}
}

func (w *window) nextProbe(now moment) moment {
	first, second, ok := w.probeTimes(now)
	switch {
	case !ok || now >= second:
		return never
	case now >= first:
		return second
	default:
		return first
	}
}
