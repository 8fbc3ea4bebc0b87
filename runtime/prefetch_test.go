package runtime_test

// This file tests fetching a page before it is needed. Each bubble fails if a
// goroutine outlives it.

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/budget"
)

// slow makes each answer of a book take a second.
func slow(p *provider) *provider {
	inner := p.answer
	p.answer = func(n int, r *http.Request) (*http.Response, error) {
		timer := time.NewTimer(time.Second)
		defer timer.Stop()
		select {
		case <-timer.C:
			return inner(n, r)
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	return p
}

// The next page is on its way while this one is read, from the second item on,
// and never two of them.
func TestPrefetchIsOnePageAhead(t *testing.T) {
	for name, tt := range map[string]struct {
		opts []runtime.Option
		took time.Duration
	}{
		// A page is read in 2 s: the first in 1 s, then 3 times 2 s.
		"ahead":     {nil, 8 * time.Second},
		"not ahead": {[]runtime.Option{runtime.WithoutPrefetch()}, 12 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBook(40)
				c := connect(t, desk(), slow(b.serve()))
				start, read := time.Now(), 0
				for _, err := range runtime.List[ticket](t.Context(), c, byCursor, runtime.Args{}, append(tt.opts, runtime.WithPageSize(10))...) {
					if err != nil {
						t.Fatal(err)
					}
					synctest.Wait()
					switch n := len(b.provider.requests()); {
					case read == 0 && n != 1:
						t.Errorf("%d requests at the first item", n)
					case n > read/10+2:
						t.Errorf("%d requests at item %d", n, read)
					}
					read++
					time.Sleep(200 * time.Millisecond)
				}
				// The first page's successor starts 200 ms late, at the second item.
				if took := time.Since(start); took < tt.took || took > tt.took+time.Second {
					t.Errorf("%d items took %v, want %v", read, took, tt.took)
				}
			})
		})
	}
}

// A page is not fetched ahead where that means to wait, and so takes nothing
// from those who need something now.
func TestPrefetchDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(30)
		waits := 0
		c := connect(t, limited(perMinute("support", 2)), b.serve(), runtime.WithEvents(func(e budget.Event) {
			if e.Kind == budget.Waiting {
				waits++
			}
		}))
		op := drawing(byCursor, "support")
		read := 0
		for _, err := range runtime.List[ticket](t.Context(), c, op, runtime.Args{}, runtime.WithPageSize(10)) {
			if err != nil {
				t.Fatal(err)
			}
			read++
			if read == 15 { // the second page is being read, and the third has no room
				time.Sleep(10 * time.Second)
				if waits != 0 || len(b.provider.requests()) != 2 {
					t.Errorf("%d waits, %d requests while nobody needs a page", waits, len(b.provider.requests()))
				}
			}
		}
		if read != 30 || waits != 1 {
			t.Errorf("%d items, %d waits", read, waits)
		}
	})
}

// Leaving the loop, in whatever way, ends the fetch ahead and waits for its end.
func TestLeavingJoinsThePrefetch(t *testing.T) {
	ways := map[string]func(stop func()){
		"break":  func(stop func()) { stop() },
		"panic":  func(func()) { panic("left") },
		"cancel": nil,
	}
	for name, leave := range ways {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBook(40)
				p := b.serve()
				inner := p.answer
				var running atomic.Int32
				p.answer = func(n int, r *http.Request) (*http.Response, error) {
					if n == 1 {
						return inner(n, r)
					}
					running.Add(1)
					defer running.Add(-1)
					<-r.Context().Done()
					time.Sleep(time.Second) // it takes its time
					return nil, r.Context().Err()
				}
				c := connect(t, desk(), p)
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
					for _, err := range runtime.List[ticket](ctx, c, byCursor, runtime.Args{}, runtime.WithPageSize(10)) {
						last = err
						if read++; read < 5 {
							continue
						}
						synctest.Wait()
						if err == nil && running.Load() != 1 {
							t.Errorf("%d fetches ahead", running.Load())
						}
						if leave == nil {
							cancel()
							continue
						}
						stopped := false
						leave(func() { stopped = true })
						if stopped {
							break
						}
					}
				}()
				if running.Load() != 0 {
					t.Error("the fetch ahead goes on")
				}
				if name == "cancel" && (!errors.Is(last, context.Canceled) || failure(t, last).Cursor != "10") {
					t.Errorf("error = %v", last)
				}
			})
		})
	}
}

// What goes wrong ahead of need is tried again in earnest, and the items that
// came before are delivered whatever follows.
func TestPrefetchFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(30)
		b.before = func(n, from, _ int) *http.Response {
			if n == 2 || from >= 20 {
				return reply(500, "")
			}
			return nil
		}
		ids, err := b.walk(t, connect(t, desk(), b.serve()), byCursor, runtime.WithPageSize(10))
		if diff := cmp.Diff(upTo(1, 20), ids); diff != "" {
			t.Error(diff)
		}
		// The first, twice the second, and the third once ahead and 5 times in earnest.
		if e := failure(t, err); e.Cursor != "20" || e.StatusCode != 500 || len(b.provider.requests()) != 9 {
			t.Errorf("%d requests, error %+v", len(b.provider.requests()), *e)
		}
	})
}

// Pages are fetched ahead too, from the second on.
func TestPagesArePrefetched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(40)
		start := time.Now()
		for _, err := range runtime.ListPages[ticket](t.Context(), connect(t, desk(), slow(b.serve())), byCursor, runtime.Args{}, runtime.WithPageSize(10)) {
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Second)
		}
		// Two pages in 1 s and 2 s each, then two in 2 s.
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// Two loops over one list, and two lists of one client, do not meet.
func TestConcurrentLoops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(100)
		c := connect(t, desk(), slow(b.serve()))
		items := runtime.List[ticket](t.Context(), c, byCursor, runtime.Args{}, runtime.WithPageSize(10))
		done := make(chan int)
		for range 8 {
			go func() {
				sum := 0
				for item, err := range items {
					if err != nil {
						t.Error(err)
					}
					sum += item.ID
				}
				done <- sum
			}()
		}
		for range 8 {
			if sum := <-done; sum != 5050 {
				t.Errorf("sum = %d", sum)
			}
		}
	})
}
