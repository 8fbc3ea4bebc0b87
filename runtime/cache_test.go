package runtime_test

// This file tests when a client with a cache asks, and what it sends.

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/cache"
)

// kept is an operation whose answers hold for 5 minutes.
func kept(op *api.Operation, c api.Cache) *api.Operation {
	copied := *op
	copied.Cache = &c
	return &copied
}

var forFive = api.Cache{TTL: 5 * time.Minute}

const anotherTicket = `{"ticket":{"id":1,"subject":"Changed"}}`

// tagged answers by a subject that the test changes, with its ETag.
type tagged struct {
	mu      sync.Mutex
	subject string
	header  []string
	down    bool
}

func (a *tagged) set(subject string) { a.mu.Lock(); defer a.mu.Unlock(); a.subject = subject }

func (a *tagged) provider() *provider {
	return answering(func(_ int, r *http.Request) (*http.Response, error) {
		a.mu.Lock()
		defer a.mu.Unlock()
		tag := `"` + a.subject + `"`
		header := append([]string{"Etag", tag}, a.header...)
		switch {
		case a.down:
			return nil, errConnection
		case r.Header.Get("If-None-Match") == tag:
			return reply(304, "", append(header, "X-Served", "unchanged")...), nil
		}
		return reply(200, `{"ticket":{"id":1,"subject":"`+a.subject+`"}}`, header...), nil
	})
}

func cached(t testing.TB, p http.RoundTripper, opts ...runtime.ClientOption) *runtime.Client {
	return connect(t, desk(), p, append([]runtime.ClientOption{runtime.WithBearer("secret"), runtime.WithCache(cache.Memory(1 << 20))}, opts...)...)
}

func TestCacheLifetime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := inTurn(giving(200, aTicket), giving(200, anotherTicket))
		c := cached(t, p)
		op := kept(show, forFive)
		ask := func(subject string, how runtime.Cached, age time.Duration, requests int, opts ...runtime.Option) {
			t.Helper()
			var told runtime.Response
			got, err := showing(c, op, append(opts, runtime.WithResponse(&told))...)
			if err != nil || got.Subject != subject || told.Cached != how || told.Age != age || told.StatusCode != 200 {
				t.Errorf("got %+v, %v; %s, %v old, status %d", got, err, told.Cached, told.Age, told.StatusCode)
			}
			if n := len(p.requests()); n != requests {
				t.Errorf("%d requests, want %d", n, requests)
			}
		}
		ask("Hello", "", 0, 1)
		time.Sleep(299 * time.Second)
		ask("Hello", runtime.CachedFresh, 299*time.Second, 1)
		ask("Changed", "", 0, 2, runtime.WithMaxAge(299*time.Second))
		time.Sleep(5 * time.Minute)
		ask("Changed", runtime.CachedFresh, 5*time.Minute, 2, runtime.WithMaxAge(6*time.Minute))
		ask("Changed", "", 0, 3, runtime.WithoutCache())
		ask("Changed", "", 0, 4)
		ask("Changed", runtime.CachedFresh, 0, 4)
	})
}

// What an answer, a call and an operation say of caches.
func TestCacheControl(t *testing.T) {
	fresh := runtime.WithMaxAge(time.Hour)
	for name, tt := range map[string]struct {
		cache  api.Cache
		header []string
		opts   []runtime.Option
		wait   time.Duration
		want   int // requests of two calls
	}{
		"holds":                         {forFive, nil, nil, time.Minute, 1},
		"no-store":                      {forFive, []string{"Cache-Control", "no-store"}, nil, 0, 2},
		"no-store, ignored":             {api.Cache{TTL: time.Hour, IgnoreHeaders: true}, []string{"Cache-Control", "private, no-cache, no-store, must-revalidate"}, nil, time.Minute, 1},
		"no-cache":                      {forFive, []string{"Cache-Control", "no-cache"}, nil, 0, 2},
		"max-age shortens":              {forFive, []string{"Cache-Control", "max-age=30"}, nil, time.Minute, 2},
		"max-age does not lengthen":     {forFive, []string{"Cache-Control", "max-age=3600"}, nil, 6 * time.Minute, 2},
		"asked for older":               {forFive, []string{"Cache-Control", "max-age=30"}, []runtime.Option{fresh}, time.Minute, 1},
		"asked for older, but must":     {forFive, []string{"Cache-Control", "max-age=30, must-revalidate"}, []runtime.Option{fresh}, time.Minute, 2},
		"nothing annotated":             {api.Cache{Never: false}, nil, nil, 0, 2},
		"never":                         {api.Cache{Never: true}, nil, []runtime.Option{fresh}, 0, 2},
		"varies by anything":            {forFive, []string{"Vary", "*"}, nil, 0, 2},
		"varies by what is the same":    {forFive, []string{"Vary", "Accept, User-Agent, Authorization"}, nil, 0, 1},
		"request says no-store":         {forFive, nil, []runtime.Option{runtime.WithHeader("Cache-Control", "no-store")}, 0, 2},
		"request says no-cache":         {forFive, nil, []runtime.Option{runtime.WithHeader("Cache-Control", "no-cache")}, 0, 2},
		"request has a condition":       {forFive, nil, []runtime.Option{runtime.WithHeader("If-None-Match", `"x"`)}, 0, 2},
		"older than the answer's age":   {forFive, []string{"Age", "290"}, nil, 20 * time.Second, 2},
		"younger than the answer's age": {forFive, []string{"Age", "200"}, nil, 20 * time.Second, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := always(200, aTicket, tt.header...)
				c := cached(t, p)
				for range 2 {
					if got, err := showing(c, kept(show, tt.cache), tt.opts...); err != nil || got.Subject != "Hello" {
						t.Errorf("got %+v, %v", got, err)
					}
					time.Sleep(tt.wait)
				}
				if n := len(p.requests()); n != tt.want {
					t.Errorf("%d requests, want %d", n, tt.want)
				}
			})
		})
	}
}

func TestCacheOfErrorsIsNone(t *testing.T) {
	for name, answer := range map[string]*provider{
		"not found":    always(404, `{"error":"gone"}`),
		"error in 200": always(200, `{"ok":false,"error":"gone"}`),
		"no content":   always(204, ""),
	} {
		desc := desk()
		desc.Errors.When = &api.BodyRule{Path: api.Path{"ok"}, In: []string{"false"}}
		c := connect(t, desc, answer, runtime.WithCache(cache.Memory(1<<20)))
		for range 2 {
			showing(c, kept(show, forFive))
		}
		if n := len(answer.requests()); n != 2 {
			t.Errorf("%s: %d requests, want 2", name, n)
		}
	}
}

func TestCacheAsksWhetherChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &tagged{subject: "one", header: []string{"Last-Modified", "Sat, 01 Jan 2000 00:00:00 GMT"}}
		p := a.provider()
		desc := limited(perMinute("primary", 100), perMinute("second", 100))
		desc.Cache = &api.Cache{Revalidate: true, UnchangedIsFree: []string{"primary"}}
		c := connect(t, desc, p, runtime.WithBearer("secret"), runtime.WithCache(cache.Memory(1<<20)))
		op := drawing(show, "primary", "second")
		for i, step := range []struct {
			subject, asks   string
			how             runtime.Cached
			primary, second int
		}{
			{"one", "", "", 1, 1},
			{"one", `"one"`, runtime.CachedConfirmed, 1, 2},
			{"one", `"one"`, runtime.CachedConfirmed, 1, 3},
			{"two", `"one"`, "", 2, 4},
			{"two", `"two"`, runtime.CachedConfirmed, 2, 5},
		} {
			a.set(step.subject)
			var told runtime.Response
			got, err := showing(c, op, runtime.WithResponse(&told))
			if err != nil || got.Subject != step.subject || told.Cached != step.how || told.StatusCode != 200 || told.Attempts != 1 {
				t.Errorf("step %d: %+v, %v, %+v", i, got, err, told)
			}
			sent := p.requests()[i].header
			if sent.Get("If-None-Match") != step.asks || (sent.Get("If-Modified-Since") != "") != (step.asks != "") {
				t.Errorf("step %d asks by %v", i, sent)
			}
			if fresh := told.Header.Get("X-Served") == "unchanged"; fresh != (step.how != "") {
				t.Errorf("step %d: the headers are %v", i, told.Header)
			}
			if got := [2]int{used(c, "primary"), used(c, "second")}; got != [2]int{step.primary, step.second} {
				t.Errorf("step %d: %v are used", i, got)
			}
		}
	})
}

// An unchanged answer is free for who has signed; and a caller's own condition is
// a caller's own answer.
func TestCacheRefunds(t *testing.T) {
	for name, tt := range map[string]struct {
		opts []runtime.ClientOption
		want int
	}{
		"signed":   {[]runtime.ClientOption{runtime.WithBearer("secret")}, 0},
		"unsigned": {nil, 1},
	} {
		desc := limited(perMinute("primary", 100))
		desc.Cache = &api.Cache{Revalidate: true, UnchangedIsFree: []string{"primary"}}
		c := connect(t, desc, always(304, ""), tt.opts...)
		var told runtime.Response
		got, err := showing(c, drawing(show, "primary"), runtime.WithHeader("If-None-Match", `"a"`), runtime.WithResponse(&told))
		if err != nil || got != (ticket{}) || told.StatusCode != 304 {
			t.Errorf("%s: %+v, %v, status %d", name, got, err, told.StatusCode)
		}
		if n := used(c, "primary"); n != tt.want {
			t.Errorf("%s: %d used, want %d", name, n, tt.want)
		}
	}
}

// TestCacheOfAnotherVersion: a provider that says "unchanged" of another version
// than the one asked about is asked without a condition.
func TestCacheOfAnotherVersion(t *testing.T) {
	p := inTurn(giving(200, aTicket, "Etag", `"a"`), giving(304, "", "Etag", `"b"`), giving(200, anotherTicket, "Etag", `"b"`))
	c := cached(t, p)
	op := kept(show, api.Cache{Revalidate: true})
	showing(c, op)
	got, err := showing(c, op)
	if err != nil || got.Subject != "Changed" || len(p.requests()) != 3 {
		t.Errorf("got %+v, %v, by %d requests", got, err, len(p.requests()))
	}
	if h := p.requests()[2].header; h.Get("If-None-Match") != "" {
		t.Error("it is asked with a condition again")
	}
}

func TestCacheOptionsRefuse(t *testing.T) {
	for want, opt := range map[string]runtime.ClientOption{
		"the store is nil": runtime.WithCache(nil),
		"WithMaxAge: -1s":  runtime.WithMaxAge(-time.Second),
		"WithStaleIfError": runtime.WithStaleIfError(-1),
	} {
		if _, err := runtime.NewClient(desk(), acme, opt); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v", want, err)
		}
	}
}
