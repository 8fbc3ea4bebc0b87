package parallel

import (
	"context"
	"iter"
)

// MapSeq calls do with every item of seq, at most n at once, and yields the
// results in the order of the items, or as they come ([WithoutOrder]): so a list
// of any length is worked through in memory for n results.
//
//	for article, err := range parallel.MapSeq(ctx, parallel.ByBudget, zd.Articles.List(ctx, nil), fetch) {
//
// It is lazy, and ranging twice works through seq twice. The items are taken in
// the loop's own goroutine, one for each result that is there to be yielded, and
// as many as n allows while there is none. An error of the sequence is yielded
// in its place, after the results of the items before it. The first error of do
// cancels the calls under way and is yielded after the results that were in
// before it. Either ends the iteration; with [WithAllErrors] only an error of the
// sequence does. Leaving the loop cancels the calls under way, too. No call
// outlives the loop. n must be at least 1, or [ByBudget].
func MapSeq[T, R any](ctx context.Context, n int, seq iter.Seq2[T, error], do func(context.Context, T) (R, error), opts ...Option) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		cfg, n, err := configure("MapSeq", n, opts)
		if err != nil {
			yield(*new(R), err)
			return
		}
		g := newGroup(ctx, cfg)
		defer g.Wait()
		defer g.cancel()
		next, stop := iter.Pull2(seq)
		defer stop()
		m := &mapping[T, R]{group: g, n: n, next: next, do: do, more: true}
		if g.anyOrder {
			m.arrived = make(chan outcome[R], n)
		}
		if left := m.run(yield); !left {
			if err := m.end(ctx); err != nil {
				yield(*new(R), err)
			}
		}
	}
}

// mapping is one range over a MapSeq.
type mapping[T, R any] struct {
	*group
	n    int
	next func() (T, error, bool)
	do   func(context.Context, T) (R, error)

	more    bool  // next may have more
	failure error // of the sequence
	broken  bool  // a call failed, which ends it all
	taken   int
	running int // calls whose outcome was not taken yet

	// What comes of the calls under way: in order, a channel for each, or one for
	// all. None of them ever blocks a call.
	line    []chan outcome[R]
	arrived chan outcome[R]
}

// outcome is what came of a call; failed where it failed and that ends it all.
type outcome[R any] struct {
	result R
	err    error
	failed bool
}

// run yields outcomes until the items end, something fails, the context ends, or
// the loop is left.
func (m *mapping[T, R]) run(yield func(R, error) bool) (left bool) {
	for {
		if m.more && m.running < m.n && m.ctx.Err() == nil {
			m.take()
		}
		if m.running == 0 {
			if m.more && m.ctx.Err() == nil {
				continue
			}
			return false
		}
		o, ok := m.first(m.more && m.running < m.n && m.ctx.Err() == nil)
		if !ok {
			continue // none is there yet, and there is room for another
		}
		m.running--
		if o.failed {
			// The errgroup cancels the others, once it has noted the error: to do
			// so here would let theirs come first.
			m.broken = true
			return false
		}
		if !yield(o.result, o.err) {
			return true
		}
	}
}

// end is the error that the iteration ends with.
func (m *mapping[T, R]) end(ctx context.Context) error {
	switch {
	case m.broken:
		return m.stopped(ctx)
	case m.failure != nil:
		return m.failure
	case m.more:
		return ctx.Err()
	}
	return nil
}

// take begins the call for the next item.
func (m *mapping[T, R]) take() {
	item, err, ok := m.next()
	if !ok || err != nil {
		m.more, m.failure = false, err
		return
	}
	to := m.arrived
	if to == nil {
		to = make(chan outcome[R], 1)
		m.line = append(m.line, to)
	}
	index := m.taken
	m.taken++
	m.running++
	m.Go(func() error {
		o := outcome[R]{failed: true}
		defer func() { to <- o }()
		return m.guard(index, item, func(e *ItemError) { o = outcome[R]{err: e} }, func() error {
			r, err := m.do(m.ctx, item)
			if err == nil {
				o = outcome[R]{result: r}
			}
			return err
		})
	})
}

// first takes the outcome that is next to be yielded. With others to begin it
// does not wait for it.
func (m *mapping[T, R]) first(others bool) (o outcome[R], ok bool) {
	from := m.arrived
	if from == nil {
		from = m.line[0]
	}
	if others {
		select {
		case o = <-from:
		default:
			return o, false
		}
	} else {
		o = <-from
	}
	if m.arrived == nil {
		m.line = m.line[1:]
	}
	return o, true
}
