package main

// This file is what happens on the way: windows end, and things fail.

import (
	"context"
	"errors"
	"slices"
	"time"
)

const (
	outage       = 30 * time.Second
	processKills = 5
)

var errTimeIsOver = errors.New("the time for the work is over")

// plan says what happens when.
func (f *fleet) plan() {
	for n := range f.windows {
		// A moment later, for the last answers of the window to be counted.
		f.steps = append(f.steps, step{time.Duration(n+1)*window + time.Second, func(context.Context) error {
			f.tellWindow(n)
			return nil
		}})
	}
	f.steps = append(f.steps, step{time.Duration(f.windows+overtime) * window, func(context.Context) error { return errTimeIsOver }})
	if f.killRedis {
		f.steps = append(f.steps, step{f.killAt, f.loseRedis}, step{f.killAt + outage, f.regainRedis})
	}
	slices.SortStableFunc(f.steps, func(a, b step) int { return int(a.at - b.at) })
}

func (f *fleet) tellWindow(n int) { f.say("minute %d: %d of %d requests", n+1, f.desk.in(n), limit) }

func (f *fleet) loseRedis(context.Context) error {
	f.redis.kill()
	f.atKill = f.desk.all()
	f.say("Redis is killed")
	return nil
}

func (f *fleet) regainRedis(ctx context.Context) error {
	with := "with its data"
	if f.empty {
		with = "without its data"
		if err := f.redis.forget(); err != nil {
			return err
		}
	}
	if err := f.redis.start(ctx); err != nil {
		return err
	}
	f.say("Redis is back, %s; without it %d requests were made", with, f.desk.all()-f.atKill)
	return nil
}

// killOne kills the last process once in each of some windows, each time when more
// of the window's requests are through: at first when leases are large, and at last
// when little is left.
func (f *fleet) killOne() {
	n := int(f.desk.passed() / window)
	if !f.killProcess || n == f.lastKill || n > processKills || f.desk.in(n) < limit*n/(processKills+1) {
		return
	}
	f.lastKill = n
	last := f.members[len(f.members)-1]
	last.kill()
	f.say("%s is killed, with %d articles under way", last.orders.Member, len(f.queue.held[last]))
}
