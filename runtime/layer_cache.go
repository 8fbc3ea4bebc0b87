package runtime

// This file is the layer that answers from what is stored, and stores what is
// answered. layer_cache_key.go has what an answer is stored by, layer_cache_mark.go
// what makes it old, layer_cache_answer.go how answers come back to calls.

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/cache"
	"github.com/weirkit/weir/runtime/retry"
)

const (
	// CacheCorrupt is the kind of event which tells that what was stored was no
	// longer what had been written. It is removed, and the provider is asked.
	CacheCorrupt budget.EventKind = "cache entry corrupt"
	// CacheFailed is the kind of event which tells that the store could not be read
	// or written. The provider is asked as if nothing were stored.
	CacheFailed budget.EventKind = "cache failed"
	// ServedStale is the kind of event which tells that a call which had failed was
	// given what was stored, by [WithStaleIfError].
	ServedStale budget.EventKind = "served stale"
)

// caching answers from a store where it may. Of equal calls at one time one is
// sent, and the others get its answer.
type caching struct {
	next    top
	client  *Client
	store   cache.Store
	flights *cache.Flights[flightKey, landed]
	scope   string // whose answers are stored: see whose
}

func newCaching(next top, c *Client, cfg config) caching {
	return caching{next: next, client: c, store: cfg.cache, flights: &cache.Flights[flightKey, landed]{}, scope: c.scopeOf(cfg.identity)}
}

// flightKey tells calls apart that do not do for each other: beside what they ask
// for, by the terms on which they ask.
type flightKey struct {
	key     string
	class   budget.Class
	retry   retry.Policy
	timeout time.Duration
	maxBody int64
	terms   cacheConfig

	operation, path string // what writes make old: see written
}

func (l caching) do(req *http.Request) (*http.Response, error) {
	cl := callFrom(req)
	if !cl.reads {
		resp, err := l.next.do(req)
		l.written(cl, req, resp)
		return resp, err
	}
	q, ok := l.question(cl, req)
	if !ok {
		return l.next.do(req)
	}
	key := flightKey{q.key, cl.config.order.class, cl.config.retry, cl.config.attemptTimeout, cl.config.maxBody, q.terms, cl.op.Name, pathOf(req.URL)}
	got, own, err := l.flights.Do(req.Context(), key, func() (landed, bool) {
		got := l.ask(q)
		return got, got.isFor(req.Context())
	})
	if err != nil {
		return nil, err
	}
	return got.deliver(l, q, own)
}

// question is a call that may be answered from what is stored.
type question struct {
	call   *call
	req    *http.Request
	policy api.Cache
	terms  cacheConfig
	key    string
	marks  []string // as they are now
}

// question is false for calls that the cache lets pass.
func (l caching) question(cl *call, req *http.Request) (*question, bool) {
	told := cache.Control(req.Header)
	_, noStore := told["no-store"]
	own := cl.op.Cache
	switch {
	case cl.op.Method != http.MethodGet && cl.op.Method != http.MethodHead, cl.locates, cl.query != nil:
		return nil, false
	case cl.config.cache.off, noStore, own != nil && own.Never, req.Body != nil && req.Body != http.NoBody, conditional(req.Header):
		return nil, false
	}
	q := &question{call: cl, req: req, terms: cl.config.cache.with(told)}
	if p := l.client.desc.CacheOf(cl.op); p != nil {
		q.policy = *p
	} else if !q.terms.aged {
		return nil, false
	}
	q.key = l.key(q)
	return q, true
}

// conditional reports whether a request asks by conditions of its caller's own, or
// for a part.
func conditional(h http.Header) bool {
	for _, name := range []string{"If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range", "Range"} {
		if len(h[name]) > 0 {
			return true
		}
	}
	return false
}

func withoutConditions(h http.Header) http.Header {
	h = h.Clone()
	h.Del("If-None-Match")
	h.Del("If-Modified-Since")
	return h
}

// holds is how long an entry is taken without asking.
func (q *question) holds(e *cache.Entry) time.Duration {
	told, ok := e.Lifetime()
	ok = ok && !q.policy.IgnoreHeaders
	switch {
	case q.terms.aged && !(ok && e.MustRevalidate()):
		return q.terms.maxAge
	case q.terms.aged:
		return min(q.terms.maxAge, told)
	case ok:
		return min(q.policy.TTL, told)
	}
	return q.policy.TTL
}

// ask answers the question: from the store, or by the provider.
func (l caching) ask(q *question) landed {
	stored := l.stored(q)
	current := stored != nil && sameMarks(stored.Marks, q.marks)
	if current && stored.Age(l.client.clock.Now()) < q.holds(stored) {
		return landed{entry: stored, cached: CachedFresh}
	}
	cl, req := q.call, q.req
	if stored != nil && q.policy.Revalidate {
		if conditions := stored.Conditions(); conditions != nil {
			cl.asks = true
			req = req.WithContext(req.Context())
			req.Header = req.Header.Clone()
			for name, values := range conditions {
				req.Header[name] = values
			}
		}
	}
	resp, err := l.next.do(req)
	if cl.asks && resp != nil && resp.StatusCode == http.StatusNotModified {
		if confirmed, ok := stored.Confirmed(resp.Header, cl.sent); ok {
			resp.Body.Close()
			confirmed.Marks = q.marks
			l.keep(q, confirmed)
			return landed{entry: confirmed, cached: CachedConfirmed}
		}
		// It is another version's: what is stored is of no use.
		resp.Body.Close()
		cl.asks = false
		resp, err = l.next.do(q.req)
	}
	cl.asks = false
	if current && q.mayBeStale(stored, l.client.clock.Now()) && l.client.isDown(cl, resp, err) {
		if resp != nil {
			resp.Body.Close()
		}
		cl.refusal = nil
		return landed{entry: stored, cached: CachedStale}
	}
	return l.answered(q, resp, err)
}

// unchanged reports whether what was answered is what was asked for at first: a
// list may have turned to a smaller page.
func (q *question) unchanged() bool { return q.call.target == q.req.URL }

// mayBeStale reports whether the caller takes what is stored although it no longer
// holds.
func (q *question) mayBeStale(e *cache.Entry, now time.Time) bool {
	if q.terms.staleIfError <= 0 || q.call.ahead || e.MustRevalidate() && !q.policy.IgnoreHeaders {
		return false
	}
	return e.Age(now)-q.holds(e) <= q.terms.staleIfError
}

// isDown reports whether a call has failed for the provider's sake, or for want of
// budget, rather than for what it asks.
func (c *Client) isDown(cl *call, resp *http.Response, err error) bool {
	if resp != nil {
		ans := &answer{status: resp.StatusCode, header: resp.Header, body: bodyOf(resp)}
		return cl.refusal != nil || c.isError(ans) && c.amountsTo(ans) >= http.StatusInternalServerError
	}
	if _, ok := errors.AsType[unsigned](err); ok {
		return false
	}
	for _, ours := range []error{context.Canceled, ErrTooLarge, ErrUnknownLimit, ErrRedirect, budget.ErrClosed} {
		if errors.Is(err, ours) {
			return false
		}
	}
	return err != nil
}

// stored is what the store has for a question, nil where there is nothing that
// answers it.
func (l caching) stored(q *question) *cache.Entry {
	q.marks = l.marks(q)
	b, ok := l.get(q.key, q.call)
	if !ok {
		return nil
	}
	e, err := cache.Decode(q.key, b)
	if err != nil {
		l.report(CacheCorrupt, q.call)
		if err := l.store.Delete(q.key); err != nil {
			l.report(CacheFailed, q.call)
		}
		return nil
	}
	if !e.Matches(q.req.Header) {
		return nil
	}
	return e
}

// keep stores an entry.
func (l caching) keep(q *question, e *cache.Entry) {
	b, err := e.Encode(q.key)
	if err == nil {
		err = l.store.Set(q.key, b)
	}
	if err != nil {
		l.report(CacheFailed, q.call)
	}
}

func (l caching) report(kind budget.EventKind, cl *call) {
	if events := l.client.events; events != nil {
		events(budget.Event{Kind: kind, Time: l.client.clock.Now(), Operation: cl.op.Name})
	}
}

// questionOf is the question that a call would ask; false where the client has no
// cache, or the call is none for it.
func (c *Client) questionOf(ctx context.Context, cl *call) (caching, *question, bool) {
	l, ok := c.top.(caching)
	if !ok {
		return l, nil, false
	}
	u := cl.prepared.url
	cl.target, cl.url, cl.since = u, u, c.clock.Now()
	if err := c.identify(ctx, cl); err != nil {
		return l, nil, false
	}
	req, err := cl.prepared.request(context.WithValue(ctx, callKey{}, cl), cl.op.Method, u)
	if err != nil {
		return l, nil, false
	}
	q, ok := l.question(cl, req)
	return l, q, ok
}
