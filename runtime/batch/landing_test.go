package batch_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/budget"
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
		time.Sleep(3 * time.Millisecond)
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
