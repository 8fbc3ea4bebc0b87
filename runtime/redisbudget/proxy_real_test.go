package redisbudget_test

import (
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/redisbudget"
)

// TestBadNetwork has the way to Redis fail in all ways for longer than leases last,
// and mend. Nothing is above the limit, then and afterwards.
func TestBadNetwork(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fail func(p *proxy)
		want string // of the event
	}{
		"slow":       {func(p *proxy) { p.delay = 3 * time.Second }, "no reply within 1s"},
		"cut":        {func(p *proxy) { p.cut = true }, "redisbudget: a contact: "},
		"mute":       {func(p *proxy) { p.mute = true }, "no reply within 1s"},
		"black hole": {func(p *proxy) { p.mute, p.deaf = true, true }, "no reply within 1s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			way := newProxy(t, shared.addr)
			p := newProvider(t, fast, &referee{name: "limit", shape: api.Window{Limit: 60, Per: 10 * time.Second}})
			var h happenings
			for _, name := range []string{"a", "b"} {
				l := p.member(connect(t, redis.Options{Addr: way.addr}), &h)
				p.calls(l, name, 3, p.limit.request(1))
			}
			p.runs("both to call", "a", 60)
			p.runs("both to call", "b", 60)
			way.set(func() { test.fail(way) })
			tells(t, p.happens(&h, redisbudget.Away, 1).Err, test.want)
			way.set(func() { way.cut, way.mute, way.deaf, way.delay = false, false, false, 0 })
			p.happens(&h, redisbudget.Back, 1)
			p.runs("the first to go on", "a", 100)
			p.runs("the other to go on", "b", 100)
			p.judge(0, 60)
		})
	}
}

// TestAdmissionsGoOnWhileRedisHangs has calls that do not want to wait, while a
// contact has no reply for a minute: those find what is in hand.
func TestAdmissionsGoOnWhileRedisHangs(t *testing.T) {
	t.Parallel()
	way := newProxy(t, shared.addr)
	l, err := redisbudget.New(t.Context(), connect(t, redis.Options{Addr: way.addr, ReadTimeout: time.Minute}), redisbudget.WithNamespace(t.Name()),
		redisbudget.WithTimeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		way.set(func() { way.cut = true })
		l.Close()
	}()
	r := (&referee{name: "limit", shape: api.Window{Limit: 100_000, Per: time.Minute}}).request(1)
	call := func() error {
		ticket, err := l.Admit(t.Context(), r)
		if err == nil {
			ticket.Sent()
			ticket.Answer(budget.Answer{})
			ticket.Done()
		}
		return err
	}
	for range 2000 {
		if err := call(); err != nil {
			t.Fatal(err)
		}
	}
	way.set(func() { way.mute, way.deaf = true, true })
	r.NoWait = true
	start, n := time.Now(), 0
	for ; err == nil; n++ {
		err = call()
	}
	if !errors.Is(err, budget.ErrWouldWait) {
		t.Error(err)
	}
	if took := time.Since(start); n < 20 || took > 30*time.Second {
		t.Errorf("%d calls in %v", n, took)
	}
}

// TestCloseWaitsForNoClient has the client wait for a reply for a minute, as a
// contact and the channel of news hang: Close holds to the ledger's bound.
func TestCloseWaitsForNoClient(t *testing.T) {
	t.Parallel()
	way := newProxy(t, shared.addr)
	l, err := redisbudget.New(t.Context(), connect(t, redis.Options{Addr: way.addr, ReadTimeout: time.Minute}), redisbudget.WithNamespace(t.Name()))
	if err != nil {
		t.Fatal(err)
	}
	way.set(func() { way.mute, way.deaf = true, true })
	start := time.Now()
	l.Close()
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("Close took %v", took)
	}
}
