package redisbudget

import (
	"context"
	"fmt"
	"time"
)

// This file bounds what a contact takes, whatever the client does.

// abandoned is how many calls may go on that were given up. A client holds to its
// own timeouts, unless it was made with ContextTimeoutEnabled: seconds, and several
// attempts. So a call is left to itself once the ledger's bound has passed, which
// is harmless, since Redis takes no call that is older than one it has seen. More
// than one, because the next has a new connection, which may get through.
const abandoned = 4

// each is how much more time a contact has for each counter that it carries: a member
// that restates thousands would otherwise never have a reply.
const each = 100 * time.Microsecond

// call makes one contact with Redis, until ctx ends.
func (l *Ledger) call(ctx context.Context, a *ask, portions []*portion) (*answer, error) {
	keys := []string{l.key()}
	for _, p := range portions {
		keys = append(keys, p.id)
	}
	select {
	case l.calls <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("%d earlier calls have no end: %w", abandoned, ctx.Err())
	}
	type result struct {
		reply *answer
		err   error
	}
	done := make(chan result, 1)
	go func() {
		reply, err := l.exchange(ctx, a, keys)
		<-l.calls
		done <- result{reply, err}
	}()
	select {
	case r := <-done:
		return r.reply, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
