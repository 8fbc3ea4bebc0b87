package batch

// This file has what happens in a flight, from its request to its answers.

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/weirkit/weir/runtime/budget"
)

// deep has the stack of a new goroutine grow once to what a request through
// net/http needs. By itself it doubles again and again, and copies what is on it
// each time: of a call over loopback that was a fifth.
//
//go:noinline
func deep(at int) byte {
	var frame [16 << 10]byte
	return frame[at]
}

// fly is a flight, in a goroutine of its own. A lone caller could be spared that,
// but then it could not leave while others wait for its key.
func (l *Loader[K, V]) fly(g *group[K, V]) {
	deep(len(g.entries) & 1)
	defer l.land(g, l.cfg.Clock.Now())
	returned := false
	defer func() {
		if returned {
			return
		}
		err := errExited
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
		l.fail(g.entries, err)
	}()
	l.resolve(&g.flight, g, g.entries, false)
	returned = true
}

// land ends a flight. One that has answered several keys counts as in the air a
// moment longer: those it answered may come back.
func (l *Loader[K, V]) land(g *group[K, V], since time.Time) {
	g.cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(g.entries) > 1 && l.saves && !g.over {
		callers := 0
		for _, e := range g.entries {
			callers += e.callers
		}
		now := l.cfg.Clock.Now()
		l.lands[g.class-budget.Urgent].begin(now, now.Sub(since), callers)
	}
	l.ended(g)
}

// ask makes the request for some entries of a flight and gives the answers out.
// Of an error nobody has been told.
func (l *Loader[K, V]) ask(ctx context.Context, g *group[K, V], part []*entry[K, V]) error {
	if len(part) == 1 && l.cfg.One != nil {
		value, err := l.cfg.One(ctx, g.class, part[0].key)
		if err != nil {
			return err
		}
		l.mu.Lock()
		l.settle(part[0], value, nil)
		l.mu.Unlock()
		return nil
	}
	keys := make([]K, len(part))
	for i, e := range part {
		keys[i] = e.key
	}
	items, err := l.cfg.Many(ctx, g.class, keys)
	if err != nil {
		return err
	}
	l.give(part, items)
	return nil
}

// give matches items with entries by their keys. An answer in the order of the
// request, the most common one, needs no index.
func (l *Loader[K, V]) give(part []*entry[K, V], items []Item[K, V]) {
	var index map[K]*Item[K, V]
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, e := range part {
		var item *Item[K, V]
		if index == nil {
			if i < len(items) && items[i].Key == e.key {
				item = &items[i]
			} else {
				index = indexOf(items)
			}
		}
		if item == nil {
			item = index[e.key]
		}
		switch {
		case item == nil:
			l.settle(e, *new(V), l.cfg.NotFound)
		case item.Err != nil:
			l.settle(e, *new(V), item.Err)
		default:
			l.settle(e, item.Value, nil)
		}
	}
}

func indexOf[K comparable, V any](items []Item[K, V]) map[K]*Item[K, V] {
	index := make(map[K]*Item[K, V], len(items))
	for i := range items {
		if _, ok := index[items[i].Key]; !ok {
			index[items[i].Key] = &items[i]
		}
	}
	return index
}

// fail gives an error to all of part that have no answer yet.
func (l *Loader[K, V]) fail(part []*entry[K, V], err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range part {
		l.settle(e, *new(V), err)
	}
}
