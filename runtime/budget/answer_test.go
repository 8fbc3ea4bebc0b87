package budget_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// refuse ends a call with a refusal.
func refuse(ticket budget.Ticket, refusal budget.Refusal, observations ...budget.Observation) {
	ticket.Answer(budget.Answer{Refusal: &refusal, Observations: observations})
	ticket.Done()
}

func TestRefusalFreezes(t *testing.T) {
	a := named("a", "", api.Window{Limit: 100, Per: time.Minute}, 1)
	b := named("b", "", api.Window{Limit: 50, Per: time.Minute}, 1) // the narrowest
	c := named("c", "", api.Concurrency{Max: 5}, 1)
	limitA := budget.Observation{Limit: "a", Max: -1, Remaining: 0}
	limitC := budget.Observation{Limit: "c", Max: -1, Remaining: 3}
	for _, test := range []struct {
		name     string
		refusal  budget.Refusal
		observed []budget.Observation
		want     string
	}{
		{"named", budget.Refusal{Limit: "a"}, []budget.Observation{limitC}, "a"},
		{"observed to be empty", budget.Refusal{}, []budget.Observation{limitC, limitA}, "a"},
		{"observed", budget.Refusal{}, []budget.Observation{limitC}, "c"},
		{"narrowest", budget.Refusal{}, nil, "b"},
		{"named unknown", budget.Refusal{Limit: "z"}, nil, "b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var events []budget.Event
				ledger := newLedger(t, budget.WithEvents(func(e budget.Event) { events = append(events, e) }))
				until := time.Now().Add(17 * time.Second)
				test.refusal.Until = until
				refuse(admit(t, ledger, request(a, b, c)), test.refusal, test.observed...)
				for _, state := range ledger.Snapshot().Counters {
					if frozen := state.Frozen.Equal(until); frozen != (state.Key.Limit == test.want) {
						t.Errorf("%s is frozen: %v, %v", state.Key.Limit, frozen, state.Frozen)
					}
				}
				var kinds []budget.EventKind
				for _, e := range events {
					kinds = append(kinds, e.Kind)
					if e.Key.Limit != test.want || e.Operation != "Test.Call" {
						t.Errorf("event %+v", e)
					}
				}
				if !slices.Equal(kinds, []budget.EventKind{budget.Refused, budget.Frozen}) {
					t.Errorf("events %v", kinds)
				}
			})
		})
	}
}

func TestThawDoubles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Window{Limit: 100, Per: time.Hour}))
		straggler, late := admit(t, ledger, r), admit(t, ledger, r)
		until := time.Now().Add(30 * time.Second)
		refuse(admit(t, ledger, r), budget.Refusal{Until: until})
		probe, took := waited(t, ledger, r)
		if took != 30*time.Second {
			t.Errorf("frozen for %v, want 30s", took)
		}
		var beside []budget.Ticket
		for _, want := range []int{2, 4, 8} {
			if got := count(t, ledger, r); got != 0 {
				t.Errorf("%d go beside the calls of the thaw", got)
			}
			finish(straggler) // of before the refusal, it tells nothing
			for _, ticket := range beside {
				ticket.Cancel()
			}
			finish(probe)
			if got := count(t, ledger, r); got != want {
				t.Errorf("%d go after a good answer, want %d", got, want)
			}
			probe, beside = admit(t, ledger, r), nil
			for range want - 1 {
				beside = append(beside, admit(t, ledger, r))
			}
		}
		refuse(late, budget.Refusal{Until: until}) // old news
		if frozen := ledger.Snapshot().Counters[0].Frozen; !frozen.IsZero() {
			t.Errorf("old news froze it until %v", frozen)
		}
		refuse(probe, budget.Refusal{Until: time.Now().Add(time.Minute)})
		if _, took := waited(t, ledger, r); took != time.Minute {
			t.Errorf("frozen anew for %v, want 1m", took)
		}
		if got := count(t, ledger, r); got != 0 {
			t.Errorf("%d go beside the one call of the new thaw", got)
		}
	})
}

func TestRefusalWithoutATime(t *testing.T) {
	for _, test := range []struct {
		name  string
		shape api.Shape
		waits []time.Duration
	}{
		{"window", api.Window{Limit: 1000, Per: 16 * time.Second}, []time.Duration{sec, 2 * sec, 4 * sec, 8 * sec, 16 * sec, 16 * sec}},
		{"bucket", api.Bucket{Burst: 20, Refill: 5, Per: time.Second}, []time.Duration{200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 4 * sec, 4 * sec}},
		{"unlimited", api.Unlimited{}, []time.Duration{sec, 2 * sec, 4 * sec, 8 * sec, 16 * sec, 32 * sec, 60 * sec, 60 * sec}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ledger := newLedger(t)
				r := request(charge("", test.shape))
				ticket := admit(t, ledger, r)
				straggler, late := admit(t, ledger, r), admit(t, ledger, r)
				for i, want := range test.waits {
					refuse(ticket, budget.Refusal{})
					if i == 0 {
						refuse(straggler, budget.Refusal{}) // the same news again
						refuse(late, budget.Refusal{Until: time.Now()})
					}
					var took time.Duration
					if ticket, took = waited(t, ledger, r); took != want {
						t.Errorf("wait %d is %v, want %v", i+1, took, want)
					}
				}
				finish(ticket)
				ticket = admit(t, ledger, r)
				refuse(ticket, budget.Refusal{})
				if _, took := waited(t, ledger, r); took != test.waits[0] {
					t.Errorf("after a good answer the wait is %v, want %v", took, test.waits[0])
				}
			})
		})
	}
}

// 1642204800 read as seconds from now is a wait of 52 years.
func TestNoAnswerFreezesBeyondTheCap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t, budget.WithMaxFreeze(10*time.Minute))
		far := time.Now().Add(1642204800 * time.Second)
		r := request(charge("", api.Window{Limit: 1, Per: time.Minute}))
		refuse(admit(t, ledger, r), budget.Refusal{Until: far}, told(-1, 0, far))
		ticket, took := waited(t, ledger, r)
		if took > 10*time.Minute {
			t.Errorf("frozen for %v, and the cap is 10m", took)
		}
		answer(ticket, told(-1, 0, time.Unix(93, 0))) // 93 read as an epoch is in 1970
		if _, took := waited(t, ledger, r); took != time.Minute+ms {
			t.Errorf("a reset in 1970 made the wait %v, want 1m", took)
		}
	})
}

func TestLimitTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var changes []int
		ledger := newLedger(t, budget.WithEvents(func(e budget.Event) {
			if e.Kind == budget.LimitChanged {
				changes = append(changes, e.Limit)
			}
		}))
		shape := api.Window{Limit: 100, Per: time.Minute}
		r := request(charge("", shape))
		old := admit(t, ledger, r)
		time.Sleep(ms)
		answer(admit(t, ledger, r), told(700, -1, time.Time{}))
		if got := count(t, ledger, r); got != 698 {
			t.Errorf("%d go of the 698 that are left of 700", got)
		}
		answer(old, told(100, -1, time.Time{})) // overtaken news
		if got := count(t, ledger, r); got != 698 {
			t.Errorf("%d go after old news", got)
		}
		r.Alternatives[0][0].Shape = api.Window{Limit: 50, Per: time.Minute} // a plan does not overrule the provider
		if got := count(t, ledger, r); got != 698 {
			t.Errorf("%d go after a plan told less", got)
		}
		failed := make(chan error)
		for range 696 {
			finish(admit(t, ledger, r))
		}
		last := admit(t, ledger, r)
		go func() {
			_, err := ledger.Admit(context.Background(), request(named("limit", "", shape, 60)))
			failed <- err
		}()
		synctest.Wait()
		answer(last, told(10, -1, time.Time{}))
		if err := <-failed; !errors.Is(err, budget.ErrImpossible) {
			t.Errorf("60 are wanted of what has become 10: %v", err)
		}
		if want := []int{700, 10}; !slices.Equal(changes, want) {
			t.Errorf("changes %v, want %v", changes, want)
		}
		time.Sleep(2 * time.Minute)
		if got := count(t, ledger, r); got != 10 {
			t.Errorf("%d go of 10", got)
		}
	})
}

func TestPlanChangesTheShape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		for range 10 {
			finish(admit(t, ledger, request(charge("", api.Window{Limit: 10, Per: time.Minute}))))
		}
		for _, shape := range []api.Shape{api.Window{Limit: 15, Per: time.Minute}, api.Bucket{Burst: 15, Refill: 1, Per: time.Second}} {
			if got := count(t, ledger, request(charge("", shape))); got != 5 {
				t.Errorf("10 were used, and %d go of %+v", got, shape)
			}
		}
		if got := count(t, ledger, request(charge("", api.Unlimited{}))); got != 10_000 {
			t.Errorf("%d go where the plan lifts the limit", got)
		}
	})
}

// The reset told by a call that was sent after another's answer frees that one too.
func TestResetFreesEarlierCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Window{Limit: 3, Per: time.Minute}))
		finish(admit(t, ledger, r)) // tells nothing
		time.Sleep(sec)
		concurrent, teller := admit(t, ledger, r), admit(t, ledger, r)
		concurrent.Sent()
		teller.Sent()
		time.Sleep(sec)
		finish(concurrent) // tells nothing, and may have been counted after the window's end
		end := time.Now().Add(500 * ms)
		answer(teller, told(-1, -1, end))
		time.Sleep(501 * ms)
		if got := count(t, ledger, r); got != 2 {
			t.Errorf("%d go after the reset, want the teller and what came before it", got)
		}
		time.Sleep(time.Minute - 501*ms + ms)
		if got := count(t, ledger, r); got != 3 {
			t.Errorf("%d go a window later, want 3", got)
		}
	})
}

func TestTightestBoundOfOneWindowHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Window{Limit: 3, Per: time.Minute}))
		start := time.Now()
		for _, bound := range []struct{ earliest, latest time.Duration }{{29 * sec, 31 * sec}, {28500 * ms, 30200 * ms}, {29900 * ms, 32 * sec}} {
			o := told(-1, -1, start.Add(bound.latest))
			o.ResetEarliest = start.Add(bound.earliest)
			answer(admit(t, ledger, r), o)
		}
		time.Sleep(30200 * ms)
		if got := count(t, ledger, r); got != 0 {
			t.Errorf("%d go at the bound, before the provider's next tick", got)
		}
		time.Sleep(ms)
		if got := count(t, ledger, r); got != 3 {
			t.Errorf("%d go after the tightest bound, want 3", got)
		}
	})
}

func TestLostAndResent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t, budget.WithLinger(5*time.Second))
		r := request(charge("", api.Window{Limit: 2, Per: time.Minute}))
		lost := admit(t, ledger, r)
		lost.Sent()
		lost.Lost()
		finish(lost) // does nothing
		again := admit(t, ledger, r)
		again.Resent()
		if used := ledger.Snapshot().Counters[0].Used; used != 3 {
			t.Errorf("%d are used by three transmissions", used)
		}
		finish(again)
		if _, took := waited(t, ledger, r); took != 65*time.Second+ms {
			t.Errorf("the lost are free after %v, want 65s", took)
		}
		slot := request(named("slot", "", api.Concurrency{Max: 1}, 1))
		admit(t, ledger, slot).Lost()
		if _, took := waited(t, ledger, slot); took != 5*time.Second {
			t.Errorf("the place of a lost call is free after %v, want 5s", took)
		}
	})
}

func TestConcurrencyIsFreeWhenTheBodyEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		r := request(charge("", api.Concurrency{Max: 1}))
		for name, end := range map[string]func(budget.Ticket){
			"done": budget.Ticket.Done, "lost": budget.Ticket.Lost, "cancelled": budget.Ticket.Cancel,
		} {
			ticket := admit(t, ledger, r)
			ticket.Answer(budget.Answer{})
			if got := count(t, ledger, r); got != 0 {
				t.Errorf("%s: %d go while the body is read", name, got)
			}
			end(ticket)
			ticket.Done()
			if got := count(t, ledger, r); got != 1 {
				t.Errorf("%s: %d go after the body's end", name, got)
			}
		}
	})
}

func TestObserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		c := charge("", api.Window{Limit: 100, Per: time.Minute})
		news := told(80, 40, time.Now().Add(20*time.Second))
		news.Key = c.Key
		ledger.Observe(news) // of nothing known
		finish(admit(t, ledger, request(c)))
		ledger.Observe(news)
		state := ledger.Snapshot().Counters[0]
		if state.Shape != (api.Window{Limit: 80, Per: time.Minute}) || !state.Reset.Equal(news.Reset.Add(ms)) {
			t.Errorf("the counter is %+v after the news %+v", state, news)
		}
		for range 40 {
			ticket, ok := atOnce(t, ledger, request(c))
			if !ok {
				t.Fatal("40 are left, and fewer go")
			}
			finish(ticket)
		}
		if got := count(t, ledger, request(c)); got != 0 {
			t.Errorf("%d go of the none that are left", got)
		}
	})
}

// The one who is told may ask the ledger.
func TestEventsComeOutsideOfLocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ledger *budget.Local
		var waits []budget.Event
		ledger = newLedger(t, budget.WithEvents(func(e budget.Event) {
			ledger.Snapshot()
			waits = append(waits, e)
		}))
		r := request(charge("", api.Window{Limit: 1, Per: time.Minute}))
		start := time.Now()
		finish(admit(t, ledger, r))
		admit(t, ledger, r)
		want := budget.Event{Kind: budget.Waiting, Time: start, Operation: "Test.Call", Key: r.Alternatives[0][0].Key, Until: start.Add(time.Minute + ms)}
		if len(waits) != 1 || !waits[0].Time.Equal(want.Time) || !waits[0].Until.Equal(want.Until) || waits[0].Key != want.Key {
			t.Errorf("events %+v, want %+v", waits, want)
		}
		// Where the window's end is told, so is the end of the wait.
		ends := request(charge("told", api.Window{Limit: 1, Per: time.Minute}))
		end := time.Now().Add(10 * time.Second)
		answer(admit(t, ledger, ends), told(-1, -1, end))
		admit(t, ledger, ends)
		if got := waits[len(waits)-1].Until; !got.Equal(end.Add(ms)) {
			t.Errorf("the wait is told to end at %v, want %v", got, end)
		}
	})
}
