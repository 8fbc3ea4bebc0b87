// Package clock is the time that the runtime lives in. Every wait of weir goes
// through a Clock, so that a whole provider with its clients can run faster
// than life: then every duration and every timestamp, in headers too, is in
// the provider's time.
package clock

import "time"

// Clock tells the time and makes timers.
type Clock interface {
	Now() time.Time
	// NewTimer returns a timer that fires once, d after now.
	NewTimer(d time.Duration) Timer
}

// Timer fires once.
type Timer interface {
	// C delivers one value when the timer fires. Read the clock, not the value:
	// the value is the machine's time.
	C() <-chan time.Time
	// Stop keeps the timer from firing; it reports whether it had yet to fire.
	Stop() bool
}

// Real is the machine's clock.
var Real Clock = realClock{}

type realClock struct{}

func (realClock) Now() time.Time                 { return time.Now() }
func (realClock) NewTimer(d time.Duration) Timer { return realTimer{time.NewTimer(d)} }

type realTimer struct{ *time.Timer }

func (t realTimer) C() <-chan time.Time { return t.Timer.C }

// Scaled returns a clock that starts at the present and runs speed times as
// fast as Real. It panics if speed is not positive.
func Scaled(speed float64) Clock {
	if speed <= 0 {
		panic("clock: speed must be positive")
	}
	return scaled{start: time.Now(), speed: speed}
}

type scaled struct {
	start time.Time
	speed float64
}

func (c scaled) Now() time.Time { return c.At(time.Now()) }

// At is what the clock shows at a moment of the machine's time.
func (c scaled) At(real time.Time) time.Time {
	return c.start.Add(time.Duration(float64(real.Sub(c.start)) * c.speed))
}

// NewTimer rounds up to a whole real nanosecond, so that a timer never fires early.
func (c scaled) NewTimer(d time.Duration) Timer {
	return realTimer{time.NewTimer(time.Duration(float64(d)/c.speed) + 1)}
}
