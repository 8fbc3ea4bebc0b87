package budget

import (
	"context"

	"github.com/weirkit/weir/runtime/clock"
)

// holdOff waits until a request's NotBefore. That is no wait for a counter: the
// call stands in no line, so nobody is behind it, and it charges nothing. What
// a wait in line can end with ends this one too.
func (l *Local) holdOff(ctx context.Context, r *Request) error {
	now := l.lock()
	until := l.moment(r.NotBefore)
	deadline, bounded := clock.Deadline(ctx, l.options.clock)
	var err error
	switch {
	case l.closed:
		err = ErrClosed
	case until <= now:
		l.unlock()
		return nil
	case r.NoWait:
		err = &WaitError{Operation: r.Operation, Until: r.NotBefore, Err: ErrWouldWait}
	case bounded && until > l.moment(deadline):
		err = &WaitError{Operation: r.Operation, Until: r.NotBefore, Err: ErrDeadline}
	default:
		l.event(Event{Kind: Waiting, Time: l.time(now), Operation: r.Operation, Until: r.NotBefore})
	}
	l.unlock()
	if err != nil {
		return err
	}
	timer := l.options.clock.NewTimer(until.sub(now))
	defer timer.Stop()
	select {
	case <-timer.C():
		return nil
	case <-l.ended:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}
