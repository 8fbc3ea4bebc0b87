package redisbudget_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// atOnce is a call that goes now or not at all.
func (m *member) atOnce(l *referee) budget.Ticket {
	r := l.request(1)
	r.NoWait = true
	ticket, err := m.Admit(m.ctx, r)
	if err != nil {
		return nil
	}
	ticket.Sent()
	return ticket
}

// TestBucketWithoutRedis has one of two members hold all of a bucket in leases and use
// it as late as it may, while the other has lost Redis before: what that sends
// meanwhile would be too many.
func TestBucketWithoutRedis(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := &referee{name: "bucket", shape: api.Bucket{Burst: 2, Refill: 1, Per: time.Second}}
		w := newWorld(t, 1, limit)
		a, b := w.join(), w.join()
		b.atOnce(limit)
		for range 3 { // both know of each other
			time.Sleep(3 * time.Second)
		}
		w.down.Store(true)
		lost := time.Now()
		var first time.Duration
		for time.Since(lost) < 60*time.Second {
			if ticket := a.atOnce(limit); ticket != nil {
				if first == 0 {
					first = time.Since(lost)
				}
				ticket.Answer(budget.Answer{})
				ticket.Done()
			}
			time.Sleep(50 * time.Millisecond)
		}
		// Its last contact was up to 3 s before; leases last for 15 s, those of others for as
		// long after that, what they have admitted is sent 10 s later, and P is 2.
		if first < (15+15+10+2-3)*time.Second || first > (15+15+10+2+1)*time.Second {
			t.Errorf("the first call without Redis went after %v", first)
		}
		a.leave()
		b.leave()
	})
}

// TestLostCallsWithoutRedis has none of the calls on a bucket be answered: each counts
// when it may have come, and the next waits from then on.
func TestLostCallsWithoutRedis(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := &referee{name: "bucket", shape: api.Bucket{Burst: 5, Refill: 1, Per: time.Second}}
		w := newWorld(t, 1, limit)
		a := w.join()
		ticket := a.atOnce(limit)
		for ticket == nil { // the first asks for a lease
			time.Sleep(100 * time.Millisecond)
			ticket = a.atOnce(limit)
		}
		ticket.Answer(budget.Answer{})
		ticket.Done()
		w.down.Store(true)
		time.Sleep(time.Minute)
		sent := 0
		for range 200 { // for 20 s
			if ticket := a.atOnce(limit); ticket != nil {
				sent++
				ticket.Lost()
			}
			time.Sleep(100 * time.Millisecond)
		}
		if sent < 1 || sent > 2 {
			t.Errorf("%d were sent in 20 s that may all be counted in the end", sent)
		}
		a.leave()
	})
}
