package budget_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
)

func TestDeadlineIsCheckedBeforeWaiting(t *testing.T) {
	window := api.Window{Limit: 1, Per: time.Minute}
	for _, test := range []struct {
		name     string
		shape    api.Shape
		prepare  func(t *testing.T, ledger *budget.Local, r *budget.Request)
		patience time.Duration
		want     error         // at once, or
		waits    time.Duration // how long it waits for its place, or
		gives    error         // at its deadline, when nobody could tell before
	}{
		{"sliding, too late", api.Window{Limit: 1, Per: time.Minute, Kind: api.Sliding}, use, 59 * time.Second, budget.ErrDeadline, 0, nil},
		{"sliding, in time", api.Window{Limit: 1, Per: time.Minute, Kind: api.Sliding}, use, 61 * time.Second, nil, time.Minute + ms, nil},
		{"sliding, in flight", api.Window{Limit: 1, Per: time.Minute, Kind: api.Sliding}, fly, 59 * time.Second, budget.ErrDeadline, 0, nil},
		{"fixed, never told", window, use, 59 * time.Second, budget.ErrDeadline, 0, nil},
		{"fixed, nothing answered yet", window, fly, 59 * time.Second, nil, 0, context.DeadlineExceeded},
		{"fixed, end told, too late", window, useTold, 29 * time.Second, budget.ErrDeadline, 0, nil},
		{"fixed, end told, in time", window, useTold, 31 * time.Second, nil, 30*time.Second + ms, nil},
		{"bucket, too late", api.Bucket{Burst: 1, Refill: 1, Per: time.Minute}, use, 59 * time.Second, budget.ErrDeadline, 0, nil},
		{"bucket, in flight", api.Bucket{Burst: 1, Refill: 1, Per: time.Minute}, fly, 59 * time.Second, budget.ErrDeadline, 0, nil},
		{"concurrency", api.Concurrency{Max: 1}, fly, time.Second, nil, 0, context.DeadlineExceeded},
		{"frozen", api.Unlimited{}, freezeFor(time.Minute), 59 * time.Second, budget.ErrDeadline, 0, nil},
		{"frozen, in time", api.Unlimited{}, freezeFor(time.Minute), 61 * time.Second, nil, time.Minute, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ledger := newLedger(t)
				r := request(charge("", test.shape))
				test.prepare(t, ledger, r)
				ctx, cancel := context.WithTimeout(t.Context(), test.patience)
				defer cancel()
				start := time.Now()
				_, err := ledger.Admit(ctx, r)
				took := time.Since(start)
				var wait *budget.WaitError
				switch {
				case test.want != nil:
					if !errors.Is(err, test.want) || !errors.As(err, &wait) || took != 0 {
						t.Fatalf("%v after %v, want %v at once", err, took, test.want)
					}
					if wait.Key.Limit != "limit" || wait.Operation != "Test.Call" || wait.Until.Sub(start) <= test.patience {
						t.Errorf("the error tells %+v", wait)
					}
				case test.gives != nil:
					if !errors.Is(err, test.gives) || !errors.As(err, &wait) || took != test.patience {
						t.Fatalf("%v after %v, want %v after %v", err, took, test.gives, test.patience)
					}
					if wait.Key.Limit != "limit" || wait.Operation != "Test.Call" {
						t.Errorf("the error tells %+v", wait)
					}
				case err != nil || took != test.waits:
					t.Errorf("%v after %v, want admission after %v", err, took, test.waits)
				}
			})
		})
	}
}

func use(t *testing.T, ledger *budget.Local, r *budget.Request) { finish(admit(t, ledger, r)) }
func fly(t *testing.T, ledger *budget.Local, r *budget.Request) { admit(t, ledger, r).Sent() }

func useTold(t *testing.T, ledger *budget.Local, r *budget.Request) {
	answer(admit(t, ledger, r), told(-1, -1, time.Now().Add(30*time.Second)))
}

func freezeFor(d time.Duration) func(*testing.T, *budget.Local, *budget.Request) {
	return func(t *testing.T, ledger *budget.Local, r *budget.Request) {
		refuse(admit(t, ledger, r), budget.Refusal{Until: time.Now().Add(d)})
	}
}

// A deadline counts the real time that is left, in the ledger's time.
func TestDeadlineOfAScaledClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t, budget.WithClock(clock.Scaled(20)))
		r := request(charge("", api.Window{Limit: 1, Per: time.Minute, Kind: api.Sliding}))
		finish(admit(t, ledger, r))
		short, cancel := context.WithTimeout(t.Context(), 2900*time.Millisecond)
		defer cancel()
		if _, err := ledger.Admit(short, r); !errors.Is(err, budget.ErrDeadline) {
			t.Errorf("58 s for a minute's wait: %v", err)
		}
		long, cancel := context.WithTimeout(t.Context(), 3100*time.Millisecond)
		defer cancel()
		if _, err := ledger.Admit(long, r); err != nil {
			t.Errorf("62 s for a minute's wait: %v", err)
		}
	})
}

// Those who wait before one are counted in.
func TestDeadlineBehindALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Window{Limit: 2, Per: time.Minute, Kind: api.Sliding}))
		for range 2 {
			finish(admit(t, ledger, r))
		}
		for range 4 {
			go func() {
				if ticket, err := ledger.Admit(context.Background(), r); err == nil {
					finish(ticket)
				}
			}()
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute+time.Second)
		defer cancel()
		if _, err := ledger.Admit(ctx, r); !errors.Is(err, budget.ErrDeadline) {
			t.Errorf("the fifth in a line for two a minute has two minutes: %v", err)
		}
		ctx, cancel = context.WithTimeout(t.Context(), 3*time.Minute+time.Second)
		defer cancel()
		start := time.Now()
		if _, err := ledger.Admit(ctx, r); err != nil || time.Since(start).Round(time.Second) != 3*time.Minute {
			t.Errorf("the fifth in a line for two a minute: %v after %v", err, time.Since(start))
		}
	})
}

func TestNoWaitAndImpossible(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		shape := api.Window{Limit: 2, Per: time.Minute, Kind: api.Sliding}
		r := request(named("limit", "", shape, 2))
		finish(admit(t, ledger, r))
		r.NoWait = true
		_, err := ledger.Admit(t.Context(), r)
		var wait *budget.WaitError
		if !errors.Is(err, budget.ErrWouldWait) || !errors.As(err, &wait) || time.Until(wait.Until) != time.Minute+ms {
			t.Errorf("no room, and no wish to wait: %v", err)
		}
		_, err = ledger.Admit(t.Context(), request(named("limit", "", shape, 3)))
		if !errors.Is(err, budget.ErrImpossible) {
			t.Errorf("3 of 2: %v", err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err = ledger.Admit(ended, r); !errors.Is(err, context.Canceled) {
			t.Errorf("a context that has ended: %v", err)
		}
	})
}

func TestAlternatives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		first := charge("credential=1", api.Window{Limit: 1, Per: time.Minute})
		second := charge("credential=2", api.Window{Limit: 1, Per: 20 * time.Second})
		both := &budget.Request{Operation: "Test.Call", Alternatives: [][]budget.Charge{{first}, {second}}}
		for _, want := range []struct {
			alternative int
			after       time.Duration
		}{{0, 0}, {1, 0}, {1, 20*time.Second + ms}, {1, 40*time.Second + 2*ms}, {0, time.Minute + ms}, {1, time.Minute + 3*ms}} {
			start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
			ticket := admit(t, ledger, both)
			if got := time.Since(start); ticket.Alternative() != want.alternative || got != want.after {
				t.Errorf("alternative %d at %v, want %d at %v", ticket.Alternative(), got, want.alternative, want.after)
			}
			finish(ticket)
		}
	})
}

func TestNoLimitsNoWait(t *testing.T) {
	ledger := newLedger(t)
	for _, r := range []*budget.Request{{}, {Alternatives: [][]budget.Charge{{}}}, request(charge("", api.Unlimited{})), request(charge("", nil))} {
		for range 100 {
			ticket, ok := atOnce(t, ledger, r)
			if !ok {
				t.Fatalf("%+v has to wait", r)
			}
			ticket.Answer(budget.Answer{Refusal: nil})
		}
	}
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Window{Limit: 1, Per: time.Hour}))
		open := admit(t, ledger, r)
		errs := make(chan error)
		for range 3 {
			go func() {
				_, err := ledger.Admit(context.Background(), r)
				errs <- err
			}()
		}
		synctest.Wait()
		if err := ledger.Close(); err != nil {
			t.Error(err)
		}
		for range 3 {
			if err := <-errs; !errors.Is(err, budget.ErrClosed) {
				t.Errorf("a wait ended with %v", err)
			}
		}
		if _, err := ledger.Admit(t.Context(), r); !errors.Is(err, budget.ErrClosed) {
			t.Errorf("admission to a closed ledger: %v", err)
		}
		finish(open)
		if err := ledger.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestIdleCountersAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		for i := range 10_000 {
			finish(admit(t, ledger, request(
				named("account", "", api.Window{Limit: 1_000_000, Per: time.Minute}, 1),
				named("ticket", fmt.Sprint(i), api.Window{Limit: 10, Per: time.Second}, 1))))
			time.Sleep(10 * ms)
		}
		if got := len(ledger.Snapshot().Counters); got > 450 {
			t.Errorf("%d counters are kept, and about 200 are busy, or were a second ago", got)
		}
	})
}

func TestOptionsAreChecked(t *testing.T) {
	for name, opt := range map[string]budget.LedgerOption{
		"no clock":          budget.WithClock(nil),
		"linger":            budget.WithLinger(-1),
		"leave all":         budget.WithLeave(1),
		"leave less":        budget.WithLeave(-0.1),
		"freeze of nothing": budget.WithMaxFreeze(0),
	} {
		if _, err := budget.NewLedger(opt); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t, budget.WithLeave(0.1))
		for limit, want := range map[int]int{700: 630, 10: 9, 1: 1} {
			r := request(charge(fmt.Sprint(limit), api.Window{Limit: limit, Per: time.Minute}))
			if got := count(t, ledger, r); got != want {
				t.Errorf("of %d, %d are used, want %d", limit, got, want)
			}
		}
	})
}
