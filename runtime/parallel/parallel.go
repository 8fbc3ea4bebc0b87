// Package parallel runs a function over many items, a bounded number at once.
// The first error, a panic included, cancels the rest and is returned.
//
//	err := parallel.Each(ctx, 64, slices.Values(ids), func(ctx context.Context, id int64) error {
//		article, err := zd.Articles.Show(ctx, id, nil)
//		...
//	})
//
// The bound is no rate: the budget paces the calls. It only has to be high
// enough that the budget, not the bound, is what they wait for: the calls that a
// limit allows in the time that one takes, and some to spare.
package parallel

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// Each calls do with every item of seq, at most n at once, and waits for all.
// The items are taken from seq in order, in the caller's goroutine, as room for
// them comes free. The first error ends it: do's context is cancelled, no further
// item is taken, and when the calls under way have returned, Each returns that
// error. If ctx ends before all items are taken, that is an error too. n must be
// at least 1.
func Each[T any](ctx context.Context, n int, seq iter.Seq[T], do func(context.Context, T) error) error {
	return EachSeq(ctx, n, withoutErrors(seq), do)
}

// EachSeq is Each over a sequence that may fail, such as the pages or the items
// of a list. An error of the sequence counts as an error of do.
func EachSeq[T any](ctx context.Context, n int, seq iter.Seq2[T, error], do func(context.Context, T) error) error {
	if err := check(n); err != nil {
		return err
	}
	g := newGroup(ctx)
	g.SetLimit(n)
	// A panic of seq goes on, once the calls under way have been cancelled and
	// have ended.
	defer g.Wait()
	defer g.cancel()
	for item, err := range seq {
		if g.ctx.Err() != nil {
			return g.stopped(ctx)
		}
		if err != nil {
			g.cancel()
			g.Wait()
			return err
		}
		g.Go(func() error {
			if err := g.ctx.Err(); err != nil {
				return err // it ended while this call waited for room
			}
			return g.guard(func() error { return do(g.ctx, item) })
		})
	}
	return g.wait()
}

// Map calls do with every item, at most n at once, and returns the results in
// the order of the items. On an error, as in Each, there are no results.
func Map[T, R any](ctx context.Context, n int, items []T, do func(context.Context, T) (R, error)) ([]R, error) {
	results := make([]R, len(items))
	indexes := func(yield func(int) bool) {
		for i := range items {
			if !yield(i) {
				return
			}
		}
	}
	err := Each(ctx, n, indexes, func(ctx context.Context, i int) (err error) {
		results[i], err = do(ctx, items[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}

// group is an errgroup whose functions may also panic or exit.
type group struct {
	*errgroup.Group
	ctx    context.Context
	cancel context.CancelFunc
	exited atomic.Bool
}

func newGroup(ctx context.Context) *group {
	ctx, cancel := context.WithCancel(ctx)
	g := &group{cancel: cancel}
	g.Group, g.ctx = errgroup.WithContext(ctx)
	return g
}

// wait returns the first error of the functions, once all have ended.
func (g *group) wait() error {
	err := g.Wait()
	if g.exited.Load() && (err == nil || errors.Is(err, context.Canceled)) {
		return errExited // which cancelled the others
	}
	return err
}

// stopped is wait where the group stopped early: if none of the functions
// failed, it was because ctx, which the group was made from, has ended.
func (g *group) stopped(ctx context.Context) error {
	if err := g.wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// errExited stands for a result that will never come.
var errExited = errors.New("parallel: the function ended its goroutine (runtime.Goexit) instead of returning")

// PanicError is a panic of the function that was run.
type PanicError struct {
	Value any
	Stack []byte // of the goroutine that panicked
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("parallel: panic: %v\n\n%s", e.Value, e.Stack)
}

// Unwrap returns the panic's value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// guard turns a panic of do into an error.
func (g *group) guard(do func() error) (err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
			return
		}
		g.exited.Store(true)
		g.cancel()
	}()
	err = do()
	returned = true
	return err
}

func check(n int) error {
	if n < 1 {
		return fmt.Errorf("parallel: %d calls at once: the number must be at least 1", n)
	}
	return nil
}

func withoutErrors[T any](seq iter.Seq[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for item := range seq {
			if !yield(item, nil) {
				return
			}
		}
	}
}
