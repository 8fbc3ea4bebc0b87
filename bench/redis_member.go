package main

// This file is one process of those that share a limit in the redis cases. It
// does what it is ordered to; its callers make admissions through either side's
// gate, and note how long each was busy with it or waited for it.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/redisbudget"
)

// order is what a member is to do; each is answered with a tally.
type order struct {
	Do   string // one of the below
	Work work   // of join
}

const (
	join  = "join"  // opens the side's gate
	start = "start" // has the callers call
	told  = "tell"  // tells what was done since the last time
	rest  = "rest"  // has the callers stop
	leave = "leave" // closes the gate
)

// work is what the members do in a case.
type work struct {
	Side    string        // ours or theirs
	Addr    string        // of Redis
	Name    string        // of the case, and so of the limit
	Limit   int           // a minute
	Speed   float64       // of time: a minute is a minute / Speed
	Callers int           // of each member
	Takes   time.Duration // what the provider takes for a request
	Every   time.Duration // how often each caller makes one; 0 is at once
}

const (
	ours   = "weir"
	theirs = "redis_rate Allow"
)

// tally is what a member's callers have done.
type tally struct {
	Requests int
	Refused  int     // peers are asked once more after each
	Path     []int64 // nanoseconds of each request in the gate
	Error    string
}

// gate is one side. A request goes in before it is sent and out when it is
// answered.
type gate interface {
	in(ctx context.Context, caller int) (refused int, err error)
	out(caller int)
	close()
}

func serveMember(in io.Reader, out io.Writer) error {
	orders, answers := json.NewDecoder(in), json.NewEncoder(out)
	var m member
	for {
		var o order
		if err := orders.Decode(&o); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		var t tally
		if err := m.obey(o, &t); err != nil {
			t.Error = err.Error()
		}
		if err := answers.Encode(t); err != nil {
			return err
		}
	}
}

type member struct {
	work
	gate    gate
	stop    context.CancelFunc
	running sync.WaitGroup
	callers []caller
}

type caller struct {
	sync.Mutex
	tally
	err error
}

func (m *member) obey(o order, t *tally) (err error) {
	switch o.Do {
	case join:
		m.work, m.callers = o.Work, make([]caller, o.Work.Callers)
		m.gate, err = m.open()
		return err
	case start:
		runtime.GC() // as in meter.go
		var ctx context.Context
		ctx, m.stop = context.WithCancel(context.Background())
		for i := range m.callers {
			m.running.Go(func() { m.call(ctx, i) })
		}
	case told:
		for i := range m.callers {
			c := &m.callers[i]
			c.Lock()
			t.Requests, t.Refused, t.Path = t.Requests+c.Requests, t.Refused+c.Refused, append(t.Path, c.Path...)
			c.tally = tally{Path: c.Path[:0]}
			err = errors.Join(err, c.err)
			c.Unlock()
		}
		return err
	case rest:
		m.stop()
		m.running.Wait()
	case leave:
		m.gate.close()
	default:
		return fmt.Errorf("there is no order %q", o.Do)
	}
	return nil
}

// call is a caller's life: where it makes requests at intervals, these vary by a
// half, so that callers do not march in step.
func (m *member) call(ctx context.Context, i int) {
	c := &m.callers[i]
	next := time.Now()
	for {
		if m.Every > 0 {
			next = next.Add(time.Duration((0.5 + rand.Float64()) * float64(m.Every)))
			if late := time.Now(); next.Before(late) {
				next = late
			}
			time.Sleep(time.Until(next))
		}
		began := time.Now()
		refused, err := m.gate.in(ctx, i)
		path := time.Since(began)
		if ctx.Err() != nil {
			if err == nil {
				m.gate.out(i)
			}
			return
		}
		if err == nil {
			time.Sleep(m.Takes)
			answered := time.Now()
			m.gate.out(i)
			path += time.Since(answered)
		}
		c.Lock()
		if c.Refused += refused; err != nil {
			c.err = err
			c.Unlock()
			return
		}
		c.Requests++
		c.Path = append(c.Path, path.Nanoseconds())
		c.Unlock()
	}
}

// open joins the side's members. Both have a client of the same kind.
func (m *member) open() (gate, error) {
	client := redis.NewClient(&redis.Options{Addr: m.Addr})
	if m.Side == theirs {
		return &limiter{client, redis_rate.NewLimiter(client), m.Name,
			redis_rate.Limit{Rate: m.Limit, Burst: m.Limit, Period: time.Duration(float64(time.Minute) / m.Speed)}}, nil
	}
	opts := []redisbudget.Option{redisbudget.WithNamespace(m.Name)}
	if m.Speed != 1 {
		opts = append(opts, redisbudget.WithClock(clock.Scaled(m.Speed), m.Speed))
	}
	ledger, err := redisbudget.New(context.Background(), client, opts...)
	if err != nil {
		client.Close()
		return nil, err
	}
	l := &leases{client: client, ledger: ledger, tickets: make([]budget.Ticket, m.Callers)}
	for range m.Callers {
		l.requests = append(l.requests, requestOf(chargeOf("minute", "", api.Window{Limit: m.Limit, Per: time.Minute})))
	}
	return l, nil
}

// leases are weir's side: a request's whole life in the ledger.
type leases struct {
	client   *redis.Client
	ledger   *redisbudget.Ledger
	requests []*budget.Request
	tickets  []budget.Ticket
}

func (l *leases) in(ctx context.Context, caller int) (refused int, err error) {
	ticket, err := l.ledger.Admit(ctx, l.requests[caller])
	if err != nil {
		return 0, err
	}
	ticket.Sent()
	l.tickets[caller] = ticket
	return 0, nil
}

func (l *leases) out(caller int) {
	l.tickets[caller].Answer(budget.Answer{})
	l.tickets[caller].Done()
}

func (l *leases) close() {
	l.ledger.Close()
	l.client.Close()
}

// limiter is the peer's side: it is asked again when it says so, until it allows.
type limiter struct {
	client *redis.Client
	*redis_rate.Limiter
	name  string
	limit redis_rate.Limit
}

func (l *limiter) in(ctx context.Context, _ int) (refused int, err error) {
	for ; ; refused++ {
		r, err := l.Allow(ctx, l.name, l.limit)
		if err != nil || r.Allowed > 0 {
			return refused, err
		}
		time.Sleep(r.RetryAfter)
	}
}

func (l *limiter) out(int) {}

func (l *limiter) close() { l.client.Close() }
