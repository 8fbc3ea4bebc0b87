package clock

import (
	"context"
	"time"
)

// Deadline returns the context's deadline in the time of c. A context counts in
// the machine's time, a scaled clock does not: a second left is twenty seconds
// of a clock that runs twenty times as fast. A clock of one's own that is not
// the machine's tells it by a method At(real time.Time) time.Time.
func Deadline(ctx context.Context, c Clock) (deadline time.Time, ok bool) {
	deadline, ok = ctx.Deadline()
	if translator, is := c.(interface{ At(time.Time) time.Time }); ok && is {
		deadline = translator.At(deadline)
	}
	return deadline, ok
}
