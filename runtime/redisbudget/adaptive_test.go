package redisbudget_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// TestCeilingIsShared has three members go by a limit whose numbers nobody tells:
// together they keep to its ceiling, and all slow down when one of them is refused.
func TestCeilingIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := &referee{name: "limit", shape: api.Adaptive{Ceiling: 600, Per: time.Minute}}
		w := newWorld(t, 16)
		var members []*member
		for range 3 {
			members = append(members, w.join())
		}
		time.Sleep(4 * time.Second) // all know of each other
		for _, m := range members {
			w.work(m, 10, limit.request(1))
		}
		minute := func() int64 {
			before := w.sent.Load()
			time.Sleep(time.Minute)
			return w.sent.Load() - before
		}
		minute()
		if n := minute(); n < 590 || n > 610 {
			t.Errorf("%d in a minute, under a ceiling of 600", n)
		}
		ticket, err := members[0].Admit(members[0].ctx, limit.request(1))
		if err != nil {
			t.Fatal(err)
		}
		ticket.Sent()
		ticket.Answer(budget.Answer{Refusal: &budget.Refusal{Until: time.Now().Add(2 * time.Second)}})
		ticket.Done()
		if n := minute(); n < 360 || n > 480 { // half of it at first, all of it after a minute
			t.Errorf("%d in the minute after a refusal", n)
		}
		members[2].leave()
		time.Sleep(10 * time.Minute)
		if n := minute(); n < 590 || n > 610 {
			t.Errorf("%d in a minute of two members", n)
		}
		members[0].leave()
		members[1].leave()
	})
}
