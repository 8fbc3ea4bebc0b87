package runtime_test

// This file tests a Transport with a cache, and what observers hear of one.

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/cache"
)

// askedBy sends a request with headers, and reads the answer.
func askedBy(t testing.TB, c *http.Client, method, path string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, deskURL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Request != req {
		t.Errorf("the answer is to another request: %v", resp.Request)
	}
	return resp, string(b)
}

func TestCacheOfATransport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &tagged{subject: "one"}
		p := a.provider()
		desc := transported([]*api.Operation{drawing(show, "support"), drawing(replace, "support")}, perMinute("support", 100))
		desc.Cache = &api.Cache{TTL: time.Minute, Revalidate: true, UnchangedIsFree: []string{"support"}}
		c, rt := under(t, desc, p, runtime.WithCache(cache.Memory(1<<20)))
		mine := []string{"Authorization", "Bearer mine"}
		for i, step := range []struct {
			method  string
			header  []string
			wait    time.Duration
			subject string // set before
			want    string
			age     string
			sent    int // requests in all
			used    int
		}{
			{"GET", mine, 0, "one", "one", "", 1, 1},
			{"GET", mine, 30 * time.Second, "two", "one", "30", 1, 1},
			{"GET", []string{"Authorization", "Bearer another's"}, 0, "two", "two", "", 2, 2},
			{"GET", nil, 0, "two", "two", "", 3, 3},
			{"GET", append([]string{"Cache-Control", "no-cache"}, mine...), 0, "one", "one", "0", 4, 3},
			{"GET", append([]string{"Cache-Control", "no-store"}, mine...), 0, "three", "three", "", 5, 4},
			{"GET", append([]string{"If-None-Match", `"three"`}, mine...), 0, "three", "", "", 6, 4},
			{"GET", mine, 10 * time.Second, "three", "one", "10", 6, 4},
			{"PUT", mine, 0, "three", "three", "", 7, 5},
			{"GET", mine, 0, "three", "three", "", 8, 6},
			{"GET", append([]string{"Accept", "text/plain"}, mine...), 0, "three", "three", "", 9, 7},
		} {
			time.Sleep(step.wait)
			a.set(step.subject)
			resp, body := askedBy(t, c, step.method, "/tickets/7", step.header...)
			if !strings.Contains(body, step.want) || step.want == "" && resp.StatusCode != 304 || resp.Header.Get("Age") != step.age || len(p.requests()) != step.sent {
				t.Errorf("step %d: %d %s, age %q, %d requests", i, resp.StatusCode, body, resp.Header.Get("Age"), len(p.requests()))
			}
			if step.want != "" && resp.ContentLength != int64(len(body)) {
				t.Errorf("step %d: a length of %d for %d bytes", i, resp.ContentLength, len(body))
			}
			sum := 0
			for _, s := range rt.Ledger().Snapshot().Counters {
				sum += s.Used
			}
			if sum != step.used {
				t.Errorf("step %d: %d used, want %d", i, sum, step.used)
			}
		}
	})
}

// TestCacheStreamsWhatIsLong: a body that is too long to hold is passed on as it
// comes, for each caller by itself, and not stored. So is one that breaks off.
func TestCacheStreamsWhatIsLong(t *testing.T) {
	const long = 17 << 20
	for name, tt := range map[string]struct {
		answer *provider
		length int
		broken bool
	}{
		"long": {answering(func(int, *http.Request) (*http.Response, error) {
			r := reply(200, "")
			r.ContentLength, r.Body = -1, io.NopCloser(io.LimitReader(endless{}, long))
			return r, nil
		}), long, false},
		"long, and says so": {answering(func(int, *http.Request) (*http.Response, error) {
			r := reply(200, "")
			r.ContentLength, r.Body = long, io.NopCloser(io.LimitReader(endless{}, long))
			return r, nil
		}), long, false},
		"broken off": {inTurn(cut(200, "half a body")), 11, true},
	} {
		desc := transported([]*api.Operation{show})
		desc.Cache = &api.Cache{TTL: time.Hour}
		c, _ := under(t, desc, tt.answer, runtime.WithCache(cache.Memory(64<<20)))
		for range 2 {
			resp, err := c.Get(deskURL + "/tickets/7")
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if len(b) != tt.length || (err != nil) != tt.broken {
				t.Errorf("%s: %d bytes, %v", name, len(b), err)
			}
		}
		if n := len(tt.answer.requests()); n != 2 {
			t.Errorf("%s: %d requests, want 2", name, n)
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// TestCacheOfHeads keeps them apart from bodies.
func TestCacheOfHeads(t *testing.T) {
	desc := transported([]*api.Operation{show})
	desc.Cache = &api.Cache{TTL: time.Hour}
	p := answering(func(_ int, r *http.Request) (*http.Response, error) {
		if r.Method == "HEAD" {
			resp := reply(200, "", "Content-Length", "37")
			resp.ContentLength, resp.Body = 37, http.NoBody
			return resp, nil
		}
		return reply(200, aTicket), nil
	})
	c, _ := under(t, desc, p, runtime.WithCache(cache.Memory(1<<20)))
	for range 2 {
		if resp, body := askedBy(t, c, "HEAD", "/tickets/7"); resp.ContentLength != 37 || body != "" {
			t.Errorf("a head of %d, %q", resp.ContentLength, body)
		}
		if _, body := askedBy(t, c, "GET", "/tickets/7"); body != aTicket {
			t.Errorf("a body of %q", body)
		}
	}
	if n := len(p.requests()); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

// ends is an observer that remembers how calls ended.
type ends struct {
	mu  sync.Mutex
	all []runtime.CallEnd
}

func (*ends) Attach(*runtime.Client) {}
func (e *ends) Start(ctx context.Context, _ runtime.CallStart) (context.Context, runtime.CallObserver) {
	return ctx, &oneEnd{ends: e}
}

type oneEnd struct{ *ends }

func (*oneEnd) Waits(context.Context, runtime.Wait) {}
func (*oneEnd) WaitEnded(time.Duration, error)      {}
func (*oneEnd) AttemptEnded(runtime.AttemptEnd)     {}
func (*oneEnd) AttemptStarts(ctx context.Context, _ runtime.AttemptStart) (context.Context, http.Header) {
	return ctx, nil
}
func (o *oneEnd) Ended(e runtime.CallEnd) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, e)
}

func TestCacheIsObserved(t *testing.T) {
	desc := transported([]*api.Operation{show})
	desc.Cache = &api.Cache{TTL: time.Hour}
	want := []runtime.CallEnd{{StatusCode: 200, Attempts: 1}, {StatusCode: 200, Cached: runtime.CachedFresh}}
	t.Run("client", func(t *testing.T) {
		o := &ends{}
		c := connect(t, desc, always(200, aTicket), runtime.WithCache(cache.Memory(1<<20)), runtime.WithObserver(o))
		for range 2 {
			showing(c, show)
		}
		if diff := cmp.Diff(want, o.all); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("transport", func(t *testing.T) {
		o := &ends{}
		c, _ := under(t, desc, always(200, aTicket), runtime.WithCache(cache.Memory(1<<20)), runtime.WithObserver(o))
		for range 2 {
			askedBy(t, c, "GET", "/tickets/7")
		}
		if diff := cmp.Diff(want, o.all); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("list", func(t *testing.T) {
		o := &ends{}
		op := kept(&api.Operation{Name: "Tickets.List", Method: "GET", Path: "/tickets", Pagination: &api.Pagination{
			Style: api.PageNumberStyle, First: 1, Items: api.Path{"tickets"}, Cursor: api.Param{In: api.InQuery, Name: "page"},
			Size: &api.PageSize{Param: api.Param{In: api.InQuery, Name: "size"}, Max: 2},
		}}, forFive)
		p := answering(func(_ int, r *http.Request) (*http.Response, error) {
			if r.URL.Query().Get("page") == "3" {
				return reply(200, `{"tickets":[]}`), nil
			}
			return reply(200, `{"tickets":`+array(numbered(2))+`}`), nil
		})
		c := connect(t, desc, p, runtime.WithCache(cache.Memory(1<<20)), runtime.WithObserver(o))
		for range 2 {
			for _, err := range runtime.List[ticket](t.Context(), c, op, runtime.Args{}) {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		sent, stored := want[0], want[1]
		if diff := cmp.Diff([]runtime.CallEnd{sent, sent, sent, stored, stored, stored}, o.all); diff != "" {
			t.Error(diff)
		}
	})
}
