package redisbudget_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/redisbudget"
)

// TestMembersShareAWindow asks for all of a window, in ten of them, and for few
// calls to Redis, heartbeats apart.
func TestMembersShareAWindow(t *testing.T) {
	for name, test := range map[string]struct {
		shape   api.Window
		callers []int
		calls   float64 // to Redis, for each request
	}{
		"three equal":      {api.Window{Limit: 700, Per: time.Minute}, []int{30, 30, 30}, 0.05},
		"one has all":      {api.Window{Limit: 700, Per: time.Minute}, []int{60, 0, 0}, 0.05},
		"one alone":        {api.Window{Limit: 700, Per: time.Minute}, []int{60}, 0.05},
		"5000, three":      {api.Window{Limit: 5000, Per: time.Minute}, []int{100, 100, 100}, 0.01},
		"5000, one of two": {api.Window{Limit: 5000, Per: time.Minute}, []int{200, 0}, 0.01},
		"an hour, three":   {api.Window{Limit: 5000, Per: time.Hour}, []int{100, 100, 100}, 0.01},
		"an hour, one":     {api.Window{Limit: 5000, Per: time.Hour}, []int{200, 0, 0}, 0.01},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limit := &referee{name: "limit", shape: test.shape}
				w := newWorld(t, 1, limit)
				w.delay = time.Millisecond
				beat := test.shape.Per / 20 // 3 s for a minute; ten hours of such would take minutes
				var members []*member
				for _, n := range test.callers {
					m := w.join(redisbudget.WithHeartbeat(beat))
					w.work(m, n, limit.request(1))
					members = append(members, m)
				}
				time.Sleep(10*test.shape.Per - test.shape.Per/6)
				sent, calls := w.sent.Load(), w.calls.Load()
				for _, m := range members {
					m.leave()
				}
				w.judge()
				if all := int64(10 * test.shape.Limit); float64(sent) < 0.98*float64(all) {
					t.Errorf("%d of %d were sent", sent, all)
				}
				beats := int64(len(members)) * int64((10*test.shape.Per-test.shape.Per/6)/beat)
				if each := float64(calls-beats) / float64(sent); each > test.calls {
					t.Errorf("%.4f calls to Redis for each request, want %v at the most", each, test.calls)
				}
			})
		})
	}
}

// TestMembersThatComeAndGo has two members want more than there is, and a third that
// does so now and then: it stays and is idle, or it leaves and another one joins.
func TestMembersThatComeAndGo(t *testing.T) {
	for name, stays := range map[string]bool{"stays": true, "leaves": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limit := &referee{name: "minute", shape: api.Window{Limit: 700, Per: time.Minute}}
				w := newWorld(t, 15, limit)
				w.delay = time.Millisecond
				a, b := w.join(), w.join()
				w.work(a, 30, limit.request(1))
				w.work(b, 30, limit.request(1))
				end := time.Now().Add(9*time.Minute + 50*time.Second)
				c := w.join()
				for time.Until(end) > 0 {
					time.Sleep(min(w.between(5*time.Second, 70*time.Second), time.Until(end)))
					w.work(c, 30, limit.request(1))
					time.Sleep(min(w.between(5*time.Second, 70*time.Second), max(time.Until(end), 0)))
					if time.Until(end) <= 0 {
						break
					}
					if !stays {
						c.leave()
						c = w.join()
						continue
					}
					c.rest()
				}
				sent := w.sent.Load()
				for _, m := range []*member{a, b, c} {
					m.leave()
				}
				w.judge()
				t.Logf("%d of 7000 were sent, %d by the two that stayed", sent, a.sent.Load()+b.sent.Load())
				if sent < 6860 {
					t.Errorf("%d of 7000 were sent", sent)
				}
			})
		})
	}
}

// TestEveryShapeIsShared has three members want more than there is: each gets its
// part, and together they get most of what a single process could.
func TestEveryShapeIsShared(t *testing.T) {
	for name, test := range map[string]struct {
		shape api.Shape
		least int64 // in two minutes
	}{
		"window":       {api.Window{Limit: 60, Per: 10 * time.Second}, 710},
		"narrow":       {api.Window{Limit: 3, Per: 2 * time.Second}, 165},
		"bucket":       {api.Bucket{Burst: 40, Refill: 10, Per: time.Second}, 1200},
		"bucket of 1":  {api.Bucket{Burst: 1, Refill: 1, Per: time.Second}, 105},
		"concurrency":  {api.Concurrency{Max: 7}, 8000},
		"approximate":  {api.Window{Limit: 60, Per: 10 * time.Second, Kind: api.SlidingApproximate}, 350},
		"large bucket": {api.Bucket{Burst: 500, Refill: 100, Per: time.Minute}, 680},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limit := &referee{name: "limit", shape: test.shape}
				w := newWorld(t, 2, limit)
				w.delay = time.Millisecond
				var members []*member
				for range 3 {
					m := w.join()
					w.work(m, 20, limit.request(1))
					members = append(members, m)
				}
				time.Sleep(2 * time.Minute)
				sent := w.sent.Load()
				for i, m := range members {
					if n := m.sent.Load(); 5*n < sent {
						t.Errorf("member %d sent %d of %d", i, n, sent)
					}
				}
				for _, m := range members {
					m.leave()
				}
				w.judge()
				if sent < test.least {
					t.Errorf("%d were sent, want %d at least", sent, test.least)
				}
			})
		})
	}
}

// TestThreeServersUnderAThousand is the story of servers that each believed to be
// under their limit.
func TestThreeServersUnderAThousand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := &referee{name: "minute", shape: api.Window{Limit: 1000, Per: time.Minute}}
		w := newWorld(t, 3, limit)
		var members []*member
		for _, n := range []int{450, 380, 410} {
			m := w.join()
			w.demand(m, n, limit.request(1))
			members = append(members, m)
		}
		time.Sleep(2 * time.Minute)
		before := w.sent.Load()
		time.Sleep(8 * time.Minute)
		sent := w.sent.Load() - before
		for _, m := range members {
			m.leave()
		}
		w.judge()
		if sent < 8*990 || sent > 8*1010 {
			t.Errorf("%d in 8 minutes, want 1,000 a minute", sent)
		}
	})
}

// TestCostsAndSeveralLimits has calls of cost 3 draw on two limits at once.
func TestCostsAndSeveralLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		minute := &referee{name: "minute", shape: api.Window{Limit: 100, Per: 20 * time.Second}}
		second := &referee{name: "second", shape: api.Window{Limit: 20, Per: time.Second}}
		w := newWorld(t, 4, minute, second)
		r := minute.request(3)
		r.Alternatives[0] = append(r.Alternatives[0], second.charge(1))
		a, b := w.join(), w.join()
		w.work(a, 10, r)
		w.work(b, 10, r)
		time.Sleep(2 * time.Minute)
		sent := w.sent.Load()
		a.leave()
		b.leave()
		w.judge()
		if sent < 6*33*9/10 {
			t.Errorf("%d were sent of %d", sent, 6*33)
		}
	})
}

// TestNobodyStarves has members that need all of a limit for one call, or of which
// one makes large calls and the other small ones, or that have a place each.
func TestNobodyStarves(t *testing.T) {
	for name, test := range map[string]struct {
		shape api.Shape
		costs []int
		least int64 // of each member, in two minutes
	}{
		"each needs all":   {api.Window{Limit: 2, Per: 2 * time.Second}, []int{2, 2}, 20},
		"large and small":  {api.Window{Limit: 4, Per: 2 * time.Second}, []int{4, 1}, 15},
		"of a bucket":      {api.Bucket{Burst: 3, Refill: 1, Per: time.Second}, []int{3, 1}, 12},
		"a place for each": {api.Concurrency{Max: 2}, []int{1, 1}, 500},
		"of all places":    {api.Concurrency{Max: 3}, []int{3, 1}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limit := &referee{name: "limit", shape: test.shape}
				w := newWorld(t, 14, limit)
				w.delay = time.Millisecond
				var members []*member
				for _, cost := range test.costs {
					m := w.join()
					w.work(m, 6, limit.request(cost))
					members = append(members, m)
				}
				time.Sleep(2 * time.Minute)
				for i, m := range members {
					n := m.sent.Load()
					t.Logf("member %d made %d calls of %d", i, n, test.costs[i])
					if n < test.least {
						t.Errorf("member %d made %d calls", i, n)
					}
				}
				for _, m := range members {
					m.leave()
				}
				w.judge()
			})
		})
	}
}
