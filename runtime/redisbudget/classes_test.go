package redisbudget_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// of is a request of a class.
func (r *referee) of(class budget.Class) *budget.Request {
	q := r.request(1)
	q.Class = class
	return q
}

// TestClassesShareAcrossMembers has members flood a limit with calls of different
// classes: each class gets its share of it, whoever makes its calls.
func TestClassesShareAcrossMembers(t *testing.T) {
	shapes := map[string]api.Shape{
		"window":       api.Window{Limit: 700, Per: time.Minute},
		"short window": api.Window{Limit: 60, Per: 10 * time.Second},
		"bucket":       api.Bucket{Burst: 40, Refill: 10, Per: time.Second},
		"bucket of 1":  api.Bucket{Burst: 1, Refill: 1, Per: time.Second},
		"concurrency":  api.Concurrency{Max: 20},
	}
	for name, test := range map[string]struct {
		classes [][]budget.Class // of each member
		want    map[budget.Class]float64
	}{
		"urgent here, background there": {[][]budget.Class{{budget.Urgent}, {budget.Background}},
			map[budget.Class]float64{budget.Urgent: 0.6, budget.Background: 0.4}},
		"normal and background, and background": {[][]budget.Class{{budget.Normal, budget.Background}, {budget.Background}},
			map[budget.Class]float64{budget.Normal: 0.714, budget.Background: 0.286}},
	} {
		for kind, shape := range shapes {
			t.Run(name+"/"+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					limit := &referee{name: "limit", shape: shape}
					w := newWorld(t, 11, limit)
					w.delay = time.Millisecond
					if _, ok := shape.(api.Concurrency); ok { // or there would be 400 calls a second
						w.latency = [2]time.Duration{200 * time.Millisecond, 600 * time.Millisecond}
					}
					var members []*member
					for _, classes := range test.classes {
						m := w.join()
						for _, class := range classes {
							w.work(m, 30, limit.of(class))
						}
						members = append(members, m)
					}
					time.Sleep(2 * time.Minute)
					before, all := w.byClass(), w.sent.Load()
					time.Sleep(5 * time.Minute)
					after, sent := w.byClass(), float64(w.sent.Load()-all)
					for _, m := range members {
						m.leave()
					}
					w.judge()
					for class, share := range test.want {
						got := float64(after[class]-before[class]) / sent
						t.Logf("%v: %.3f of %v, want %v", class, got, sent, share)
						if got < share-0.05 || got > share+0.05 {
							t.Errorf("%v: %.3f", class, got)
						}
					}
				})
			})
		}
	}
}

// TestUrgentCallsDoNotWaitForOthersFloods has one member make a few urgent calls
// while another floods the limit.
func TestUrgentCallsDoNotWaitForOthersFloods(t *testing.T) {
	for kind, shape := range map[string]api.Shape{
		"window": api.Window{Limit: 700, Per: time.Minute},
		"bucket": api.Bucket{Burst: 40, Refill: 10, Per: time.Second},
	} {
		perMinute := map[string]int{"window": 700, "bucket": 600}[kind]
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limit := &referee{name: "limit", shape: shape}
				w := newWorld(t, 12, limit)
				w.delay = time.Millisecond
				flood, user := w.join(), w.join()
				w.work(flood, 50, limit.of(budget.Background))
				time.Sleep(3 * time.Minute)
				var mu sync.Mutex
				var waits []time.Duration
				all, begun := w.sent.Load(), time.Now()
				for i := range 100 {
					time.Sleep(w.between(time.Second, 7*time.Second))
					start := time.Now()
					user.calls.Go(func() {
						ticket, err := user.Admit(user.ctx, limit.of(budget.Urgent))
						if err != nil {
							return
						}
						mu.Lock()
						if i >= 40 {
							waits = append(waits, time.Since(start))
						}
						mu.Unlock()
						ticket.Sent()
						time.Sleep(50 * time.Millisecond)
						w.mu.Lock()
						limit.count(time.Now(), 1)
						w.mu.Unlock()
						time.Sleep(50 * time.Millisecond)
						ticket.Answer(budget.Answer{})
						ticket.Done()
					})
				}
				took := time.Since(begun)
				least := int64(0.97*took.Minutes()*float64(perMinute)) - 100
				if n := w.sent.Load() - all; n < least {
					t.Errorf("the flood sent %d in %v, want %d at least", n, took, least)
				}
				flood.leave()
				user.leave()
				w.judge()
				slices.Sort(waits)
				t.Logf("urgent calls waited %v, %v at most", waits[len(waits)/2], waits[len(waits)-1])
				if most := waits[len(waits)*9/10]; most > 10*time.Millisecond {
					t.Errorf("one in ten waited %v at least", most)
				}
			})
		})
	}
}

// TestDemandsAreRankedAcrossMembers has three members state what they want of a
// limit, which is more than there is: the last in rank gets what is left.
func TestDemandsAreRankedAcrossMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := &referee{name: "minute", shape: api.Window{Limit: 1000, Per: time.Minute}}
		w := newWorld(t, 13, limit)
		w.delay = time.Millisecond
		var members []*member
		for i, cost := range []int{400, 500, 300} {
			m := w.join()
			q := limit.request(1)
			q.Flow = "sync"
			_, err := m.Demand(budget.Demand{Key: limit.charge(1).Key, Shape: limit.shape, Flow: q.Flow, Rank: []int{3, 1, 2}[i], Cost: cost})
			if err != nil {
				t.Fatal(err)
			}
			w.demand(m, cost, q)
			members = append(members, m)
		}
		time.Sleep(3 * time.Minute)
		var before []int64
		for _, m := range members {
			before = append(before, m.sent.Load())
		}
		time.Sleep(5 * time.Minute)
		for i, want := range []int64{1000, 2500, 1500} {
			got := members[i].sent.Load() - before[i]
			t.Logf("member %d sent %d in 5 minutes, want %d", i, got, want)
			if got < want*95/100 || got > want*105/100 {
				t.Errorf("member %d sent %d", i, got)
			}
		}
		for _, m := range members {
			m.leave()
		}
		w.judge()
	})
}
