package runtime

// This file has lists fetch several pages at once.

import (
	"context"
	"fmt"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/page"
)

// maxParallelPages bounds what a list may have to keep at once: each page may be
// as large as WithMaxBody allows.
const maxParallelPages = 1000

// WithParallelPages has lists fetch up to n pages at once, 1 to 1,000, where pages
// are counted by number or by offset. They are delivered in order, as if they
// had been fetched one after the other: with the same cursors, and the items of all
// pages before an error. It begins with the second item or page that the loop asks
// for. Each page waits for the budget like a call of its own, in the order of the
// pages. Memory is for n pages.
//
// Where pages tell how many there are, none is fetched beyond the end. Where they
// do not, more and more are fetched at once as pages come full, and those that are
// on their way when the last one comes, fewer than n and no more than there are
// pages, have been fetched in vain; so have up to n, should the page size change.
//
// Lists of other styles (cursor, link, url, keyset, GraphQL connections) tell only
// by each page where the next one is, and stay one page ahead; so do lists with
// [WithResponse], one after the other. Of this option and [WithoutPrefetch] the
// later one counts. 1 is as without the option.
func WithParallelPages(n int) Option {
	return option(func(c *callConfig) error {
		if n < 1 || n > maxParallelPages {
			return fmt.Errorf("WithParallelPages: %d pages at once: give a number from 1 to %d", n, maxParallelPages)
		}
		c.parallelPages, c.noPrefetch = n, false
		return nil
	})
}

// pagesAtOnce is how many pages of a list are on their way at once at the most.
func (c *callConfig) pagesAtOnce(op *api.Operation) int {
	if c.parallelPages > 1 && c.response == nil && page.Countable(op.Pagination) {
		return c.parallelPages
	}
	return 1
}

// inParallel prepares the walk to fetch several pages at once, if it is to. end
// has to be called when the loop ends.
func (w *walk) inParallel(ctx context.Context) (end func()) {
	n := w.config.pagesAtOnce(w.op)
	if n == 1 {
		return func() {}
	}
	w.line = page.NewLine(ctx, n, w.walker, w.sizer.Size, func(ctx context.Context, cursor string, admitted func()) (*page.Sheet, error) {
		cl := w.call
		cl.admitted = admitted
		return w.get(ctx, &cl, cursor)
	})
	return w.line.Close
}

// getOrTake gets a page, or takes it from those that are fetched at once.
func (w *walk) getOrTake(ctx context.Context, cl *call, cursor string) (*page.Sheet, error) {
	if w.line == nil {
		return w.get(ctx, cl, cursor)
	}
	return w.line.Fetch(ctx, cursor, cl.ahead)
}
