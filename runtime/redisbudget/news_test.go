package redisbudget_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// refused has a member's call be refused, for so long.
func (w *world) refused(m *member, limit *referee, d time.Duration) {
	w.t.Helper()
	ticket, err := m.Admit(m.ctx, limit.request(1))
	if err != nil {
		w.t.Fatal(err)
	}
	ticket.Sent()
	ticket.Answer(budget.Answer{Refusal: &budget.Refusal{Limit: limit.name, Until: time.Now().Add(d)}})
	ticket.Done()
}

// TestRefusalStopsAllAtOnce has one of four members be refused: the others, which have
// leases in hand, send nothing from a few milliseconds later on, and thaw together.
func TestRefusalStopsAllAtOnce(t *testing.T) {
	for name, shape := range map[string]api.Shape{
		"window":      api.Window{Limit: 3000, Per: time.Minute},
		"bucket":      api.Bucket{Burst: 500, Refill: 50, Per: time.Second},
		"concurrency": api.Concurrency{Max: 100},
		"unlimited":   api.Unlimited{},
	} {
		for _, freeze := range []time.Duration{2 * time.Second, 30 * time.Second} {
			t.Run(name+" "+freeze.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					limit := &referee{name: "limit", shape: shape}
					w := newWorld(t, 7, limit)
					w.delay = 2 * time.Millisecond
					w.latency = [2]time.Duration{time.Millisecond, time.Millisecond}
					var members []*member
					for range 4 {
						m := w.join()
						w.demand(m, 600, limit.request(1))
						members = append(members, m)
					}
					time.Sleep(10*time.Second + 7*time.Millisecond)
					w.refused(members[0], limit, freeze)
					time.Sleep(20 * time.Millisecond) // the contact, the message, and what was on its way
					before := w.sent.Load()
					time.Sleep(freeze - 30*time.Millisecond)
					if n := w.sent.Load() - before; n > 0 {
						t.Errorf("%d were sent while one member was refused", n)
					}
					before = w.sent.Load()
					time.Sleep(10*time.Millisecond + 2*time.Millisecond)
					if n := w.sent.Load() - before; n > 8 {
						t.Errorf("%d were sent as the freeze ended: it is to thaw", n)
					}
					time.Sleep(20 * time.Second)
					if n := w.sent.Load() - before; n < 100 {
						t.Errorf("%d were sent in the 20 s after the freeze", n)
					}
					if w.channel.heard != 1 {
						t.Errorf("%d messages for one refusal", w.channel.heard)
					}
					for _, m := range members {
						m.leave()
					}
					w.judge()
				})
			})
		}
	}
}

// TestSmallerLimitIsHeardAtOnce has members with leases in hand hear that the limit is a
// tenth of what they were granted of.
func TestSmallerLimitIsHeardAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := &referee{name: "minute", shape: api.Window{Limit: 1000, Per: time.Minute}}
		w := newWorld(t, 8, limit)
		a, b := w.join(), w.join()
		w.demand(b, 300, limit.request(1))
		w.call(a, limit.request(1))
		time.Sleep(10*time.Second + 7*time.Millisecond)
		ticket, err := a.Admit(a.ctx, limit.request(1))
		if err != nil {
			t.Fatal(err)
		}
		ticket.Sent()
		ticket.Answer(budget.Answer{Observations: []budget.Observation{{Limit: "minute", Max: 30, Remaining: -1}}})
		ticket.Done()
		time.Sleep(10 * time.Millisecond)
		before := w.sent.Load()
		if c := b.Snapshot().Counters[0]; c.Shape != (api.Window{Limit: 30, Per: time.Minute}) {
			t.Errorf("the other member holds %+v", c.Shape)
		}
		time.Sleep(40 * time.Second) // of 50 sent within the window, none is free yet
		if n := w.sent.Load() - before; n > 0 {
			t.Errorf("%d were sent", n)
		}
		time.Sleep(2 * time.Minute)
		if n := w.sent.Load() - before; n < 40 || n > 95 {
			t.Errorf("%d were sent under 30 a minute", n)
		}
		a.leave()
		b.leave()
	})
}

// TestNothingLeftIsHeardAtOnce has others use up a window: who has leases in hand hears it.
func TestNothingLeftIsHeardAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := &referee{name: "minute", shape: api.Window{Limit: 1000, Per: time.Minute}}
		w := newWorld(t, 8, limit)
		a, b := w.join(), w.join()
		w.demand(b, 300, limit.request(1))
		w.call(a, limit.request(1))
		time.Sleep(10*time.Second + 7*time.Millisecond)
		ticket, err := a.Admit(a.ctx, limit.request(1))
		if err != nil {
			t.Fatal(err)
		}
		ticket.Sent()
		end := time.Now().Add(30 * time.Second)
		ticket.Answer(budget.Answer{Observations: []budget.Observation{{Limit: "minute", Max: 1000, Remaining: 0, Reset: end}}})
		ticket.Done()
		time.Sleep(400 * time.Millisecond) // news of this kind are told in time, not at once
		before := w.sent.Load()
		time.Sleep(29 * time.Second)
		if n := w.sent.Load() - before; n > 0 {
			t.Errorf("%d were sent though nothing was left", n)
		}
		time.Sleep(10 * time.Second)
		if n := w.sent.Load() - before; n < 40 {
			t.Errorf("%d were sent in the next window", n)
		}
		a.leave()
		b.leave()
	})
}
