package redisbudget_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/redisbudget"
)

// telling is a provider of a fixed window whose answers tell, in whole seconds,
// when it ends, and what is left of it unless that is hidden.
type telling struct {
	mu     sync.Mutex
	limit  int
	hidden bool
	opened time.Time
	counts []int // of each window
}

// count counts a request, and returns the seconds to the window's end, rounded up.
func (p *telling) count() (left int, reset time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.opened.IsZero() {
		p.opened = time.Now()
	}
	passed := time.Since(p.opened)
	for int(passed/time.Minute) >= len(p.counts) {
		p.counts = append(p.counts, 0)
	}
	p.counts[len(p.counts)-1]++
	end := time.Minute - passed%time.Minute
	if left = max(p.limit-p.counts[len(p.counts)-1], 0); p.hidden {
		left = -1
	}
	return left, (end + time.Second - 1).Truncate(time.Second)
}

// TestToldEndsAreShared has all of each window used, and none passed, whatever the
// time that calls to Redis are on their way.
func TestToldEndsAreShared(t *testing.T) {
	for name, late := range map[string]time.Duration{"at once": 0, "late": 3 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				provider := &telling{limit: 700}
				limit := &referee{name: "minute", shape: api.Window{Limit: provider.limit, Per: time.Minute}}
				w := newWorld(t, 9)
				w.delay, w.late = time.Millisecond, late
				var members []*member
				for range 3 {
					m := w.join(redisbudget.WithTimeout(5 * time.Second))
					for range 30 {
						m.calls.Go(func() {
							for m.ctx.Err() == nil {
								w.ask(m, provider, limit)
							}
						})
					}
					members = append(members, m)
				}
				time.Sleep(19*time.Minute + 50*time.Second)
				for _, m := range members {
					m.leave()
				}
				time.Sleep(late) // for calls that were given up
				for n, used := range provider.counts {
					if used > provider.limit || used < provider.limit*95/100 {
						t.Errorf("window %d: %d of %d", n, used, provider.limit)
					}
				}
			})
		})
	}
}

// TestLateNewsOfAWindow has the news of a window's last call come late, when another
// member has used the next window up: they free nothing of that.
func TestLateNewsOfAWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		provider := &telling{limit: 10, hidden: true}
		limit := &referee{name: "minute", shape: api.Window{Limit: provider.limit, Per: time.Minute}}
		w := newWorld(t, 10)
		early, tardy := w.join(redisbudget.WithTimeout(20*time.Second)), w.join(redisbudget.WithTimeout(20*time.Second))
		w.ask(tardy, provider, limit)
		time.Sleep(time.Until(provider.opened.Add(59800 * time.Millisecond)))
		w.ask(tardy, provider, limit)
		tardy.late.Store(int64(8 * time.Second))
		for _, m := range []*member{early, tardy} {
			for range 20 {
				m.calls.Go(func() {
					for m.ctx.Err() == nil {
						w.ask(m, provider, limit)
					}
				})
			}
		}
		time.Sleep(2 * time.Minute)
		early.leave()
		tardy.leave()
		time.Sleep(10 * time.Second) // for calls that were given up
		for n, used := range provider.counts {
			if used > provider.limit {
				t.Errorf("window %d: %d of %d", n, used, provider.limit)
			}
		}
	})
}

// ask makes a call, and learns what its answer tells.
func (w *world) ask(m *member, p *telling, limit *referee) {
	ticket, err := m.Admit(m.ctx, limit.request(1))
	if err != nil {
		return
	}
	sent := time.Now()
	ticket.Sent()
	time.Sleep(w.between(w.latency[0], w.latency[1]))
	left, reset := p.count()
	time.Sleep(w.between(w.latency[0], w.latency[1]))
	ticket.Answer(budget.Answer{Observations: []budget.Observation{{Limit: limit.name, Max: p.limit, Remaining: left,
		Reset: time.Now().Add(reset), ResetEarliest: sent.Add(reset - time.Second)}}})
	ticket.Done()
}
