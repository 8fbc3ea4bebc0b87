package batch_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/budget"
)

func TestManyOfAnyLength(t *testing.T) {
	for n, want := range map[int][]int{
		0: nil, 1: {1}, 2: {2}, 99: {99}, 100: {100}, 101: {1, 100}, 250: {50, 100, 100},
		2000: slices.Repeat([]int{100}, 20),
	} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(100 * time.Millisecond)
			d.noise, d.gone[50], d.bad[150] = true, true, n == 2000
			keys := span(1, n)
			for i, r := range newLoader(t, d.config(100)).Many(t.Context(), budget.Normal, keys) {
				wantErr := error(nil)
				switch {
				case d.gone[r.Key]:
					wantErr = errNoUser
				case d.bad[r.Key]:
					wantErr = errBadKey
				}
				if r.Key != keys[i] || r.Err != wantErr || wantErr == nil && r.Value != user(r.Key) {
					t.Errorf("%d of %d: %+v", i, n, r)
				}
			}
			if n == 2000 { // the search for the bad key aside
				return
			}
			got := d.sizes()
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%d keys went in requests of %v, want %v", n, got, want)
			}
			if took := time.Since(d.began); n > 0 && took != 100*time.Millisecond {
				t.Errorf("%d keys took %v, want one flight's time", n, took)
			}
		})
	}
}

func TestManyWithDoublesAndOddKeys(t *testing.T) {
	d := newDesk(0)
	keys := []int{5, 0, 5, 7, 0}
	results := newLoader(t, d.config(100)).Many(t.Context(), budget.Normal, keys)
	for i, r := range results {
		if r.Key != keys[i] || (r.Err != nil) != (keys[i] == 0) || r.Err == nil && r.Value != user(r.Key) {
			t.Errorf("%d: %+v", i, r)
		}
	}
	d.wantSizes(t, 2)
}

func TestSeqIsLazyAndBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(100 * time.Millisecond)
		cfg := d.config(10)
		cfg.AtOnce = 3
		l := newLoader(t, cfg)
		pulled, seen := 0, 0
		endless := func(yield func(int) bool) {
			for key := 1; yield(key); key++ {
				pulled = key
			}
		}
		for r := range l.Seq(t.Context(), budget.Normal, endless) {
			if seen++; r.Key != seen || r.Value != user(seen) || r.Err != nil {
				t.Fatalf("%d: %+v", seen, r)
			}
			if pulled > seen+30 {
				t.Fatalf("%d keys were taken when %d had been yielded", pulled, seen)
			}
			if seen == 205 {
				break
			}
		}
		if most := 205/10 + 1 + 3; d.count() > most {
			t.Errorf("%d requests, want at most %d", d.count(), most)
		}
		synctest.Wait()
		for _, r := range d.seen() {
			if r.ctx.Err() == nil {
				t.Errorf("the request for %v outlives the loop", r.keys)
			}
		}
	})
}

func TestSeqEndsWithItsContext(t *testing.T) {
	for name, n := range map[string]int{"more keys": 1000, "no more keys": 30} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(100 * time.Millisecond)
				cfg := d.config(10)
				cfg.AtOnce = 2
				l := newLoader(t, cfg)
				ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
				defer cancel()
				good, failed := 0, 0
				for r := range l.Seq(ctx, budget.Normal, slices.Values(span(1, n))) {
					if r.Key != good+failed+1 {
						t.Errorf("%+v after %d", r, good+failed)
					}
					switch {
					case r.Err == nil:
						good++
					case errors.Is(r.Err, context.DeadlineExceeded):
						failed++
					default:
						t.Errorf("%+v", r)
					}
				}
				if good != 20 || failed == 0 || good+failed > 20+20+1 {
					t.Errorf("%d good, %d failed", good, failed)
				}
			})
		})
	}
}

// TestAnIdleLoaderIsSmall, whatever it has held.
func TestAnIdleLoaderIsSmall(t *testing.T) {
	d := newDesk(0)
	l := newLoader(t, d.config(200_000))
	heap := func() uint64 {
		d.mu.Lock()
		d.requests, d.asked = nil, map[int]int{}
		d.mu.Unlock()
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	l.Many(t.Context(), budget.Normal, span(1, 200_000))
	if after := heap(); after > before+1<<20 {
		t.Errorf("it keeps %d bytes", after-before)
	}
	if v, err := l.Load(t.Context(), budget.Normal, 1); v != "user 1" || err != nil {
		t.Errorf("then it gives %q, %v", v, err)
	}
}
