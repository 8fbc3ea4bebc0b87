// Package parallel runs a function over many items, a bounded number at once.
// The first error, a panic included, cancels the rest and is returned; or all
// errors are, with [WithAllErrors].
//
//	err := parallel.Each(ctx, parallel.ByBudget, slices.Values(ids), func(ctx context.Context, id int64) error {
//		article, err := zd.Articles.Show(ctx, id, nil)
//		...
//	})
//
// The bound n is no rate: the budget paces the calls, and holds them to what the
// provider serves at once. n only has to be high enough that the budget, not the
// bound, is what they wait for, and low enough for the machine. ByBudget is
// both for most providers; runtime.Client.AtOnce tells what is useful for an
// operation. Pass a smaller n where do itself is heavy.
package parallel

import (
	"context"
	"fmt"
	"iter"
)

// ByBudget as the n leaves it to the budget how many calls are on their way at
// once. Those that wait for it are counted too: together they are at most
// [Most].
const ByBudget = 0

// Most is how many calls ByBudget has begun at a time: as many as GitHub serves at
// once, and far more than a rate of some hundred a minute keeps busy.
const Most = 100

// Each calls do with every item of seq, at most n at once, and waits for all.
// The items are taken from seq in order, in the caller's goroutine, as room for
// them comes free. The first error ends it: do's context is cancelled, no further
// item is taken, and when the calls under way have returned, Each returns that
// error. If ctx ends before all items are taken, that is an error too. n must be
// at least 1, or [ByBudget].
func Each[T any](ctx context.Context, n int, seq iter.Seq[T], do func(context.Context, T) error, opts ...Option) error {
	return EachSeq(ctx, n, withoutErrors(seq), do, opts...)
}

// EachSeq is Each over a sequence that may fail, such as the pages or the items
// of a list. An error of the sequence counts as an error of do; with
// [WithAllErrors] it ends the sequence, and the calls under way go on.
func EachSeq[T any](ctx context.Context, n int, seq iter.Seq2[T, error], do func(context.Context, T) error, opts ...Option) error {
	cfg, n, err := configure("Each", n, opts)
	if err != nil {
		return err
	}
	g := newGroup(ctx, cfg)
	g.SetLimit(n)
	// A panic of seq goes on, once the calls under way have been cancelled and
	// have ended.
	defer g.Wait()
	defer g.cancel()
	index := -1
	for item, err := range seq {
		index++
		if g.ctx.Err() != nil {
			return g.stopped(ctx)
		}
		if err != nil {
			if !cfg.allErrors {
				g.cancel()
				g.Wait()
				return err
			}
			return g.all(err)
		}
		at := index
		g.Go(func() error {
			return g.guard(at, item, g.collect, func() error {
				if err := g.ctx.Err(); err != nil {
					return err // it ended while this call waited for room
				}
				return do(g.ctx, item)
			})
		})
	}
	return g.wait()
}

// Map calls do with every item, at most n at once, and returns the results in
// the order of the items. On an error, as in [Each], there are no results; with
// [WithAllErrors] there are those of the calls that did not fail, and zero
// values in the others' places.
func Map[T, R any](ctx context.Context, n int, items []T, do func(context.Context, T) (R, error), opts ...Option) ([]R, error) {
	cfg, n, err := configure("Map", n, opts)
	if err != nil {
		return nil, err
	}
	results := make([]R, len(items))
	g := newGroup(ctx, cfg)
	g.SetLimit(n)
	defer g.Wait()
	defer g.cancel()
	err = nil
	for at := range items {
		if g.ctx.Err() != nil {
			err = g.stopped(ctx)
			break
		}
		g.Go(func() error {
			return g.guard(at, items[at], g.collect, func() error {
				if err := g.ctx.Err(); err != nil {
					return err
				}
				r, err := do(g.ctx, items[at])
				if err == nil {
					results[at] = r
				}
				return err
			})
		})
	}
	if err == nil {
		err = g.wait()
	}
	if err != nil && !cfg.allErrors {
		return nil, err
	}
	return results, err
}

// configure applies the options, and resolves n. by is the function that they
// were given to.
func configure(by string, n int, opts []Option) (config, int, error) {
	cfg := config{by: by}
	for _, o := range opts {
		if o == nil {
			continue
		}
		if err := o(&cfg); err != nil {
			return cfg, 0, fmt.Errorf("parallel: %w", err)
		}
	}
	if n == ByBudget {
		n = Most
	}
	if n < 1 {
		return cfg, 0, fmt.Errorf("parallel: %d calls at once: the number must be at least 1, or ByBudget", n)
	}
	return cfg, n, nil
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
