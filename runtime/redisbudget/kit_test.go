package redisbudget_test

// This file is the world of the tests: a redis-server of their own, members in
// virtual time, and a referee that counts what they send.

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/redisbudget"
)

// shared is the redis-server of all tests that do not stop theirs.
var shared *server

func TestMain(m *testing.M) {
	if order := os.Getenv(processOrder); order != "" {
		os.Exit(beProcess(order))
	}
	flag.Parse()
	given := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for name, value := range map[string]string{
		"rapid.checks":  "8", // a run takes half a second; all runs of all developers draw others
		"test.parallel": "6", // they wait, for the most part
	} {
		if !given[name] {
			if err := flag.Set(name, value); err != nil {
				panic(err)
			}
		}
	}
	s, err := startServer()
	if err != nil {
		fmt.Fprintln(os.Stderr, "redis-server from PATH:", err)
		os.Exit(1)
	}
	shared = s
	code := m.Run()
	shared.stop()
	os.Exit(code)
}

var namespaces atomic.Int64

// world is a provider and the members that call it, in a bubble.
type world struct {
	t         *testing.T
	namespace string
	redis     redis.Options // for members; the shared server unless said
	random    *rand.Rand
	mu        sync.Mutex
	latency   [2]time.Duration // of each way to the provider
	limits    []*referee
	down      atomic.Bool // Redis cannot be reached
	delay     time.Duration
	late      time.Duration // a tenth of the calls to Redis are on their way for up to so long
	calls     atomic.Int64  // to Redis
	sent      atomic.Int64
	classes   map[budget.Class]int // how many of sent
	events    []budget.Event
	channel   channel
	patience  time.Duration // of a call; zero for as long as it takes
	deaf      bool          // members hear no news but by contacts
	network   network
	manners   manners
	after     sync.WaitGroup // what the provider does when a call was given up
}

func newWorld(t *testing.T, seed uint64, limits ...*referee) *world {
	return &world{t: t, classes: map[budget.Class]int{}, namespace: fmt.Sprintf("test%d", namespaces.Add(1)), random: rand.New(rand.NewPCG(seed, 1)),
		latency: [2]time.Duration{5 * time.Millisecond, 40 * time.Millisecond}, limits: limits}
}

func (w *world) between(low, high time.Duration) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return low + time.Duration(w.random.Int64N(int64(high-low)+1))
}

func (w *world) chance(p float64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.random.Float64() < p
}

// client is a member's own client.
func (w *world) client(m *member) redis.UniversalClient {
	c := w.connect()
	c.AddHook(hook{w, m})
	return c
}

func (w *world) connect() *redis.Client {
	o := w.redis
	if o.Addr == "" {
		o.Addr = shared.addr
	}
	o.MaxRetries, o.DisableIdentity = -1, true
	return redis.NewClient(&o)
}

// member is one process.
type member struct {
	*redisbudget.Ledger
	client redis.UniversalClient
	cancel context.CancelFunc
	calls  sync.WaitGroup
	sent   atomic.Int64
	ctx    context.Context
	killed atomic.Bool
	apart  atomic.Bool // it alone does not reach Redis
	name   string
	joined atomic.Bool  // from when on the network may fail it
	late   atomic.Int64 // for how long its calls to Redis are on their way
	heard  time.Time    // by Redis, last; under world.mu
	told   time.Time    // when a reply of Redis came last
}

func (w *world) join(opts ...redisbudget.Option) *member {
	w.t.Helper()
	m := &member{}
	m.client = w.client(m)
	m.ctx, m.cancel = context.WithCancel(context.Background())
	var err error
	m.Ledger, err = redisbudget.New(m.ctx, m.client, append([]redisbudget.Option{
		redisbudget.WithNamespace(w.namespace), redisbudget.WithOwnTime(), redisbudget.WithEar(w.channel.ear(w, m)),
		redisbudget.WithEvents(func(e budget.Event) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, e)
		})}, opts...)...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.enter(m)
	m.joined.Store(true)
	return m
}

// leave ends a member in good order.
func (m *member) leave() {
	m.cancel()
	m.calls.Wait()
	m.Close()
	m.client.Close()
}

// rest ends a member's calls, and leaves it where it is.
func (m *member) rest() {
	m.cancel()
	m.calls.Wait()
	m.ctx, m.cancel = context.WithCancel(context.Background())
}

// work has a number of callers call as fast as they may.
func (w *world) work(m *member, callers int, r *budget.Request) {
	for range callers {
		m.calls.Go(func() {
			for m.ctx.Err() == nil {
				w.call(m, r)
			}
		})
	}
}

// demand has calls come at a rate.
func (w *world) demand(m *member, perMinute int, r *budget.Request) {
	m.calls.Go(func() {
		for m.ctx.Err() == nil {
			m.calls.Go(func() { w.call(m, r) })
			time.Sleep(time.Minute / time.Duration(perMinute))
		}
	})
}

func (w *world) judge() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.limits {
		if l.passed > 0 {
			w.t.Errorf("%s, %+v: passed %d times, %v at the worst", l.name, l.shape, l.passed, l.worst)
		}
	}
}

// kill ends a member as kill -9 does: nothing more is sent, and nobody is told.
func (m *member) kill() {
	m.killed.Store(true)
	m.leave()
}

// forget empties Redis of the world's keys.
func (w *world) forget() {
	c := redis.NewClient(&redis.Options{Addr: shared.addr})
	defer c.Close()
	keys, err := c.Keys(context.Background(), "weir:{"+w.namespace+"}*").Result()
	if err == nil && len(keys) > 0 {
		err = c.Del(context.Background(), keys...).Err()
	}
	if err != nil {
		w.t.Error(err)
	}
}

// count is how many events of a kind there were.
func (w *world) count(kind budget.EventKind) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// byClass is how many calls of each class were sent.
func (w *world) byClass() map[budget.Class]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.classes)
}
