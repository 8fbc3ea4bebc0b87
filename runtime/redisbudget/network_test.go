package redisbudget_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// network is what lies between the members and Redis.
type network struct {
	trouble  // under world.mu
	mu       sync.Mutex
	wire     *redis.Client // carries what is late, after its sender has gone
	onTheWay sync.WaitGroup
	members  []*member
	last     time.Time // when Redis heard anybody last
	apart    bool      // some have lost Redis and others have not; see note
	unlearnt time.Time // when the last member joined
}

// trouble is what a network does to calls.
type trouble struct {
	slow     time.Duration // a way takes up to so long
	requests float64       // how often a request is lost
	replies  float64       // how often a reply is lost
	late     float64       // how often a request is late: it was given up for lost when it comes
	latest   time.Duration // by how much
}

var errCut = &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection cut")}

// hook is one member's network.
type hook struct {
	*world
	member *member
}

// DialHook, ProcessHook and ProcessPipelineHook implement redis.Hook: the network
// between the members and Redis.
func (w hook) DialHook(next redis.DialHook) redis.DialHook { return next }

func (w hook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (w hook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if name := cmd.Name(); name != "evalsha" && name != "eval" {
			return next(ctx, cmd)
		}
		if w.cut(w.member) {
			return errCut
		}
		w.calls.Add(1)
		w.mu.Lock()
		n, there := w.network.trouble, w.delay
		w.mu.Unlock()
		if n.slow > 0 {
			there += w.between(0, n.slow)
		}
		if w.late > 0 && w.chance(0.1) {
			there += w.between(0, w.late)
		}
		there += time.Duration(w.member.late.Load())
		if w.member.joined.Load() {
			if w.chance(n.requests) {
				return w.fail(ctx)
			}
			if w.chance(n.late) {
				there += w.between(0, n.latest)
			}
		}
		if deadline, ok := ctx.Deadline(); ok && n.slow+n.latest > 0 && there >= time.Until(deadline) {
			w.later(there, cmd)
			return w.fail(ctx)
		}
		if there > 0 {
			time.Sleep(there)
			if n.slow > 0 && w.cut(w.member) {
				return errCut
			}
		}
		arrived(cmd)
		w.note(w.member)
		if !w.deaf {
			w.channel.open(w.world)
		}
		err := next(context.Background(), cmd) // time stands still meanwhile
		if !w.deaf {
			w.channel.pass(w.world)
		}
		if n.slow > 0 {
			back := w.between(0, n.slow)
			if deadline, ok := ctx.Deadline(); ok && back >= time.Until(deadline) {
				return w.fail(ctx)
			}
			if time.Sleep(back); w.cut(w.member) {
				return errCut
			}
		}
		if w.member.joined.Load() && w.chance(n.replies) {
			return errCut
		}
		if err == nil {
			w.mu.Lock()
			w.member.told = time.Now()
			w.mu.Unlock()
		}
		return err
	}
}

// cut reports whether nothing comes through.
func (w *world) cut(m *member) bool { return w.down.Load() || m.killed.Load() || m.apart.Load() }

// fail is how a request ends that nobody answers: at once or after a while.
func (w *world) fail(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok {
		time.Sleep(w.between(0, time.Until(deadline)))
	}
	return errCut
}

// later has a request reach Redis when it was given up, and even its sender may be gone.
func (w hook) later(by time.Duration, cmd redis.Cmder) {
	n := &w.network
	n.mu.Lock()
	if n.wire == nil {
		n.wire = w.connect()
	}
	n.mu.Unlock()
	again := redis.NewCmd(context.Background(), append([]any(nil), cmd.Args()...)...)
	n.onTheWay.Go(func() {
		if time.Sleep(by); w.down.Load() {
			return
		}
		arrived(again)
		w.note(w.member)
		_ = n.wire.Process(context.Background(), again) // nobody waits for it
	})
}

var nowOf = regexp.MustCompile(`"now":[0-9.e+]+`)

// arrived has a request be of the time at which Redis gets it.
func arrived(cmd redis.Cmder) {
	args := cmd.Args()
	if body, ok := args[len(args)-1].([]byte); ok {
		now := time.Since(time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC))
		args[len(args)-1] = nowOf.ReplaceAll(body, fmt.Appendf(nil, `"now":%.6f`, float64(now)/float64(time.Millisecond)))
	}
}

// note keeps an account of who has lost Redis: a member that Redis has not heard of for as
// long as leases last, while it heard of others all the time, is apart from them, and
// then nothing is promised.
func (w *world) note(m *member) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, now := &w.network, time.Now()
	for _, other := range n.members {
		if now.Sub(n.last) > 6*time.Second {
			other.heard = now // all had lost it, and all are waited for
		}
		if other != m && now.Sub(other.heard) >= 15*time.Second {
			n.apart = true
		}
	}
	m.heard, n.last = now, now
}

// enter has the network keep account of a member, gone that it does not.
func (w *world) enter(m *member) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m.heard, w.network.unlearnt = time.Now(), time.Now()
	w.network.members = append(w.network.members, m)
}

func (w *world) gone(m *member) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, other := range w.network.members {
		if other == m {
			w.network.members = append(w.network.members[:i], w.network.members[i+1:]...)
			return
		}
	}
}

// learnt waits until all know of each other.
func (w *world) learnt() {
	for range 300 {
		w.mu.Lock()
		all := true
		for _, m := range w.network.members {
			all = all && m.told.After(w.network.unlearnt)
		}
		w.mu.Unlock()
		if all {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// close waits for what is on its way.
func (n *network) close() {
	n.onTheWay.Wait()
	if n.wire != nil {
		n.wire.Close()
	}
}
