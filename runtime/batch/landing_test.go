package batch_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
)

// TestThoseWhoComeBackGather: after a flight of several, the first to come back
// does not go alone; after a while a lone key does, at once.
func TestThoseWhoComeBackGather(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(96 * time.Millisecond) // a landing of 3 ms
		l := newLoader(t, d.config(10))
		l.Many(t.Context(), budget.Normal, span(1, 8))
		d.calls(t, l, span(11, 18), func(i int) { time.Sleep(time.Duration(i) * 100 * time.Microsecond) })
		d.wantSizes(t, 8, 8)
		time.Sleep(6 * time.Millisecond) // twice as long, since all came back
		before := time.Now()
		if _, err := l.Load(t.Context(), budget.Normal, 21); err != nil || time.Since(before) != 96*time.Millisecond {
			t.Errorf("then a lone key took %v: %v", time.Since(before), err)
		}
	})
}

func TestLandings(t *testing.T) {
	for flight, want := range map[time.Duration]time.Duration{
		0:                      0,
		200 * time.Microsecond: 0, // 25 µs are not worth a timer
		time.Millisecond:       125 * time.Microsecond,
		4 * time.Millisecond:   250 * time.Microsecond,
		96 * time.Millisecond:  3 * time.Millisecond,
		time.Minute:            10 * time.Millisecond,
	} {
		for _, keys := range []int{1, 2} {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(flight)
				l := newLoader(t, d.config(10))
				l.Many(t.Context(), budget.Normal, span(1, keys))
				before := time.Now()
				if _, err := l.Load(t.Context(), budget.Normal, 9); err != nil {
					t.Error(err)
				}
				delay := time.Since(before) - flight
				if keys == 1 && delay != 0 || keys == 2 && delay != want {
					t.Errorf("after a flight of %v for %d keys a key was delayed by %v, want %v", flight, keys, delay, want)
				}
			})
		}
	}
}

// TestALandingDelaysNoneMoreUrgent than the flight was.
func TestALandingDelaysNoneMoreUrgent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(96 * time.Millisecond)
		l := newLoader(t, d.config(10))
		l.Many(t.Context(), budget.Background, span(1, 8))
		before := time.Now()
		if _, err := l.Load(t.Context(), budget.Urgent, 9); err != nil || time.Since(before) != 96*time.Millisecond {
			t.Errorf("an urgent key took %v: %v", time.Since(before), err)
		}
	})
}

// TestLandingsGrowForThoseWhoComeBackLate: workers that take longer to come back
// than a landing are waited for once they have been seen to. A landing shrinks
// again when few come back.
func TestLandingsGrowForThoseWhoComeBackLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const workers, rounds = 20, 16
		d := newDesk(96 * time.Millisecond) // landings of 3 ms, 6, 12 and 24
		l := newLoader(t, d.config(100))
		var group sync.WaitGroup
		for w := range workers {
			group.Go(func() {
				for r := range rounds {
					time.Sleep(10*time.Millisecond + time.Duration(w)*100*time.Microsecond)
					if _, err := l.Load(t.Context(), budget.Normal, 1+r*workers+w); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		if n := d.count(); n > rounds+4 {
			t.Errorf("%d workers in %d rounds made %d requests: %v", workers, rounds, n, d.sizes())
		}
		for i := range 4 { // now they are gone
			time.Sleep(time.Second)
			l.Many(t.Context(), budget.Normal, span(1000*i+1000, 1000*i+1020))
		}
		before := time.Now()
		if _, err := l.Load(t.Context(), budget.Normal, 9999); err != nil || time.Since(before) != 99*time.Millisecond {
			t.Errorf("a lone key took %v: %v", time.Since(before), err)
		}
	})
}

// hasty is a clock that goes on by a step whenever it is looked at.
type hasty struct {
	clock.Clock
	step  time.Duration
	looks atomic.Int64
}

func (h *hasty) Now() time.Time { return h.Clock.Now().Add(time.Duration(h.looks.Add(1)) * h.step) }

// TestLandingsEndForAll: a key leaves at whatever moment of a landing it comes, also
// when that ends between two looks at the clock.
func TestLandingsEndForAll(t *testing.T) {
	for step := 20 * time.Microsecond; step < time.Millisecond; step += 20 * time.Microsecond {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(32 * time.Millisecond) // a landing of 1 ms
			cfg := d.config(10)
			cfg.Clock = &hasty{Clock: clock.Real, step: step}
			l := newLoader(t, cfg)
			for i := range 10 {
				l.Many(t.Context(), budget.Normal, span(10*i+1, 10*i+3))
				if _, err := l.Load(t.Context(), budget.Normal, 10*i+9); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
