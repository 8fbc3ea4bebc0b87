package batch

import (
	"context"
	"sync"
	"time"

	"github.com/weirkit/weir/runtime/budget"
)

// Loader gets values by key, several by one request where that is worth it. Its
// methods may be called by many goroutines. What it holds is bounded by those
// who wait: an answer is dropped once it is given.
type Loader[K comparable, V any] struct {
	cfg   Config[K, V]
	saves bool   // a full batch costs less than its keys one by one
	dear  []bool // by the number of keys: a batch costs more; nil if none does

	// One lock guards all, entries and batches included. None of the functions of
	// the Config runs under it.
	mu      sync.Mutex
	keys    map[K]*entry[K, V] // what can be joined
	peak    int                // the most keys there were
	queue   []*group[K, V]     // batches that have not left; only the last one still gathers
	flights [classes]int       // in the air, by class
	lands   [classes]landing   // of the last ones to end
	sizer   sizer
}

// entry is a key that somebody waits for.
type entry[K comparable, V any] struct {
	key     K
	size    int
	ctx     context.Context // of its first caller
	group   *group[K, V]    // which it waits or flies in
	callers int             // 0: nobody wants it any more
	settled bool            // value and err are set, and done is closed
	done    chan struct{}
	value   V
	err     error
}

// Load gets the value of a key. Its error is that of the request, of the key's
// item, Config.NotFound, or the context's.
func (l *Loader[K, V]) Load(ctx context.Context, class budget.Class, key K) (V, error) {
	size, err := l.accept(key)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return *new(V), err
	}
	l.mu.Lock()
	e := l.join(ctx, class, key, size)
	l.mu.Unlock()
	return l.wait(ctx, e)
}

// join puts a caller in line for a key, by itself or with others, and has leave
// what may.
func (l *Loader[K, V]) join(ctx context.Context, class budget.Class, key K, size int) *entry[K, V] {
	e, news := l.enlist(ctx, class, key, size)
	if news {
		l.dispatch()
	}
	return e
}

// enlist is join that lets nothing leave. It reports whether something may now.
func (l *Loader[K, V]) enlist(ctx context.Context, class budget.Class, key K, size int) (e *entry[K, V], news bool) {
	class = min(max(class, budget.Urgent), budget.Background)
	all := l.lands[class-budget.Urgent].cameBack(l.cfg.Clock)
	e, news = l.place(ctx, class, key, size)
	return e, news || all
}

// place finds the entry that a caller waits for, or makes one.
func (l *Loader[K, V]) place(ctx context.Context, class budget.Class, key K, size int) (e *entry[K, V], news bool) {
	deadline, _ := ctx.Deadline()
	if e = l.keys[key]; e != nil && (!e.group.left || e.group.serves(class, deadline)) {
		e.callers++
		if e.group.left {
			return e, false
		}
		return e, e.group.welcome(class, deadline)
	}
	e = &entry[K, V]{key: key, size: size, ctx: ctx, callers: 1, done: make(chan struct{})}
	l.keys[key] = e
	l.peak = max(l.peak, len(l.keys))
	return e, l.gather(e, class, deadline)
}

// wait waits for the answer, or for the end of the caller's own context.
func (l *Loader[K, V]) wait(ctx context.Context, e *entry[K, V]) (V, error) {
	select {
	case <-e.done:
		return e.value, e.err
	case <-ctx.Done():
		l.leave(e)
		return *new(V), ctx.Err()
	}
}

// leave takes one caller of an entry away, and with the last one the entry.
func (l *Loader[K, V]) leave(e *entry[K, V]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.callers--; e.callers > 0 || e.settled {
		return
	}
	l.forget(e)
	g := e.group
	if g.waiting--; !g.left {
		l.strike(e)
	} else if g.waiting == 0 {
		g.cancel()
		l.ended(g)
	}
}

// forget has an entry joined by nobody more.
func (l *Loader[K, V]) forget(e *entry[K, V]) {
	if l.keys[e.key] == e {
		delete(l.keys, e.key)
	}
}

// settle gives an entry its answer, unless it has one.
func (l *Loader[K, V]) settle(e *entry[K, V], value V, err error) {
	if e.settled || e.callers == 0 {
		return
	}
	e.value, e.err, e.settled = value, err, true
	e.group.waiting--
	l.forget(e)
	close(e.done)
}

// later is the later of two deadlines, of which zero is the latest.
func later(a, b time.Time) time.Time {
	if a.IsZero() || b.IsZero() {
		return time.Time{}
	}
	if a.After(b) {
		return a
	}
	return b
}
