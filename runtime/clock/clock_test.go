package clock_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/clock"
)

func TestScaledRunsFasterThanLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, real := clock.Scaled(20), time.Now()
		start := c.Now()
		timer := c.NewTimer(time.Minute)
		<-timer.C()
		if got := c.Now().Sub(start); got < time.Minute || got > time.Minute+time.Microsecond {
			t.Errorf("a timer of a minute fired after %v", got)
		}
		if got := time.Since(real).Round(time.Microsecond); got != 3*time.Second {
			t.Errorf("a scaled minute took %v of real time, want 3s", got)
		}
	})
}

func TestTimerStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, c := range map[string]clock.Clock{"real": clock.Real, "scaled": clock.Scaled(2)} {
			timer := c.NewTimer(time.Hour)
			if !timer.Stop() {
				t.Errorf("%s: a stopped timer had yet to fire, and Stop denies it", name)
			}
			if timer.Stop() {
				t.Errorf("%s: a timer was stopped twice", name)
			}
		}
	})
}

func TestDeadlineIsInTheClocksTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for _, test := range []struct {
			name  string
			clock clock.Clock
			want  time.Duration
		}{
			{"real", clock.Real, time.Second},
			{"scaled", clock.Scaled(20), 20 * time.Second},
		} {
			deadline, ok := clock.Deadline(ctx, test.clock)
			if got := deadline.Sub(test.clock.Now()); !ok || got != test.want {
				t.Errorf("%s: a second of real time left is %v (%v), want %v", test.name, got, ok, test.want)
			}
		}
		if _, ok := clock.Deadline(t.Context(), clock.Scaled(20)); ok {
			t.Error("a context without a deadline has one")
		}
	})
}

func TestScaledRefusesToStandStill(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a speed of 0 does not panic")
		}
	}()
	clock.Scaled(0)
}
