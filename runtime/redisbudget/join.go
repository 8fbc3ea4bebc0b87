package redisbudget

import (
	"context"
	"fmt"
	"time"
)

// joinTimeout bounds one attempt to join, in the machine's time: a connection may
// have to be made, and the script sent.
const joinTimeout = 5 * time.Second

// join makes the first contact.
func (l *Ledger) join(ctx context.Context) error {
	for {
		l.mu.Lock()
		sent := l.clock.Now()
		l.deadline = sent.Add(5 * l.heartbeat)
		a, _ := l.compose(sent, nil)
		l.mu.Unlock()
		attempt, cancel := context.WithTimeout(ctx, max(joinTimeout, l.timeout))
		reply, err := l.call(attempt, a, nil)
		cancel()
		if err == nil && !reply.Stale {
			l.take(sent, a, nil, reply, nil)
			return nil
		}
		if err == nil {
			continue // the client has sent it twice
		}
		if ctx.Err() != nil {
			return fmt.Errorf("redisbudget: joining: %w: %w", ctx.Err(), err)
		}
		if !l.wait || !unreachable(err) {
			return l.explain("joining", err)
		}
		timer := l.clock.NewTimer(l.heartbeat)
		select {
		case <-timer.C():
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("redisbudget: waiting for Redis: %w: %w", ctx.Err(), err)
		}
	}
}

// leave tells that this member goes, as far as Redis hears it.
func (l *Ledger) leave() {
	l.mu.Lock()
	now := l.clock.Now()
	if l.taken || l.away {
		l.mu.Unlock()
		return
	}
	for _, p := range l.active {
		p.waiting, p.moved = 0, time.Time{}
	}
	a, portions := l.compose(now, nil)
	a.Leave = true
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), l.timeout)
	defer cancel()
	_, _ = l.call(ctx, a, portions) // unheard, it is as if the process was killed
}
