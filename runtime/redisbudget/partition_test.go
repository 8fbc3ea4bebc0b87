package redisbudget_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/redisbudget"
)

var partitioned = map[string]api.Shape{
	"window":      api.Window{Limit: 100, Per: time.Minute},
	"sliding":     api.Window{Limit: 100, Per: 20 * time.Second, Kind: api.Sliding},
	"bucket":      api.Bucket{Burst: 20, Refill: 2, Per: time.Second},
	"concurrency": api.Concurrency{Max: 20},
}

// TestPartitionSafe cuts half of the members off from Redis for eight minutes, while
// all want more than there is: the limit is never passed, both halves go on for as
// long as is reserved, and all of the limit is used by the others after that, and
// by all when they are back.
func TestPartitionSafe(t *testing.T) {
	for name, shape := range partitioned {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limit := &referee{name: "limit", shape: shape}
				w := newWorld(t, 11, limit)
				w.latency = [2]time.Duration{50 * time.Millisecond, 200 * time.Millisecond}
				if name == "concurrency" {
					w.latency = [2]time.Duration{time.Second, 3 * time.Second}
				}
				var members []*member
				for range 4 {
					m := w.join(redisbudget.WithAway(redisbudget.PartitionSafe), redisbudget.WithReserve(2*time.Minute))
					if name == "concurrency" {
						w.work(m, 15, limit.request(1))
					} else {
						w.demand(m, 200, limit.request(1))
					}
					members = append(members, m)
				}
				cut, others := members[:2], members[2:]
				sum := func(of []*member) (n int64) {
					for _, m := range of {
						n += m.sent.Load()
					}
					return n
				}
				step := func(d time.Duration) (ofCut, ofOthers int64) {
					c, o := sum(cut), sum(others)
					time.Sleep(d)
					return sum(cut) - c, sum(others) - o
				}
				time.Sleep(2 * time.Minute)
				c, o := step(time.Minute)
				all := c + o
				for _, m := range cut {
					m.apart.Store(true)
				}
				step(45 * time.Second)
				c, o = step(time.Minute)
				if c < 5 || o < all/10 {
					t.Errorf("with half of the members cut off, they send %d and the others %d, of %d", c, o, all)
				}
				step(150 * time.Second)
				c, o = step(time.Minute)
				if c > 0 || o < all*8/10 {
					t.Errorf("when nothing is reserved any more, those cut off send %d, and the others %d of %d", c, o, all)
				}
				step(3 * time.Minute)
				for _, m := range cut {
					m.apart.Store(false)
				}
				step(2 * time.Minute)
				c, o = step(time.Minute)
				if c+o < all*8/10 || c < all/5 || o < all/5 {
					t.Errorf("back, they send %d and the others %d, of %d", c, o, all)
				}
				for _, m := range members {
					m.leave()
				}
				w.judge()
			})
		})
	}
}

// TestPartitionWithoutReserve shows what OwnCharges costs in a partition: what those that
// are cut off occupied, once for each window, and no more.
func TestPartitionWithoutReserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := &referee{name: "minute", shape: api.Window{Limit: 100, Per: time.Minute}}
		w := newWorld(t, 11, limit)
		a, b := w.join(), w.join()
		w.work(a, 15, limit.request(1))
		w.work(b, 15, limit.request(1))
		time.Sleep(4 * time.Minute)
		occupied := b.sent.Load()
		b.apart.Store(true)
		time.Sleep(time.Minute)
		occupied = b.sent.Load() - occupied
		time.Sleep(10 * time.Minute)
		a.leave()
		b.leave()
		if limit.worst <= 100 || limit.worst > 100+float64(occupied) {
			t.Errorf("%v in a minute at the worst, want more than 100, but no more than %d above", limit.worst, occupied)
		}
	})
}

// TestReserveEnds has a member killed by which others wait for its places, and one that
// starts under its name, by which they do not.
func TestReserveEnds(t *testing.T) {
	for name, restarted := range map[string]bool{"killed": false, "restarted": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limit := &referee{name: "minute", shape: api.Window{Limit: 100, Per: time.Minute}}
				w := newWorld(t, 12, limit)
				with := []redisbudget.Option{redisbudget.WithAway(redisbudget.PartitionSafe), redisbudget.WithReserve(3 * time.Minute)}
				a, b := w.join(with...), w.join(append(with, redisbudget.WithMember("b"))...)
				w.demand(a, 120, limit.request(1))
				w.demand(b, 120, limit.request(1))
				time.Sleep(3 * time.Minute)
				b.kill()
				if restarted {
					b = w.join(append(with, redisbudget.WithMember("b"))...)
				}
				rate := func() int64 {
					before := w.sent.Load()
					time.Sleep(time.Minute)
					return w.sent.Load() - before
				}
				time.Sleep(2 * time.Minute)
				if n := rate(); (n > 90) != restarted {
					t.Errorf("%d were sent in the third minute", n)
				}
				time.Sleep(3 * time.Minute)
				if n := rate(); n < 95 {
					t.Errorf("%d were sent when nothing was reserved any more", n)
				}
				a.leave()
				if restarted {
					b.leave()
				}
				w.judge()
			})
		})
	}
}

// TestNeverAboveTheLimitInPartitions cuts random members off, for random times, from
// any shape of limit.
func TestNeverAboveTheLimitInPartitions(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed, shape := rapid.Uint64().Draw(rt, "seed"), drawShape(rt)
		members := rapid.IntRange(2, 5).Draw(rt, "members")
		rate := rapid.SampledFrom([]int{0, 60, 400}).Draw(rt, "rate")
		var broken string
		synctest.Test(t, func(t *testing.T) {
			limit := &referee{name: "limit", shape: shape}
			w := newWorld(t, seed, limit)
			var all []*member
			join := func() {
				m := w.join(redisbudget.WithAway(redisbudget.PartitionSafe), redisbudget.WithReserve(40*time.Second))
				if rate > 0 {
					w.demand(m, rate, limit.request(1))
				} else {
					w.work(m, 6, limit.request(1))
				}
				all = append(all, m)
			}
			for range members {
				join()
			}
			time.Sleep(w.between(4*time.Second, 40*time.Second))
			for range 8 {
				m := all[int(w.between(0, time.Duration(len(all)-1)))]
				switch w.between(0, 5) {
				case 0:
					join()
				default:
					m.apart.Store(!m.apart.Load())
				}
				time.Sleep(w.between(4*time.Second, 40*time.Second))
			}
			for _, m := range all {
				m.leave()
			}
			if limit.passed > 0 {
				broken = fmt.Sprintf("%+v: passed %d times, %v at the worst", shape, limit.passed, limit.worst)
			}
		})
		if broken != "" {
			rt.Fatal(broken)
		}
	})
}

// TestPoliciesMustAgree has a member that reserves and one that does not meet.
func TestPoliciesMustAgree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		m := w.join()
		defer m.leave()
		other := &member{}
		client := w.client(other)
		defer client.Close()
		l, err := redisbudget.New(t.Context(), client, redisbudget.WithNamespace(w.namespace), redisbudget.WithOwnTime(),
			redisbudget.WithAway(redisbudget.PartitionSafe))
		if err == nil {
			l.Close()
			t.Fatal("they met")
		}
	})
}
