package budget

import "time"

// sweep drops idle counters: there may be one for each ticket that was ever
// updated. Each new counter has two others looked at, in turn, so the number
// kept stays within twice that of the busy ones, and nobody pays for a sweep of
// them all.
type sweep struct {
	counters []*counter
	at       int // the next to be looked at
	due      int // how many are to be looked at
}

// keepTold is how long an idle counter is kept for the limit that was told.
const keepTold = time.Hour

// keepIdle is how long any idle counter is kept: one whose calls each end before
// the next would otherwise be dropped and made again with each of them.
const keepIdle = time.Second

func (s *sweep) add(c *counter) {
	s.counters = append(s.counters, c)
	s.due += 2
}

// sweep looks at as many counters as are due. It is called when a call has been
// charged or has joined its lines, so that none of its counters is idle.
func (l *Local) sweep(now moment) {
	s := &l.sweeping
	for ; s.due > 0 && len(s.counters) > 0; s.due-- {
		s.at %= len(s.counters)
		c := s.counters[s.at]
		unused := now.sub(c.lastUsed)
		if unused < keepIdle || c.told && unused < keepTold || !c.idle(now) {
			s.at++
			continue
		}
		last := len(s.counters) - 1
		s.counters[s.at] = s.counters[last]
		s.counters[last] = nil
		s.counters = s.counters[:last]
		l.counters.remove(c)
	}
}
