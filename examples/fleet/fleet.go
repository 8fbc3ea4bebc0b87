package main

// This file runs the processes, and hands them their work.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/weirkit/weir/runtime/clock"
)

// fleet is a run. All of it is its loop's goroutine's.
type fleet struct {
	flags
	desk   *desk
	redis  *redisServer
	queue  *queue
	stderr *os.File

	told     chan news
	members  []*process // one at each place
	calls    int64      // to Redis, of those that have ended
	steps    []step     // what is yet to happen, in order
	lastKill int        // the window in which a process was killed last
	atKill   int        // requests until Redis was killed
}

// step happens at a time after the first request.
type step struct {
	at time.Duration
	do func(context.Context) error
}

// overtime is for how many windows beyond those of the work its rest is waited for:
// many, since a machine that is busy holds all processes up.
const overtime = 20

// patience is what a process has to end when it has no more work.
const patience = 5 * time.Second

func runFleet(ctx context.Context, f flags, stderr *os.File) (result outcome, err error) {
	articles := f.windows * limit
	desk, err := newDesk(clock.Scaled(f.speed), articles)
	if err != nil {
		return result, err
	}
	defer desk.provider.Close()
	redis, err := newRedis(ctx, stderr)
	if err != nil {
		return result, err
	}
	defer redis.Close()
	r := &fleet{flags: f, desk: desk, redis: redis, queue: newQueue(articles), stderr: stderr, told: make(chan news, 1024)}
	defer r.stop()
	r.plan()
	for place := range f.processes {
		if err := r.start(place); err != nil {
			return result, err
		}
	}
	if err := r.loop(ctx); err != nil {
		return result, err
	}
	if err := r.stop(); err != nil {
		return result, err
	}
	report := desk.provider.Report()
	return outcome{
		Processes: f.processes, Requests: report.Requests, Refused: report.Refused, Lost: r.queue.lost(),
		Utilisation: places(desk.used(f.windows)), RedisCalls: places(float64(r.calls) / float64(max(report.Requests, 1))),
	}, nil
}

// start begins the process of a place, or its successor.
func (f *fleet) start(place int) error {
	p, err := startProcess(place, orders{
		Member: fmt.Sprintf("worker-%d", place+1), Desk: f.desk.url, Redis: f.redis.address, Speed: f.speed,
	}, f.stderr, f.told)
	if err != nil {
		return err
	}
	if place == len(f.members) {
		f.members = append(f.members, p)
	} else {
		f.members[place] = p
	}
	return nil
}

// loop goes on until all work is done, or its time is over.
func (f *fleet) loop(ctx context.Context) error {
	for !f.queue.complete() {
		var due <-chan time.Time
		if passed := f.desk.passed(); passed > 0 {
			timer := f.desk.clock.NewTimer(f.steps[0].at - passed)
			defer timer.Stop()
			due = timer.C()
		}
		select {
		case n := <-f.told:
			if err := f.hear(n); err != nil {
				return err
			}
		case <-due:
			next := f.steps[0]
			f.steps = f.steps[1:]
			if err := next.do(ctx); err != nil {
				if errors.Is(err, errTimeIsOver) {
					return nil
				}
				return err
			}
		case <-ctx.Done():
			return errors.New("interrupted")
		}
		f.handOut()
	}
	f.tellWindow(int(f.desk.passed() / window))
	return nil
}

// hear takes in what a process tells.
func (f *fleet) hear(n news) error {
	p := n.from
	p.calls = max(p.calls, n.Calls)
	switch {
	case n.ended && !p.killed:
		return fmt.Errorf("%s has ended before its work: %w", p.orders.Member, n.err)
	case n.ended:
		f.calls += p.calls
		p.calls = 0
		f.queue.giveBack(p)
		return f.start(p.place)
	case n.Ready:
		p.ready = true
	case n.Event != "":
		f.say("%s: %s", p.orders.Member, n.Event)
	case n.Title != title(n.Article):
		return fmt.Errorf("%s has read %q for article %d", p.orders.Member, n.Title, n.Article)
	default:
		f.queue.done(p, n.Article)
		f.killOne()
	}
	return nil
}

// handOut gives those that want work as much as they do at once. It begins when all
// are there.
func (f *fleet) handOut() {
	passed := f.desk.passed()
	for _, p := range f.members {
		if !p.ready && passed == 0 {
			return
		}
	}
	wants := demands[f.demand]
	for more := true; more; { // in turns, so that the last of it is divided too
		more = false
		for _, p := range f.members {
			if !p.ready || p.killed || len(f.queue.held[p]) >= atOnce || !wants(p.place, f.processes, int(passed/window)) {
				continue
			}
			if article, ok := f.queue.take(p); ok {
				p.hand(article)
				more = true
			}
		}
	}
}

// stop ends the processes, and waits for them.
func (f *fleet) stop() error {
	running := len(f.members)
	for _, p := range f.members {
		p.input.Close()
	}
	var failed error
	late := time.NewTimer(patience)
	defer late.Stop()
	for running > 0 {
		select {
		case n := <-f.told:
			n.from.calls = max(n.from.calls, n.Calls)
			if !n.ended {
				continue
			}
			running--
			f.calls += n.from.calls
			var exit *exec.ExitError
			if n.err != nil && !n.from.killed && errors.As(n.err, &exit) {
				failed = errors.Join(failed, fmt.Errorf("%s has failed: %w", n.from.orders.Member, n.err))
			}
		case <-late.C:
			for _, p := range f.members {
				p.kill()
			}
			failed = errors.Join(failed, fmt.Errorf("processes had to be killed, which had not ended %v after their work", patience))
		}
	}
	f.members = nil
	return failed
}

// say tells people how it goes.
func (f *fleet) say(format string, args ...any) {
	fmt.Fprintf(f.stderr, "%8v  %s\n", f.desk.passed().Round(100*time.Millisecond), fmt.Sprintf(format, args...))
}
