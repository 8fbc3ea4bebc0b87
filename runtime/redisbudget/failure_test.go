package redisbudget_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/redisbudget"
)

// TestKill has one of three processes killed once a window, for five windows.
func TestKill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := &referee{name: "minute", shape: api.Window{Limit: 700, Per: time.Minute}}
		w := newWorld(t, 4, limit)
		a, b := w.join(), w.join()
		w.work(a, 30, limit.request(1))
		w.work(b, 30, limit.request(1))
		for range 5 {
			c := w.join(redisbudget.WithMember("c"))
			w.work(c, 30, limit.request(1))
			time.Sleep(time.Minute)
			c.kill()
		}
		sent := w.sent.Load()
		a.leave()
		b.leave()
		w.judge()
		if sent < 5*700*9/10 {
			t.Errorf("%d of %d were sent", sent, 5*700)
		}
	})
}

// TestOutage has Redis gone for 30 s, as seen by all, and back with what it knew or without.
func TestOutage(t *testing.T) {
	for name, empty := range map[string]bool{"kept": false, "lost": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limit := &referee{name: "minute", shape: api.Window{Limit: 700, Per: time.Minute}}
				w := newWorld(t, 5, limit)
				var members []*member
				for range 3 {
					m := w.join()
					w.demand(m, 300, limit.request(1))
					members = append(members, m)
				}
				step := func(d time.Duration) int64 {
					before := w.sent.Load()
					time.Sleep(d)
					return w.sent.Load() - before
				}
				step(3 * time.Minute)
				w.down.Store(true)
				down := step(30 * time.Second)
				if empty {
					w.forget()
				}
				w.down.Store(false)
				after := step(time.Minute)
				then := step(time.Minute)
				for _, m := range members {
					m.leave()
				}
				w.judge()
				if down < 100 || after+then < 1330 {
					t.Errorf("%d in the 30 s without Redis, %d in the minute after, %d in the next", down, after, then)
				}
				if w.count(redisbudget.Away) != 3 || w.count(redisbudget.Back) != 3 || w.count(redisbudget.Recovering) == 0 {
					t.Errorf("events: %v", w.events)
				}
			})
		})
	}
}

// TestPoliciesOfAway holds what each policy admits once leases have ended.
func TestPoliciesOfAway(t *testing.T) {
	for name, test := range map[string]struct {
		policy      redisbudget.AwayPolicy
		least, most int64
	}{
		"own charges": {redisbudget.OwnCharges, 1, 100},
		"closed":      {redisbudget.Closed, 0, 0},
		"open":        {redisbudget.Open, 100, 200},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limit := &referee{name: "minute", shape: api.Window{Limit: 100, Per: time.Minute}}
				w := newWorld(t, 6, limit)
				var members []*member
				for range 2 {
					m := w.join(redisbudget.WithAway(test.policy))
					w.demand(m, 100, limit.request(1))
					members = append(members, m)
				}
				time.Sleep(2 * time.Minute)
				w.down.Store(true)
				time.Sleep(16 * time.Second)
				before := w.sent.Load()
				time.Sleep(time.Minute)
				sent := w.sent.Load() - before
				for _, m := range members {
					m.leave()
				}
				if sent < test.least || sent > test.most {
					t.Errorf("%d were sent in a minute without Redis, want %d to %d", sent, test.least, test.most)
				}
			})
		})
	}
}

// TestRefusalIsEveryones has one member's refusal stop the other, and the thaw be shared.
func TestRefusalIsEveryones(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := &referee{name: "minute", shape: api.Window{Limit: 700, Per: time.Minute}}
		w := newWorld(t, 7, limit)
		a, b := w.join(), w.join()
		w.demand(b, 300, limit.request(1))
		time.Sleep(10 * time.Second)
		ticket, err := a.Admit(a.ctx, limit.request(1))
		if err != nil {
			t.Fatal(err)
		}
		ticket.Sent()
		ticket.Answer(budget.Answer{Refusal: &budget.Refusal{Limit: "minute", Until: time.Now().Add(30 * time.Second)}})
		ticket.Done()
		time.Sleep(3100 * time.Millisecond) // a heartbeat
		before := w.sent.Load()
		time.Sleep(26 * time.Second)
		if n := w.sent.Load() - before; n > 0 {
			t.Errorf("%d were sent while the other member was refused", n)
		}
		time.Sleep(20 * time.Second)
		if n := w.sent.Load() - before; n < 100 {
			t.Errorf("%d were sent in the 17 s after the freeze", n)
		}
		a.leave()
		b.leave()
		w.judge()
	})
}

// TestToldLimitIsEveryones has a limit that one member is told hold for the other.
func TestToldLimitIsEveryones(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := &referee{name: "minute", shape: api.Window{Limit: 700, Per: time.Minute}}
		w := newWorld(t, 8, limit)
		a, b := w.join(), w.join()
		w.demand(b, 60, limit.request(1))
		ticket, err := a.Admit(a.ctx, limit.request(1))
		if err != nil {
			t.Fatal(err)
		}
		ticket.Sent()
		ticket.Answer(budget.Answer{Observations: []budget.Observation{{Limit: "minute", Max: 400, Remaining: -1}}})
		ticket.Done()
		time.Sleep(10 * time.Second)
		for _, c := range b.Snapshot().Counters {
			if c.Shape != (api.Window{Limit: 400, Per: time.Minute}) {
				t.Errorf("the other member holds %+v", c.Shape)
			}
		}
		a.leave()
		b.leave()
	})
}
