package budget_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// order lets calls wait, one started after the other, and returns the order in
// which they were admitted; each is answered at once.
func order(ledger budget.Ledger, requests ...*budget.Request) func() []int {
	admitted := make(chan int, len(requests))
	for i, r := range requests {
		go func() {
			if ticket, err := ledger.Admit(context.Background(), r); err == nil {
				admitted <- i
				finish(ticket)
			}
		}()
		synctest.Wait()
	}
	return func() (got []int) {
		for range requests {
			got = append(got, <-admitted)
		}
		return got
	}
}

func TestOrderIsByAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		one := charge("", api.Window{Limit: 1, Per: time.Second})
		start := time.Now()
		time.Sleep(time.Second)
		finish(admit(t, ledger, request(one)))
		again := request(one)
		again.Since = start // a repeated attempt
		got := order(ledger, request(one), request(one), again, request(one))()
		if want := []int{2, 0, 1, 3}; !slices.Equal(got, want) {
			t.Errorf("admitted in the order %v, want %v", got, want)
		}
	})
}

func TestOrderKeepsPlacesOfLargeCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		shape := api.Window{Limit: 5, Per: time.Second}
		for range 5 {
			finish(admit(t, ledger, request(charge("", shape))))
			time.Sleep(100 * ms)
		}
		got := order(ledger, request(named("limit", "", shape, 5)), request(charge("", shape)), request(charge("", shape)))()
		if got[0] != 0 { // the others are admitted at one moment
			t.Errorf("admitted in the order %v, and the first asks for all", got)
		}
	})
}

// A call held up by a narrow limit does not hold up others at a wide one.
func TestOrderLetsYoungerPassAtWideLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		wide := named("wide", "", api.Window{Limit: 10, Per: time.Minute}, 1)
		narrow := named("narrow", "", api.Window{Limit: 1, Per: time.Minute}, 1)
		finish(admit(t, ledger, request(narrow)))
		wait := order(ledger, request(wide, narrow), request(wide, narrow))
		if got := count(t, ledger, request(wide)); got != 10 {
			t.Errorf("two calls wait for the narrow limit, and %d of 10 pass at the wide one", got)
		}
		time.Sleep(45 * time.Second)
		if got := count(t, ledger, request(wide)); got != 9 {
			t.Errorf("the older holds its place by now, and %d pass", got)
		}
		if got := wait(); !slices.Equal(got, []int{0, 1}) {
			t.Errorf("admitted in the order %v", got)
		}
	})
}

// A call on two counters would starve if each time that one of them has room
// the other has none.
func TestNobodyStarves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		a, b := named("a", "", api.Concurrency{Max: 1}, 1), named("b", "", api.Concurrency{Max: 1}, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		var wg sync.WaitGroup
		busy := func(c budget.Charge, first time.Duration) {
			time.Sleep(first)
			for ctx.Err() == nil {
				ticket, err := ledger.Admit(ctx, request(c))
				if err != nil {
					return
				}
				time.Sleep(time.Second)
				ticket.Done()
			}
		}
		for i := range 4 { // of each four, three wait
			wg.Go(func() { busy(a, time.Duration(i)*300*ms) })
			wg.Go(func() { busy(b, time.Duration(i)*300*ms+150*ms) })
		}
		time.Sleep(5 * time.Second)
		ticket, took := waited(t, ledger, request(a, b))
		ticket.Done()
		if took > 2*time.Minute {
			t.Errorf("a call on two busy counters waited for %v", took)
		}
		cancel()
		wg.Wait()
	})
}

func TestEveryoneIsServedAfterACancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		shape := api.Concurrency{Max: 3}
		holder := admit(t, ledger, request(charge("", shape)))
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _, _ = ledger.Admit(ctx, request(named("limit", "", shape, 3))) }()
		synctest.Wait()
		behind := order(ledger, request(charge("", shape)), request(charge("", shape)))
		cancel() // it kept the places that it lacked
		start := time.Now()
		if got := len(behind()); got != 2 || time.Since(start) != 0 {
			t.Errorf("%d were admitted after %v, want 2 at once", got, time.Since(start))
		}
		holder.Done()
	})
}

// One in the middle of a line gives up the places that it lacked.
func TestThoseBehindACancelledWaitAreServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		wide, narrow := api.Concurrency{Max: 3}, named("narrow", "", api.Concurrency{Max: 1}, 1)
		holders := []budget.Ticket{admit(t, ledger, request(charge("", wide))), admit(t, ledger, request(narrow))}
		first := order(ledger, request(charge("", wide), narrow))
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _, _ = ledger.Admit(ctx, request(named("limit", "", wide, 3))) }()
		synctest.Wait()
		last := order(ledger, request(charge("", wide)))
		start := time.Now()
		cancel()
		if last(); time.Since(start) != 0 {
			t.Errorf("served after %v", time.Since(start))
		}
		for _, ticket := range holders {
			ticket.Done()
		}
		first()
	})
}

func TestEarlierAlarmOvertakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		long, short := charge("long", api.Window{Limit: 1, Per: time.Hour}), charge("short", api.Window{Limit: 1, Per: time.Second})
		finish(admit(t, ledger, request(long)))
		wait := order(ledger, request(long))
		finish(admit(t, ledger, request(short)))
		if _, took := waited(t, ledger, request(short)); took != time.Second+ms {
			t.Errorf("waited for %v, want 1s", took)
		}
		wait()
	})
}

// Admitted and cancelled at one moment: it is one or the other.
func TestCancelAtTheMomentOfAdmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Concurrency{Max: 1}))
		for i := range 400 {
			holder := admit(t, ledger, r)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				if ticket, err := ledger.Admit(ctx, r); err == nil {
					ticket.Cancel()
				}
			}()
			synctest.Wait()
			if i%2 == 0 {
				holder.Done()
				cancel()
			} else {
				cancel()
				holder.Done()
			}
			<-done
			if used := ledger.Snapshot().Counters[0].Used; used != 0 {
				t.Fatalf("%d are used by nobody", used)
			}
		}
	})
}
