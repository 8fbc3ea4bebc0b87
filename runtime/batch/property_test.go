package batch_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/weirkit/weir/runtime/batch"
	"github.com/weirkit/weir/runtime/budget"
)

// A world is random callers of one loader, and a random provider.
type world struct {
	Max, AtOnce, MaxSize, Bears int
	Delay                       time.Duration
	Latencies                   []time.Duration // of the requests, in turn
	Down                        []bool          // which of them fail, in turn
	Bad, Gone                   map[int]bool
	Cost                        int // of a batch of n: 0 one, 1 n, 2 2n-1
	Calls                       []load
}

// load is a call. Those with several keys are calls of Many.
type load struct {
	Keys    []int
	At      time.Duration
	Timeout time.Duration // 0: none
	Class   budget.Class
}

func drawWorld(t *rapid.T) world {
	ms := func(from, to int) *rapid.Generator[time.Duration] {
		return rapid.Map(rapid.IntRange(from, to), func(n int) time.Duration { return time.Duration(n) * time.Millisecond })
	}
	key := rapid.IntRange(1, 60)
	some := rapid.Map(rapid.SliceOfN(key, 0, 4), func(keys []int) map[int]bool {
		set := map[int]bool{}
		for _, k := range keys {
			set[k] = true
		}
		return set
	})
	return world{
		Max:       rapid.IntRange(1, 20).Draw(t, "max"),
		AtOnce:    rapid.IntRange(1, 4).Draw(t, "at once"),
		MaxSize:   rapid.SampledFrom([]int{0, 0, 30, 200}).Draw(t, "max size"),
		Bears:     rapid.SampledFrom([]int{0, 0, 0, 3, 8}).Draw(t, "bears"),
		Delay:     rapid.SampledFrom([]time.Duration{0, 0, 3 * time.Millisecond}).Draw(t, "delay"),
		Latencies: rapid.SliceOfN(ms(0, 300), 1, 8).Draw(t, "latencies"),
		Down:      rapid.SliceOfN(rapid.Map(rapid.IntRange(0, 9), func(n int) bool { return n == 0 }), 1, 8).Draw(t, "down"),
		Bad:       some.Draw(t, "bad"),
		Gone:      some.Draw(t, "gone"),
		Cost:      rapid.IntRange(0, 2).Draw(t, "cost"),
		Calls: someOf(t, 60, rapid.Custom(func(t *rapid.T) load {
			return load{
				Keys:    rapid.OneOf(rapid.SliceOfN(key, 1, 1), rapid.SliceOfN(key, 0, 50)).Draw(t, "keys"),
				At:      ms(0, 1500).Draw(t, "at"),
				Timeout: rapid.OneOf(rapid.Just(time.Duration(0)), ms(1, 500)).Draw(t, "timeout"),
				Class:   budget.Class(rapid.IntRange(-1, 1).Draw(t, "class")),
			}
		})),
	}
}

// someOf draws up to so many values; rapid's own slices are mostly short.
func someOf[T any](t *rapid.T, most int, values *rapid.Generator[T]) []T {
	n := rapid.IntRange(1, most).Draw(t, "calls")
	return rapid.SliceOfN(values, n, n).Draw(t, "call")
}

// run lets the world happen and returns what was wrong.
func (w *world) run(t *testing.T) (errs []error) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(0)
		d.bears, d.bad, d.gone, d.noise = w.Bears, w.Bad, w.Gone, true
		var mu sync.Mutex
		turns, downs := 0, 0
		d.latency = func(int) time.Duration {
			mu.Lock()
			defer mu.Unlock()
			turns++
			return w.Latencies[turns%len(w.Latencies)]
		}
		d.down = func() bool {
			mu.Lock()
			defer mu.Unlock()
			downs++
			return w.Down[downs%len(w.Down)]
		}
		cfg := d.config(w.Max)
		cfg.AtOnce, cfg.Delay = w.AtOnce, w.Delay
		if w.MaxSize > 0 {
			cfg.MaxSize, cfg.Size = w.MaxSize, func(key int) int { return key }
		}
		if w.Cost > 0 {
			cfg.Cost.Many = func(n int) int { return w.Cost*(n-1) + 1 }
		}
		l := newLoader(t, cfg)
		complain := func(format string, args ...any) {
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, fmt.Errorf(format, args...))
		}
		var group sync.WaitGroup
		for _, c := range w.Calls {
			group.Go(func() { w.call(t, l, c, complain) })
		}
		group.Wait()
		synctest.Wait()
		w.referee(d, complain)
	})
	return errs
}

// call is one caller, who knows what it may get.
func (w *world) call(t *testing.T, l *batch.Loader[int, string], c load, complain func(string, ...any)) {
	time.Sleep(c.At)
	ctx := t.Context()
	if c.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.Timeout)
		defer cancel()
	}
	began := time.Now()
	var results []batch.Result[int, string]
	if len(c.Keys) == 1 {
		v, err := l.Load(ctx, c.Class, c.Keys[0])
		results = append(results, batch.Result[int, string]{Key: c.Keys[0], Value: v, Err: err})
	} else {
		results = l.Many(ctx, c.Class, c.Keys)
	}
	if c.Timeout > 0 && time.Since(began) > c.Timeout {
		complain("a call with %v took %v", c.Timeout, time.Since(began))
	}
	if len(results) != len(c.Keys) {
		complain("%d results for %d keys", len(results), len(c.Keys))
		return
	}
	for i, r := range results {
		if key := c.Keys[i]; r.Key != key || !w.may(key, r, ctx) {
			complain("key %d: %+v", key, r)
		}
	}
}

// may tells whether a caller can get such a result.
func (w *world) may(key int, r batch.Result[int, string], ctx context.Context) bool {
	switch {
	case r.Err == nil:
		return r.Value == user(key) && !w.Bad[key] && !w.Gone[key]
	case r.Value != "":
		return false
	case r.Err == errDown:
		return slices.Contains(w.Down, true)
	case errors.Is(r.Err, context.DeadlineExceeded):
		return ctx.Err() != nil // never that of another
	case r.Err == errBadKey:
		return w.Bad[key]
	}
	return r.Err == errNoUser && w.Gone[key]
}

// referee looks at the requests.
func (w *world) referee(d *desk, complain func(string, ...any)) {
	keys, searched, halved := 0, 0.0, 0
	for _, c := range w.Calls {
		keys += len(c.Keys)
	}
	for _, r := range d.seen() {
		sum := 0
		for _, key := range r.keys {
			sum += key
		}
		distinct := maps.Collect(func(yield func(int, bool) bool) {
			for _, key := range r.keys {
				if !yield(key, true) {
					return
				}
			}
		})
		if len(r.keys) > w.Max || len(distinct) != len(r.keys) || len(r.keys) == 0 {
			complain("a request for %v, of %d at the most", r.keys, w.Max)
		}
		if w.MaxSize > 0 && !r.one && sum > w.MaxSize {
			complain("a request for %v is larger than %d", r.keys, w.MaxSize)
		}
		if w.Cost == 2 && len(r.keys) > 1 {
			complain("a request for %v, which costs more than single ones", r.keys)
		}
		switch r.err {
		case errTooLarge:
			halved += 2
		case errBadKey:
			for _, key := range r.keys {
				if w.Bad[key] {
					searched += 2*math.Log2(float64(w.Max)) + 1
				}
			}
		}
	}
	if most := float64(keys+halved) + searched; float64(len(d.seen())) > most {
		complain("%d requests for %d keys, want at most %v", len(d.seen()), keys, most)
	}
}

// TestEveryCallerGetsItsOwnAnswer also shows that nothing is left behind: a
// bubble does not end while a goroutine of it waits.
func TestEveryCallerGetsItsOwnAnswer(t *testing.T) {
	worlds, calls := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		if err := errors.Join(w.run(t)...); err != nil {
			rt.Fatalf("%v\n%+v", err, w)
		}
		worlds++
		calls += len(w.Calls)
	})
	t.Logf("%d worlds, %d calls", worlds, calls)
}
