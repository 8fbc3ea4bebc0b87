package cache

import (
	"context"
	"maps"
	"sync"
)

// Flights has one of several equal calls do the work for all of them. The zero
// value is ready.
//
// x/sync's singleflight is not beneath: there, whoever comes first takes the
// others down with it when its context ends.
type Flights[K comparable, T any] struct {
	mu    sync.Mutex
	under map[K]*flight[T]
}

type flight[T any] struct {
	done   chan struct{}
	result T
	shared bool
}

// Do calls do, unless an equal call is under way: then it waits for its result. do
// reports whether its result is everybody's; one that is not, since it was the
// caller's own context that ended, sends the next of those who wait on its way. own
// reports whether the result comes from this call's do; err is the context's, whose
// end leaves the others as they were.
func (f *Flights[K, T]) Do(ctx context.Context, key K, do func() (result T, shared bool)) (result T, own bool, err error) {
	for {
		f.mu.Lock()
		other := f.under[key]
		if other == nil {
			break
		}
		f.mu.Unlock()
		select {
		case <-other.done:
			if other.shared {
				return other.result, false, nil
			}
		case <-ctx.Done():
			return result, false, ctx.Err()
		}
	}
	mine := &flight[T]{done: make(chan struct{})}
	if f.under == nil {
		f.under = map[K]*flight[T]{}
	}
	f.under[key] = mine
	f.mu.Unlock()
	defer func() { // also where do panics
		f.mu.Lock()
		if f.under[key] == mine {
			delete(f.under, key)
		}
		f.mu.Unlock()
		close(mine.done)
	}()
	mine.result, mine.shared = do()
	return mine.result, true, nil
}

// Close has nobody more join the flights under way whose keys are old. Who waits for
// one already still gets its result.
func (f *Flights[K, T]) Close(old func(K) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.DeleteFunc(f.under, func(key K, _ *flight[T]) bool { return old(key) })
}
