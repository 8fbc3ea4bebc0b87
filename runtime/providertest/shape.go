package providertest

// This file makes counters of the shapes that limits have.

import (
	"fmt"
	"math"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// placement is where the windows of a counter begin.
type placement struct {
	// phase is the part of the first window that has passed when the counter is first used.
	phase float64
	// reopen begins a window at the first use after the last one, rather than at its end.
	reopen bool
}

// newCounter returns an unused counter whose first use is now.
func newCounter(shape api.Shape, now int64, place placement) counter {
	switch s := shape.(type) {
	case api.Window:
		per := int64(s.Per)
		if s.Kind == api.Sliding {
			return &slidingWindow{limit: s.Limit, per: per}
		}
		start := now - int64(place.phase*float64(per))
		start -= start % resolution(s)
		if s.Kind == api.SlidingApproximate {
			return &approximateWindow{limit: s.Limit, per: per, start: start}
		}
		return &fixedWindow{limit: s.Limit, per: per, start: start, reopen: place.reopen}
	case api.Bucket:
		return &bucket{burst: int64(s.Burst), refill: int64(s.Refill), per: int64(s.Per), at: now}
	case api.Concurrency:
		return &concurrency{max: s.Max}
	default: // what Adaptive hides is for Options.Shapes to say
		return &unlimited{}
	}
}

// checkShape refuses numbers that no counter can work with.
func checkShape(shape api.Shape) error {
	switch s := shape.(type) {
	case api.Window:
		if s.Limit < 1 || s.Per <= 0 {
			return fmt.Errorf("a window of %d per %v: both must be positive", s.Limit, s.Per)
		}
	case api.Bucket:
		if s.Burst < 1 || s.Refill < 1 || s.Per <= 0 {
			return fmt.Errorf("a bucket of %d refilled by %d per %v: all must be positive", s.Burst, s.Refill, s.Per)
		}
		if int64(s.Burst) > math.MaxInt64/4/int64(s.Per) {
			return fmt.Errorf("a bucket of %d refilled each %v is too large to count", s.Burst, s.Per)
		}
	case api.Concurrency:
		if s.Max < 1 {
			return fmt.Errorf("a concurrency of %d: it must be positive", s.Max)
		}
	case api.Adaptive:
		if s.Ceiling < 1 || s.Per <= 0 {
			return fmt.Errorf("an adaptive limit under %d per %v: both must be positive", s.Ceiling, s.Per)
		}
	case api.Unlimited:
	default:
		return fmt.Errorf("no shape: choose a plan that gives it one")
	}
	return nil
}

// resolution is how coarsely a provider reads its clock for a shape.
func resolution(shape api.Shape) int64 {
	w, ok := shape.(api.Window)
	switch {
	case !ok:
		return 1
	case w.Resolution <= 0:
		return int64(time.Millisecond)
	default:
		return int64(w.Resolution)
	}
}

// capacity is the number that a provider tells as the limit.
func capacity(shape api.Shape) (n int, told bool) {
	switch s := shape.(type) {
	case api.Window:
		return s.Limit, true
	case api.Bucket:
		return s.Burst, true
	case api.Concurrency:
		return s.Max, true
	default:
		return 0, false
	}
}
