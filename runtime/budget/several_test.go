package budget_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// Several windows on one counter are several limits of one scope: a minute's, an
// hour's, a day's. The tightest at the time decides.
func TestSeveralWindows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		minute := named("minute", "account=a", api.Window{Limit: 80, Per: time.Minute, Kind: api.Sliding}, 1)
		hour := named("hour", "account=a", api.Window{Limit: 500, Per: time.Hour, Kind: api.Sliding}, 1)
		day := named("day", "account=a", api.Window{Limit: 2000, Per: 24 * time.Hour, Kind: api.Sliding}, 1)
		r := request(minute, hour, day)
		start := time.Now()
		var at []time.Duration
		for range 2001 {
			finish(admit(t, ledger, r))
			at = append(at, time.Since(start))
		}
		for _, want := range []struct {
			call int // from 1
			at   time.Duration
		}{
			{80, 0}, {81, time.Minute + ms}, {480, 5*time.Minute + 5*ms}, {500, 6*time.Minute + 6*ms},
			{501, time.Hour + ms}, // the first 80 are an hour old
			{581, time.Hour + time.Minute + 2*ms},
			{1001, 2*time.Hour + 2*ms},
			{2000, 3*time.Hour + 6*time.Minute + 9*ms},
			{2001, 24*time.Hour + time.Minute + 2*ms}, // answers within a thousandth of a window count as its last
		} {
			if got := at[want.call-1]; got != want.at {
				t.Errorf("call %d goes at %v, want %v", want.call, got, want.at)
			}
		}
	})
}

// Reads and writes have budgets of their own beside the one that they share.
func TestReadAndWriteBudgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		all := named("all", "", api.Window{Limit: 100, Per: time.Minute, Kind: api.Sliding}, 1)
		writes := named("writes", "", api.Window{Limit: 10, Per: time.Minute, Kind: api.Sliding}, 1)
		read, write := request(all), request(all, writes)
		for range 10 {
			finish(admit(t, ledger, write))
		}
		if _, ok := atOnce(t, ledger, write); ok {
			t.Error("an eleventh write goes at once")
		}
		for range 90 {
			ticket, ok := atOnce(t, ledger, read)
			if !ok {
				t.Fatal("the writes' limit holds up reads")
			}
			finish(ticket)
		}
		if _, ok := atOnce(t, ledger, read); ok {
			t.Error("a read goes beyond the limit that both share")
		}
	})
}

// One call may cost a different amount of each of its limits.
func TestCostsPerDraw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		requests := api.Window{Limit: 100, Per: time.Minute, Kind: api.Sliding}
		points := api.Bucket{Burst: 1000, Refill: 50, Per: time.Second}
		r := request(named("requests", "", requests, 1), named("points", "", points, 300))
		for range 3 {
			finish(admit(t, ledger, r))
		}
		// 900 of 1,000 points are gone, 50 come back each second.
		if _, took := waited(t, ledger, r); took != 4*time.Second {
			t.Errorf("waited for %v, want 4s", took)
		}
		if got := used(t, ledger, "requests"); got != 4 {
			t.Errorf("%d requests counted, want 4", got)
		}
	})
}

// A daily quota is all used, waited for to its told end, and used again.
func TestDailyQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(named("day", "", api.Window{Limit: 1000, Per: 24 * time.Hour}, 1))
		midnight := time.Now().Add(9 * time.Hour)
		for i := range 1000 {
			ticket := admit(t, ledger, r)
			ticket.Answer(budget.Answer{Observations: []budget.Observation{{Limit: "day", Max: 1000, Remaining: 999 - i, Reset: midnight}}})
			ticket.Done()
		}
		if _, took := waited(t, ledger, r); took != 9*time.Hour+ms {
			t.Errorf("waited for %v, want 9h", took)
		}
	})
}
