package redisbudget_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/redisbudget"
)

// object is a request to one of many objects, with a limit each.
func object(n int) *budget.Request {
	return &budget.Request{Operation: "Test.Call", Alternatives: [][]budget.Charge{{{
		Key:   budget.Key{API: "test", Limit: "object", Scope: fmt.Sprint("object=", n)},
		Shape: api.Window{Limit: 5, Per: time.Minute}, Cost: 1}}}}
}

// loads counts the counters of contacts.
type loads struct{ contacts, counters atomic.Int64 }

// DialHook, ProcessHook and ProcessPipelineHook implement redis.Hook.
func (l *loads) DialHook(next redis.DialHook) redis.DialHook { return next }

func (l *loads) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (l *loads) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() == "evalsha" {
			keys, _ := cmd.Args()[2].(int)
			l.contacts.Add(1)
			l.counters.Add(int64(keys - 1))
		}
		return next(ctx, cmd)
	}
}

// TestManyCountersDoNotBurdenContacts calls a new object five times a second, for longer than a
// window. 300 objects have charges that count then, and a contact carries those alone
// that it has to do with.
func TestManyCountersDoNotBurdenContacts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		m := w.join()
		var l loads
		m.client.AddHook(&l)
		for n := range 400 {
			m.calls.Go(func() { w.call(m, object(n)) })
			time.Sleep(200 * time.Millisecond)
		}
		if average := float64(l.counters.Load()) / float64(l.contacts.Load()); average < 1 || average > 80 {
			t.Errorf("a contact has carried %.0f counters, in the mean of %d", average, l.contacts.Load())
		}
		if sent := w.sent.Load(); sent < 395 {
			t.Errorf("%d of 400 were sent", sent)
		}
		time.Sleep(2 * time.Minute)
		l.contacts.Store(0)
		l.counters.Store(0)
		time.Sleep(time.Minute)
		if l.counters.Load() > 0 || l.contacts.Load() < 15 {
			t.Errorf("afterwards %d contacts carry %d counters", l.contacts.Load(), l.counters.Load())
		}
		m.leave()
	})
}

// TestKeysEnd has two members call four hundred objects, and processes come and go
// under names of their own: all that Redis keeps in the end is who the members are.
func TestKeysEnd(t *testing.T) {
	t.Parallel()
	s := serve(t)
	admin := connect(t, redis.Options{Addr: s.addr})
	p := newProvider(t, fast, &referee{name: "limit", shape: api.Window{Limit: 60, Per: 10 * time.Second}})
	var h happenings
	a, b := p.member(connect(t, redis.Options{Addr: s.addr}), &h), p.member(connect(t, redis.Options{Addr: s.addr}), &h)
	for _, l := range []*redisbudget.Ledger{a, b} {
		for n := range 200 {
			ticket, err := l.Admit(t.Context(), object(n))
			if err != nil {
				t.Fatal(err)
			}
			ticket.Sent()
			ticket.Answer(budget.Answer{})
			ticket.Done()
			if n%20 == 0 {
				p.member(connect(t, redis.Options{Addr: s.addr}), &h).Close()
			}
		}
	}
	waitFor(t, "the keys to end", func() bool {
		return admin.DBSize(context.Background()).Val() == 1 && admin.StrLen(t.Context(), "weir:{"+t.Name()+"}").Val() < 1024
	})
	a.Close()
	b.Close()
	waitFor(t, "the last key to end", func() bool { return admin.DBSize(context.Background()).Val() == 0 })
}

// TestCloseLeavesNothingBehind counts goroutines, with a Redis that answers and with
// one that does not any more.
func TestCloseLeavesNothingBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, hangs := range []bool{false, true} {
		way := newProxy(t, shared.addr)
		client := redis.NewClient(&redis.Options{Addr: way.addr, ReadTimeout: 5 * time.Second})
		for range 2 {
			l, err := redisbudget.New(t.Context(), client, redisbudget.WithNamespace(t.Name()))
			if err != nil {
				t.Fatal(err)
			}
			ticket, err := l.Admit(t.Context(), object(1))
			if err != nil {
				t.Fatal(err)
			}
			ticket.Lost()
			way.set(func() { way.mute, way.deaf = hangs, hangs })
			l.Close()
			way.set(func() { way.mute, way.deaf = false, false })
		}
		client.Close()
		way.set(func() { way.cut = true })
	}
	waitFor(t, "goroutines to end", func() bool { return runtime.NumGoroutine() <= before+2 }) // the proxies listen
}
