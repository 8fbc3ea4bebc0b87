package page

import (
	"context"
	"fmt"
	"iter"
)

// Fetch gets the page that follows after cursor; the first where that is empty.
//
// With ahead set nobody waits for the page yet: where getting it means waiting
// for a budget, Fetch returns an error that wraps ErrNotAhead, and is called
// again once the page is needed. Calls never overlap.
//
// Fetch may return a page together with an error, where the page is good but
// none can follow it.
type Fetch[T any] func(ctx context.Context, cursor string, ahead bool) (*Page[T], error)

// Items iterates over the items of all pages from cursor on.
//
// It is lazy: nothing is fetched before the loop begins, and the second page not
// before the loop asks for a second item. From then on it fetches one page
// ahead. Leaving the loop, in whatever way, cancels that fetch and waits for its
// end. Each range over the sequence walks the list afresh.
//
// An item that does not fit its type is yielded as an *ItemError, in its place,
// and the loop may go on. Any other error ends the iteration, after the items
// that came before it: it is a *FetchError with the cursor to resume from.
func Items[T any](ctx context.Context, cursor string, fetch Fetch[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		w := newWalk(ctx, cursor, fetch)
		defer w.stop()
		for w.next() {
			if !w.yieldItems(yield) {
				return
			}
		}
		if w.err != nil {
			yield(*new(T), w.err)
		}
	}
}

// Pages iterates over pages, as Items does over items. The items of a page that
// do not fit their type follow it as one *ItemError each, with a nil page.
func Pages[T any](ctx context.Context, cursor string, fetch Fetch[T]) iter.Seq2[*Page[T], error] {
	return func(yield func(*Page[T], error) bool) {
		w := newWalk(ctx, cursor, fetch)
		defer w.stop()
		for w.next() {
			if w.count > 1 {
				w.ahead()
			}
			if !yield(w.page, nil) {
				return
			}
			for _, failed := range w.page.Failed {
				if !yield(nil, failed) {
					return
				}
			}
		}
		if w.err != nil {
			yield(nil, w.err)
		}
	}
}

// walk is one iteration under way.
type walk[T any] struct {
	ctx    context.Context
	fetch  Fetch[T]
	cursor string // of the page under way, then of the one to come
	seen   trail
	page   *Page[T]
	count  int
	err    error // what ends the walk after page
	early  *early[T]
}

func newWalk[T any](ctx context.Context, cursor string, fetch Fetch[T]) *walk[T] {
	w := &walk[T]{ctx: ctx, fetch: fetch, cursor: cursor}
	w.seen.visit(cursor)
	return w
}

// next gets the next page; false means that there is none, or that err is set.
func (w *walk[T]) next() bool {
	if w.err != nil || w.page != nil && w.page.Last {
		return false
	}
	w.count++
	page, err := w.get()
	if err == nil && page == nil {
		err = fmt.Errorf("page: the fetch returned neither a page nor an error")
	}
	at := w.cursor
	if err == nil && !page.Last {
		w.cursor = page.Cursor
		if !w.seen.visit(page.Cursor) {
			err = ErrRepeatedCursor
		}
	}
	if err != nil {
		w.err = &FetchError{Cursor: at, Page: w.count, Err: err}
	}
	w.page = page
	return page != nil
}

// get takes the page that was fetched ahead, or fetches it.
func (w *walk[T]) get() (*Page[T], error) {
	if w.early != nil {
		e := w.early
		w.early = nil
		page, err, ok := e.take()
		if ok {
			return page, err
		}
	}
	return w.fetch(w.ctx, w.cursor, false)
}

// ahead begins to fetch the page after this one.
func (w *walk[T]) ahead() {
	if w.early == nil && w.err == nil && !w.page.Last {
		w.early = fetchEarly(w.ctx, w.cursor, w.fetch)
	}
}

func (w *walk[T]) stop() {
	if w.early != nil {
		w.early.abandon()
	}
}

// yieldItems yields a page's items, those that fail in their places. It
// reports whether the loop goes on.
func (w *walk[T]) yieldItems(yield func(T, error) bool) bool {
	items, failed := w.page.Items, w.page.Failed
	for at := 0; len(items)+len(failed) > 0; at++ {
		if at > 0 || w.count > 1 {
			w.ahead()
		}
		if len(failed) > 0 && (failed[0].Index <= at || len(items) == 0) {
			if !yield(*new(T), failed[0]) {
				return false
			}
			failed = failed[1:]
		} else {
			if !yield(items[0], nil) {
				return false
			}
			items = items[1:]
		}
	}
	return true
}
