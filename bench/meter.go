package main

// This file measures two sides of a comparison fairly on a machine that others
// use too. Rounds of ours and of the peer's follow one another, A B A B, so that
// what slows the machine for seconds slows both; each pair of rounds has a ratio
// of its own, and the median of these ratios counts, so that what slows only one
// round is left out. (testing.Benchmark runs one side after the other: on a
// shared machine its ratios swing by a half.)

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"
)

// meter runs comparisons.
type meter struct {
	rounds   int           // of each side
	round    time.Duration // how long a round is to last
	counters int           // of the memory cases
	report   func(line any) error
}

// comparison is a case: one operation, done by weir and by a peer.
type comparison struct {
	name    string
	ours    side
	peer    string // its name
	theirs  side
	callers int                          // goroutines; 1 unless given
	cost    func() (total time.Duration) // what is measured; wall time unless given
}

// side sets one side of a comparison up. Of its operation caller tells which
// goroutine calls, and i counts that goroutine's calls.
type side func() (op operation, end func(), err error)

type operation func(caller, i int) error

// compared is the report of a comparison.
type compared struct {
	Bench      string  `json:"bench"`
	OursNS     float64 `json:"ours_ns"`
	Peer       string  `json:"peer"`
	PeerNS     float64 `json:"peer_ns"`
	Ratio      float64 `json:"ratio"`
	Allocs     float64 `json:"allocs"`
	PeerAllocs float64 `json:"peer_allocs"`
}

// compare measures a case and reports it.
func (m *meter) compare(c comparison) error {
	c.callers = max(c.callers, 1)
	if c.cost == nil {
		start := time.Now()
		c.cost = func() time.Duration { return time.Since(start) }
	}
	ours, err := m.begin(&c, c.ours)
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	defer ours.end()
	peer, err := m.begin(&c, c.theirs)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", c.name, c.peer, err)
	}
	defer peer.end()
	var ratios []float64
	for range m.rounds {
		if err := errors.Join(ours.run(), peer.run()); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		ratios = append(ratios, ours.last()/peer.last())
	}
	return m.report(compared{
		Bench:      c.name,
		OursNS:     round(median(ours.ns), 1),
		Peer:       c.peer,
		PeerNS:     round(median(peer.ns), 1),
		Ratio:      round(median(ratios), 3),
		Allocs:     round(median(ours.allocs), 3),
		PeerAllocs: round(median(peer.allocs), 3),
	})
}

// runner runs the rounds of one side.
type runner struct {
	c          *comparison
	op         operation
	end        func()
	calls      int // of each caller, in a round
	ns, allocs []float64
}

// begin sets a side up, warms it, and finds how many calls make a round.
func (m *meter) begin(c *comparison, s side) (*runner, error) {
	op, end, err := s()
	if err != nil {
		return nil, err
	}
	r := &runner{c: c, op: op, end: end, calls: 1}
	for {
		start := time.Now()
		if err := r.once(); err != nil {
			end()
			return nil, err
		}
		took := time.Since(start)
		if took >= m.round/4 {
			r.calls = max(int(float64(r.calls)*float64(m.round)/float64(max(took, 1))), 1)
			return r, nil
		}
		r.calls *= 2
	}
}

// run is one round. It begins with an empty heap, so that neither side sweeps
// what the other left.
func (r *runner) run() error {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := r.c.cost()
	err := r.once()
	cost := r.c.cost() - start
	runtime.ReadMemStats(&after)
	calls := float64(r.calls * r.c.callers)
	r.ns = append(r.ns, float64(max(cost, 1))/calls)
	r.allocs = append(r.allocs, float64(after.Mallocs-before.Mallocs)/calls)
	return err
}

func (r *runner) last() float64 { return r.ns[len(r.ns)-1] }

// once makes the calls of a round.
func (r *runner) once() error {
	if r.c.callers == 1 {
		return r.calling(0)
	}
	errs := make([]error, r.c.callers)
	var callers sync.WaitGroup
	for caller := range r.c.callers {
		callers.Go(func() { errs[caller] = r.calling(caller) })
	}
	callers.Wait()
	return errors.Join(errs...)
}

func (r *runner) calling(caller int) error {
	for i := range r.calls {
		if err := r.op(caller, i); err != nil {
			return err
		}
	}
	return nil
}

// median is the middle value, the upper one of two.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// round keeps so many places.
func round(x float64, places int) float64 {
	shift := math.Pow10(places)
	return math.Round(x*shift) / shift
}
