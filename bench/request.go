package main

// This file measures whole calls over loopback: weir beside net/http with
// encoding/json. What counts is this process's CPU time; the server is a process
// of its own. Wall times hang on how the machine wakes the two.

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"syscall"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/page"
)

func init() { register("request", requests) }

func requests(m *meter) error {
	s, err := startServer()
	if err != nil {
		return err
	}
	defer s.stop()
	for _, c := range []comparison{
		{name: "request/small", ours: s.show, peer: "net/http + encoding/json", theirs: s.plain("/items/4711", decodeAs[summary])},
		{name: "request/small", ours: s.show, peer: "net/http, body discarded", theirs: s.plain("/items/4711", discard)},
		{name: "request/page", ours: s.list, peer: "net/http + encoding/json", theirs: s.plain("/items?limit=100", decodeAs[pageOfItems])},
	} {
		c.callers, c.cost = 16, processTime
		if err := m.compare(c); err != nil {
			return err
		}
	}
	return m.compare(comparison{
		name: "decode/page", ours: decodePage, peer: "encoding/json", theirs: unmarshalPage, cost: processTime,
	})
}

// processTime is the CPU time of this process, in user and kernel mode.
func processTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // its only causes are wrong arguments
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

var (
	showItem = api.Operation{Name: "Items.Show", Method: "GET", Path: "/items/{id}", Draws: []api.Draw{{Limit: "requests"}}}
	listItem = api.Operation{
		Name: "Items.List", Method: "GET", Path: "/items", Draws: []api.Draw{{Limit: "requests"}},
		Pagination: &api.Pagination{
			Style:  api.CursorStyle,
			Items:  api.Path{"items"},
			Size:   &api.PageSize{Param: api.Param{In: api.InQuery, Name: "limit"}, Max: pageItems},
			Cursor: api.Param{In: api.InQuery, Name: "cursor"},
			Next:   api.Path{"next"},
		},
	}
	shop = api.API{
		Name:       "shop",
		Limits:     []api.Limit{{Name: "requests", Shape: api.Window{Limit: ample, Per: time.Minute}, Scope: []api.Scope{api.ScopeAccount}}},
		Operations: []*api.Operation{&listItem, &showItem},
	}
)

func (s *server) client() (*runtime.Client, error) {
	return runtime.NewClient(&shop, nil, runtime.WithBaseURL(s.url), runtime.WithIdentity(runtime.Identity{Account: "acme"}))
}

func (s *server) show() (operation, func(), error) {
	c, err := s.client()
	if err != nil {
		return nil, nil, err
	}
	ctx := context.Background()
	return func(int, int) error {
		_, err := runtime.Do[*summary](ctx, c, &showItem, runtime.Args{Path: []any{4711}})
		return err
	}, func() { c.Close() }, nil
}

func (s *server) list() (operation, func(), error) {
	c, err := s.client()
	if err != nil {
		return nil, nil, err
	}
	ctx := context.Background()
	return func(int, int) error {
		n := 0
		for _, err := range runtime.List[*item](ctx, c, &listItem, runtime.Args{}) {
			if err != nil {
				return err
			}
			n++
		}
		return checkItems(n)
	}, func() { c.Close() }, nil
}

// plain is what one writes without a framework.
func (s *server) plain(path string, read func(io.Reader) error) side {
	return func() (operation, func(), error) {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConnsPerHost = 256 // as weir has it
		client, ctx := &http.Client{Transport: t}, context.Background()
		return func(int, int) error {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
			if err != nil {
				return err
			}
			resp, err := client.Do(req)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				return fmt.Errorf("%s: %s", path, resp.Status)
			}
			if err := read(resp.Body); err != nil {
				return err
			}
			return discard(resp.Body) // so that the connection is used again
		}, t.CloseIdleConnections, nil
	}
}

func discard(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

func decodeAs[T any](r io.Reader) error {
	var v T
	return json.NewDecoder(r).Decode(&v)
}

func decodePage() (operation, func(), error) {
	body := pageBody()
	return func(int, int) error {
		p, _, err := page.DecodeSheet(body, listItem.Pagination, reflect.TypeFor[*item]())
		if err != nil {
			return err
		}
		return checkItems(len(p.Raw))
	}, func() {}, nil
}

func unmarshalPage() (operation, func(), error) {
	body := pageBody()
	return func(int, int) error {
		var p pageOfItems
		if err := json.Unmarshal(body, &p); err != nil {
			return err
		}
		return checkItems(len(p.Items))
	}, func() {}, nil
}

func checkItems(n int) error {
	if n != pageItems {
		return fmt.Errorf("a page has %d items, not %d", n, pageItems)
	}
	return nil
}
