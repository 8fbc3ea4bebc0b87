package budget

import (
	"fmt"
	"time"

	"github.com/weirkit/weir/runtime/clock"
)

// LedgerOption configures a ledger.
type LedgerOption func(*options) error

type options struct {
	clock     clock.Clock
	events    func(Event)
	linger    time.Duration
	leave     float64
	maxFreeze time.Duration
	supply    Supply

	shares        Shares
	expectClasses bool
}

func defaults() options {
	return options{clock: clock.Real, linger: 10 * time.Second, maxFreeze: time.Hour,
		shares: Shares{Urgent: 0.3, Normal: 0.5, Background: 0.2}}
}

// WithClock makes the ledger live in the time of c; clock.Real unless given.
func WithClock(c clock.Clock) LedgerOption {
	return func(o *options) error {
		if c == nil {
			return fmt.Errorf("budget: WithClock: the clock is nil")
		}
		o.clock = c
		return nil
	}
}

// WithEvents has f called for each Event, in the goroutine that caused it and
// outside of all locks. A slow f delays that call and no other. Events of
// different goroutines may come out of order; their Time tells.
func WithEvents(f func(Event)) LedgerOption {
	return func(o *options) error {
		o.events = f
		return nil
	}
}

// WithLinger sets how long after a failed exchange the provider may still count
// its request: 10 seconds unless given.
func WithLinger(d time.Duration) LedgerOption {
	return func(o *options) error {
		if d < 0 {
			return fmt.Errorf("budget: WithLinger: %v is negative", d)
		}
		o.linger = d
		return nil
	}
}

// WithLeave leaves a part of every limit to others: of 700 a minute with 0.1,
// 630 are used. 0 unless given; it must be below 1. At least 1 of a limit is
// always used.
func WithLeave(fraction float64) LedgerOption {
	return func(o *options) error {
		if !(fraction >= 0 && fraction < 1) {
			return fmt.Errorf("budget: WithLeave: %v is not in [0, 1)", fraction)
		}
		o.leave = fraction
		return nil
	}
}

// WithMaxFreeze caps how long one answer can stop a counter, whatever it tells:
// an hour unless given. Then one call tries again.
func WithMaxFreeze(d time.Duration) LedgerOption {
	return func(o *options) error {
		if d <= 0 {
			return fmt.Errorf("budget: WithMaxFreeze: %v is not positive", d)
		}
		o.maxFreeze = d
		return nil
	}
}
