package runtime

// This file tells how far a list is, and how much longer it will take.

import (
	"math"
	"sync"
	"time"

	"github.com/weirkit/weir/runtime/budget"
)

// Progress is how far one range over a list is.
type Progress struct {
	// Operation is the list's name.
	Operation string
	// Items and Pages have been handled by the loop so far.
	Items, Pages int64
	// Total is how many items there are in all: what WithTotal said, or else what
	// the provider tells; -1 where neither is known.
	Total int64
	// Left is how long the rest will take, by a forecast from the present state
	// of the limits; -1 where Total is not known, budget.Never where others leave
	// no room.
	Left time.Duration
}

// WithProgress has f called each time that the loop over a list has handled a
// page, in the loop's goroutine.
func WithProgress(f func(Progress)) Option {
	return callOnly{name: "WithProgress", option: func(c *callConfig) error { c.progress = f; return nil }}
}

// WithTotal says how many items a list has from where it begins, for
// [WithProgress]: many providers do not tell, and of a list that is resumed they
// tell those before the cursor too.
func WithTotal(items int64) Option {
	return callOnly{name: "WithTotal", option: func(c *callConfig) error {
		if items < 0 {
			return invalid("WithTotal: %d is negative", items)
		}
		c.total = &items
		return nil
	}}
}

// progress follows one range. Its fetched pages are noted by whoever fetches,
// all else is the loop's.
type progress struct {
	report func(Progress)
	client *Client
	call   *call
	said   Progress
	size   func() int // of the pages to come; 0 where that is not known

	mu      sync.Mutex
	fetched []fetchedPage // that the loop has not handled

	part    int           // of the first of them the loop has handled
	spent   time.Duration // by the loop on the present page, so far
	working time.Duration // by the loop on the last page
	told    time.Time     // when Left was forecast
	left    time.Duration // as it was then
}

type fetchedPage struct {
	items int
	total int64
}

// forecastEvery is how often Left is forecast anew; between, time is taken off it.
const forecastEvery = time.Second

func newProgress(c *Client, cl *call, size func() int) *progress {
	if cl.config.progress == nil {
		return nil
	}
	return &progress{report: cl.config.progress, client: c, call: cl, size: size, said: Progress{Operation: cl.op.Name}}
}

// fetch notes a page. Of nil nothing is done, nor by the other methods.
func (p *progress) fetch(items int, total int64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fetched = append(p.fetched, fetchedPage{items, total})
}

// handled notes that the loop has handled one item since a moment.
func (p *progress) handled(since time.Time) {
	if p == nil {
		return
	}
	now := p.client.clock.Now()
	p.spent += now.Sub(since)
	p.part++
	p.handledEmpty(now)
}

// handledEmpty notes the pages at whose ends the loop is, since they have no
// items or no more of them.
func (p *progress) handledEmpty(now time.Time) {
	for p != nil && p.handledTo(p.part, now) {
	}
}

// handledPage notes that the loop has handled a whole page since a moment.
func (p *progress) handledPage(since time.Time) {
	if p == nil {
		return
	}
	now := p.client.clock.Now()
	p.spent += now.Sub(since)
	p.handledTo(math.MaxInt, now)
}

// handledTo ends the first page if the loop has handled so many of its items.
func (p *progress) handledTo(items int, now time.Time) bool {
	p.mu.Lock()
	if len(p.fetched) == 0 || items < p.fetched[0].items {
		p.mu.Unlock()
		return false
	}
	page := p.fetched[0]
	p.fetched = p.fetched[1:]
	p.mu.Unlock()
	p.part, p.working, p.spent = 0, p.spent, 0
	p.said.Items += int64(page.items)
	p.said.Pages++
	p.say(now, page.total)
	return true
}

func (p *progress) say(now time.Time, total int64) {
	if given := p.call.config.total; given != nil {
		total = *given
	}
	if total >= 0 {
		total = max(total, p.said.Items)
	}
	p.said.Total, p.said.Left = total, -1
	if total >= 0 {
		p.said.Left = p.timeLeft(now, total-p.said.Items)
	}
	p.report(p.said)
}

// timeLeft forecasts the rest, or counts down what was forecast lately.
func (p *progress) timeLeft(now time.Time, items int64) time.Duration {
	if items == 0 {
		return 0
	}
	if passed := now.Sub(p.told); passed < forecastEvery && !p.told.IsZero() {
		if p.left == budget.Never {
			return p.left
		}
		return max(p.left-passed, 0)
	}
	size := int64(p.size())
	if size == 0 {
		size = max(p.said.Items/p.said.Pages, 1)
	}
	work := budget.Work{Name: p.call.op.Name, Requests: int(min((items-1)/size+1, 1<<31)), AtOnce: p.call.config.pagesAtOnce(p.call.op)}
	cl := *p.call
	cl.url, cl.who = cl.prepared.url, p.client.who.Load()
	if keep := cl.signer.keep; keep != nil && keep.Load() != nil {
		cl.who = keep.Load().who.Load()
	}
	p.told, p.left = now, -1
	charges, err := p.client.charges(&cl)
	if err != nil {
		return p.left
	}
	work.Charges = charges
	if o, err := p.client.foretell([]budget.Work{work}, p.working); err == nil {
		p.left = o.Ends
	}
	return p.left
}
