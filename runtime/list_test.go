package runtime_test

// This file tests walking lists of every style from end to end.

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/retry"
)

func TestEveryStyle(t *testing.T) {
	for _, op := range everyStyle {
		for _, n := range []int{0, 1, 99, 100, 101, 250, 300} {
			t.Run(fmt.Sprintf("%s of %d", op.Name, n), func(t *testing.T) {
				b := newBook(n)
				ids, err := b.walk(t, connect(t, desk(), b.serve()), op)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(upTo(1, n), ids); diff != "" {
					t.Error(diff)
				}
				if pages := len(b.provider.requests()); pages > n/100+1 {
					t.Errorf("%d requests for %d items: %q", pages, n, b.provider.urls())
				}
			})
		}
	}
}

func TestPageSizes(t *testing.T) {
	desc := desk()
	desc.Plans = []api.Plan{{Name: "small", MaxPage: map[string]int{"cursor": 15}}, {Name: "large", MaxPage: map[string]int{"cursor": 200}}}
	noSize := *byCursor.Pagination
	noSize.Size = nil
	unsized := &api.Operation{Name: "unsized", Method: "GET", Path: "/cursor", Pagination: &noSize}
	tests := map[string]struct {
		op     *api.Operation
		client []runtime.ClientOption
		call   []runtime.Option
		want   string // the first request
		err    error
	}{
		"the largest of the lowest plan":  {byCursor, nil, nil, "size=15", nil},
		"the largest of the plan":         {byCursor, []runtime.ClientOption{runtime.OnPlan("large")}, nil, "size=200", nil},
		"a plan that does not say":        {byOffset, []runtime.ClientOption{runtime.OnPlan("large")}, nil, "size=100", nil},
		"as the call wants":               {byCursor, nil, []runtime.Option{runtime.WithPageSize(7)}, "size=7", nil},
		"as the client wants":             {byOffset, []runtime.ClientOption{runtime.WithPageSize(50)}, nil, "size=50", nil},
		"as the call wants, not as it":    {byOffset, []runtime.ClientOption{runtime.WithPageSize(50)}, []runtime.Option{runtime.WithPageSize(60)}, "size=60", nil},
		"the client wants more than some": {byCursor, []runtime.ClientOption{runtime.WithPageSize(50)}, nil, "size=15", nil},
		"the client wants any at all":     {unsized, []runtime.ClientOption{runtime.WithPageSize(50)}, nil, "/cursor", nil},
		"the call wants more":             {byCursor, nil, []runtime.Option{runtime.WithPageSize(16)}, "", runtime.ErrInvalidArgument},
		"the call wants any at all":       {unsized, nil, []runtime.Option{runtime.WithPageSize(5)}, "", runtime.ErrInvalidArgument},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBook(3)
			_, err := b.walk(t, connect(t, desc, b.serve(), tt.client...), tt.op, tt.call...)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error = %v", err)
			}
			urls := b.provider.urls()
			if tt.err == nil && (len(urls) == 0 || !strings.HasSuffix(urls[0], tt.want)) || tt.err != nil && len(urls) > 0 {
				t.Errorf("requests %q", urls)
			}
		})
	}
}

// A list that fails gives what it had, and a cursor that goes on from there:
// nothing is missing and nothing comes twice.
func TestResumeAfterAnError(t *testing.T) {
	for _, op := range everyStyle {
		t.Run(op.Name, func(t *testing.T) {
			b := newBook(95)
			down := true
			b.before = func(_, from, _ int) *http.Response {
				if down && from >= 40 {
					return reply(403, `{"error":"suspended"}`)
				}
				return nil
			}
			c := connect(t, desk(), b.serve())
			size := runtime.WithPageSize(20)
			ids, err := b.walk(t, c, op, size)
			e := failure(t, err)
			if !errors.Is(err, runtime.ErrForbidden) || e.Code != "suspended" || e.Cursor == "" {
				t.Fatalf("error = %+v", *e)
			}
			if diff := cmp.Diff(upTo(1, 40), ids); diff != "" {
				t.Fatal(diff)
			}
			down = false
			rest, err := b.walk(t, c, op, size, runtime.WithCursor(e.Cursor))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(upTo(41, 95), rest); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestResumeAfterAPage(t *testing.T) {
	for _, op := range everyStyle {
		t.Run(op.Name, func(t *testing.T) {
			b := newBook(50)
			c := connect(t, desk(), b.serve())
			var ids []int
			cursor, pages := "", 0
			for { // a program that keeps the cursor, and is stopped after each page
				var last bool
				for pg, err := range runtime.ListPages[ticket](t.Context(), c, op, runtime.Args{}, runtime.WithPageSize(20), runtime.WithCursor(cursor)) {
					if err != nil {
						t.Fatal(err)
					}
					if len(pg.Raw) != len(pg.Items) || string(pg.Raw[0]) != fmt.Sprintf(`{"id":%d,"subject":"item %d"}`, pg.Items[0].ID, pg.Items[0].ID) {
						t.Errorf("raw %s of %v", pg.Raw[0], pg.Items[0])
					}
					for _, item := range pg.Items {
						ids = append(ids, item.ID)
					}
					cursor, last = pg.Cursor, pg.Last
					break
				}
				if pages++; last || pages > 5 {
					break
				}
			}
			if diff := cmp.Diff(upTo(1, 50), ids); diff != "" {
				t.Error(diff)
			}
			if op == byEnd && cursor == "" {
				t.Error("the list's end has no cursor to go on from later")
			}
		})
	}
}

// What a provider cannot manage is asked for in halves, and in full again later.
func TestPageSizeIsHalved(t *testing.T) {
	for _, op := range everyStyle {
		t.Run(op.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { halved(t, op) })
		})
	}
}

func halved(t *testing.T, op *api.Operation) {
	b := newBook(1000)
	failed := 0
	b.before = func(_, from, size int) *http.Response {
		if from >= 200 && from < 300 && size > 25 {
			failed++
			return reply(502, "")
		}
		return nil
	}
	ids, err := b.walk(t, connect(t, desk(), b.serve()), op, runtime.WithoutPrefetch())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(upTo(1, 1000), ids); diff != "" {
		t.Error(diff)
	}
	if failed != 4 { // twice at 100, twice at 50
		t.Errorf("%d requests failed", failed)
	}
	seen := b.provider.requests()
	if last := seen[len(seen)-1]; !strings.Contains(last.url+last.body, "size=100") && !strings.Contains(last.body, `"size":100`) {
		t.Errorf("the last request is %s %s: the size did not grow back", last.url, last.body)
	}
}

// Halving stays within the policy's attempts, waits, and says so in the end.
func TestHalvingHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tests := map[string]struct {
			policy   retry.Policy
			header   []string
			sizes    []string
			attempts int
			least    time.Duration
			most     time.Duration
		}{
			"the default":              {retry.Policy{}, nil, []string{"100", "100", "50", "50", "25"}, 5, 3750 * time.Millisecond, 7500 * time.Millisecond},
			"one attempt":              {retry.Policy{Attempts: 1}, nil, []string{"100"}, 1, 0, 0},
			"three":                    {retry.Policy{Attempts: 3}, nil, []string{"100", "100", "50"}, 3, 750 * time.Millisecond, 1500 * time.Millisecond},
			"the provider told a wait": {retry.Policy{}, []string{"Retry-After", "20"}, []string{"100", "100", "50", "50", "25"}, 5, 80 * time.Second, 81 * time.Second},
			"longer than it may take":  {retry.Policy{MaxElapsed: 50 * time.Second}, []string{"Retry-After", "20"}, []string{"100", "100", "50"}, 3, 40 * time.Second, 41 * time.Second},
			"longer than it is waited": {retry.Policy{MaxRetryAfter: time.Second}, []string{"Retry-After", "20"}, []string{"100"}, 1, 0, 0},
		}
		for name, tt := range tests {
			b := newBook(10)
			b.before = func(int, int, int) *http.Response { return reply(503, "", tt.header...) }
			p := b.serve()
			_, err := b.walk(t, connect(t, desk(), p), byCursor, runtime.WithRetry(tt.policy))
			var sizes []string
			for _, u := range p.urls() {
				_, size, _ := strings.Cut(u, "size=")
				sizes = append(sizes, size)
			}
			if !slices.Equal(sizes, tt.sizes) {
				t.Errorf("%s: sizes %v, want %v", name, sizes, tt.sizes)
			}
			if took := time.Since(p.start); took < tt.least || took > tt.most {
				t.Errorf("%s: gave up after %v, want %v to %v", name, took, tt.least, tt.most)
			}
			gaveUp, ok := errors.AsType[*retry.GaveUp](err)
			if !ok || gaveUp.Attempts != tt.attempts || !errors.Is(err, runtime.ErrUnavailable) {
				t.Errorf("%s: error = %v", name, err)
			}
		}
	})
}

// Ranging twice walks twice.
func TestRangingTwice(t *testing.T) {
	b := newBook(25)
	items := runtime.List[ticket](t.Context(), connect(t, desk(), b.serve()), byCursor, runtime.Args{}, runtime.WithPageSize(10))
	if len(b.provider.requests()) != 0 {
		t.Error("a list that nobody ranges over was fetched")
	}
	for range 2 {
		var ids []int
		for item, err := range items {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, item.ID)
		}
		if diff := cmp.Diff(upTo(1, 25), ids); diff != "" {
			t.Error(diff)
		}
	}
	if n := len(b.provider.requests()); n != 6 {
		t.Errorf("%d requests for two walks of three pages", n)
	}
}

func TestListOfAnOperationWithoutPages(t *testing.T) {
	for _, err := range runtime.List[ticket](t.Context(), connect(t, desk(), always(200, `{}`)), show, runtime.Args{Path: []any{1}}) {
		if !errors.Is(err, runtime.ErrInvalidArgument) {
			t.Errorf("error = %v", err)
		}
		return
	}
	t.Error("the list is empty")
}

// The response that a list fills is that of the page under way, not of the next.
func TestResponseOfEachPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(30)
		p := b.serve()
		inner := p.answer
		p.answer = func(n int, r *http.Request) (*http.Response, error) {
			resp, err := inner(n, r)
			resp.Header.Set("X-Page", fmt.Sprint(n))
			return resp, err
		}
		var meta runtime.Response
		for item, err := range runtime.List[ticket](t.Context(), connect(t, desk(), p), byCursor, runtime.Args{}, runtime.WithPageSize(10), runtime.WithResponse(&meta)) {
			synctest.Wait() // for a page that is fetched ahead, if there is one
			if want := fmt.Sprint((item.ID-1)/10 + 1); err != nil || meta.Header.Get("X-Page") != want {
				t.Errorf("at item %d the response is that of page %s, %v", item.ID, meta.Header.Get("X-Page"), err)
			}
		}
	})
}

func TestCancelledList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(100)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c := connect(t, limited(perMinute("support", 2)), b.serve())
		var ids []int
		var last error
		for item, err := range runtime.List[ticket](ctx, c, drawing(byCursor, "support"), runtime.Args{}, runtime.WithPageSize(10)) {
			if last = err; err != nil {
				break
			}
			if ids = append(ids, item.ID); len(ids) == 20 {
				time.AfterFunc(time.Second, cancel) // while the third page waits for the budget
			}
		}
		e := failure(t, last)
		if !errors.Is(last, context.Canceled) || e.Cursor != "20" || len(ids) != 20 || time.Since(b.provider.start) != time.Second {
			t.Errorf("after %v and %d items: %v, cursor %q", time.Since(b.provider.start), len(ids), last, e.Cursor)
		}
	})
}
