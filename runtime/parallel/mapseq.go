package parallel

import (
	"context"
	"iter"
)

// MapSeq calls do with every item of seq, at most n at once, and yields the
// results in the order of the items, as they come: so a list of any length is
// worked through in bounded memory.
//
//	for article, err := range parallel.MapSeq(ctx, 64, zd.Articles.List(ctx, nil), fetch) {
//
// It is lazy, and ranging twice works through seq twice. An error of the
// sequence is yielded in its place, after the results of the items before it.
// The first error of do cancels the calls under way and is yielded after the
// results that were in before it. Either ends the iteration; leaving the loop
// cancels the calls under way, too. No call outlives the loop.
func MapSeq[T, R any](ctx context.Context, n int, seq iter.Seq2[T, error], do func(context.Context, T) (R, error)) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		if err := check(n); err != nil {
			yield(*new(R), err)
			return
		}
		g := newGroup(ctx)
		defer g.Wait()
		defer g.cancel()
		next, stop := iter.Pull2(seq)
		defer stop()
		left, err := inOrder(ctx, g, n, next, do, yield)
		if !left && err != nil {
			yield(*new(R), err)
		}
	}
}

// inOrder keeps up to n calls in line and yields the result of the first, until
// the items end, something fails, ctx ends, or the loop is left.
func inOrder[T, R any](ctx context.Context, g *group, n int, next func() (T, error, bool), do func(context.Context, T) (R, error), yield func(R, error) bool) (left bool, err error) {
	var line []<-chan R
	more := true
	for {
		for more && len(line) < n && g.ctx.Err() == nil {
			var item T
			if item, err, more = next(); err != nil {
				more = false
			}
			if more {
				line = append(line, start(g, item, do))
			}
		}
		if len(line) == 0 {
			if more {
				err = ctx.Err()
			}
			return false, err
		}
		result, ok := <-line[0]
		if !ok {
			g.cancel()
			return false, g.stopped(ctx)
		}
		line = line[1:]
		if !yield(result, nil) {
			return true, nil
		}
	}
}

// start begins a call. Its result comes in a channel that is closed without one
// if the call fails in any way.
func start[T, R any](g *group, item T, do func(context.Context, T) (R, error)) <-chan R {
	result := make(chan R, 1)
	g.Go(func() error {
		defer close(result)
		return g.guard(func() error {
			r, err := do(g.ctx, item)
			if err == nil {
				result <- r
			}
			return err
		})
	})
	return result
}
