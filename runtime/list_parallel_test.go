package runtime_test

// This file tests fetching several pages of a list at once. Each bubble fails if
// a goroutine outlives it.

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
)

// countedStyles are the lists whose pages can be fetched at once.
var countedStyles = []*api.Operation{byPage, byTotal, byOffset}

// Where the budget allows, n pages take as long as one. Where pages lead to one
// another, they are one ahead as ever.
func TestParallelPages(t *testing.T) {
	tests := map[string]struct {
		op       *api.Operation
		opts     []runtime.Option
		took     time.Duration
		requests int
	}{
		// 41 pages of a second: the first, and then 8 at once.
		"the total is told": {byTotal, nil, 6 * time.Second, 41},
		// 1, 1, 2, 4, 8 and so on at once, and some beyond the end.
		"nothing is told":   {byPage, nil, 9 * time.Second, 48},
		"offsets":           {byOffset, nil, 9 * time.Second, 48},
		"cursors":           {byCursor, nil, 41 * time.Second, 41},
		"links":             {byLink, nil, 41 * time.Second, 41},
		"with a response":   {byTotal, []runtime.Option{runtime.WithResponse(new(runtime.Response))}, 41 * time.Second, 41},
		"then without":      {byTotal, []runtime.Option{runtime.WithoutPrefetch()}, 41 * time.Second, 41},
		"then with 2":       {byTotal, []runtime.Option{runtime.WithParallelPages(2)}, 21 * time.Second, 41},
		"then with 1":       {byTotal, []runtime.Option{runtime.WithParallelPages(1)}, 41 * time.Second, 41},
		"then with 1,000":   {byTotal, []runtime.Option{runtime.WithParallelPages(1000)}, 2 * time.Second, 41},
		"from the middle":   {byTotal, []runtime.Option{runtime.WithCursor("20@10")}, 4 * time.Second, 21},
		"none, then with 8": {byTotal, []runtime.Option{runtime.WithoutPrefetch(), runtime.WithParallelPages(8)}, 6 * time.Second, 41},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBook(401)
				c := connect(t, desk(), slow(b.serve()), runtime.WithParallelPages(8), runtime.WithPageSize(10))
				start := time.Now()
				ids, err := b.walk(t, c, tt.op, tt.opts...)
				took, requests := time.Since(start), len(b.provider.requests())
				if err != nil || took != tt.took || requests != tt.requests {
					t.Errorf("%d requests in %v, want %d in %v; %v", requests, took, tt.requests, tt.took, err)
				}
				if diff := cmp.Diff(upTo(402-len(ids), 401), ids); diff != "" || name != "from the middle" && len(ids) != 401 {
					t.Error(diff)
				}
			})
		})
	}
}

// Pages at once are as lazy as one ahead is: none before the loop asks for more
// than the first item or page, and not many more than it has asked for.
func TestParallelPagesAreLazy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(400)
		c := connect(t, desk(), slow(b.serve()), runtime.WithParallelPages(4), runtime.WithPageSize(10))
		read := 0
		for _, err := range runtime.List[ticket](t.Context(), c, byTotal, runtime.Args{}) {
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if n := len(b.provider.requests()); read == 0 && n != 1 || read > 0 && (n < 2 || n > read/10+5) {
				t.Errorf("%d requests at item %d", n, read)
			}
			read++
			time.Sleep(10 * time.Millisecond)
		}
		b.provider.seen = nil
		pages := 0
		for range runtime.ListPages[ticket](t.Context(), c, byTotal, runtime.Args{}) {
			synctest.Wait()
			if n := len(b.provider.requests()); pages == 0 && n != 1 || n > pages+5 {
				t.Errorf("%d requests at page %d", n, pages)
			}
			pages++
		}
		if read != 400 || pages != 40 {
			t.Errorf("%d items, %d pages", read, pages)
		}
	})
}

// Leaving the loop, in whatever way, ends all that is on its way, and waits for
// the ends.
func TestLeavingJoinsParallelPages(t *testing.T) {
	for _, name := range []string{"break", "panic", "cancel", "return"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBook(200)
				p := b.serve()
				inner := p.answer
				var running atomic.Int32
				p.answer = func(n int, r *http.Request) (*http.Response, error) {
					if number(r.URL.Query().Get("page"), 0) < 2 { // pages count from 0
						return inner(n, r)
					}
					running.Add(1)
					defer running.Add(-1)
					<-r.Context().Done()
					time.Sleep(time.Second) // it takes its time
					return nil, r.Context().Err()
				}
				c := connect(t, desk(), p, runtime.WithParallelPages(5), runtime.WithPageSize(10))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var last error
				func() {
					defer func() {
						if got := recover(); (got != nil) != (name == "panic") {
							t.Errorf("recovered %v", got)
						}
					}()
					read := 0
					for _, err := range runtime.List[ticket](ctx, c, byTotal, runtime.Args{}) {
						last = err
						if read++; read < 15 {
							continue
						}
						synctest.Wait()
						if err == nil && running.Load() < 4 {
							t.Errorf("%d pages on their way", running.Load())
						}
						switch name {
						case "panic":
							panic("left")
						case "cancel":
							cancel()
							continue
						case "return":
							return
						}
						break
					}
				}()
				if running.Load() != 0 {
					t.Errorf("%d fetches go on", running.Load())
				}
				if name == "cancel" && (!errors.Is(last, context.Canceled) || !strings.HasSuffix(failure(t, last).Cursor, "@10")) {
					t.Errorf("error = %v", last)
				}
			})
		})
	}
}

// A page that fails ends the list at its place: all before it is delivered,
// though more had come, and its cursor goes on from there.
func TestParallelPagesFail(t *testing.T) {
	for _, op := range countedStyles {
		t.Run(op.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBook(200)
				down := true
				b.before = func(_, from, _ int) *http.Response {
					if down && from == 130 {
						return reply(403, `{"error":"suspended"}`)
					}
					return nil
				}
				c := connect(t, desk(), slow(b.serve()), runtime.WithParallelPages(6), runtime.WithPageSize(10))
				ids, err := b.walk(t, c, op)
				e := failure(t, err)
				if diff := cmp.Diff(upTo(1, 130), ids); diff != "" || !errors.Is(err, runtime.ErrForbidden) || e.Cursor == "" {
					t.Fatalf("error %+v, %s", *e, diff)
				}
				down = false
				rest, err := b.walk(t, c, op, runtime.WithCursor(e.Cursor))
				if diff := cmp.Diff(upTo(131, 200), rest); diff != "" || err != nil {
					t.Error(diff, err)
				}
			})
		})
	}
}

// A size that the provider fails on is halved once, though several pages fail at
// the same time, and grows back. (A numbered page begins where its size divides
// what is before it, and so may have to be smaller.)
func TestParallelPagesAreHalved(t *testing.T) {
	for _, op := range countedStyles {
		t.Run(op.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBook(4000)
				b.before = func(_, from, size int) *http.Response {
					if from >= 800 && from < 2000 && size > 50 {
						return reply(502, "")
					}
					return nil
				}
				ids, err := b.walk(t, connect(t, desk(), slow(b.serve())), op, runtime.WithParallelPages(6))
				if diff := cmp.Diff(upTo(1, 4000), ids); diff != "" || err != nil {
					t.Error(diff, err)
				}
				least, last := 100, 0
				for _, sent := range b.provider.urls() {
					_, query, _ := strings.Cut(sent, "?")
					q, _ := url.ParseQuery(query)
					last = number(q.Get("size"), 0)
					least = min(least, last)
				}
				if n := len(b.provider.urls()); n > 150 || last <= 50 || op == byOffset && least != 50 {
					t.Errorf("%d requests, the smallest size %d, the last %d", n, least, last)
				}
			})
		})
	}
}

func TestParallelPagesAreChecked(t *testing.T) {
	for _, n := range []int{0, -1, 1001} {
		_, err := runtime.NewClient(desk(), acme, runtime.WithParallelPages(n))
		if err == nil || !strings.Contains(err.Error(), "give a number from 1 to 1000") {
			t.Errorf("New with %d: %v", n, err)
		}
		b := newBook(3)
		if _, err := b.walk(t, connect(t, desk(), b.serve()), byPage, runtime.WithParallelPages(n)); err == nil || len(b.provider.requests()) != 0 {
			t.Errorf("a call with %d: %v", n, err)
		}
	}
}

// Progress is told of the pages in order, and reckons with as many at once.
func TestProgressOfParallelPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(330)
		desc := desk()
		desc.Operations = []*api.Operation{byTotal}
		c := connect(t, desc, slow(b.serve()), runtime.WithParallelPages(8), runtime.WithPageSize(10))
		var left []time.Duration
		var items []int64
		_, err := b.walk(t, c, byTotal, runtime.WithProgress(func(p runtime.Progress) {
			items, left = append(items, p.Items), append(left, p.Left)
		}))
		if err != nil || len(items) != 33 || items[0] != 10 || items[32] != 330 || left[0] != 4*time.Second || left[32] != 0 {
			t.Errorf("items %v, left %v, %v", items, left, err)
		}
		if o, err := c.Forecast(map[string]int{"total": 330}); err != nil || o.Ends != 5*time.Second {
			t.Errorf("forecast %v, %v", o.Ends, err)
		}
	})
}

func BenchmarkParallelPages(b *testing.B) {
	bk := newBook(10000)
	p := bk.serve()
	for name, opt := range map[string]runtime.Option{"in turn": runtime.WithoutPrefetch(), "8 at once": runtime.WithParallelPages(8)} {
		c := connect(b, desk(), p)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for _, err := range runtime.List[ticket](b.Context(), c, byTotal, runtime.Args{}, opt) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
