package runtime

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"reflect"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/graphql"
	"github.com/weirkit/weir/runtime/page"
)

// List iterates over the items of all pages of a list. Nothing is sent before
// the loop begins; then one page is fetched ahead of the loop, if the budget has
// room for it without waiting. Pages are of the largest size allowed unless
// WithPageSize says otherwise; the size is halved while the provider fails on
// it. Each range over the sequence walks the list afresh.
//
// An item that does not fit T is yielded as an error that wraps a
// *[DecodeError], in its place, and the loop may go on. Any other error ends the
// loop: an *[Error] whose Cursor resumes the list.
//
//go:noinline
func List[T any](ctx context.Context, c *Client, op *api.Operation, args Args, opts ...Option) iter.Seq2[T, error] {
	begin := listing(c, op, args, opts)
	return func(yield func(T, error) bool) {
		begin.items(ctx, (*T)(nil), func(s *page.Sheet, at int, err error) bool {
			if err != nil {
				return yield(*new(T), err)
			}
			return yield(s.Items.([]T)[at], nil)
		})
	}
}

// ListPages iterates over the pages of a list, as [List] does over its items.
// Page.Cursor, kept, goes on after the page by WithCursor. A page's items that
// do not fit T follow it as one error each, with a nil page.
//
//go:noinline
func ListPages[T any](ctx context.Context, c *Client, op *api.Operation, args Args, opts ...Option) iter.Seq2[*page.Page[T], error] {
	begin := listing(c, op, args, opts)
	return func(yield func(*page.Page[T], error) bool) {
		begin.pages(ctx, (*T)(nil), func(s *page.Sheet, err error) bool {
			if s == nil {
				return yield(nil, err)
			}
			return yield(page.Of[T](s), err)
		})
	}
}

// begin begins a walk. List, ListPages, QueryList and QueryPages are all of a list
// that knows the type of its items. They are small, call nothing generic and are
// not inlined, since an SDK's compiler makes each anew for each type, and would
// for each method: that is most of the time that it takes.
type begin func() (*walk, error)

func listing(c *Client, op *api.Operation, args Args, opts []Option) begin {
	return func() (*walk, error) { return newWalk(c, op, args, opts) }
}

// walk is one range over a list.
type walk struct {
	client   *Client
	call     // what the calls for all pages have in common
	item     reflect.Type
	walker   page.Walker
	sizer    *page.Sizer
	line     *page.Line // nil where pages are fetched one after the other
	progress *progress  // nil where nobody asks
}

// items yields the items of all pages; item is a pointer to their type.
func (begin begin) items(ctx context.Context, item any, yield func(*page.Sheet, int, error) bool) {
	w, err := begin()
	if err != nil {
		yield(nil, 0, err)
		return
	}
	w.item = reflect.TypeOf(item).Elem()
	left := false
	defer w.inParallel(ctx)()
	page.EachItem(ctx, w.config.cursor, w.fetch, func(s *page.Sheet, at int, err error) bool {
		began := w.now()
		if left = !yield(s, at, w.failure(err)); left {
			return false
		}
		if _, ended := errors.AsType[*page.FetchError](err); !ended {
			w.progress.handled(began)
		}
		return true
	})
	if !left {
		w.progress.handledEmpty(w.now())
	}
}

// pages yields the pages; item is as in items.
func (begin begin) pages(ctx context.Context, item any, yield func(*page.Sheet, error) bool) {
	w, err := begin()
	if err != nil {
		yield(nil, err)
		return
	}
	w.item = reflect.TypeOf(item).Elem()
	defer w.inParallel(ctx)()
	page.EachSheet(ctx, w.config.cursor, w.fetch, func(s *page.Sheet, err error) bool {
		began := w.now()
		if !yield(s, w.failure(err)) {
			return false
		}
		if s != nil {
			w.progress.handledPage(began)
		}
		return true
	})
}

// now is when the loop gets something to handle, if that matters.
func (w *walk) now() time.Time {
	if w.progress == nil {
		return time.Time{}
	}
	return w.client.clock.Now()
}

func newWalk(c *Client, op *api.Operation, args Args, opts []Option) (*walk, error) {
	cl, err := c.newCall(op, args, opts)
	if err != nil {
		return nil, err
	}
	if op.Pagination == nil {
		return nil, c.failure(cl, nil, invalid("the operation has no pages: call it with Do"))
	}
	return walkOf(c, cl)
}

// walkOf walks the pages of a call's operation.
func walkOf(c *Client, cl *call) (*walk, error) {
	op := cl.op
	size := c.desc.MaxPage(op, c.plan)
	if wanted := cl.config.pageSize; wanted > 0 {
		if wanted > size && wanted != c.callDefault.pageSize {
			return nil, c.failure(cl, nil, invalid("pages of %d: the largest are of %d", wanted, size))
		}
		size = min(size, wanted)
	}
	cl.signer.keep = c.oneFor(cl)
	sizer := page.NewSizer(size)
	return &walk{
		client:   c,
		call:     *cl,
		walker:   page.Walker{Pagination: op.Pagination, Base: cl.prepared.url},
		sizer:    sizer,
		progress: newProgress(c, cl, sizer.Size),
	}, nil
}

// attemptsPerSize is how often the provider may fail on a page size before a
// smaller one is tried. A GraphQL query that takes too long is charged for that,
// so of these none is tried again as it was.
func (c *call) attemptsPerSize() int {
	if c.query != nil {
		return 1
	}
	return 2
}

// fetch gets one page.
func (w *walk) fetch(ctx context.Context, cursor string, ahead bool) (*page.Sheet, error) {
	if ahead && (w.config.noPrefetch || w.config.response != nil) {
		return nil, page.ErrNotAhead
	}
	cl := w.call
	cl.ahead = ahead
	p, err := w.getOrTake(ctx, &cl, cursor)
	switch {
	case p != nil:
		w.progress.fetch(len(p.Raw)+len(p.Failed), p.Total)
	case ahead:
		// Whatever went wrong, it is tried again in earnest when the page is needed.
		return nil, page.ErrNotAhead
	}
	return p, err
}

func (w *walk) get(ctx context.Context, cl *call, cursor string) (*page.Sheet, error) {
	for {
		now, size := *cl, w.sizer.Size()
		p, err := w.getPage(ctx, &now, cursor, size)
		now.watch.ended(err)
		tooCostly := p == nil && errors.Is(err, graphql.ErrTooCostly) && w.sizer.Shrink(size)
		if !tooCostly || cl.ahead {
			return p, err
		}
	}
}

func (w *walk) getPage(ctx context.Context, cl *call, cursor string, size int) (*page.Sheet, error) {
	r, err := w.walker.Request(cursor, size)
	if err != nil {
		return nil, err
	}
	u, err := cl.onPage(r)
	if err != nil {
		return nil, err
	}
	failures := 0
	cl.failed = func(status int) {
		if status < 500 {
			return
		}
		failures++
		halved := w.sizer.Size() < size // by another page that is on its way
		if !halved && (failures%cl.attemptsPerSize() != 0 || !w.sizer.Shrink(size)) {
			return
		}
		size = w.sizer.Size()
		smaller, err := w.walker.Request(cursor, size)
		if err != nil {
			return
		}
		if u, err := cl.onPage(smaller); err == nil {
			r, cl.target = smaller, u
		}
	}
	ans, err := w.client.exchange(ctx, cl, u)
	if err != nil {
		return nil, err
	}
	p, told, err := decodePage(w.client, cl, ans, w.item)
	if p != nil {
		w.sizer.Grow(size)
	}
	if err != nil {
		return p, err
	}
	w.walker.Foresee(p, r, told)
	p.Cursor, p.Last, err = w.walker.Next(r, told, ans.header)
	p.Cursor = w.client.withoutKey(p.Cursor)
	if err != nil {
		return p, w.client.failure(cl, ans, err)
	}
	return p, nil
}

// onPage puts the parameters that select a page into the call's URL and body.
func (c *call) onPage(r page.Request) (*url.URL, error) {
	if r.URL != nil {
		return r.URL, nil
	}
	u := *c.prepared.url
	query := u.Query()
	for _, p := range r.Params {
		switch p.In {
		case api.InQuery:
			query.Set(p.Name, p.Value)
		case api.InBody, api.InVariable:
			changed := *c.prepared
			var err error
			if p.In == api.InBody {
				changed.body, err = changed.body.with(p.Name, p.Value)
			} else {
				changed.body, err = changed.body.withVariable(p, c.op.Pagination)
			}
			if err != nil {
				return nil, err
			}
			c.prepared = &changed
		default:
			return nil, invalid("a page cannot be selected in the %s", p.In)
		}
	}
	u.RawQuery = query.Encode()
	return &u, nil
}

// failure gives an iteration's errors the form that all errors have.
func (w *walk) failure(err error) error {
	if err == nil {
		return nil
	}
	if item, ok := errors.AsType[*page.ItemError](err); ok {
		e := &Error{Operation: w.op.Name, Err: &DecodeError{Raw: item.Raw, Index: item.Index, Err: item.Err}}
		if item.Raw == nil {
			e.Err = item.Err
		}
		if w.query != nil {
			return w.query.itemFailure(w.client, e, item)
		}
		return e
	}
	ended, ok := errors.AsType[*page.FetchError](err)
	if !ok {
		return w.client.failure(&w.call, nil, err)
	}
	failure := *w.client.failure(&w.call, nil, ended.Err)
	failure.Cursor = ended.Cursor
	return &failure
}
