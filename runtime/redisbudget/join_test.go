package redisbudget_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/redisbudget"
)

func connect(t *testing.T, o redis.Options) *redis.Client {
	t.Helper()
	if o.Addr == "" {
		o.Addr = shared.addr
	}
	o.MaxRetries = -1
	c := redis.NewClient(&o)
	t.Cleanup(func() { c.Close() })
	return c
}

func TestJoiningFailsClearly(t *testing.T) {
	admin := connect(t, redis.Options{})
	for _, command := range [][]any{
		{"acl", "setuser", "weir-reader", "on", ">secret-1", "~*", "+@read", "+hello", "+client"},
		{"acl", "setuser", "weir-elsewhere", "on", ">secret-2", "~other:*", "+@all"},
		{"set", "weir:{foreign}", "somebody's"},
		{"rpush", "weir:{list}", "somebody's"},
	} {
		if err := admin.Do(t.Context(), command...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	held, err := redisbudget.New(t.Context(), admin, redisbudget.WithNamespace("held"))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	for name, test := range map[string]struct {
		options redis.Options
		with    []redisbudget.Option
		want    string
	}{
		"nobody there":   {redis.Options{Addr: "127.0.0.1:1"}, nil, "check the client's address"},
		"wrong password": {redis.Options{Username: "weir-reader", Password: "wrong-3"}, nil, "check the client's user name and password"},
		"wrong database": {redis.Options{DB: 9999}, nil, "check the client's database number"},
		"no scripts":     {redis.Options{Username: "weir-reader", Password: "secret-1"}, nil, "the user must be allowed evalsha"},
		"no such keys":   {redis.Options{Username: "weir-elsewhere", Password: "secret-2"}, nil, "the user must be allowed evalsha"},
		"foreign value":  {redis.Options{}, []redisbudget.Option{redisbudget.WithNamespace("foreign")}, "take another name with WithNamespace"},
		"foreign list":   {redis.Options{}, []redisbudget.Option{redisbudget.WithNamespace("list")}, "take another name with WithNamespace"},
		"other speed": {redis.Options{}, []redisbudget.Option{redisbudget.WithNamespace("held"), redisbudget.WithClock(clock.Real, 2)},
			"members of a namespace must agree"},
		"other heartbeat": {redis.Options{}, []redisbudget.Option{redisbudget.WithNamespace("held"), redisbudget.WithHeartbeat(time.Second)},
			"members of a namespace must agree"},
		"no namespace": {redis.Options{}, []redisbudget.Option{redisbudget.WithNamespace("a{b")}, "is no name"},
		"no heartbeat": {redis.Options{}, []redisbudget.Option{redisbudget.WithHeartbeat(0)}, "too short"},
		"no reserve":   {redis.Options{}, []redisbudget.Option{redisbudget.WithReserve(0)}, "not positive"},
		"no timeout":   {redis.Options{}, []redisbudget.Option{redisbudget.WithTimeout(0)}, "not positive"},
		"no policy":    {redis.Options{}, []redisbudget.Option{redisbudget.WithAway(9)}, "no policy"},
		"no member":    {redis.Options{}, []redisbudget.Option{redisbudget.WithMember("")}, "empty"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := redisbudget.New(t.Context(), connect(t, test.options), test.with...)
			if err == nil {
				l.Close()
				t.Fatal("it was made")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v\ndoes not say: %s", err, test.want)
			}
			for _, secret := range []string{"secret-1", "secret-2", "wrong-3"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%v: tells a password", err)
				}
			}
		})
	}
	if _, err := redisbudget.New(t.Context(), nil); err == nil {
		t.Error("a nil client is no error")
	}
}

func TestWaitsForRedisIfToldTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		w.down.Store(true)
		m := &member{}
		m.client = w.client(m)
		defer m.client.Close()
		with := []redisbudget.Option{redisbudget.WithNamespace(w.namespace), redisbudget.WithOwnTime(), redisbudget.WithWait()}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if _, err := redisbudget.New(ctx, m.client, with...); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("without Redis: %v", err)
		}
		go func() {
			time.Sleep(10 * time.Second)
			w.down.Store(false)
		}()
		start := time.Now()
		l, err := redisbudget.New(t.Context(), m.client, with...)
		if err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(start); waited < 10*time.Second || waited > 14*time.Second {
			t.Errorf("it waited %v for a Redis that came after 10 s", waited)
		}
		l.Close()
	})
}

// TestTwoShapesOfOneLimit has two members disagree.
func TestTwoShapesOfOneLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		small := &referee{name: "limit", shape: api.Window{Limit: 100, Per: time.Minute}}
		large := &referee{name: "limit", shape: api.Window{Limit: 300, Per: time.Minute}}
		other := &referee{name: "limit", shape: api.Bucket{Burst: 10, Refill: 1, Per: time.Second}}
		w := newWorld(t, 1, small)
		a, b, c := w.join(), w.join(), w.join()
		w.demand(a, 200, small.request(1))
		time.Sleep(time.Second)
		w.demand(b, 200, large.request(1))
		_, err := c.Admit(c.ctx, other.request(1))
		if !errors.Is(err, redisbudget.ErrConflict) {
			t.Errorf("a bucket where others have a window: %v", err)
		}
		time.Sleep(3 * time.Minute)
		a.leave()
		b.leave()
		c.leave()
		w.judge() // the smaller number held
		if w.count(redisbudget.Conflict) < 2 {
			t.Errorf("events: %v", w.events)
		}
	})
}

// TestNameIsTakenOver has a second process start under the name of one that lives.
func TestNameIsTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := &referee{name: "minute", shape: api.Window{Limit: 100, Per: time.Minute}}
		w := newWorld(t, 1, limit)
		a := w.join(redisbudget.WithMember("worker-1"))
		w.demand(a, 200, limit.request(1))
		time.Sleep(10 * time.Second)
		b := w.join(redisbudget.WithMember("worker-1"))
		w.demand(b, 200, limit.request(1))
		time.Sleep(3 * time.Minute)
		before := a.sent.Load()
		time.Sleep(2 * time.Minute)
		if n := a.sent.Load() - before; n > 0 {
			t.Errorf("the first one sent %d more", n)
		}
		if w.count(redisbudget.NameTaken) != 1 {
			t.Errorf("events: %v", w.events)
		}
		a.leave()
		b.leave()
		w.judge()
	})
}

// TestOnRedissOwnClock runs in real time, twenty times as fast, on Redis's clock;
// the script is forgotten halfway, as by a restart.
func TestOnRedissOwnClock(t *testing.T) {
	const speed = 20
	c := clock.Scaled(speed)
	limit := &referee{name: "window", shape: api.Window{Limit: 50, Per: 10 * time.Second}}
	var mu sync.Mutex
	var calls sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	sent := 0
	var ledgers []*redisbudget.Ledger
	for range 2 {
		l, err := redisbudget.New(t.Context(), connect(t, redis.Options{}), redisbudget.WithNamespace("own-clock"),
			redisbudget.WithClock(c, speed), redisbudget.WithTimeout(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		ledgers = append(ledgers, l)
		for range 4 {
			calls.Go(func() {
				for {
					ticket, err := l.Admit(ctx, limit.request(1))
					if err != nil {
						return
					}
					ticket.Sent()
					mu.Lock()
					limit.count(c.Now(), 1)
					sent++
					mu.Unlock()
					ticket.Answer(budget.Answer{})
					ticket.Done()
				}
			})
		}
	}
	pause := func(d time.Duration) { <-c.NewTimer(d).C() }
	pause(5 * time.Second)
	if err := connect(t, redis.Options{}).ScriptFlush(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	pause(20 * time.Second)
	cancel()
	calls.Wait()
	for _, l := range ledgers {
		l.Close()
	}
	if limit.passed > 0 {
		t.Errorf("passed %d times, %v at the worst", limit.passed, limit.worst)
	}
	if sent < 100 {
		t.Errorf("%d calls in 25 s of a limit of 50 in 10 s", sent)
	}
	keys, err := connect(t, redis.Options{}).Keys(context.Background(), "weir:{own-clock}*").Result()
	if err != nil || len(keys) != 2 {
		t.Errorf("keys: %v, %v", keys, err)
	}
	for _, key := range keys {
		if ttl := connect(t, redis.Options{}).PTTL(context.Background(), key).Val(); ttl <= 0 || ttl > time.Minute {
			t.Errorf("%s lives for %v", key, ttl)
		}
	}
}
