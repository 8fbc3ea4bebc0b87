package runtime

// This file has calls that are made at the same time share requests, where their
// operation says which other one answers for many (api.Batch). It decides whose
// call may go with whose, and gives each caller what its own call would have got.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/retry"
)

// WithoutBatch sends each call by itself, though many could share a request. Who
// has to read what was written a moment ago wants that: a call may otherwise join
// a request that is under way already.
func WithoutBatch() Option {
	return option(func(c *callConfig) error { c.alone = true; return nil })
}

// WithBatchDelay bounds how long a call waits for others to share a request with,
// while requests of its kind are under way. By default that is until they have
// ended, or until a request is full. A call never waits while none is under way.
func WithBatchDelay(d time.Duration) Option {
	return option(func(c *callConfig) error {
		if d < 0 {
			return fmt.Errorf("WithBatchDelay: %v is negative", d)
		}
		c.batchDelay = d
		return nil
	})
}

// coalescing are a client's calls that may share requests. It is the client's own,
// so that one customer's call is never answered in the name of another.
type coalescing struct {
	mu     sync.Mutex
	groups map[groupKey]*group
	usual  http.Header // of calls without headers of their own
}

// manyGroups is how many groups may stay that nobody is in: for a client's usual
// calls, and a bound for those who give each call a header of its own.
const manyGroups = 64

// groupKey is what calls have in common that one request may answer. Whatever an
// option changes is in it, is one caller's own (the class, where results go), or
// sends the call alone; a test holds callConfig to that.
type groupKey struct {
	op             *api.Operation
	path, query    string // the parameters beside the key
	header         string // what is not usual
	retry          retry.Policy
	attemptTimeout time.Duration
	maxBody        int64
	flow           string
	weight         float64
	notBefore      time.Time
	delay          time.Duration
	cache          cacheConfig
}

// together makes a call that others may share a request with, or that may take
// several. It reports false for one that is to be sent as it is.
func (c *Client) together(ctx context.Context, cl *call, result any) (done bool, err error) {
	switch {
	case cl.op.Batch != nil && !cl.config.alone:
		return c.coalesce(ctx, cl, result)
	case len(cl.op.Keys) > 0:
		return c.askKeys(ctx, cl, result)
	}
	return false, nil
}

func (c *Client) coalesce(ctx context.Context, cl *call, result any) (done bool, err error) {
	g, key, err := c.groupOf(cl)
	if err != nil {
		return true, c.failure(cl, nil, err)
	}
	if g == nil {
		return false, nil
	}
	defer c.coalescing.leave(g)
	ctx = context.WithValue(ctx, askedKey{}, &asked{key, cl.prepared})
	t, err := g.loader.Load(ctx, cl.config.order.class, key)
	if err != nil {
		return true, c.shared(cl, err)
	}
	t.response.into(cl.config.response)
	if err := decodeResult(t.answer, t.path, cl.config.raw, result); err != nil {
		return true, c.failure(cl, t.answer, err)
	}
	if raw := cl.config.raw; raw != nil {
		*raw = bytes.Clone(*raw) // others may have the same key
	}
	return true, nil
}

// asked is a caller's own request, which a request for its key alone is made of
// where it is the first one's: a request's context has the values of one caller's.
type asked struct {
	key      string
	prepared *prepared
}

type askedKey struct{}

// shared makes one caller's own error of that of a request, which others have too.
func (c *Client) shared(cl *call, err error) error {
	f, ok := errors.AsType[*failedFlight](err)
	if !ok {
		return c.failure(cl, nil, err)
	}
	f.response.into(cl.config.response)
	own := *f.err
	own.Operation = cl.op.Name
	return &own
}

// into fills in what a caller has asked for. The body is everybody's.
func (r Response) into(to *Response) {
	if to == nil {
		return
	}
	r.Header, r.Warnings = r.Header.Clone(), slices.Clone(r.Warnings)
	*to = r
}

// groupOf finds the calls that a call can share requests with, and its key among
// them; nil where it has to go alone.
func (c *Client) groupOf(cl *call) (*group, string, error) {
	key, path, query, ok := apart(cl)
	if !ok {
		return nil, "", nil
	}
	cfg, s := &cl.config, &c.coalescing
	common := groupKey{
		op: cl.op, path: path, query: query.Encode(), retry: cfg.retry, attemptTimeout: cfg.attemptTimeout, maxBody: cfg.maxBody,
		flow: cfg.order.flow, weight: cfg.order.weight, notBefore: cfg.order.notBefore, delay: cfg.batchDelay, cache: cfg.cache,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.usual == nil {
		s.usual, s.groups = c.usualHeader(), map[groupKey]*group{}
	}
	if h := cl.prepared.header; !maps.EqualFunc(h, s.usual, slices.Equal) {
		if conditional(h) {
			return nil, "", nil
		}
		common.header = textOf(h)
	}
	g := s.groups[common]
	if g == nil {
		var err error
		if g, err = c.newGroup(cl, query); err != nil {
			return nil, "", err
		}
		if len(s.groups) >= manyGroups {
			maps.DeleteFunc(s.groups, func(_ groupKey, g *group) bool { return g.callers == 0 })
		}
		s.groups[common] = g
	}
	g.callers++
	return g, key, nil
}

func (s *coalescing) leave(g *group) {
	s.mu.Lock()
	g.callers--
	s.mu.Unlock()
}

// apart takes a call's key from its other parameters, which it returns as text, and
// those of the query as values. A call goes alone (false) that has no key, or one
// with what stands between keys in it, or parameters that the operation for many
// does not have.
func apart(cl *call) (key, path string, query url.Values, ok bool) {
	b, rest := cl.op.Batch, 0
	if cl.prepared.url.RawQuery != "" {
		query = cl.prepared.url.Query()
	}
	if b.Key.In == api.InPath {
		key, rest = cl.prepared.path[b.Key.Name], 1
	} else if values := query[b.Key.Name]; len(values) == 1 {
		key = values[0]
		query.Del(b.Key.Name)
	}
	if key == "" || b.Keys.Join != "" && strings.Contains(key, b.Keys.Join) {
		return "", "", nil, false
	}
	for name := range query {
		if !slices.Contains(b.Shared, name) {
			return "", "", nil, false
		}
	}
	if len(cl.prepared.path) > rest {
		for _, name := range placeholders(cl.op.Path) {
			if b.Key != (api.Param{In: api.InPath, Name: name}) {
				path += "\x00" + cl.prepared.path[name]
			}
		}
	}
	return key, path, query, true
}

// usualHeader is the header of calls that have no headers of their own.
func (c *Client) usualHeader() http.Header {
	h := c.baseHeader()
	maps.Copy(h, c.callDefault.header)
	return h
}

// textOf is a header as a text that is the same for equal ones.
func textOf(h http.Header) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(h)) {
		fmt.Fprintf(&b, "%s%q\n", name, h[name])
	}
	return b.String()
}
