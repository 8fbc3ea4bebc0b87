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

// later is a request that may go after a while.
func later(d time.Duration) *budget.Request {
	r := request(charge("", api.Window{Limit: 2, Per: time.Minute}))
	r.NotBefore = time.Now().Add(d)
	return r
}

func TestNotBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events []budget.Event
		ledger := newLedger(t, budget.WithEvents(func(e budget.Event) { events = append(events, e) }))
		if ticket, took := waited(t, ledger, later(8*time.Hour)); took != 8*time.Hour {
			t.Errorf("admitted after %v, want 8h", took)
		} else {
			finish(ticket)
		}
		if len(events) != 1 || events[0].Kind != budget.Waiting || events[0].Until.Sub(events[0].Time) != 8*time.Hour {
			t.Errorf("events: %+v", events)
		}
		if ticket, took := waited(t, ledger, later(-time.Hour)); took != 0 {
			t.Errorf("admitted %v after a time that has passed", took)
		} else {
			finish(ticket)
		}
	})
}

// It is no head start: its age counts from the time that it waited for.
func TestNotBeforeGivesNoAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		shape := api.Window{Limit: 1, Per: time.Minute}
		finish(admit(t, ledger, request(charge("", shape))))
		off := request(charge("", shape))
		off.Since, off.NotBefore = time.Now(), time.Now().Add(20*sec)
		wait := order(ledger, off)
		time.Sleep(10 * sec)
		other := order(ledger, request(charge("", shape)))
		other()
		start := time.Now()
		if wait(); time.Since(start) < 30*sec {
			t.Error("the call that was told to go later went first")
		}
	})
}

func TestNotBeforeEndsAsAWaitDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := later(time.Hour)
		r.NoWait = true
		_, err := ledger.Admit(t.Context(), r)
		var wait *budget.WaitError
		if !errors.Is(err, budget.ErrWouldWait) || !errors.As(err, &wait) || !wait.Until.Equal(r.NotBefore) {
			t.Errorf("without waiting: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if _, err := ledger.Admit(ctx, later(time.Hour)); !errors.Is(err, budget.ErrDeadline) || ctx.Err() != nil {
			t.Errorf("with a deadline before: %v", err)
		}
		cancel()
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		if _, err := ledger.Admit(ctx, later(time.Hour)); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		time.AfterFunc(time.Minute, func() { _, _ = ledger.Close(), ledger.Close() })
		if _, err := ledger.Admit(t.Context(), later(time.Hour)); !errors.Is(err, budget.ErrClosed) {
			t.Errorf("closed: %v", err)
		}
	})
}
