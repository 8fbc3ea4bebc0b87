package redisbudget_test

// This file is the world of the tests: a redis-server of their own, members in
// virtual time, and a referee that counts what they send.

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime/api"
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
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given { // a run takes half a second; all runs of all developers draw others
		if err := flag.Set("rapid.checks", "8"); err != nil {
			panic(err)
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
	drop      float64       // how often a reply of Redis is lost
	calls     atomic.Int64  // to Redis
	sent      atomic.Int64
	classes   map[budget.Class]int // how many of sent
	events    []budget.Event
	channel   channel
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
		if w.down.Load() || w.member.killed.Load() {
			return errCut
		}
		w.calls.Add(1)
		w.mu.Lock()
		delay := w.delay
		w.mu.Unlock()
		if delay > 0 {
			time.Sleep(delay)
		}
		w.channel.open(w.world)
		if w.late > 0 && w.chance(0.1) {
			time.Sleep(w.between(0, w.late))
		}
		time.Sleep(time.Duration(w.member.late.Load()))
		arrive(cmd)
		err := next(context.Background(), cmd) // time stands still meanwhile
		w.channel.pass(w.world)
		if w.member.joined.Load() && w.drop > 0 && w.chance(w.drop) {
			return errCut
		}
		return err
	}
}

var sending = regexp.MustCompile(`"now":[-+.e\d]+`)

// arrive has Redis read its clock as a call comes in, and not as it was sent.
func arrive(cmd redis.Cmder) {
	args := cmd.Args()
	last := len(args) - 1
	since := time.Since(time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC))
	args[last] = sending.ReplaceAll(args[last].([]byte), fmt.Appendf(nil, `"now":%f`, float64(since)/float64(time.Millisecond)))
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
	joined atomic.Bool  // from when on Redis's replies may be lost
	late   atomic.Int64 // for how long its calls to Redis are on their way
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

func (w *world) call(m *member, r *budget.Request) {
	ticket, err := m.Admit(m.ctx, r)
	if err != nil {
		return
	}
	ticket.Sent()
	time.Sleep(w.between(w.latency[0], w.latency[1]))
	w.sent.Add(1)
	m.sent.Add(1)
	now := time.Now()
	w.mu.Lock()
	w.classes[r.Class]++
	for _, l := range w.limits {
		for _, c := range r.Alternatives[0] {
			if c.Key.Limit == l.name {
				l.count(now, c.Cost)
			}
		}
	}
	w.mu.Unlock()
	time.Sleep(w.between(w.latency[0], w.latency[1]))
	ticket.Answer(budget.Answer{})
	for _, l := range w.limits {
		w.mu.Lock()
		l.done(r)
		w.mu.Unlock()
	}
	ticket.Done()
}

// referee counts what the provider sees of one limit, by the rule and by nothing else.
type referee struct {
	name   string
	shape  api.Shape
	taken  []time.Time
	level  float64
	last   time.Time
	open   int
	worst  float64 // the most seen in one window, in the bucket, or at once
	passed int     // how often it was above the limit
}

func (r *referee) charge(cost int) budget.Charge {
	return budget.Charge{Key: budget.Key{API: "test", Limit: r.name}, Shape: r.shape, Cost: cost}
}

func (r *referee) request(cost int) *budget.Request {
	return &budget.Request{Operation: "Test.Call", Alternatives: [][]budget.Charge{{r.charge(cost)}}}
}

func (r *referee) count(at time.Time, cost int) {
	var used, limit float64
	switch s := r.shape.(type) {
	case api.Window: // any stretch of W, which is the strictest of all placings
		for range cost {
			r.taken = append(r.taken, at)
		}
		for at.Sub(r.taken[0]) >= s.Per {
			r.taken = r.taken[1:]
		}
		used, limit = float64(len(r.taken)), float64(s.Limit)
	case api.Bucket:
		r.level = max(r.level-at.Sub(r.last).Seconds()*float64(s.Refill)/s.Per.Seconds(), 0) + float64(cost)
		r.last = at
		used, limit = r.level, float64(s.Burst)+1e-6
	case api.Concurrency:
		r.open += cost
		used, limit = float64(r.open), float64(s.Max)
	}
	r.worst = max(r.worst, used)
	if used > limit {
		r.passed++
	}
}

func (r *referee) done(q *budget.Request) {
	if _, ok := r.shape.(api.Concurrency); !ok {
		return
	}
	for _, c := range q.Alternatives[0] {
		if c.Key.Limit == r.name {
			r.open -= c.Cost
		}
	}
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
