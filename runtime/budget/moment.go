package budget

import (
	"math"
	"time"
)

// moment is a time in the ledger: nanoseconds since it was made. Integers are
// compared and added faster than time.Time, and never mix two clocks.
type moment int64

const (
	never  moment = math.MaxInt64 // later than anything that will happen
	always moment = math.MinInt64 // earlier than anything that has happened
)

func (m moment) add(d time.Duration) moment { return m + moment(d) }

func (m moment) sub(n moment) time.Duration { return time.Duration(m - n) }

// century bounds all times, so that their sums do not overflow.
const century = 100 * 365 * 24 * time.Hour

// times is n times d, within a century.
func times(d time.Duration, n int) time.Duration {
	return time.Duration(max(min(float64(d)*float64(n), float64(century)), -float64(century)))
}

// moment translates a time. Times further away than the engine can count, as a
// misread epoch may be, are brought within a century.
func (l *Local) moment(t time.Time) moment {
	return moment(min(max(t.Sub(l.start), -century), century))
}

// present reads the clock. Of the machine's it reads only the monotonic part,
// which is all that a difference of two of its times is made of, and half the cost.
func (l *Local) present() moment {
	if l.real {
		return moment(time.Since(l.start))
	}
	return l.moment(l.options.clock.Now())
}

// time translates back; never and always are the zero time.
func (l *Local) time(m moment) time.Time {
	if m == never || m == always {
		return time.Time{}
	}
	return l.start.Add(time.Duration(m))
}
