package batch_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/batch"
	"github.com/weirkit/weir/runtime/budget"
)

func TestKeysGatherUntilTheBatchIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(100 * time.Millisecond)
		l := newLoader(t, d.config(10))
		results := d.calls(t, l, span(1, 25), nil)
		d.wantSizes(t, 1, 10, 10, 4)
		for _, r := range results {
			if r.err != nil || r.at > 200*time.Millisecond+200*time.Millisecond/32 {
				t.Errorf("%+v: that is more than two flights", r)
			}
		}
	})
}

func TestALoneKeyNextToAFlightWaitsForItsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		delay time.Duration
		want  time.Duration
	}{
		"no delay":      {0, 200 * time.Millisecond},
		"a short delay": {30 * time.Millisecond, 150 * time.Millisecond}, // it comes at 20 ms
		"a long delay":  {time.Hour, 200 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(100 * time.Millisecond)
				cfg := d.config(10)
				cfg.Delay = c.delay
				results := d.calls(t, newLoader(t, cfg), []int{1, 2}, func(i int) { time.Sleep(time.Duration(i) * 20 * time.Millisecond) })
				if results[1].at != c.want {
					t.Errorf("the second key had its answer at %v, want %v", results[1].at, c.want)
				}
			})
		})
	}
}

// TestKeysTakenBackLeaveNoTimer: a bubble does not end while a goroutine waits.
func TestKeysTakenBackLeaveNoTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(time.Second)
		cfg := d.config(10)
		cfg.Delay = time.Hour
		l := newLoader(t, cfg)
		first := d.begin(l, t.Context(), 1)
		second := d.begin(l, t.Context(), 2)
		second.cancel()
		<-first.done
	})
}

func TestSizes(t *testing.T) {
	t.Run("requests have room", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(time.Millisecond)
			cfg := d.config(100)
			cfg.Size, cfg.MaxSize = func(key int) int { return key }, 10
			for _, r := range newLoader(t, cfg).Many(t.Context(), budget.Normal, []int{1, 2, 3, 4, 5, 6, 30, 7, 8}) {
				if r.Value != user(r.Key) || r.Err != nil {
					t.Errorf("%+v", r)
				}
			}
			d.wantSizes(t, 1, 1, 1, 1, 1, 4) // 1+2+3+4, and no two of the others together
			for _, r := range d.seen() {
				if r.keys[0] == 30 && !r.one {
					t.Error("a key too large for a request for many went by one")
				}
			}
		})
	})
	t.Run("what a caller took back makes room", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(100 * time.Millisecond)
			cfg := d.config(100)
			cfg.Size, cfg.MaxSize = func(key int) int { return key }, 10
			l := newLoader(t, cfg)
			go l.Load(t.Context(), budget.Normal, 9)
			synctest.Wait()
			go l.Load(t.Context(), budget.Normal, 1)
			synctest.Wait()
			ctx, cancel := context.WithCancel(t.Context())
			go l.Load(ctx, budget.Normal, 8)
			synctest.Wait()
			cancel()
			synctest.Wait()
			l.Many(t.Context(), budget.Normal, []int{3, 6})
			d.wantSizes(t, 1, 3)
		})
	})
}

func TestSingleRequestsWhereTheyCostLess(t *testing.T) {
	for name, c := range map[string]struct {
		many func(n int) int
		want []int
	}{
		"the same for any number": {nil, []int{1, 9}},
		"five for a batch":        {func(int) int { return 5 }, []int{1, 9}},
		"ten for a batch":         {func(int) int { return 10 }, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(100 * time.Millisecond)
				cfg := d.config(100)
				cfg.Cost.Many = c.many
				d.calls(t, newLoader(t, cfg), span(1, 10), nil)
				d.wantSizes(t, c.want...)
			})
		})
	}
}

// TestNobodyWaitsForRoundTrips: where a batch of n counts as n, keys gather only
// while there is no room.
func TestNobodyWaitsForRoundTrips(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(100 * time.Millisecond)
		cfg := d.config(100)
		cfg.AtOnce, cfg.Cost.Many = 4, func(n int) int { return n }
		results := d.calls(t, newLoader(t, cfg), span(1, 30), nil)
		d.wantSizes(t, 1, 1, 1, 1, 26)
		first := 0
		for _, r := range results {
			if r.at == 100*time.Millisecond {
				first++
			}
		}
		if first != 4 {
			t.Errorf("%d keys went at once, want 4", first)
		}
	})
}

func TestNoMoreFlightsThanAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(100 * time.Millisecond)
		cfg := d.config(10)
		cfg.AtOnce = 2
		d.calls(t, newLoader(t, cfg), span(1, 60), nil)
		at := map[time.Duration]int{}
		for _, r := range d.seen() {
			at[r.at/(100*time.Millisecond)]++
		}
		for flight, n := range at {
			if n > 2 {
				t.Errorf("%d flights in the air in period %d", n, flight)
			}
		}
	})
}

func TestAnUrgentKeyTakesItsBatchAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(time.Minute) // it waits for its budget, say
		l := newLoader(t, d.config(100))
		load := func(class budget.Class, key int) {
			go func() {
				if v, err := l.Load(t.Context(), class, key); v != user(key) || err != nil {
					t.Errorf("key %d: %q, %v", key, v, err)
				}
			}()
			synctest.Wait()
			time.Sleep(time.Second)
		}
		load(budget.Background, 1) // goes alone
		load(budget.Background, 2) // gathers
		load(budget.Normal, 3)     // need not wait for key 1, and takes 2 along
		load(budget.Background, 4) // gathers
		load(budget.Normal, 5)     // gathers: a normal one is in the air
		load(budget.Urgent, 4)     // is the same key, and urgent now
		load(budget.Urgent, 3)     // does not join a flight that is less urgent
		load(budget.Background, 4) // joins one that is more urgent
		time.Sleep(time.Hour)
		want := []struct {
			class budget.Class
			keys  []int
			at    time.Duration
		}{
			{budget.Background, []int{1}, 0},
			{budget.Normal, []int{2, 3}, 2 * time.Second},
			{budget.Urgent, []int{4, 5}, 5 * time.Second},
			{budget.Urgent, []int{3}, 65 * time.Second},
		}
		if len(d.seen()) != len(want) {
			t.Fatalf("%d requests: %v", len(d.seen()), d.sizes())
		}
		for i, r := range d.seen() {
			w := want[i]
			landing := r.at - w.at
			if r.class != w.class || len(r.keys) != len(w.keys) || r.keys[0] != w.keys[0] || landing < 0 || landing > 10*time.Millisecond {
				t.Errorf("request %d: %v %v at %v, want %+v", i, r.class, r.keys, r.at, w)
			}
		}
	})
}

// TestAClassThatDoesNotExist is taken for the nearest one.
func TestAClassThatDoesNotExist(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(time.Millisecond)
		l := newLoader(t, d.config(100))
		for class, want := range map[budget.Class]budget.Class{-100: budget.Urgent, 100: budget.Background} {
			if _, err := l.Load(t.Context(), class, 1); err != nil {
				t.Error(err)
			}
			if got := d.seen()[d.count()-1].class; got != want {
				t.Errorf("class %d went as %v", class, got)
			}
		}
	})
}

func TestTheMostUrgentGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(time.Second)
		cfg := d.config(2)
		cfg.AtOnce = 1
		l := newLoader(t, cfg)
		var order []chan batch.Result[int, string]
		send := func(class budget.Class, keys ...int) {
			for _, key := range keys {
				c := make(chan batch.Result[int, string], 1)
				order = append(order, c)
				go func() {
					v, err := l.Load(t.Context(), class, key)
					c <- batch.Result[int, string]{Key: key, Value: v, Err: err}
				}()
				synctest.Wait()
			}
		}
		send(budget.Urgent, 1)
		send(budget.Background, 2, 3, 4, 5)
		send(budget.Normal, 6, 7)
		send(budget.Urgent, 8, 9)
		for _, c := range order {
			if r := <-c; r.Value != user(r.Key) || r.Err != nil {
				t.Errorf("%+v", r)
			}
		}
		var firsts []int
		for _, r := range d.seen() {
			firsts = append(firsts, r.keys[0])
		}
		// Key 2 leaves while only an urgent flight is in the air? No: an urgent one
		// is as urgent as it, so it waits.
		for i, want := range []int{1, 8, 6, 2, 4} {
			if firsts[i] != want {
				t.Fatalf("requests began with %v", firsts)
			}
		}
	})
}
