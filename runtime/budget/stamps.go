package budget

import "time"

// stamps is a queue of costs by time, in order. It is a ring that doubles when
// full. Costs that are nearer than a grain to each other share one stamp, the
// later, so that its length is bounded by time and not by traffic.
type stamps struct {
	ring  []stamp
	head  uint32
	count uint32
	// begin is the earliest that is merged in the last stamp.
	begin moment
}

type stamp struct {
	at   moment
	cost int
}

func (s *stamps) len() int      { return int(s.count) }
func (s *stamps) empty() bool   { return s.count == 0 }
func (s *stamps) first() *stamp { return s.index(0) }

func (s *stamps) index(i int) *stamp { return &s.ring[(int(s.head)+i)&(len(s.ring)-1)] }

// push appends a cost; at must not be before the last.
func (s *stamps) push(at moment, cost int, grain time.Duration) {
	if s.count > 0 {
		if last := s.index(s.len() - 1); at.sub(s.begin) <= grain {
			last.at = at
			last.cost += cost
			return
		}
	}
	if s.len() == len(s.ring) {
		s.grow()
	}
	s.count++
	s.begin = at
	*s.index(s.len() - 1) = stamp{at: at, cost: cost}
}

func (s *stamps) pop() stamp {
	first := *s.first()
	s.head = (s.head + 1) & uint32(len(s.ring)-1)
	s.count--
	return first
}

// take removes the stamps that match, and returns their cost.
func (s *stamps) take(match func(stamp) bool) (cost int) {
	kept := 0
	for i := range s.len() {
		if st := *s.index(i); match(st) {
			cost += st.cost
		} else {
			*s.index(kept) = st
			kept++
		}
	}
	s.count = uint32(kept)
	return cost
}

func (s *stamps) grow() {
	ring := make([]stamp, max(4, 2*len(s.ring)))
	for i := range s.len() {
		ring[i] = *s.index(i)
	}
	s.ring, s.head = ring, 0
}
