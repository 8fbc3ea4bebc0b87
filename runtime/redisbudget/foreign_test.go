package redisbudget_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// TestOthersUseOfABucket has one member's answer tell that somebody else has filled a
// bucket: the other member waits for it to drain, too.
func TestOthersUseOfABucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := &referee{name: "limit", shape: api.Bucket{Burst: 40, Refill: 1, Per: time.Second}}
		w := newWorld(t, 17, limit)
		a, b := w.join(), w.join()
		time.Sleep(4 * time.Second)
		call := func(m *member, remaining int) {
			ticket, err := m.Admit(m.ctx, limit.request(1))
			if err != nil {
				t.Fatal(err)
			}
			ticket.Sent()
			time.Sleep(20 * time.Millisecond)
			ticket.Answer(budget.Answer{Observations: []budget.Observation{{Limit: "limit", Max: -1, Remaining: remaining}}})
			ticket.Done()
		}
		call(a, 4) // 36 in it, where our own count has 1
		time.Sleep(15 * time.Second)
		begun := time.Now()
		for range 40 {
			call(b, -1)
		}
		// At the begin 36 - 15 = 21 are in it: there is room for 19, and the other 21 come one a second.
		if took := time.Since(begun); took < 18*time.Second || took > 30*time.Second {
			t.Errorf("40 calls took %v beside others who had filled the bucket", took)
		}
		a.leave()
		b.leave()
	})
}
