package batch_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/weirkit/weir/runtime/batch"
	"github.com/weirkit/weir/runtime/budget"
)

// This file has a provider of users. It knows nothing of loaders: it counts
// requests, answers only what is asked, in any order, and refuses what a provider
// refuses.

var (
	errBadKey   = errors.New("one of the ids is invalid")
	errTooLarge = errors.New("the request is too large")
	errDown     = errors.New("the provider is down")
	errNoUser   = errors.New("404")
)

// request is what a desk has seen.
type request struct {
	keys  []int
	one   bool
	class budget.Class
	at    time.Duration // since the desk was made
	ctx   context.Context
	err   error
}

type desk struct {
	latency func(n int) time.Duration // an hour that is cut short by the context
	down    func() bool
	bad     map[int]bool // ids that make a request fail
	gone    map[int]bool // ids that nobody has
	bears   int          // ids that it bears in one request; 0: all
	huge    int          // an id that it does not bear even by itself; 0: none
	noise   bool         // answers come in any order, with items that nobody asked for

	mu       sync.Mutex
	began    time.Time
	requests []*request
	asked    map[int]int
}

func newDesk(latency time.Duration) *desk {
	return &desk{
		latency: func(int) time.Duration { return latency },
		bad:     map[int]bool{}, gone: map[int]bool{},
		began: time.Now(), asked: map[int]int{},
	}
}

func user(id int) string { return fmt.Sprintf("user %d", id) }

// enter notes a request and takes its time.
func (d *desk) enter(ctx context.Context, class budget.Class, one bool, keys []int) (*request, error) {
	r := &request{keys: slices.Clone(keys), one: one, class: class, at: time.Since(d.began), ctx: ctx}
	d.mu.Lock()
	d.requests = append(d.requests, r)
	for _, key := range keys {
		d.asked[key]++
	}
	d.mu.Unlock()
	select {
	case <-time.After(d.latency(len(keys))):
	case <-ctx.Done():
		return r, ctx.Err()
	}
	switch {
	case d.down != nil && d.down():
		return r, errDown
	case d.bears > 0 && len(keys) > d.bears, d.huge != 0 && slices.Contains(keys, d.huge):
		return r, errTooLarge
	}
	for _, key := range keys {
		if d.bad[key] {
			return r, errBadKey
		}
	}
	return r, nil
}

func (d *desk) one(ctx context.Context, class budget.Class, key int) (string, error) {
	r, err := d.enter(ctx, class, true, []int{key})
	if err == nil && d.gone[key] {
		err = errNoUser
	}
	r.err = err
	if err != nil {
		return "", err
	}
	return user(key), nil
}

func (d *desk) many(ctx context.Context, class budget.Class, keys []int) ([]batch.Item[int, string], error) {
	r, err := d.enter(ctx, class, false, keys)
	if r.err = err; err != nil {
		return nil, err
	}
	var items []batch.Item[int, string]
	for _, key := range keys {
		if !d.gone[key] {
			items = append(items, batch.Item[int, string]{Key: key, Value: user(key)})
		}
	}
	if d.noise {
		for range rand.IntN(3) {
			items = append(items, batch.Item[int, string]{Key: 1_000_000 + rand.IntN(9), Value: "a stranger"})
		}
		rand.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
		if len(items) > 0 { // the first of several counts
			items = append(items, batch.Item[int, string]{Key: items[0].Key, Value: "a double"})
		}
	}
	return items, nil
}

// seen are the requests so far.
func (d *desk) seen() []*request {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.requests)
}

func (d *desk) count() int { return len(d.seen()) }

func (d *desk) config(maximum int) batch.Config[int, string] {
	return batch.Config[int, string]{
		One: d.one, Many: d.many, Max: maximum, NotFound: errNoUser,
		Blame: func(err error) batch.Blame {
			switch err {
			case errBadKey:
				return batch.Key
			case errTooLarge:
				return batch.TooLarge
			}
			return batch.All
		},
	}
}

func newLoader(t testing.TB, cfg batch.Config[int, string]) *batch.Loader[int, string] {
	t.Helper()
	l, err := batch.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// got is what a caller has got.
type got struct {
	value string
	err   error
	at    time.Duration // since the desk was made
}

// calls loads keys at once, each in a goroutine of its own, and returns what they
// got, in order. before, if given, says when each begins.
func (d *desk) calls(t testing.TB, l *batch.Loader[int, string], keys []int, before func(i int)) []got {
	results := make([]got, len(keys))
	var group sync.WaitGroup
	for i, key := range keys {
		group.Go(func() {
			if before != nil {
				before(i)
			}
			value, err := l.Load(t.Context(), budget.Normal, key)
			results[i] = got{value, err, time.Since(d.began)}
		})
	}
	group.Wait()
	return results
}

func span(from, to int) []int {
	var keys []int
	for key := from; key <= to; key++ {
		keys = append(keys, key)
	}
	return keys
}
