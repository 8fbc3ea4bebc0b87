package page

import (
	"context"
	"fmt"
)

// FetchSheet gets the page that follows after cursor; the first where that is
// empty.
//
// With ahead set nobody waits for the page yet: where getting it means waiting
// for a budget, it returns an error that wraps ErrNotAhead, and is called again
// once the page is needed. Calls never overlap.
//
// It may return a page together with an error, where the page is good but none
// can follow it.
type FetchSheet func(ctx context.Context, cursor string, ahead bool) (*Sheet, error)

// EachItem calls yield for the items of all pages from cursor on, with the page
// and the item's place in it, until yield reports false.
//
// It is lazy: the second page is not fetched before the loop asks for a second
// item. From then on it fetches one page ahead. Ending the loop, in whatever
// way, cancels that fetch and waits for its end.
//
// An item that does not fit its type is yielded as an *ItemError, in its place,
// and the loop may go on. Any other error ends the iteration, after the items
// that came before it: it is a *FetchError with the cursor to resume from.
func EachItem(ctx context.Context, cursor string, fetch FetchSheet, yield func(s *Sheet, at int, err error) bool) {
	w := newWalk(ctx, cursor, fetch)
	defer w.stop()
	for w.next() {
		if !w.yieldItems(yield) {
			return
		}
	}
	if w.err != nil {
		yield(nil, 0, w.err)
	}
}

// EachSheet calls yield for pages, as EachItem does for items. The items of a
// page that do not fit their type follow it as one *ItemError each, with a nil
// page.
func EachSheet(ctx context.Context, cursor string, fetch FetchSheet, yield func(*Sheet, error) bool) {
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

// walk is one iteration under way.
type walk struct {
	ctx    context.Context
	fetch  FetchSheet
	cursor string // of the page under way, then of the one to come
	seen   trail
	page   *Sheet
	count  int
	err    error // what ends the walk after page
	early  *early
}

func newWalk(ctx context.Context, cursor string, fetch FetchSheet) *walk {
	w := &walk{ctx: ctx, fetch: fetch, cursor: cursor}
	w.seen.visit(cursor)
	return w
}

// next gets the next page; false means that there is none, or that err is set.
func (w *walk) next() bool {
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
func (w *walk) get() (*Sheet, error) {
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
func (w *walk) ahead() {
	if w.early == nil && w.err == nil && !w.page.Last {
		w.early = fetchEarly(w.ctx, w.cursor, w.fetch)
	}
}

func (w *walk) stop() {
	if w.early != nil {
		w.early.abandon()
	}
}

// yieldItems yields a page's items, those that fail in their places. It
// reports whether the loop goes on.
func (w *walk) yieldItems(yield func(*Sheet, int, error) bool) bool {
	failed, good, items := w.page.Failed, 0, len(w.page.Raw)
	for at := 0; good < items || len(failed) > 0; at++ {
		if at > 0 || w.count > 1 {
			w.ahead()
		}
		if len(failed) > 0 && (failed[0].Index <= at || good == items) {
			if !yield(nil, 0, failed[0]) {
				return false
			}
			failed = failed[1:]
		} else {
			if !yield(w.page, good, nil) {
				return false
			}
			good++
		}
	}
	return true
}
