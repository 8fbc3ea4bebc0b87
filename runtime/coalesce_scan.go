package runtime

// This file answers calls for one thing each from a list of all of them, where the
// provider has nothing between the two (api.Batch.Scan).
//
// What is cheaper is known only afterwards: nobody tells how many pages a list has.
// So a scan begins where it could pay if the first page had everything, and ends
// once it has cost as much as single calls for all that were wanted: at the worst
// that is twice what was needed. How far it came is remembered for the next one.

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/batch"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/cache"
	"github.com/weirkit/weir/runtime/jsonpath"
	"github.com/weirkit/weir/runtime/page"
	"github.com/weirkit/weir/runtime/parallel"
)

// mostScanned is how many keys one scan is made for. Each is small.
const mostScanned = 10_000

// never is more pages than any scan is worth.
const never = 1 << 40

// scan is what a group knows of the list that it looks in.
type scan struct {
	one, page int64 // what a single call takes from the budget, and a page: see costs
	mu        sync.Mutex
	pages     int64 // how many the list has at least
	pass      pass  // the last one
}

// pass is how far a list has been read, where all that was seen is stored: another
// scan goes on from there.
type pass struct {
	began  time.Time
	marks  []string // what is stored hangs on; nil: nothing is
	cursor string
	pages  int64 // until there
	ended  bool
}

// scans has the group's calls go by the list.
func (g *group) scans(cl *call) (err error) {
	if g.with.Pagination == nil {
		return invalid("%s is looked for in %s, which has no pages", g.op.Name, g.with.Name)
	}
	c := g.client
	g.scan.one, g.scan.page = max(int64(c.occupies(g.op, g.op.Batch.Key)), 1), max(int64(c.occupies(g.with, api.Param{})), 1)
	g.scan.pages = 1
	g.loader, err = batch.New(batch.Config[string, *told]{
		One: g.askOne, Many: g.askAll, Max: mostScanned,
		Cost:  batch.Cost{One: int(g.scan.one), Many: func(int) int { return int(g.scan.page) }},
		Delay: cl.config.batchDelay, Clock: c.clock,
	})
	if err != nil {
		return invalid("%s: %v", g.op.Name, err)
	}
	return nil
}

// askAll gets the answers for several keys: those that are stored, those that a
// scan finds if it is worth it, and each of the others by itself, since a list may
// lack what one may ask for.
func (g *group) askAll(ctx context.Context, class budget.Class, keys []string) ([]batch.Item[string, *told], error) {
	items := make([]batch.Item[string, *told], 0, len(keys))
	found := func(key string, t *told, err error) {
		items = append(items, batch.Item[string, *told]{Key: key, Value: t, Err: err})
	}
	missing := map[string]bool{}
	for _, key := range keys {
		if t, ok := g.fromStore(ctx, class, key); ok {
			found(key, t, nil)
		} else {
			missing[key] = true
		}
	}
	g.look(ctx, class, missing, func(key string, t *told) {
		delete(missing, key)
		found(key, t, nil)
	})
	rest := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return !missing[key] })
	var mu sync.Mutex
	err := parallel.Each(ctx, parallel.ByBudget, slices.Values(rest), func(ctx context.Context, key string) error {
		t, err := g.askOne(ctx, class, key)
		mu.Lock()
		defer mu.Unlock()
		found(key, t, err)
		return nil
	})
	return items, err
}

// pays reports whether so many pages take no more than calls for so many keys.
func (s *scan) pays(keys int, pages int64) bool {
	return keys > 1 && pages < never && pages*s.page <= int64(keys)*s.one
}

// look walks the list until all keys are found, it ends, or it has cost enough.
// Where it cannot be read at all it is not tried again.
func (g *group) look(ctx context.Context, class budget.Class, keys map[string]bool, found func(string, *told)) {
	storing := g.storing(ctx, class)
	g.scan.mu.Lock()
	p, least := g.scan.pass, g.scan.pages
	g.scan.mu.Unlock()
	if !storing.goesOn(&p) {
		p = pass{began: g.client.clock.Now(), marks: storing.hangsOn()}
	}
	wanted := len(keys)
	if p.ended || !g.scan.pays(wanted, max(least-p.pages, 1)) {
		return
	}
	var response Response
	cl := &call{op: g.with, config: g.config, prepared: &prepared{url: g.many, header: g.header, path: g.path}}
	cl.config.order.class, cl.config.response = class, &response // which keeps the walk from fetching ahead
	cl.config.progress, cl.config.total = nil, nil
	cl.config.cache.aged, cl.config.cache.maxAge = true, 0 // a stored page may be older than what made an item old
	w, err := walkOf(g.client, cl)
	if err != nil {
		return
	}
	w.item = reflect.TypeFor[json.RawMessage]()
	pages := int64(0)
	page.EachSheet(ctx, p.cursor, w.fetch, func(s *page.Sheet, err error) bool {
		if s == nil {
			p.marks = nil
			if p.cursor == "" && refusesToTell(err) {
				least = never
			}
			return false
		}
		pages++
		stored := storing != nil
		for _, item := range s.Raw {
			id, ok := jsonpath.Lookup(item, g.op.Batch.Keys.ID)
			if !ok {
				continue
			}
			key := jsonpath.Text(id)
			stored = storing.keep(key, item, &response) && stored
			if keys[key] {
				found(key, &told{answer: &answer{status: response.StatusCode, header: response.Header, body: item}, response: response})
			}
		}
		if !stored {
			p.marks = nil
		}
		p.cursor, p.ended = s.Cursor, s.Last
		storing = g.storing(ctx, class)
		return len(keys) > 0 && g.scan.pays(wanted, pages+1)
	})
	p.pages += pages
	switch {
	case least == never:
	case p.ended:
		least = p.pages
	default:
		least = max(least, p.pages+1)
	}
	g.scan.mu.Lock()
	g.scan.pages, g.scan.pass = least, p
	g.scan.mu.Unlock()
}

// refusesToTell reports whether a list fails for what it is, or for who asks.
func refusesToTell(err error) bool {
	return slices.ContainsFunc([]error{ErrBadRequest, ErrUnauthorized, ErrForbidden, ErrNotFound}, func(kind error) bool { return errors.Is(err, kind) })
}

// single is the call for one key.
func (g *group) single(class budget.Class, key string) (*call, error) {
	p, err := g.prepareOne(key)
	if err != nil {
		return nil, err
	}
	cl := &call{op: g.op, config: g.config, prepared: p}
	cl.config.order.class = class
	return cl, nil
}

// fromStore answers for a key from the client's cache alone.
func (g *group) fromStore(ctx context.Context, class budget.Class, key string) (*told, bool) {
	cl, err := g.single(class, key)
	if err != nil {
		return nil, false
	}
	l, q, ok := g.client.questionOf(ctx, cl)
	if !ok {
		return nil, false
	}
	e := l.stored(q)
	if e == nil || !sameMarks(e.Marks, q.marks) || e.Age(l.client.clock.Now()) >= q.holds(e) {
		return nil, false
	}
	got := landed{entry: e, cached: CachedFresh}
	resp := got.answer(l, q)
	ans := &answer{status: resp.StatusCode, header: resp.Header, body: bodyOf(resp)}
	return &told{answer: ans, path: g.op.Result, response: Response{
		StatusCode: ans.status, Header: ans.header, Body: ans.body, Cached: CachedFresh, Age: cl.age,
	}}, true
}

// storing stores the items of a page as if each had been asked for by itself.
type storing struct {
	group *group
	class budget.Class
	ctx   context.Context
	marks []string
	asked time.Time
	holds time.Duration
}

// storing begins before a page is asked for, for what is written meanwhile makes it
// old. It is nil where nothing is stored, and for keys in the path: what makes one
// of those old is known for one at a time.
func (g *group) storing(ctx context.Context, class budget.Class) *storing {
	if g.op.Batch.Key.In == api.InPath {
		return nil
	}
	cl, err := g.single(class, "any")
	if err != nil {
		return nil
	}
	l, q, ok := g.client.questionOf(ctx, cl)
	if !ok {
		return nil
	}
	holds := q.policy.TTL
	if q.terms.aged {
		holds = q.terms.maxAge
	}
	return &storing{group: g, class: class, ctx: ctx, marks: l.marks(q), asked: g.client.clock.Now(), holds: holds}
}

func (s *storing) hangsOn() []string {
	if s == nil {
		return nil
	}
	return s.marks
}

// goesOn reports whether what a pass has stored still holds.
func (s *storing) goesOn(p *pass) bool {
	return s != nil && p.marks != nil && sameMarks(p.marks, s.marks) && s.asked.Sub(p.began) < s.holds
}

// keep reports whether it has stored the item.
func (s *storing) keep(key string, item []byte, page *Response) bool {
	if s == nil {
		return false
	}
	cl, err := s.group.single(s.class, key)
	if err != nil {
		return false
	}
	l, q, ok := s.group.client.questionOf(s.ctx, cl)
	if !ok || !cache.Storable(page.StatusCode, page.Header, q.policy.IgnoreHeaders) {
		return false
	}
	body, err := encodeJSON(s.group.op.Result, json.RawMessage(item))
	if err != nil {
		return false
	}
	h := http.Header{"Content-Type": {"application/json"}}
	for _, name := range []string{"Cache-Control", "Expires", "Date", "Age", "Vary"} { // what they say of caches, they say of the items
		if values := page.Header[name]; len(values) > 0 {
			h[name] = values
		}
	}
	e := cache.New(http.StatusOK, h, body, q.req.Header, s.asked)
	e.Marks = s.marks
	if q.holds(e) <= 0 || l.repeats(q, h, body) {
		return false
	}
	l.keep(q, e)
	return true
}
