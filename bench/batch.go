package main

// This file measures coalescing: weir's loader beside dataloadgen's. The requests
// cost nothing, so what is left is the loaders' own: what counts is a key, in CPU
// time where callers wait for a flight, and in wall time where one goes alone.

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/vikstrous/dataloadgen"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/batch"
	"github.com/weirkit/weir/runtime/budget"
)

func init() { register("batch", batches) }

const (
	batchKeys    = 100 // of one request
	flightTime   = 5 * time.Millisecond
	gatherAWhile = time.Millisecond // dataloadgen's wait; its batches are full before
)

func batches(m *meter) error {
	s, err := startServer()
	if err != nil {
		return err
	}
	defer s.stop()
	for _, c := range []comparison{
		{name: "batch/100-keys", ours: manyKeys, peer: "dataloadgen LoadAll", theirs: loadAll, cost: processTime},
		{name: "batch/100-callers", callers: batchKeys, ours: oneKey(flightTime), peer: "dataloadgen Load", theirs: load(flightTime), cost: processTime},
		{name: "batch/alone", ours: s.loaded, peer: "the call itself", theirs: s.show},
		{name: "batch/alone-by-client", ours: s.sharing(), peer: "WithoutBatch", theirs: s.sharing(runtime.WithoutBatch())},
		{name: "batch/alone-by-client-5ms-away", ours: s.sharing(away), peer: "WithoutBatch", theirs: s.sharing(away, runtime.WithoutBatch())},
	} {
		if err := m.compare(c); err != nil {
			return err
		}
	}
	return nil
}

var errWrongValue = errors.New("a key has the value of another")

// square is what a key's value is.
func square(key int) int { return key * key }

func newLoader(flight time.Duration) (*batch.Loader[int, int], error) {
	return batch.New(batch.Config[int, int]{
		Max: batchKeys,
		Many: func(_ context.Context, _ budget.Class, keys []int) ([]batch.Item[int, int], error) {
			time.Sleep(flight)
			items := make([]batch.Item[int, int], len(keys))
			for i, key := range keys {
				items[i] = batch.Item[int, int]{Key: key, Value: square(key)}
			}
			return items, nil
		},
	})
}

func newPeer(flight time.Duration) *dataloadgen.Loader[int, int] {
	return dataloadgen.NewLoader(func(_ context.Context, keys []int) ([]int, []error) {
		time.Sleep(flight)
		values := make([]int, len(keys))
		for i, key := range keys {
			values[i] = square(key)
		}
		return values, nil
	}, dataloadgen.WithBatchCapacity(batchKeys), dataloadgen.WithWait(gatherAWhile))
}

// hundreds are the keys of a call that is made every hundredth time.
func hundreds(i int, do func(keys []int) error) error {
	if i%batchKeys != 0 {
		return nil
	}
	keys := make([]int, batchKeys)
	for k := range keys {
		keys[k] = i + k + 1
	}
	return do(keys)
}

func manyKeys() (operation, func(), error) {
	l, err := newLoader(0)
	return func(_, i int) error {
		return hundreds(i, func(keys []int) error {
			for k, r := range l.Many(context.Background(), budget.Normal, keys) {
				if r.Err != nil || r.Value != square(keys[k]) {
					return errors.Join(errWrongValue, r.Err)
				}
			}
			return nil
		})
	}, func() {}, err
}

// loadAll has a loader of its own for each hundred, as its authors mean it: it
// keeps all answers.
func loadAll() (operation, func(), error) {
	return func(_, i int) error {
		return hundreds(i, func(keys []int) error {
			values, err := newPeer(0).LoadAll(context.Background(), keys)
			if err != nil {
				return err
			}
			for k, v := range values {
				if v != square(keys[k]) {
					return errWrongValue
				}
			}
			return nil
		})
	}, func() {}, nil
}

// oneKey has each caller load a key of its own at a time.
func oneKey(flight time.Duration) side {
	return func() (operation, func(), error) {
		l, err := newLoader(flight)
		return func(caller, i int) error {
			key := i*batchKeys + caller + 1
			v, err := l.Load(context.Background(), budget.Normal, key)
			return check(key, v, err)
		}, func() {}, err
	}
}

func load(flight time.Duration) side {
	return func() (operation, func(), error) {
		l := newPeer(flight)
		return func(caller, i int) error {
			key := i*batchKeys + caller + 1
			v, err := l.Load(context.Background(), key)
			l.Clear(key)
			return check(key, v, err)
		}, func() {}, nil
	}
}

func check(key, value int, err error) error {
	if err == nil && value != square(key) {
		err = errWrongValue
	}
	if err != nil {
		return fmt.Errorf("key %d: %w", key, err)
	}
	return nil
}

// loaded is a call of weir's through a loader that nothing is in flight of.
func (s *server) loaded() (operation, func(), error) {
	call, end, err := s.show()
	if err != nil {
		return nil, nil, err
	}
	l, err := batch.New(batch.Config[int, struct{}]{
		Max: batchKeys,
		One: func(context.Context, budget.Class, int) (struct{}, error) { return struct{}{}, call(0, 0) },
		Many: func(context.Context, budget.Class, []int) ([]batch.Item[int, struct{}], error) {
			return nil, errors.ErrUnsupported
		},
	})
	return func(_, i int) error {
		_, err := l.Load(context.Background(), budget.Normal, i+1)
		return err
	}, end, err
}

// away is the way to a provider that is near, as providers go; over loopback a
// call's cost is all there is.
var away = runtime.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
	time.Sleep(flightTime)
	return http.DefaultTransport.RoundTrip(r)
}))

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// sharing is a call that may share requests, where nobody else calls.
func (s *server) sharing(opts ...runtime.ClientOption) side {
	return func() (operation, func(), error) {
		show, desc := showItem, shop
		show.Batch = &api.Batch{
			With: "Items.ShowMany", Key: api.Param{In: api.InPath, Name: "id"}, Items: api.Path{"items"},
			Keys: api.Keys{Param: api.Param{In: api.InQuery, Name: "ids"}, Join: ",", ID: api.Path{"id"}, Max: batchKeys},
		}
		desc.Operations = append([]*api.Operation{{Name: "Items.ShowMany", Method: "GET", Path: "/items/show_many"}}, desc.Operations...)
		own := []runtime.ClientOption{runtime.WithBaseURL(s.url), runtime.WithIdentity(runtime.Identity{Account: "acme"})}
		c, err := runtime.NewClient(&desc, nil, append(own, opts...)...)
		if err != nil {
			return nil, nil, err
		}
		ctx := context.Background()
		return func(int, int) error {
			_, err := runtime.Do[*summary](ctx, c, &show, runtime.Args{Path: []any{4711}})
			return err
		}, func() { c.Close() }, nil
	}
}
