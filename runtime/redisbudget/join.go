package redisbudget

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
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
		a, _ := l.compose(sent)
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
			return explain(err)
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
	a, portions := l.compose(now)
	a.Leave = true
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), l.timeout)
	defer cancel()
	_, _ = l.call(ctx, a, portions) // unheard, it is as if the process was killed
}

// unreachable reports whether a later attempt may find Redis.
func unreachable(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded) || strings.HasPrefix(err.Error(), "LOADING")
}

// explain says what to do about an error of joining.
func explain(err error) error {
	text := err.Error()
	advice := ""
	switch {
	case strings.Contains(text, "WEIR config"):
		advice = "members of a namespace must agree on speed, heartbeat and linger; give others their own with WithNamespace"
	case strings.Contains(text, "WEIR foreign"), strings.HasPrefix(text, "WRONGTYPE"):
		advice = "something else is kept under this key; take another name with WithNamespace"
	case strings.HasPrefix(text, "NOAUTH"), strings.HasPrefix(text, "WRONGPASS"), strings.HasPrefix(text, "ERR AUTH"):
		advice = "check the client's user name and password"
	case strings.HasPrefix(text, "NOPERM"), strings.Contains(text, "ACL failure"), strings.Contains(text, "can't run this command or subcommand"):
		advice = "the user must be allowed evalsha, eval, time, type, get and set on the keys weir:*"
	case strings.Contains(text, "DB index"), strings.Contains(text, "SELECT is not allowed"):
		advice = "check the client's database number"
	case strings.Contains(text, "replicate_commands"), strings.Contains(text, "non deterministic"), strings.Contains(text, "unknown command"):
		advice = "Redis 5 or later is needed, with scripts"
	case unreachable(err):
		advice = "check the client's address; WithWait waits for it"
	default:
		return fmt.Errorf("redisbudget: joining: %w", err)
	}
	return fmt.Errorf("redisbudget: joining: %w (%s)", err, advice)
}
