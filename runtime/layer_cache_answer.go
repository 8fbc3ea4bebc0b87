package runtime

// This file brings answers back to calls: those of the store, and those of others.

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/cache"
	"github.com/weirkit/weir/runtime/retry"
)

// Cached is how a cache took part in an answer.
type Cached string

const (
	// CachedFresh is an answer of the store, which still holds.
	CachedFresh Cached = "fresh"
	// CachedConfirmed is an answer of the store that the provider was asked about,
	// and said to be unchanged.
	CachedConfirmed Cached = "confirmed"
	// CachedStale is an answer of the store that no longer holds, in place of a
	// failure: see [WithStaleIfError].
	CachedStale Cached = "stale"
	// CachedShared is the provider's answer to an equal call at the same time.
	CachedShared Cached = "shared"
)

// maxStored bounds the bodies that are stored, and those that are read whole for it
// where others' would be streamed.
const maxStored = 16 << 20

// landed is the outcome of a call, for it and for those that wait for the same.
type landed struct {
	entry  *cache.Entry // the answer; nil where there is none
	cached Cached
	err    error // beside an answer: why there was no further attempt

	response *http.Response // as it came
	partly   bool           // its body is not in the entry, but with the call's own response
	refusal  *budget.Refusal
	head     []byte
}

// answered stores the provider's answer where it may be.
func (l caching) answered(q *question, resp *http.Response, err error) landed {
	cl := q.call
	got := landed{err: err, response: resp, refusal: cl.refusal, head: cl.head}
	if resp == nil {
		return got
	}
	body, ok := wholeBody(resp)
	if !ok {
		got.partly = true
		return got
	}
	got.entry = cache.New(resp.StatusCode, resp.Header, body, q.req.Header, cl.sent)
	good := err == nil && cl.refusal == nil && len(body) <= maxStored && q.unchanged() && !l.client.isError(&answer{status: resp.StatusCode, header: resp.Header, body: body})
	if !good || !cache.Storable(resp.StatusCode, resp.Header, q.policy.IgnoreHeaders) || !q.isWorthIt(got.entry) || l.repeats(q, got.entry.Header, body) {
		return got
	}
	got.entry.Marks = q.marks
	l.keep(q, got.entry)
	return got
}

// isWorthIt reports whether an entry can be of use later.
func (q *question) isWorthIt(e *cache.Entry) bool {
	return q.holds(e) > 0 || q.policy.Revalidate && e.Conditions() != nil || q.terms.staleIfError > 0
}

// wholeBody is a response's body, in memory; false where it is too long for that,
// or breaks off: then the response has it still.
func wholeBody(resp *http.Response) ([]byte, bool) {
	if resp.Body == http.NoBody {
		return nil, true
	}
	if b, ok := resp.Body.(*buffered); ok {
		return b.body, true
	}
	if resp.ContentLength > maxStored || resp.StatusCode == http.StatusSwitchingProtocols {
		return nil, false
	}
	head, err := io.ReadAll(io.LimitReader(resp.Body, maxStored+1))
	if err == nil && len(head) <= maxStored {
		resp.Body.Close()
		return head, true
	}
	rest := io.Reader(resp.Body)
	if err != nil {
		rest = broken{err}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), rest), resp.Body}
	return nil, false
}

// isFor reports whether the outcome is everybody's, and not for the end of one
// caller's own context or patience.
func (g *landed) isFor(ctx context.Context) bool {
	if g.partly || ctx.Err() != nil {
		return false
	}
	if gaveUp, ok := errors.AsType[*retry.GaveUp](g.err); ok && gaveUp.Why == retry.ByDeadline {
		return false
	}
	return !errors.Is(g.err, ErrDeadline) && !errors.Is(g.err, budget.ErrWouldWait)
}

// deliver makes the outcome a call's own.
func (g *landed) deliver(l caching, q *question, own bool) (*http.Response, error) {
	cl := q.call
	cl.cached = g.cached
	if !own {
		cl.refusal, cl.head = g.refusal, g.head
		if cl.cached == "" && g.entry != nil {
			cl.cached = CachedShared
		}
	}
	if g.entry == nil {
		return g.response, g.err
	}
	if cl.attempts == 0 {
		cl.watch.fromCache(q.req.Context(), g.entry.Status)
	}
	if own && g.cached == "" {
		g.response.Body = &buffered{body: bytes.Clone(g.entry.Body)} // others read the entry's
		return g.response, g.err
	}
	return g.answer(l, q), g.err
}

// answer is a response made of the entry, whose bytes stay the store's.
func (g *landed) answer(l caching, q *question) *http.Response {
	cl, e := q.call, g.entry
	resp := &http.Response{
		Status:     strconv.Itoa(e.Status) + " " + http.StatusText(e.Status),
		StatusCode: e.Status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        e.Header.Clone(),
		ContentLength: int64(len(e.Body)),
		Body:          &buffered{body: bytes.Clone(e.Body)},
		Request:       q.req,
	}
	if g.cached != "" {
		cl.age = e.Age(l.client.clock.Now())
		resp.Header.Set("Age", strconv.Itoa(int(cl.age/time.Second))) // RFC 9111, 5.1
	}
	if g.cached == CachedStale {
		l.report(ServedStale, cl)
	}
	if cl.op.Method == http.MethodHead {
		resp.ContentLength = -1
		if n, err := strconv.ParseInt(e.Header.Get("Content-Length"), 10, 64); err == nil {
			resp.ContentLength = n
		}
	}
	return resp
}

// charged is what an answer tells of what the call has cost. An unchanged one is
// free of the limits that are annotated so, for who has signed: nobody says that it
// is for others.
func (c *Client) charged(cl *call, req *http.Request, resp *http.Response, body []byte) []budget.Cost {
	costs := c.quota.Costs(cl.op, resp.Header, body)
	if resp.StatusCode != http.StatusNotModified {
		return costs
	}
	p := c.desc.CacheOf(cl.op)
	if p == nil || c.seat.credential == nil && !isSigned(req) {
		return costs
	}
	for _, limit := range p.UnchangedIsFree {
		costs = append(costs, budget.Cost{Limit: limit})
	}
	return costs
}
