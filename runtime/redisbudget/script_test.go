package redisbudget_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime/redisbudget"
)

// table is a namespace to which a test speaks as its members would, at times of its
// choice: in milliseconds from the test's begin.
type table struct {
	t     *testing.T
	redis *redis.Client
	name  string
	seats map[string]*seat
}

// seat is what a member has to remember.
type seat struct {
	inc, gen  string
	k, n, ack int
	heard     map[int]int // of each counter, the last call that had a reply
	clock, at float64     // Redis's, as last told, and when
	longest   float64
	restating bool
}

const tableEpoch = 1e9

func newTable(t *testing.T) *table {
	return &table{t: t, redis: connect(t, redis.Options{}), name: fmt.Sprintf("weir:{table%d}", namespaces.Add(1)), seats: map[string]*seat{}}
}

// counter is what a call says of one counter; a window of ten in a minute unless told.
type counter map[string]any

// reply is what Redis says.
type reply struct {
	Stale, Taken, Restate bool
	Gen, Now              string
	Rec, Long             float64
	C                     []struct {
		G [][2]float64
		X string
	}
}

// got is what was granted of the first counter, and when it may be used.
func (r *reply) got() (n int, at float64) {
	for _, c := range r.C[:min(len(r.C), 1)] {
		for _, g := range c.G {
			n, at = n+int(g[1]), max(at, g[0])
		}
	}
	return n, at
}

// call is one call of a member that arrives at a time; over replaces what it would
// say. A reply that is lost the member does not get to know.
func (b *table) call(at float64, name string, lost bool, over map[string]any, counters ...counter) *reply {
	b.t.Helper()
	s := b.seats[name]
	if s == nil {
		s = &seat{inc: name + "-1"}
		b.seats[name] = s
	}
	s.k++
	if s.n == s.ack {
		s.n++
	}
	ask := map[string]any{"name": name, "inc": s.inc, "fresh": fmt.Sprint(s.inc, s.k), "gen": s.gen, "k": s.k, "n": s.n, "ack": s.ack,
		"now": tableEpoch + at, "speed": 1, "hb": 3000, "linger": 10000, "rsv": 0, "p": 1, "longest": max(60001, s.longest), "others": []string{}, "restate": s.restating}
	if s.clock != 0 {
		ask["low"], ask["by"] = s.clock+at-s.at, s.clock+15000
	}
	keys, list := []string{b.name}, []any{}
	for i, c := range counters {
		full := counter{"k": "w", "u": 0, "life": 60001, "n": 10, "o": 0, "x": 1, "has": 0, "r": s.heard[i]}
		maps.Copy(full, c)
		if w, ok := full["w"].(int); ok {
			full["cl"] = []any{map[string]any{"c": 2, "s": 1, "u": 0, "w": w, "a": 60000}}
		}
		list, keys = append(list, full), append(keys, fmt.Sprintf("%s:%d", b.name, i))
	}
	ask["c"] = list
	maps.Copy(ask, over)
	body, err := json.Marshal(ask)
	if err != nil {
		b.t.Fatal(err)
	}
	text, err := redis.NewScript(redisbudget.Script).Run(context.Background(), b.redis, keys, body).Text()
	if err != nil {
		b.t.Log(err)
		return nil
	}
	var r reply
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		b.t.Fatal(err)
	}
	if lost || r.Stale {
		return &r
	}
	s.gen, s.restating, s.at, s.longest = r.Gen, r.Restate, at, r.Long
	fmt.Sscan(r.Now, &s.clock)
	if !r.Restate {
		s.ack = s.n
		for i := range r.C {
			if s.heard == nil {
				s.heard = map[int]int{}
			}
			s.heard[i] = s.k
		}
	}
	return &r
}

// charges is a report of n that are free at a time from now, answered at another.
func charges(n int, free, at float64) counter {
	return counter{"s": []any{[]float64{free, at, float64(n)}}}
}

var wants10 = counter{"w": 10, "x": 10}

// granted fails unless so many were granted.
func (b *table) granted(r *reply, want int) {
	b.t.Helper()
	if n, _ := r.got(); n != want {
		b.t.Errorf("%d were granted, want %d", n, want)
	}
}

// TestPlacesOfOneWithoutReplies has a member be heard that has no replies: what comes
// free after the end of its leases it may send again, so it is nobody else's.
func TestPlacesOfOneWithoutReplies(t *testing.T) {
	b := newTable(t)
	b.call(0, "a", false, nil)
	b.call(1, "b", false, nil)
	b.call(100, "a", false, nil, charges(10, 18000, 0)) // its leases last until 15,100
	for at := 3000.0; at < 22000; at += 3000 {
		b.call(at, "a", true, nil, counter{})
		b.call(at+1, "b", false, nil, counter{})
	}
	b.granted(b.call(17000, "b", false, nil, wants10), 0)
	b.granted(b.call(19000, "b", false, nil, wants10), 0)
	if r := b.call(19500, "a", true, map[string]any{"away": true}); !r.Restate {
		t.Errorf("one that is away was not asked to restate: %+v", r)
	}
}

// TestPlacesOfOneThatIsGone has them come free where nothing more was heard of it.
func TestPlacesOfOneThatIsGone(t *testing.T) {
	b := newTable(t)
	b.call(0, "a", false, nil)
	b.call(1, "b", false, nil)
	b.call(100, "a", false, nil, charges(10, 18000, 0))
	for at := 3000.0; at < 16000; at += 3000 {
		b.call(at, "b", false, nil, counter{})
	}
	b.granted(b.call(16000, "b", false, nil, wants10), 0)
	b.granted(b.call(18200, "b", false, nil, wants10), 10)
}

// TestHandedOnAndLost has places be handed on before they are free, by one who leaves,
// in a reply that is lost; and the one who should have had it restates.
func TestHandedOnAndLost(t *testing.T) {
	b := newTable(t)
	b.call(0, "a", false, nil)
	b.call(1, "b", false, nil)
	b.call(2, "a", false, map[string]any{"leave": true}, charges(10, 8000, 0))
	if n, at := b.call(3, "b", true, nil, wants10).got(); n == 0 || at == 0 {
		t.Fatalf("%d were granted, from %v on", n, at)
	}
	b.call(1000, "b", false, map[string]any{"away": true})
	b.call(1001, "b", false, nil, counter{})
	if n, at := b.call(2000, "b", false, nil, wants10).got(); n > 0 && at < 5000 {
		t.Errorf("%d were granted, to be used %v ms later, while others count for 6 s", n, at)
	}
}

// TestHandedBackAndRestated has the one who has them give them back, unheard, before it restates.
func TestHandedBackAndRestated(t *testing.T) {
	b := newTable(t)
	b.call(0, "a", false, nil)
	b.call(1, "b", false, nil)
	b.call(2, "a", false, map[string]any{"leave": true}, charges(10, 8000, 0))
	b.call(3, "b", false, nil, wants10)
	b.call(1000, "b", false, map[string]any{"away": true})
	b.call(1001, "b", false, nil, counter{"b": []any{[]float64{7001, 10}}})
	if n, at := b.call(2000, "b", false, nil, wants10).got(); n > 0 && at < 5000 {
		t.Errorf("%d were granted, to be used %v ms later, while others count for 6 s", n, at)
	}
}

// TestNameTakenOver has a process restate under the name of one that was killed: it
// does not speak for that one's charges.
func TestNameTakenOver(t *testing.T) {
	b := newTable(t)
	b.call(0, "a", false, nil)
	b.call(1, "b", false, nil)
	b.call(2, "a", false, nil, charges(10, 50000, 0))
	b.seats["a"] = &seat{inc: "a-2"}
	b.call(1000, "a", false, nil)
	b.call(1001, "b", false, map[string]any{"away": true})
	b.call(1002, "b", false, nil, counter{})
	b.call(1003, "a", false, nil)
	b.call(1004, "a", false, nil, counter{})
	b.granted(b.call(2000, "a", false, nil, wants10), 0)
	b.granted(b.call(2001, "b", false, nil, wants10), 0)
}

// TestNewcomerFirst has one join first after all were without Redis for long, and
// after Redis has lost everything.
func TestNewcomerFirst(t *testing.T) {
	b := newTable(t)
	b.call(0, "a", false, nil)
	b.call(1, "a", false, nil, counter{"o": 10})
	if r := b.call(100_000, "new", false, nil); r.Rec == 0 {
		t.Error("nobody is waited for after a long silence")
	}
	b = newTable(t)
	b.call(0, "a", false, nil)
	b.call(1, "a", false, nil, counter{"o": 10})
	b.redis.Del(context.Background(), b.name, b.name+":0")
	b.call(2, "new", false, nil)
	if r := b.call(3, "a", false, nil, counter{"o": 10}); !r.Restate {
		t.Error("one of an unknown generation was not asked to restate")
	}
	b.granted(b.call(4, "new", false, nil, wants10), 0)
}

// TestEndsAreForThoseWhoKnow has a told end free the charges of those alone who know
// that ends are told: without Redis the others would send them again later.
func TestEndsAreForThoseWhoKnow(t *testing.T) {
	for _, knows := range []bool{false, true} {
		b := newTable(t)
		b.call(0, "a", false, nil)
		b.call(1, "b", false, nil)
		mine := charges(10, 60000, 0)
		mine["te"] = knows
		b.call(2, "a", false, nil, mine)
		b.call(500, "b", false, nil, counter{"te": true, "ends": []any{[]float64{-100, 1000}}})
		r := b.call(2000, "b", false, nil, wants10)
		if n, _ := r.got(); (n > 0) != knows {
			t.Errorf("%d were granted where the owner knows: %v", n, knows)
		}
	}
}

// TestLongestWindowIsEveryones has a member that has never used a long window wait for it
// when Redis has lost what one that was killed had used.
func TestLongestWindowIsEveryones(t *testing.T) {
	b := newTable(t)
	b.call(0, "a", false, map[string]any{"longest": 3_600_001})
	b.call(1, "b", false, nil)
	b.call(2, "a", false, map[string]any{"longest": 3_600_001}, counter{"life": 3_600_001, "o": 10})
	b.redis.Del(context.Background(), b.name, b.name+":0")
	b.call(1000, "b", false, map[string]any{"others": []string{"a"}})
	r := b.call(1001, "b", false, map[string]any{"others": []string{"a"}}, counter{"life": 3_600_001})
	if r.Rec < 3_600_000 {
		t.Errorf("it is waited for %v ms", r.Rec)
	}
}

// TestClockSetBack has Redis's clock go on from where it was.
func TestClockSetBack(t *testing.T) {
	b := newTable(t)
	b.call(0, "a", false, nil)
	b.call(1000, "a", false, nil, charges(10, 2000, 0))
	b.call(-500_000, "a", false, nil, counter{})
	if n, at := b.call(-497_500, "a", false, nil, wants10).got(); n != 10 || at != 0 {
		t.Errorf("%d were granted, from %v on", n, at)
	}
}

// TestFailedCallHasDoneNothing has one of two counters be something else.
func TestFailedCallHasDoneNothing(t *testing.T) {
	b := newTable(t)
	b.call(0, "a", false, nil)
	b.redis.Set(context.Background(), b.name+":1", "somebody's", 0)
	for range 3 {
		if r := b.call(1, "a", true, nil, charges(5, 60000, 0), counter{}); r != nil {
			t.Fatalf("%+v", r)
		}
	}
	if n := b.redis.Exists(context.Background(), b.name+":0").Val(); n != 0 {
		t.Error("the first counter was written")
	}
}

// TestSteadyStreamIsNotOneCharge has charges less than a grain apart come free one by one.
func TestSteadyStreamIsNotOneCharge(t *testing.T) {
	b := newTable(t)
	b.call(0, "a", false, nil)
	for i := range 400 {
		b.call(float64(30*i), "a", false, nil, counter{"n": 400, "s": []any{[]float64{60001, 0, 1}}})
	}
	for at := 15000.0; at < 63000; at += 3000 {
		b.call(at, "a", false, nil, counter{"n": 400})
	}
	r := b.call(63001, "a", false, nil, counter{"n": 400, "w": 400})
	now := 0
	for _, g := range r.C[0].G {
		if g[0] == 0 {
			now += int(g[1])
		}
	}
	if now < 90 {
		t.Errorf("%d of 100 are free", now)
	}
}

// TestBucketIsRemembered has the key of a bucket outlast what it holds, and a lost charge
// pour when it is deemed answered, and not before.
func TestBucketIsRemembered(t *testing.T) {
	b := newTable(t)
	bucket := counter{"k": "b", "u": 1000, "life": 0, "n": 200}
	with := func(more counter) counter {
		c := maps.Clone(bucket)
		maps.Copy(c, more)
		return c
	}
	b.call(0, "a", false, nil)
	b.call(1, "a", false, nil, with(counter{"o": 200}))
	if life := b.redis.PTTL(context.Background(), b.name+":0").Val().Seconds(); life < 225 {
		t.Errorf("it expires in %v s", life)
	}
	b.call(2, "a", false, nil, with(counter{"s": []any{[]float64{10000, 10000, 1}}}))
	b.granted(b.call(3, "a", false, nil, with(counter{"w": 199, "x": 199})), 199)
	for _, key := range []string{b.name, b.name + ":0"} {
		if !strings.HasPrefix(b.redis.Get(context.Background(), key).Val(), "weir1") {
			t.Errorf("%s is not ours", key)
		}
	}
}
