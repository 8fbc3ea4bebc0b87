package budget_test

import (
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// Numbers at the edge neither panic nor let the counter run over.
func TestOddNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		for i, shape := range []api.Shape{
			api.Window{}, api.Window{Limit: -1, Per: -1}, api.Bucket{}, api.Bucket{Burst: 1}, api.Concurrency{}, api.Window{Limit: math.MaxInt, Per: math.MaxInt64},
		} {
			r := request(named("limit", string(rune('a'+i)), shape, 1))
			r.NoWait = true
			if ticket, err := ledger.Admit(t.Context(), r); err == nil {
				answer(ticket, told(0, 0, time.Unix(1<<40, 0)), told(math.MaxInt, math.MaxInt, time.Unix(-1<<40, 0)))
			} else if !errors.Is(err, budget.ErrImpossible) {
				t.Errorf("%+v: %v", shape, err)
			}
		}
	})
}

func TestEndlessWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Window{Limit: 1, Per: math.MaxInt64}))
		finish(admit(t, ledger, r))
		time.Sleep(24 * time.Hour)
		if got := count(t, ledger, r); got != 0 {
			t.Errorf("%d more go in a window that does not end", got)
		}
	})
}
