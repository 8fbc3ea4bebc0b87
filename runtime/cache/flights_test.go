package cache

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestCacheFlightsShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Flights[string, int]
		var calls, own atomic.Int32
		var done sync.WaitGroup
		for range 50 {
			done.Go(func() {
				got, mine, err := f.Do(t.Context(), "a", func() (int, bool) {
					time.Sleep(time.Second)
					return int(calls.Add(1)), true
				})
				if got != 1 || err != nil {
					t.Errorf("got %d, %v", got, err)
				}
				if mine {
					own.Add(1)
				}
			})
		}
		done.Wait()
		if calls.Load() != 1 || own.Load() != 1 {
			t.Errorf("%d calls, %d of them own", calls.Load(), own.Load())
		}
		if got, _, _ := f.Do(t.Context(), "a", func() (int, bool) { return 7, true }); got != 7 {
			t.Errorf("a call afterwards gets %d", got)
		}
	})
}

// TestCacheFlightsLeave: who comes first ends, and the others go on.
func TestCacheFlightsLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Flights[string, int]
		work := func(ctx context.Context, result int) (int, bool) {
			select {
			case <-time.After(time.Second):
				return result, true
			case <-ctx.Done():
				return 0, false
			}
		}
		first, cancel := context.WithCancel(t.Context())
		short, end := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer end()
		var done sync.WaitGroup
		done.Go(func() {
			if got, own, err := f.Do(first, "a", func() (int, bool) { return work(first, 1) }); got != 0 || !own || err != nil {
				t.Errorf("the first: %d, %v, %v", got, own, err)
			}
		})
		synctest.Wait()
		done.Go(func() {
			if _, own, err := f.Do(short, "a", func() (int, bool) { return work(short, 9) }); own || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the one in a hurry: %v, %v", own, err)
			}
		})
		var calls atomic.Int32
		for range 10 {
			done.Go(func() {
				got, _, err := f.Do(t.Context(), "a", func() (int, bool) { calls.Add(1); return work(t.Context(), 2) })
				if got != 2 || err != nil {
					t.Errorf("another: %d, %v", got, err)
				}
			})
		}
		time.Sleep(500 * time.Millisecond)
		cancel()
		done.Wait()
		if calls.Load() != 1 {
			t.Errorf("the others have made %d calls, want 1", calls.Load())
		}
	})
}

func TestCacheFlightsSurviveAPanic(t *testing.T) {
	var f Flights[string, int]
	func() {
		defer func() { recover() }()
		f.Do(t.Context(), "a", func() (int, bool) { panic("oh") })
	}()
	if got, own, err := f.Do(t.Context(), "a", func() (int, bool) { return 3, true }); got != 3 || !own || err != nil {
		t.Errorf("afterwards: %d, %v, %v", got, own, err)
	}
}
