package batch_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/batch"
	"github.com/weirkit/weir/runtime/budget"
)

// caller is one that a test can look at.
type caller struct {
	cancel context.CancelFunc
	done   chan struct{}
	got
}

// begin loads a key, and returns when that waits.
func (d *desk) begin(l *batch.Loader[int, string], ctx context.Context, key int) *caller {
	c := &caller{done: make(chan struct{})}
	ctx, c.cancel = context.WithCancel(ctx)
	go func() {
		defer close(c.done)
		c.value, c.err = l.Load(ctx, budget.Normal, key)
		c.at = time.Since(d.began)
	}()
	synctest.Wait()
	return c
}

func TestCancellationIsTheCallersOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(100 * time.Millisecond)
		l := newLoader(t, d.config(100))
		inAir, same := d.begin(l, t.Context(), 1), d.begin(l, t.Context(), 1)
		gathered, other, twice := d.begin(l, t.Context(), 2), d.begin(l, t.Context(), 3), d.begin(l, t.Context(), 3)
		for _, c := range []*caller{inAir, gathered, other} {
			c.cancel()
			<-c.done
			if !errors.Is(c.err, context.Canceled) || c.at != 0 {
				t.Errorf("a caller that was cancelled got %v at %v", c.err, c.at)
			}
		}
		for c, want := range map[*caller]string{same: "user 1", twice: "user 3"} {
			<-c.done
			if c.value != want || c.err != nil {
				t.Errorf("the caller beside it got %q, %v, want %q", c.value, c.err, want)
			}
		}
		if d.asked[2] != 0 {
			t.Error("a key that nobody wanted any more was asked for")
		}
		d.wantSizes(t, 1, 1)
	})
}

func TestAFlightThatNobodyWaitsForIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(time.Hour)
		l := newLoader(t, d.config(100))
		a, b := d.begin(l, t.Context(), 1), d.begin(l, t.Context(), 1)
		next := d.begin(l, t.Context(), 2)
		a.cancel()
		synctest.Wait()
		if d.seen()[0].ctx.Err() != nil {
			t.Error("the flight was cancelled with a caller left")
		}
		b.cancel()
		synctest.Wait()
		if d.seen()[0].ctx.Err() == nil {
			t.Error("the flight goes on without a caller")
		}
		if d.count() != 2 {
			t.Error("the next one does not leave")
		}
		again := d.begin(l, t.Context(), 1)
		d.latency = func(int) time.Duration { return time.Second }
		next.cancel()
		<-again.done
		if again.value != "user 1" || again.err != nil {
			t.Errorf("who came after got %q, %v", again.value, again.err)
		}
	})
}

// TestACancelledFlightThatDoesNotEnd holds nobody up, though it should have heeded
// its context.
func TestACancelledFlightThatDoesNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(time.Second)
		cfg, deaf := d.config(100), true
		cfg.AtOnce = 1
		cfg.One = func(ctx context.Context, class budget.Class, key int) (string, error) {
			if deaf {
				ctx, deaf = context.WithoutCancel(ctx), false
				time.Sleep(time.Hour)
			}
			return d.one(ctx, class, key)
		}
		l := newLoader(t, cfg)
		a, b := d.begin(l, t.Context(), 1), d.begin(l, t.Context(), 2)
		a.cancel()
		<-b.done
		if b.value != "user 2" || b.at != time.Second {
			t.Errorf("got %+v", b.got)
		}
		time.Sleep(2 * time.Hour)
		if v, err := l.Load(t.Context(), budget.Normal, 1); v != "user 1" || err != nil {
			t.Errorf("afterwards: %q, %v", v, err)
		}
	})
}

func TestACallThatHasEndedAsksForNothing(t *testing.T) {
	d := newDesk(0)
	l := newLoader(t, d.config(100))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Load(ctx, budget.Normal, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	for _, r := range l.Many(ctx, budget.Normal, span(1, 300)) {
		if !errors.Is(r.Err, context.Canceled) {
			t.Errorf("key %d: %v", r.Key, r.Err)
		}
	}
	if d.count() != 0 {
		t.Errorf("%d requests", d.count())
	}
}

func TestDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(100 * time.Millisecond)
		l := newLoader(t, d.config(100))
		within := func(d time.Duration) context.Context {
			ctx, cancel := context.WithTimeout(t.Context(), d)
			t.Cleanup(cancel)
			return ctx
		}
		first := d.begin(l, within(time.Second), 1)
		sooner, later := d.begin(l, within(50*time.Millisecond), 1), d.begin(l, within(time.Minute), 1)
		d.begin(l, within(time.Minute), 2)
		none := d.begin(l, t.Context(), 3)
		<-first.done
		<-later.done
		<-none.done
		<-sooner.done
		if !errors.Is(sooner.err, context.DeadlineExceeded) || sooner.at != 50*time.Millisecond {
			t.Errorf("who had 50 ms got %v at %v", sooner.err, sooner.at)
		}
		if first.value != "user 1" || later.value != "user 1" || none.value != "user 3" {
			t.Errorf("got %+v, %+v, %+v", first.got, later.got, none.got)
		}
		d.wantSizes(t, 1, 3) // the later one did not rely on the first flight
		if at, ok := d.seen()[0].ctx.Deadline(); !ok || at.Sub(d.began) != time.Second {
			t.Errorf("the first flight has the deadline %v, %t", at, ok)
		}
		if at, ok := d.seen()[1].ctx.Deadline(); ok {
			t.Errorf("the second flight has a deadline, %v, though one of its callers has none", at)
		}
		time.Sleep(10 * time.Millisecond) // the flight has landed
		d.begin(l, within(time.Second), 4)
		d.begin(l, within(time.Second), 5)
		d.begin(l, within(time.Hour), 6)
		time.Sleep(time.Second)
		if at, _ := d.seen()[3].ctx.Deadline(); d.seen()[3].at == 0 || at.Sub(d.began) < time.Hour {
			t.Errorf("the last flight has the deadline %v: it is not the latest", at)
		}
	})
}

func TestAFlightsContext(t *testing.T) {
	type name struct{}
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(100 * time.Millisecond)
		l := newLoader(t, d.config(100))
		as := func(n string) context.Context { return context.WithValue(t.Context(), name{}, n) }
		d.begin(l, as("a"), 1)
		d.begin(l, as("b"), 2).cancel()
		synctest.Wait()
		d.begin(l, as("c"), 3)
		d.begin(l, as("d"), 4)
		d.begin(l, as("e"), 3)
		time.Sleep(time.Second)
		ctx := d.seen()[1].ctx
		if ctx.Value(name{}) != "c" {
			t.Errorf("the flight has the values of %v", ctx.Value(name{}))
		}
		var names []any
		for _, ctx := range batch.Callers(ctx) {
			names = append(names, ctx.Value(name{}))
		}
		if len(names) != 2 || names[0] != "c" || names[1] != "d" {
			t.Errorf("its callers are %v", names)
		}
		if batch.Callers(t.Context()) != nil {
			t.Error("a context that is no flight's has callers")
		}
	})
}

// TestTheLaterFlightIsJoined: when two flights have the same key, the end of the
// first one hides nothing.
func TestTheLaterFlightIsJoined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(time.Minute)
		l := newLoader(t, d.config(100))
		for _, class := range []budget.Class{budget.Background, budget.Urgent, budget.Normal} {
			go l.Load(t.Context(), class, 1)
			time.Sleep(35 * time.Second)
		}
		time.Sleep(time.Hour)
		d.wantSizes(t, 1, 1)
	})
}
