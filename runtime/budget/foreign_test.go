package budget_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// told is an observation of the limit called "limit".
func told(limit, left int, reset time.Time) budget.Observation {
	return budget.Observation{Limit: "limit", Max: limit, Remaining: left, Reset: reset}
}

// answer ends a call with news.
func answer(ticket budget.Ticket, observations ...budget.Observation) {
	ticket.Answer(budget.Answer{Observations: observations})
	ticket.Done()
}

// count is how many calls fit at once. They are cancelled again.
func count(t testing.TB, ledger budget.Ledger, r *budget.Request) int {
	t.Helper()
	var tickets []budget.Ticket
	defer func() {
		for _, ticket := range tickets {
			ticket.Cancel()
		}
	}()
	for len(tickets) < 10_000 {
		ticket, ok := atOnce(t, ledger, r)
		if !ok {
			break
		}
		tickets = append(tickets, ticket)
	}
	return len(tickets)
}

func TestOthersLeaveLessRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Window{Limit: 100, Per: time.Minute}))
		end := time.Now().Add(time.Minute)
		ticket := admit(t, ledger, r)
		time.Sleep(time.Second)
		answer(ticket, told(100, 40, end)) // 59 are not ours
		if got := count(t, ledger, r); got != 10 {
			t.Errorf("40 are left and others draw: %d go at once, want a quarter", got)
		}
		for i := range 40 { // one by one, all that is left can be had
			ticket, ok := atOnce(t, ledger, r)
			if !ok {
				t.Fatalf("no room for call %d of the 40 that are left", i+1)
			}
			answer(ticket, told(100, 39-i, end))
		}
		if got := count(t, ledger, r); got != 0 {
			t.Errorf("nothing is left, and %d go", got)
		}
		time.Sleep(time.Minute)
		if got := count(t, ledger, r); got != 1 {
			t.Errorf("%d go in a new window while others are about, want one alone", got)
		}
		ticket = admit(t, ledger, r)
		answer(ticket, told(100, 99, end.Add(time.Minute)))
		if got := count(t, ledger, r); got != 24 {
			t.Errorf("%d go at once after the first, want a quarter", got)
		}
		time.Sleep(4 * time.Minute)
		if got := count(t, ledger, r); got != 1 {
			t.Errorf("%d go in a new window four minutes after others were seen, want one alone", got)
		}
		time.Sleep(30 * time.Minute)
		if got := count(t, ledger, r); got != 100 {
			t.Errorf("%d go when others have not been seen for long, want all", got)
		}
	})
}

func TestOthersAreNotSeenWhenAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Window{Limit: 100, Per: time.Minute}))
		end := time.Now().Add(time.Minute)
		var tickets []budget.Ticket
		for range 50 {
			tickets = append(tickets, admit(t, ledger, r))
		}
		for i := range tickets { // the answers overtake each other
			answer(tickets[i], told(100, 50+i, end))
		}
		if got := count(t, ledger, r); got != 50 {
			t.Errorf("%d go at once, want the 50 that are left", got)
		}
	})
}

func TestOthersInABucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Bucket{Burst: 100, Refill: 1, Per: time.Second}))
		answer(admit(t, ledger, r), told(-1, 39, time.Time{}))
		if got := count(t, ledger, r); got > 10 {
			t.Errorf("39 are left and others draw: %d go at once, want a quarter at most", got)
		}
		for range 39 {
			ticket, ok := atOnce(t, ledger, r)
			if !ok {
				break
			}
			finish(ticket)
		}
		if got := count(t, ledger, r); got > 1 {
			t.Errorf("nothing is left of the bucket, and %d go", got)
		}
	})
}

// Somebody clicks while a sync runs: the sync takes what is left, and is hardly
// ever refused.
func TestSyncBesideOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		shape := api.Window{Limit: 700, Per: time.Minute}
		rule := enforce(shape, time.Now().Add(-20*time.Second), false)
		w := &world{
			random:  rand.New(rand.NewPCG(1, 7)),
			latency: [2]time.Duration{20 * time.Millisecond, 60 * time.Millisecond},
			limits:  []*limit{{name: "limit", shape: shape, rule: rule, reset: ceil, left: true}},
		}
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Minute)
		defer stop()
		var wg sync.WaitGroup
		others := 0
		wg.Go(func() { // 300 a minute, at random moments
			for ctx.Err() == nil {
				time.Sleep(w.between(0, 400*time.Millisecond))
				w.mu.Lock()
				if now := time.Now(); rule.room(now, 1) {
					rule.count(now, 1)
					others++
				}
				w.mu.Unlock()
			}
		})
		for range 64 {
			wg.Go(func() {
				for ctx.Err() == nil {
					err := w.call(ctx, ledger, []draw{{w.limits[0], 1}}, fate{})
					if err != nil && !errors.Is(err, errRefused) { // the referee counts refusals
						return
					}
				}
			})
		}
		wg.Wait()
		attainable := 21*700 - others // a part of a window at both ends, filled all the same
		got := float64(w.answered) / float64(attainable)
		t.Logf("others had %d, we %d of %d (%.3f), %d refused", others, w.answered, attainable, got, len(w.refused))
		if got < 0.95 || len(w.refused) > 20 {
			t.Errorf("we had %.3f of what others left, and were refused %d times in 20 windows", got, len(w.refused))
		}
	})
}

// What came free on our side while an answer was under way may be in the number
// that it tells, and is not for others to answer for.
func TestOthersAreNotBlamedForWhatCameFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Window{Limit: 10, Per: time.Minute, Kind: api.Sliding}))
		finish(admit(t, ledger, r))
		time.Sleep(time.Minute)
		teller := admit(t, ledger, r)
		teller.Sent()
		time.Sleep(time.Second)
		answer(teller, told(10, 8, time.Time{})) // counted when the first one was still in the window
		if got := count(t, ledger, r); got != 9 {
			t.Errorf("%d go beside one, want 9 of 10", got)
		}
	})
}

// A number told does not cover a call that told none and was answered since.
func TestOthersAndAnswersThatTellNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Window{Limit: 10, Per: time.Minute}))
		end := time.Now().Add(30 * time.Second)
		answer(admit(t, ledger, r), told(10, -1, end))
		early := admit(t, ledger, r)
		early.Sent()
		time.Sleep(ms)
		answer(admit(t, ledger, r), told(10, -1, end))
		answer(early, told(10, 5, end))
		for i := range 5 {
			ticket, ok := atOnce(t, ledger, r)
			if !ok {
				if i < 3 {
					t.Errorf("%d go, want 3", i)
				}
				return
			}
			finish(ticket)
			if i == 3 {
				t.Error("5 were left before two calls that told nothing, and 4 went")
			}
		}
	})
}
