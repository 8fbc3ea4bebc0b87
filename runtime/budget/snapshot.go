package budget

import (
	"cmp"
	"slices"
	"strings"
)

// Snapshot implements Ledger. Counters that have been idle for a while may be missing.
func (l *Local) Snapshot() Snapshot {
	now := l.lock()
	defer l.unlock()
	s := Snapshot{Time: l.time(now), Counters: make([]CounterState, 0, l.counters.len)}
	for _, c := range l.sweeping.counters {
		c.advance(now)
		state := CounterState{
			Key:      c.key,
			Shape:    c.shape(),
			Used:     c.meter.used(now) + c.inFlight,
			InFlight: c.inFlight,
			Waiting:  c.line.len,
			Classes:  c.byClass(now, c.meter.used(now)+c.inFlight),
			Admitted: c.admitted,
			Refused:  c.refused,
		}
		if now < c.freeze.until {
			state.Frozen = l.time(c.freeze.until)
		}
		if w, ok := c.meter.(*window); ok {
			if e := w.current(now); e != nil {
				state.Reset = l.time(e.latest)
			}
		}
		state.Releases = l.releases(c)
		state.Utilisation = c.utilised(now)
		state.Wait, state.Latency = c.seen.wait.distribution(), c.seen.latency.distribution()
		s.Counters = append(s.Counters, state)
	}
	slices.SortFunc(s.Counters, func(a, b CounterState) int {
		return cmp.Or(strings.Compare(a.Key.API, b.Key.API), strings.Compare(a.Key.Limit, b.Key.Limit),
			strings.Compare(a.Key.Scope, b.Key.Scope))
	})
	return s
}
