package budget_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// redis_rate's PerMinute(100) admits 198 calls in the first 59.4 s, for it
// takes a bucket for a window.
func TestDefectWindowIsNotABucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Window{Limit: 100, Per: time.Minute}))
		ctx, cancel := context.WithTimeout(t.Context(), 59400*time.Millisecond)
		defer cancel()
		calls := 0
		for {
			ticket, err := ledger.Admit(ctx, r)
			if err != nil {
				break
			}
			calls++
			finish(ticket)
		}
		if calls != 100 {
			t.Errorf("%d calls in the first 59.4 s of 100 a minute, want 100", calls)
		}
	})
}

// x/time/rate gives back none of 5 tokens when a reservation is cancelled while
// a later one stands.
func TestDefectCancelGivesBack(t *testing.T) {
	for name, shape := range map[string]api.Shape{
		"window":      api.Window{Limit: 10, Per: time.Minute},
		"bucket":      api.Bucket{Burst: 10, Refill: 1, Per: time.Minute},
		"concurrency": api.Concurrency{Max: 10},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ledger := newLedger(t)
				five := request(named("limit", "", shape, 5))
				first := admit(t, ledger, five)
				admit(t, ledger, five)
				if _, ok := atOnce(t, ledger, five); ok {
					t.Fatal("15 of 10 were admitted")
				}
				first.Cancel()
				first.Cancel()
				if _, ok := atOnce(t, ledger, five); !ok {
					t.Error("5 were cancelled, and there is no room for 5")
				}
				if _, ok := atOnce(t, ledger, request(charge("", shape))); ok {
					t.Error("cancelling twice gave back twice")
				}
			})
		})
	}
}

// Steampipe takes tokens of every limiter, then waits for the slowest, and does
// not give them back when the wait ends.
func TestDefectNothingIsTakenWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		wide := named("wide", "", api.Window{Limit: 5, Per: time.Minute}, 1)
		narrow := named("narrow", "", api.Window{Limit: 1, Per: time.Minute}, 1)
		finish(admit(t, ledger, request(narrow)))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		for range 3 {
			go func() {
				_, err := ledger.Admit(ctx, request(wide, narrow))
				done <- err
			}()
		}
		synctest.Wait()
		if got := count(t, ledger, request(wide)); got != 5 {
			t.Errorf("calls that wait for another limit hold %d of 5 places", 5-got)
		}
		cancel()
		for range 3 {
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("a cancelled wait ended with %v", err)
			}
		}
		if got := count(t, ledger, request(wide)); got != 5 {
			t.Errorf("calls that gave up waiting keep %d of 5 places", 5-got)
		}
		for _, c := range ledger.Snapshot().Counters {
			if c.Waiting != 0 {
				t.Errorf("nobody waits any more, and the snapshot shows %+v", c)
			}
		}
	})
}

// Two draws on one limit are charged both.
func TestTwoDrawsOnOneLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		one := charge("", api.Window{Limit: 3, Per: time.Minute})
		admit(t, ledger, request(one, one))
		if _, ok := atOnce(t, ledger, request(one, one)); ok {
			t.Error("4 of 3 were admitted")
		}
		if _, err := ledger.Admit(t.Context(), request(one, one, one, one)); !errors.Is(err, budget.ErrImpossible) {
			t.Errorf("4 draws on a limit of 3: %v", err)
		}
	})
}
