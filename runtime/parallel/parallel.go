// Package parallel runs a function over many items, a bounded number at once.
// The first error, a panic included, cancels the rest and is returned.
//
//	err := parallel.Each(ctx, 64, slices.Values(ids), func(ctx context.Context, id int64) error {
//		article, err := zd.Articles.Show(ctx, id, nil)
//		...
//	})
//
// The bound on how many calls are under way at once is no rate: the budget
// paces them. It only has to be high enough that the budget is what they wait for.
package parallel

import (
	"context"
	"fmt"
	"iter"
	"runtime/debug"

	"golang.org/x/sync/errgroup"
)

// Each calls do with every item of seq, at most n at once, and waits for all.
// The items are taken from seq in order, in the caller's goroutine, as room for
// them comes free. The first error ends it: do's context is cancelled, no further
// item is taken, and when the calls under way have returned, Each returns that
// error. n must be at least 1.
func Each[T any](ctx context.Context, n int, seq iter.Seq[T], do func(context.Context, T) error) error {
	return EachSeq(ctx, n, withoutErrors(seq), do)
}

// EachSeq is Each over a sequence that may fail, such as a list of pages or
// items. An error of the sequence counts as an error of do.
func EachSeq[T any](ctx context.Context, n int, seq iter.Seq2[T, error], do func(context.Context, T) error) error {
	if err := check(n); err != nil {
		return err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(n)
	// If seq panics, the calls under way still end before this frame does.
	defer group.Wait()
	for item, err := range seq {
		if groupCtx.Err() != nil {
			break
		}
		group.Go(func() error {
			if err != nil {
				return err
			}
			return guard(func() error { return do(groupCtx, item) })
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
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
func guard(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return do()
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
