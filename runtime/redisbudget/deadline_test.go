package redisbudget_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// TestDeadlines has calls of one member whose deadline comes before another's freeze
// ends, or before there is a lease: they tell their limit, and the first one at once.
func TestDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := &referee{name: "minute", shape: api.Window{Limit: 700, Per: time.Minute}}
		other := &referee{name: "hour", shape: api.Window{Limit: 5000, Per: time.Hour}}
		w := newWorld(t, 7, limit)
		a, b := w.join(), w.join()
		w.call(b, limit.request(1))
		until := time.Now().Add(30 * time.Second)
		w.refused(a, limit, 30*time.Second)
		time.Sleep(50 * time.Millisecond)
		admit := func(r *budget.Request, patience time.Duration) (*budget.WaitError, time.Duration, error) {
			t.Helper()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			start := time.Now()
			_, err := b.Admit(ctx, r)
			var wait *budget.WaitError
			if !errors.As(err, &wait) {
				t.Fatalf("%v, want a WaitError", err)
			}
			return wait, time.Since(start), err
		}
		wait, took, err := admit(limit.request(1), 10*time.Second)
		if !errors.Is(err, budget.ErrDeadline) || took > 0 || wait.Key.Limit != "minute" || wait.Until.Sub(until).Abs() > time.Second {
			t.Errorf("while another is refused: %v, after %v", err, took)
		}
		w.down.Store(true)
		wait, took, err = admit(other.request(1), 5*time.Second)
		if !errors.Is(err, context.DeadlineExceeded) || took != 5*time.Second || wait.Key.Limit != "hour" {
			t.Errorf("without Redis, of a limit of which nothing is in hand: %v, after %v", err, took)
		}
		w.down.Store(false)
		a.leave()
		b.leave()
	})
}
