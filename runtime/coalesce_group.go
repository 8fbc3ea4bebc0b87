package runtime

// This file makes the requests of calls that go together: for one key as if it had
// been called alone, or for many by the operation for many.

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/batch"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/jsonpath"
)

// longestURL bounds the URLs of requests for many, in bytes: what RFC 9110 (4.1)
// asks everybody to take. Providers that take less answer 414, and then get less.
const longestURL = 8000

// group are calls of one operation that differ in their keys alone.
type group struct {
	client   *Client
	op, with *api.Operation
	config   callConfig // without what is one caller's own
	header   http.Header
	path     map[string]string // beside the key
	query    url.Values        // beside the key
	many     *url.URL          // of requests for many, without the keys
	loader   *batch.Loader[string, *told]
	callers  int // under the lock of all groups
	scan     scan
}

// told is what an answer tells of a key. It is shared by all who asked for it.
type told struct {
	answer   *answer // the item's bytes alone, or a whole answer
	path     api.Path
	response Response
}

// failedFlight is the error of a request, or of one key of it.
type failedFlight struct {
	err      *Error
	response Response
}

func (f *failedFlight) Error() string { return f.err.Error() }
func (f *failedFlight) Unwrap() error { return f.err }

// newGroup makes a group that a call is the first of.
func (c *Client) newGroup(cl *call, query url.Values) (*group, error) {
	b := cl.op.Batch
	with := c.desc.Operation(b.With)
	if with == nil {
		return nil, invalid("%s is answered for many by %s, which %s does not have", cl.op.Name, b.With, c.desc.Name)
	}
	g := &group{client: c, op: cl.op, with: with, config: cl.config, header: cl.prepared.header, path: cl.prepared.path, query: query}
	g.config.response, g.config.raw = nil, nil
	more := maps.Clone(query)
	if more == nil {
		more = url.Values{}
	}
	for _, p := range b.Adds {
		more.Set(p.Name, p.Value)
	}
	var err error
	if g.many, _, err = g.addressOf(with, g.path, more); err != nil {
		return nil, err
	}
	if b.Scan {
		return g, g.scans(cl)
	}
	g.loader, err = batch.New(batch.Config[string, *told]{
		One: g.askOne, Many: g.askMany, Blame: blameOf, Max: b.Keys.Max,
		Size: func(key string) int { return sizeOf(&b.Keys, key) }, MaxSize: max(longestURL-len(g.many.String())-len(b.Keys.Name)-len("?="), 1),
		Cost: c.costs(cl.op, with), Delay: cl.config.batchDelay, Clock: c.clock,
	})
	if err != nil {
		return nil, invalid("%s: %v", cl.op.Name, err)
	}
	return g, nil
}

// askOne gets the answer for one key as a call of its own does.
func (g *group) askOne(ctx context.Context, class budget.Class, key string) (*told, error) {
	first, _ := ctx.Value(askedKey{}).(*asked)
	if first == nil || first.key != key {
		p, err := g.prepareOne(key)
		if err != nil {
			return nil, &failedFlight{err: g.client.failure(&call{op: g.op}, nil, err)}
		}
		first = &asked{key, p}
	}
	ans, response, err := g.fly(ctx, class, g.op, first.prepared)
	if err != nil {
		return nil, err
	}
	return &told{answer: ans, path: g.op.Result, response: response}, nil
}

// prepareOne makes the request for one key alone.
func (g *group) prepareOne(key string) (*prepared, error) {
	path, query := g.path, g.query
	if g.op.Batch.Key.In == api.InPath {
		path = maps.Clone(path)
		path[g.op.Batch.Key.Name] = key
	} else {
		query = url.Values{}
		maps.Copy(query, g.query)
		query.Set(g.op.Batch.Key.Name, key)
	}
	u, values, err := g.addressOf(g.op, path, query)
	return &prepared{url: u, header: g.header, path: values}, err
}

// askMany gets the answers for several keys. Items may come in any order, more than
// once, or for keys that nobody asked for.
func (g *group) askMany(ctx context.Context, class budget.Class, keys []string) ([]batch.Item[string, *told], error) {
	b, u := g.op.Batch, *g.many
	query := u.Query()
	putKeys(query, &b.Keys, keys)
	u.RawQuery = query.Encode()
	ans, response, err := g.fly(ctx, class, g.with, &prepared{url: &u, header: g.header, path: g.path})
	if err != nil {
		return nil, err
	}
	items, err := listAt(ans.body, b.Items)
	if err != nil {
		err := g.client.failure(&call{op: g.with}, ans, &DecodeError{Raw: ans.body, Index: -1, Err: err})
		return nil, &failedFlight{err, response}
	}
	byKey := make(map[string][]byte, len(items))
	for _, item := range items {
		if id, ok := jsonpath.Lookup(item, b.Keys.ID); ok && byKey[jsonpath.Text(id)] == nil {
			byKey[jsonpath.Text(id)] = item
		}
	}
	found := make([]batch.Item[string, *told], len(keys))
	for i, key := range keys {
		found[i].Key = key
		switch item, sure := itemFor(key, byKey, keys); {
		case item != nil:
			found[i].Value = &told{answer: &answer{status: ans.status, header: ans.header, body: item}, response: response}
		case !sure:
			found[i].Value, found[i].Err = g.askOne(ctx, class, key)
		default:
			found[i].Err = &failedFlight{g.absent(key, ans), response}
		}
	}
	return found, nil
}

// itemFor is the item of a key. Where there is none, it is one that nobody asked for
// and that differs in case alone: providers write names as their owners do. Where
// somebody has asked for that one too, only the provider can tell whether they are
// one: it is not sure.
func itemFor(key string, byKey map[string][]byte, asked []string) (item []byte, sure bool) {
	if item := byKey[key]; item != nil || len(byKey) == 0 {
		return item, true
	}
	for id, item := range byKey {
		if strings.EqualFold(id, key) {
			if slices.Contains(asked, id) {
				return nil, false
			}
			return item, true
		}
	}
	return nil, true
}

// absent is the error for a key that an answer has no item for. It has the status
// that the call would have had alone, so that nobody has to tell the two apart.
func (g *group) absent(key string, ans *answer) *Error {
	return &Error{
		Operation: g.op.Name, StatusCode: http.StatusNotFound, Kind: ErrNotFound,
		RequestID: ans.header.Get(g.client.desc.Errors.RequestID),
		Err:       fmt.Errorf("%s has nothing for %q", g.with.Name, clipped(key)),
	}
}

// fly sends one request through the whole chain.
func (g *group) fly(ctx context.Context, class budget.Class, op *api.Operation, p *prepared) (*answer, Response, error) {
	var response Response
	cl := &call{op: op, config: g.config, prepared: p}
	cl.config.order.class, cl.config.response = class, &response
	ans, err := g.client.exchange(ctx, cl, p.url)
	if err != nil {
		return nil, response, &failedFlight{g.client.failure(cl, nil, err), response}
	}
	cl.watch.ended(nil)
	return ans, response, nil
}

// blameOf tells which keys an error of a request is about.
func blameOf(err error) batch.Blame {
	e, ok := errors.AsType[*Error](err)
	switch {
	case !ok || e.Refused:
		return batch.All
	case e.tooMuch():
		return batch.TooLarge
	case errors.Is(e, ErrBadRequest), errors.Is(e, ErrNotFound):
		return batch.Key
	}
	return batch.All
}

// tooMuch reports whether fewer keys at once would do. There is no status for too
// many of them, so that of a bad request the words have to tell.
func (e *Error) tooMuch() bool {
	switch e.StatusCode {
	case http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge:
		return true
	}
	if errors.Is(e, ErrTooLarge) {
		return true
	}
	said := strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "").Replace(e.Code + "\n" + e.Message))
	return errors.Is(e, ErrBadRequest) && slices.ContainsFunc([]string{"toomany", "toolong", "toolarge", "exceed"}, func(words string) bool {
		return strings.Contains(said, words)
	})
}

// costs tells the loader what requests take from the budget: the time for which
// they use up the limit that lets the fewest of them pass. So a request for many
// that is rarely allowed does not hold up what goes quicker one by one.
func (c *Client) costs(one, many *api.Operation) batch.Cost {
	single, together := max(c.occupies(one, one.Batch.Key), 1), max(c.occupies(many, api.Param{}), 1)
	return batch.Cost{One: int(single), Many: func(n int) int {
		if one.Batch.RoundTrips {
			return n * int(single)
		}
		return int(together)
	}}
}

// occupies is how long a call uses up the scarcest limit that it draws on always.
// Limits with a counter for each key are left out, for calls of other keys do not
// wait for them.
func (c *Client) occupies(op *api.Operation, key api.Param) time.Duration {
	var longest time.Duration
	for _, d := range op.Draws {
		limit := c.limits[d.Limit]
		if d.When != nil || slices.Contains(limit.Scope, api.Scope(key.In+":"+key.Name)) {
			continue
		}
		number, per := 0, time.Duration(0)
		switch s := limit.Shape.(type) {
		case api.Window:
			number, per = s.Limit, s.Per
		case api.Bucket:
			number, per = s.Refill, s.Per
		case api.Adaptive:
			number, per = s.Ceiling, s.Per
		}
		if number > 0 {
			longest = max(longest, time.Duration(max(d.Cost, 1))*per/time.Duration(number))
		}
	}
	return longest
}

// addressOf is where an operation is, by the values of its path and query.
func (g *group) addressOf(op *api.Operation, path map[string]string, query url.Values) (*url.URL, map[string]string, error) {
	var args []any
	for _, name := range placeholders(op.Path) {
		args = append(args, path[name])
	}
	u, values, err := g.client.address(op, args)
	if err != nil || len(query) == 0 {
		return u, values, err
	}
	all := u.Query() // some operations differ by no more than that
	maps.Copy(all, query)
	u.RawQuery = all.Encode()
	return u, values, nil
}

// placeholders are the names in a path's braces, in order.
func placeholders(path string) []string {
	var names []string
	for part := range strings.SplitSeq(path, "{") {
		if name, _, ok := strings.Cut(part, "}"); ok {
			names = append(names, name)
		}
	}
	return names
}
