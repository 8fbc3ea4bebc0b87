package page

// This file fetches several pages of a list at once, where their places can be
// told beforehand: pages that are counted, by number or by the items before them.
//
// What is fetched early is only ever a guess. Each page still tells by its own
// answer what follows it, and a page is delivered only if it was asked for by
// exactly that cursor. So a list in parallel is the list in turn: its pages, its
// cursors, its end and its errors are the same. A wrong guess costs requests, and
// nothing else.

import (
	"context"
	"slices"
	"strconv"
	"sync"

	"github.com/weirkit/weir/runtime/api"
)

// Countable reports whether a list's pages can be fetched several at once: the
// places of the others are known only to the provider.
func Countable(p *api.Pagination) bool {
	return p.Style == api.PageNumberStyle || p.Style == api.OffsetStyle
}

// Line fetches up to n pages at once, and hands them out in order. Its Fetch is a
// [FetchSheet].
//
// The first page is fetched alone. If it tells how long the list is, up to n are
// fetched at once from then on, and none beyond the end. If it does not, no more
// are on their way than have come in a row where they were expected: so at a list's
// end fewer requests are in vain than were of use, and fewer than n. A page that
// does not lead where it was expected to (it has fewer items, or the page size has
// changed) has those behind it dropped, and it begins again with one.
type Line struct {
	n      int
	walker Walker
	size   func() int
	fetch  FetchOne
	ctx    context.Context
	cancel context.CancelFunc

	begun bool
	slots []*slot // the pages on their way, in order
	known foreseen
	right int // pages in a row that led where they were expected to
}

// FetchOne gets one page, and calls admitted when the budget has let it go, if not
// before it returns: pages are to be let go in order. Calls overlap.
type FetchOne func(ctx context.Context, cursor string, admitted func()) (*Sheet, error)

// slot is a page on its way.
type slot struct {
	*early
	cursor   string
	next     string // that of the page after it, if it is full
	more     bool   // there is a page after it, as far as one can know
	admitted chan struct{}
}

// foreseen is what a page lets one expect of those that follow.
type foreseen struct {
	left int // how many there are; -1 where the page does not tell
	step int // how many items lead from one to the next; 0 as many as are asked for
}

// NewLine makes a line for one walk. size tells the page size to ask for next.
// Close ends it.
func NewLine(ctx context.Context, n int, w Walker, size func() int, fetch FetchOne) *Line {
	ctx, cancel := context.WithCancel(ctx)
	return &Line{n: n, walker: w, size: size, fetch: fetch, ctx: ctx, cancel: cancel}
}

// Close cancels what is on its way and waits for its end. A panic of a fetch goes
// on here.
func (l *Line) Close() {
	l.cancel()
	l.drop()
}

// Fetch gets the page that follows after cursor. With ahead set it has pages
// fetched from there on, and does not wait.
func (l *Line) Fetch(ctx context.Context, cursor string, ahead bool) (*Sheet, error) {
	if !l.begun {
		l.begun = true
		s, err := l.fetch(ctx, cursor, func() {})
		if s != nil {
			l.known, l.right = s.foreseen, 1
			if l.known.left >= 0 {
				l.right = l.n
			}
		}
		return s, err
	}
	l.fill(cursor)
	if ahead {
		return nil, ErrNotAhead
	}
	head := l.slots[0]
	l.slots = l.slots[1:]
	s, err, ok := head.take()
	if !ok {
		s, err = l.fetch(ctx, cursor, func() {})
	}
	if s != nil {
		l.known = s.foreseen
		l.right++
		if s.Cursor != head.next {
			l.right = 0
		}
	}
	return s, err
}

// fill has pages fetched from cursor on, as many as is wise.
func (l *Line) fill(cursor string) {
	if len(l.slots) > 0 && l.slots[0].cursor != cursor {
		l.drop()
	}
	if len(l.slots) == 0 {
		l.start(cursor)
	}
	most := min(l.n, max(l.right, 1))
	if l.known.left >= 0 {
		most = min(most, l.known.left)
	}
	for len(l.slots) < most {
		last := l.slots[len(l.slots)-1]
		if !last.more || slices.ContainsFunc(l.slots, (*slot).ends) {
			return
		}
		l.start(last.next)
	}
}

// start begins to fetch a page. It asks the budget once the page before it has
// been let go: so where room is short, the page that is needed first comes first.
func (l *Line) start(cursor string) {
	s := &slot{cursor: cursor, admitted: make(chan struct{})}
	s.next, s.more = l.walker.after(cursor, l.size(), l.known.step)
	var before <-chan struct{}
	if len(l.slots) > 0 {
		before = l.slots[len(l.slots)-1].admitted
	}
	admitted := sync.OnceFunc(func() { close(s.admitted) })
	s.early = fetchEarly(l.ctx, cursor, func(ctx context.Context, cursor string, _ bool) (*Sheet, error) {
		defer admitted()
		if before != nil {
			select {
			case <-before:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		return l.fetch(ctx, cursor, admitted)
	})
	l.slots = append(l.slots, s)
}

// ends reports whether a page has come behind which none is expected any more.
func (s *slot) ends() bool {
	select {
	case <-s.done:
		return s.page == nil || s.err != nil || s.page.Last || s.page.Cursor != s.next
	default:
		return false
	}
}

// drop gives up what is on its way.
func (l *Line) drop() {
	var panicked any
	for _, s := range l.slots {
		s.cancel()
	}
	for _, s := range l.slots {
		<-s.done
		if panicked == nil {
			panicked = s.panicked
		}
	}
	l.slots = nil
	if panicked != nil {
		panic(panicked)
	}
}

// Foresee notes what a page that r asked for lets one expect.
func (w Walker) Foresee(s *Sheet, r Request, told Told) {
	s.foreseen = foreseen{left: -1}
	pages := func(items int64, size int) int { return int(min((max(items, 0)+int64(size)-1)/int64(size), 1<<30)) }
	switch w.Pagination.Style {
	case api.PageNumberStyle:
		before, size := r.number-w.Pagination.First, r.Size
		if size == 0 || before == 0 && told.Count > 0 && told.Count < size { // see nextNumber
			size = told.Count
		}
		switch {
		case told.Pages != nil:
			s.foreseen.left = max(int(min(*told.Pages, 1<<30))-before-1, 0)
		case told.Total >= 0 && size > 0:
			s.foreseen.left = max(pages(told.Total, size)-before-1, 0)
		}
	case api.OffsetStyle:
		step := told.Count
		if step == 0 {
			step = r.Size
		}
		if step < r.Size || r.Size == 0 {
			s.foreseen.step = step
		}
		if told.Total >= 0 && step > 0 {
			s.foreseen.left = pages(told.Total-int64(r.offset+step), step)
		}
	}
}

// after is the cursor that follows the page at cursor, if that is full; false
// where there is none.
func (w Walker) after(cursor string, size, step int) (next string, ok bool) {
	p := w.Pagination
	r, err := w.Request(cursor, size)
	if err != nil || p.Cap > 0 && w.shown(r, Told{Count: r.Size}, "") >= p.Cap {
		return "", false
	}
	switch p.Style {
	case api.PageNumberStyle:
		next, _ = r.nextNumber(p, Told{Count: r.Size, Total: -1})
		return next, p.Last == 0 || r.number < p.Last
	case api.OffsetStyle:
		if step == 0 {
			step = r.Size
		}
		return strconv.Itoa(r.offset + step), step > 0
	}
	return "", false
}
