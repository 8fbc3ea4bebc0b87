package batch

import (
	"context"
	"iter"
	"slices"

	"github.com/weirkit/weir/runtime/budget"
)

// Result is what came of a key.
type Result[K comparable, V any] struct {
	Key   K
	Value V
	Err   error
}

// Many gets the values of any number of keys and returns what came of each, in
// the order of the keys. They go in batches of Config.Max, Config.AtOnce at a time.
func (l *Loader[K, V]) Many(ctx context.Context, class budget.Class, keys []K) []Result[K, V] {
	results := make([]Result[K, V], 0, len(keys))
	for r := range l.Seq(ctx, class, slices.Values(keys)) {
		results = append(results, r)
	}
	for _, key := range keys[len(results):] { // the context has ended
		results = append(results, Result[K, V]{Key: key, Err: ctx.Err()})
	}
	return results
}

// Seq is Many for keys as they come, in bounded memory: as many are under way as
// Config.AtOnce batches have. When ctx has ended, the keys under way are yielded
// with its error, and then one more, if there are more, which ends it. Leaving the
// loop gives up what is under way. Ranging twice works through keys twice.
//
// A last batch that is not full does not wait for others to fill it, if the call
// has filled one by itself: nobody could tell when its own flights have ended.
func (l *Loader[K, V]) Seq(ctx context.Context, class budget.Class, keys iter.Seq[K]) iter.Seq[Result[K, V]] {
	return func(yield func(Result[K, V]) bool) {
		next, stop := iter.Pull(keys)
		defer stop()
		line := queued[K, V]{loader: l, ctx: ctx, class: class, next: next, more: true}
		defer line.giveUp()
		for {
			if len(line.chunks) < l.cfg.AtOnce && line.more && ctx.Err() == nil {
				line.enqueue()
				continue
			}
			r, ok := line.first()
			if !ok {
				break
			}
			if !yield(r) {
				return
			}
		}
		if line.more {
			if key, ok := next(); ok {
				yield(Result[K, V]{Key: key, Err: ctx.Err()})
			}
		}
	}
}

// queued are the keys of one Seq that are under way.
type queued[K comparable, V any] struct {
	loader *Loader[K, V]
	ctx    context.Context
	class  budget.Class
	next   func() (K, bool)
	more   bool         // next may have more
	last   *group[K, V] // of the last key
	filled bool         // it is not that of all
	chunks [][]place[K, V]
}

// place is a key in line, or one that was refused.
type place[K comparable, V any] struct {
	key  K
	size int
	e    *entry[K, V]
	err  error
}

// enqueue takes the keys of one batch and lets nothing leave before all are in
// line: else the first would go alone.
func (q *queued[K, V]) enqueue() {
	l := q.loader
	var chunk []place[K, V]
	for len(chunk) < l.cfg.Max {
		p := place[K, V]{}
		if p.key, q.more = q.next(); !q.more {
			break
		}
		p.size, p.err = l.accept(p.key)
		chunk = append(chunk, p)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range chunk {
		if p := &chunk[i]; p.err == nil {
			p.e, _ = l.enlist(q.ctx, q.class, p.key, p.size)
			q.filled = q.filled || q.last != nil && q.last != p.e.group
			q.last = p.e.group
		}
	}
	if n := len(l.queue); !q.more && q.filled && n > 0 {
		l.queue[n-1].due = true
	}
	l.dispatch()
	if len(chunk) > 0 {
		q.chunks = append(q.chunks, chunk)
	}
}

// first waits for the first key in line.
func (q *queued[K, V]) first() (Result[K, V], bool) {
	if len(q.chunks) == 0 {
		return Result[K, V]{}, false
	}
	p := q.chunks[0][0]
	if q.chunks[0] = q.chunks[0][1:]; len(q.chunks[0]) == 0 {
		q.chunks = q.chunks[1:]
	}
	if p.e != nil {
		var v V
		v, p.err = q.loader.wait(q.ctx, p.e)
		return Result[K, V]{Key: p.key, Value: v, Err: p.err}, true
	}
	return Result[K, V]{Key: p.key, Err: p.err}, true
}

// giveUp leaves what is still in line.
func (q *queued[K, V]) giveUp() {
	for _, chunk := range q.chunks {
		for _, p := range chunk {
			if p.e != nil {
				q.loader.leave(p.e)
			}
		}
	}
}
