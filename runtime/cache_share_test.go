package runtime_test

// This file tests what a cache does for calls at the same time, and where the
// provider is down.

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/cache"
	"github.com/weirkit/weir/runtime/retry"
)

// slowly answers after a second, by a function.
func slowly(answer func(*http.Request) *http.Response) *provider {
	return answering(func(_ int, r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(time.Second):
			return answer(r), nil
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	})
}

func TestCacheSendsEqualCallsOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		body   string
		want   error
	}{
		"good":      {200, aTicket, nil},
		"not found": {404, `{"error":"gone"}`, runtime.ErrNotFound},
		"down":      {503, "", runtime.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := slowly(func(*http.Request) *http.Response { return reply(tt.status, tt.body) })
				c := cached(t, p, runtime.WithRetry(retry.Policy{Attempts: 1}))
				op := kept(show, forFive)
				var done sync.WaitGroup
				var mu sync.Mutex
				how := map[runtime.Cached]int{}
				for range 100 {
					done.Go(func() {
						var told runtime.Response
						got, err := runtime.Do[[]byte](t.Context(), c, op, runtime.Args{Path: []any{1}}, runtime.WithResponse(&told))
						if !errors.Is(err, tt.want) || err == nil && string(got) != tt.body || told.StatusCode != tt.status {
							t.Errorf("got %s, %v, status %d", got, err, told.StatusCode)
						}
						for i := range got { // what a caller has is the caller's
							got[i] = 'x'
						}
						mu.Lock()
						how[told.Cached]++
						mu.Unlock()
					})
				}
				done.Go(func() { // another question
					runtime.Do[[]byte](t.Context(), c, op, runtime.Args{Path: []any{2}})
				})
				done.Wait()
				if n := len(p.requests()); n != 2 {
					t.Errorf("%d requests, want 2", n)
				}
				if diff := cmp.Diff(map[runtime.Cached]int{"": 1, runtime.CachedShared: 99}, how); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// TestCacheCancelsOneAlone: neither the end of the first caller's context nor a
// follower's touches the others.
func TestCacheCancelsOneAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := slowly(func(*http.Request) *http.Response { return reply(200, aTicket) })
		c := cached(t, p)
		op := kept(show, forFive)
		ask := func(ctx context.Context) error {
			_, err := runtime.Do[ticket](ctx, c, op, runtime.Args{Path: []any{1}})
			return err
		}
		first, cancelFirst := context.WithCancel(t.Context())
		third, cancelThird := context.WithCancel(t.Context())
		var done sync.WaitGroup
		for i, ctx := range []context.Context{first, t.Context(), third, t.Context(), t.Context()} {
			done.Go(func() {
				err := ask(ctx)
				if cancelled := ctx != t.Context(); cancelled != errors.Is(err, context.Canceled) || !cancelled && err != nil {
					t.Errorf("call %d: %v", i, err)
				}
				if err != nil {
					failure(t, err)
				}
			})
			synctest.Wait()
		}
		time.Sleep(100 * time.Millisecond)
		cancelThird()
		time.Sleep(100 * time.Millisecond)
		cancelFirst()
		done.Wait()
		if n := len(p.requests()); n != 2 {
			t.Errorf("%d requests, want the first and one for the others", n)
		}
	})
}

// TestCacheKeepsPriorities: an urgent call does not wait behind another's turn.
func TestCacheKeepsPriorities(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := slowly(func(*http.Request) *http.Response { return reply(200, aTicket) })
		c := cached(t, p)
		var done sync.WaitGroup
		for _, class := range []budget.Class{budget.Background, budget.Urgent, budget.Urgent} {
			done.Go(func() { showing(c, kept(show, forFive), runtime.WithPriority(class)) })
			synctest.Wait()
		}
		done.Wait()
		if n := len(p.requests()); n != 2 {
			t.Errorf("%d requests, want one of each class", n)
		}
	})
}

func TestCacheServesStale(t *testing.T) {
	day := runtime.WithStaleIfError(24 * time.Hour)
	for name, tt := range map[string]struct {
		answer func() (*http.Response, error)
		header string
		opts   []runtime.Option
		want   bool
	}{
		"down":                        {giving(503, ""), "", []runtime.Option{day}, true},
		"broken":                      {failing(errConnection), "", []runtime.Option{day}, true},
		"refused":                     {giving(429, "", "Retry-After", "3600"), "", []runtime.Option{day}, true},
		"not asked for":               {giving(503, ""), "", nil, false},
		"too old":                     {giving(503, ""), "", []runtime.Option{runtime.WithStaleIfError(time.Minute)}, false},
		"not found":                   {giving(404, "{}"), "", []runtime.Option{day}, false},
		"unauthorized":                {giving(401, "{}"), "", []runtime.Option{day}, false},
		"must be revalidated":         {giving(503, ""), "must-revalidate", []runtime.Option{day}, false},
		"by the request's own header": {giving(503, ""), "", []runtime.Option{runtime.WithHeader("Cache-Control", "stale-if-error=86400")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := inTurn(giving(200, aTicket, "Cache-Control", tt.header), tt.answer)
				stale := 0
				c := cached(t, p, runtime.WithRetry(retry.Policy{Attempts: 2}), runtime.WithEvents(func(e budget.Event) {
					if e.Kind == runtime.ServedStale {
						stale++
					}
				}))
				op := kept(show, forFive)
				if _, err := showing(c, op); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Hour)
				var told runtime.Response
				got, err := showing(c, op, append(tt.opts, runtime.WithResponse(&told))...)
				if served := err == nil && got.Subject == "Hello"; served != tt.want || served != (told.Cached == runtime.CachedStale) || served != (stale == 1) {
					t.Errorf("got %+v, %v, %q, %d events", got, err, told.Cached, stale)
				}
				if tt.want && (told.Age < time.Hour || told.Header.Get("Age") == "" || told.StatusCode != 200) {
					t.Errorf("told %+v", told)
				}
			})
		})
	}
}

// TestCacheServesStaleForWantOfBudget: a wait that the deadline leaves no time for
// is a failure like another; the caller's own cancellation is not.
func TestCacheServesStaleForWantOfBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, limited(perMinute("support", 1)), always(200, aTicket), runtime.WithBearer("secret"),
			runtime.WithCache(cache.Memory(1<<20)), runtime.WithStaleIfError(time.Hour))
		op := kept(drawing(show, "support"), api.Cache{TTL: time.Second})
		ask := func(ctx context.Context) (ticket, error) {
			return runtime.Do[ticket](ctx, c, op, runtime.Args{Path: []any{1}})
		}
		if _, err := ask(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		short, end := context.WithTimeout(t.Context(), time.Second)
		defer end()
		if got, err := ask(short); err != nil || got.Subject != "Hello" {
			t.Errorf("got %+v, %v", got, err)
		}
		cancelled, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := ask(cancelled); !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v", err)
		}
		// What was written since is not served, however little else there is.
		if err := runtime.Exec(t.Context(), c, replace, runtime.Args{Path: []any{1}}); err != nil {
			t.Fatal(err)
		}
		short, end = context.WithTimeout(t.Context(), time.Second)
		defer end()
		if _, err := ask(short); !errors.Is(err, runtime.ErrDeadline) {
			t.Errorf("error = %v", err)
		}
	})
}

// TestCacheOfLists has each page stored by itself, and its cursor with it.
func TestCacheOfLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		op := kept(&api.Operation{Name: "Tickets.List", Method: "GET", Path: "/tickets", Pagination: &api.Pagination{
			Style: api.PageNumberStyle, First: 1, Items: api.Path{"tickets"}, Cursor: api.Param{In: api.InQuery, Name: "page"},
			Size: &api.PageSize{Param: api.Param{In: api.InQuery, Name: "size"}, Max: 10},
		}}, api.Cache{Revalidate: true})
		items := numbered(35)
		changed := 0 // the page that is
		p := answering(func(_ int, r *http.Request) (*http.Response, error) {
			n, _ := strconv.Atoi(r.URL.Query().Get("page"))
			tag := `"` + strconv.Itoa(n) + `"`
			if n == changed {
				tag = `"new"`
			}
			if r.Header.Get("If-None-Match") == tag {
				return reply(304, ""), nil
			}
			return reply(200, `{"tickets":`+array(items[min(max(n-1, 0)*10, 35):min(max(n, 1)*10, 35)])+`}`, "Etag", tag), nil
		})
		c := cached(t, p)
		for _, page := range []int{0, 0, 3} {
			changed = page
			n := 0
			for item, err := range runtime.List[ticket](t.Context(), c, op, runtime.Args{}) {
				if n++; err != nil || item.ID != n {
					t.Fatalf("item %d: %+v, %v", n, item, err)
				}
			}
			if n != 35 {
				t.Errorf("%d items, want 35", n)
			}
		}
		if n := len(p.requests()); n != 12 {
			t.Errorf("%d requests, want 4 for each walk", n)
		}
		for i, s := range p.requests() {
			if asks := s.header.Get("If-None-Match") != ""; asks != (i >= 4) {
				t.Errorf("request %d asks by %v", i, s.header)
			}
		}
	})
}

// TestCacheOfSmallerPages: what is stored of a page says nothing of a smaller one,
// which the list turns to when the provider fails on it.
func TestCacheOfSmallerPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		op := kept(&api.Operation{Name: "Tickets.List", Method: "GET", Path: "/tickets", Pagination: &api.Pagination{
			Style: api.OffsetStyle, Items: api.Path{"tickets"}, Cursor: api.Param{In: api.InQuery, Name: "from"},
			Size: &api.PageSize{Param: api.Param{In: api.InQuery, Name: "size"}, Max: 10},
		}}, api.Cache{Revalidate: true})
		items := numbered(15)
		failing, firstTime := false, true // that smaller pages are asked for
		p := answering(func(_ int, r *http.Request) (*http.Response, error) {
			q := r.URL.Query()
			from, _ := strconv.Atoi(q.Get("from"))
			size, _ := strconv.Atoi(q.Get("size"))
			switch {
			case failing && size > 5:
				return reply(503, ""), nil
			case r.Header.Get("If-Modified-Since") != "":
				if size < 10 && firstTime {
					t.Error("a smaller page is asked for by what is stored of a larger one")
				}
				return reply(304, ""), nil
			}
			return reply(200, `{"tickets":`+array(items[min(from, 15):min(from+size, 15)])+`}`, "Last-Modified", "Sat, 01 Jan 2000 00:00:00 GMT"), nil
		})
		c := cached(t, p, runtime.WithRetry(retry.Policy{Attempts: 5}))
		for i := range 4 {
			failing, firstTime = i == 1 || i == 2, i < 2
			n := 0
			for item, err := range runtime.List[ticket](t.Context(), c, op, runtime.Args{}) {
				if n++; err != nil || item.ID != n {
					t.Fatalf("item %d: %+v, %v", n, item, err)
				}
			}
			if n != 15 {
				t.Errorf("walk %d: %d items, want 15", i, n)
			}
		}
	})
}
