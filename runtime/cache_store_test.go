package runtime_test

// This file tests what stands in a store, and whose it is.

import (
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/cache"
)

// TestCacheIsOneCredentials: whose answers are stored is who gets them.
func TestCacheIsOneCredentials(t *testing.T) {
	store := cache.Memory(1 << 20)
	op := kept(show, forFive)
	p := answering(func(_ int, r *http.Request) (*http.Response, error) {
		return reply(200, `{"ticket":{"subject":"for `+r.Header.Get("Authorization")+r.URL.Query().Get("key")+r.Header.Get("X-Team")+`"}}`), nil
	})
	client := func(opts ...runtime.ClientOption) *runtime.Client {
		return connect(t, desk(), p, append(opts, runtime.WithCache(store))...)
	}
	one, two := client(runtime.WithBearer("one")), client(runtime.WithBearer("two"))
	again := client(runtime.WithBearer("one"))
	key, another := client(runtime.WithAPIKey("query", "key", "k1")), client(runtime.WithAPIKey("query", "key", "k2"))
	team := runtime.WithHeader("X-Team", "blue")
	for i, step := range []struct {
		c        *runtime.Client
		opts     []runtime.Option
		want     string
		requests int
	}{
		{one, nil, "for Bearer one", 1}, {two, nil, "for Bearer two", 2}, {again, nil, "for Bearer one", 2}, {two, nil, "for Bearer two", 2},
		{key, nil, "for k1", 3}, {another, nil, "for k2", 4}, {key, nil, "for k1", 4},
		{one, []runtime.Option{team}, "for Bearer oneblue", 5}, {one, nil, "for Bearer one", 5}, {again, []runtime.Option{team}, "for Bearer oneblue", 5},
	} {
		if got, err := showing(step.c, op, step.opts...); err != nil || got.Subject != step.want || len(p.requests()) != step.requests {
			t.Errorf("step %d: %q, %v, %d requests", i, got.Subject, err, len(p.requests()))
		}
	}
}

// TestCacheOfTransportsThatSign: a client that has no credential may have one
// beneath it, of which it knows nothing.
func TestCacheOfTransportsThatSign(t *testing.T) {
	store := cache.Memory(1 << 20)
	op := kept(show, forFive)
	client := func(subject string, opts ...runtime.ClientOption) *runtime.Client {
		return connect(t, desk(), always(200, `{"ticket":{"subject":"`+subject+`"}}`), append(opts, runtime.WithCache(store))...)
	}
	for i, step := range []struct {
		c    *runtime.Client
		want string
	}{
		{client("a"), "a"}, {client("b"), "b"},
		{client("c", runtime.WithIdentity(runtime.Identity{User: "c"})), "c"},
		{client("d", runtime.WithIdentity(runtime.Identity{User: "c"})), "c"},
		{client("e", runtime.WithIdentity(runtime.Identity{User: "e"})), "e"},
	} {
		if got, err := showing(step.c, op); err != nil || got.Subject != step.want {
			t.Errorf("client %d gets %q, %v, want %q", i, got.Subject, err, step.want)
		}
	}
}

// TestCacheKeepsNoSecrets: an answer that repeats the secret is not stored, and
// nothing of a request is.
func TestCacheKeepsNoSecrets(t *testing.T) {
	store := &openStore{}
	op := kept(show, forFive)
	for name, tt := range map[string]struct {
		p    *provider
		want int // of the entries stored
	}{
		"good":        {always(200, aTicket, "Set-Cookie", "session=hunter22"), 1},
		"in the body": {always(200, `{"ticket":{"subject":"hunter22"}}`), 0},
		"in a header": {always(200, aTicket, "Link", `<https://acme.desk.example/v2/next?key=hunter22>; rel="next"`), 0},
	} {
		store.reset()
		c := connect(t, desk(), tt.p, runtime.WithBearer("hunter22"), runtime.WithCache(store))
		if _, err := showing(c, op); err != nil {
			t.Fatal(err)
		}
		entries := 0
		for key, value := range store.all {
			if strings.Contains(key+string(value), "hunter22") {
				t.Errorf("%s: the secret is stored", name)
			}
			if strings.HasPrefix(string(value), "weir-cache") {
				entries++
			}
		}
		if entries != tt.want {
			t.Errorf("%s: %d entries stored, want %d", name, entries, tt.want)
		}
	}
}

// openStore is a store that a test looks into, and that fails when it is to.
type openStore struct {
	mu   sync.Mutex
	all  map[string][]byte
	fail error
}

func (s *openStore) reset() { s.mu.Lock(); defer s.mu.Unlock(); s.all = map[string][]byte{} }

func (s *openStore) Get(key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return nil, s.fail
	}
	if b, ok := s.all[key]; ok {
		return b, nil
	}
	return nil, fs.ErrNotExist
}

func (s *openStore) Set(key string, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string][]byte{}
	}
	if s.fail == nil {
		s.all[key] = value
	}
	return s.fail
}

func (s *openStore) Delete(key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, key)
	return s.fail
}

// TestCacheOfCorruptEntries: the provider is asked, the entry goes, and somebody
// is told.
func TestCacheOfCorruptEntries(t *testing.T) {
	for name, spoil := range map[string]func([]byte) []byte{
		"cut":       func(b []byte) []byte { return b[:len(b)-5] },
		"empty":     func([]byte) []byte { return nil },
		"rewritten": func(b []byte) []byte { return []byte(strings.Replace(string(b), "Hello", "Evil!", 1)) },
		"another's": func([]byte) []byte { return []byte("%PDF-1.4") },
	} {
		store := &openStore{}
		var events []budget.EventKind
		p := always(200, aTicket)
		c := connect(t, desk(), p, runtime.WithCache(store), runtime.WithEvents(func(e budget.Event) { events = append(events, e.Kind) }))
		op := kept(show, forFive)
		showing(c, op)
		for key, value := range store.all {
			if strings.HasPrefix(string(value), "weir-cache") {
				store.all[key] = spoil(value)
			}
		}
		events = nil
		for range 2 {
			if got, err := showing(c, op); err != nil || got.Subject != "Hello" {
				t.Errorf("%s: got %+v, %v", name, got, err)
			}
		}
		if n := len(p.requests()); n != 2 {
			t.Errorf("%s: %d requests, want 2", name, n)
		}
		if diff := cmp.Diff([]budget.EventKind{runtime.CacheCorrupt}, events); diff != "" {
			t.Errorf("%s: events %s", name, diff)
		}
	}
}

// TestCacheOfEmptyFiles: what a machine that went down has left of files, those of
// marks among them, costs a request and no more.
func TestCacheOfEmptyFiles(t *testing.T) {
	store := &openStore{}
	p := always(200, aTicket)
	c := connect(t, desk(), p, runtime.WithCache(store))
	op := kept(show, forFive)
	showing(c, op)
	for key := range store.all {
		store.all[key] = nil
	}
	for range 3 {
		if got, err := showing(c, op); err != nil || got.Subject != "Hello" {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	if n := len(p.requests()); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

// TestCacheThatIsFullForgetsWhatWasWritten: a store that takes no more gives back
// nothing that a write has made old.
func TestCacheThatIsFullForgetsWhatWasWritten(t *testing.T) {
	store := &openStore{}
	p := always(200, aTicket)
	c := connect(t, desk(), p, runtime.WithCache(store))
	op := kept(show, forFive)
	showing(c, op)
	store.fail = errors.New("disk full")
	if _, err := showing(c, replace); err != nil {
		t.Fatal(err)
	}
	store.fail = nil
	showing(c, op)
	if n := len(p.requests()); n != 3 {
		t.Errorf("%d requests, want the write's and one on each side of it", n)
	}
}

// TestCacheThatFails is as none.
func TestCacheThatFails(t *testing.T) {
	store := &openStore{fail: errors.New("disk full")}
	told := 0
	p := always(200, aTicket)
	c := connect(t, desk(), p, runtime.WithCache(store), runtime.WithEvents(func(e budget.Event) {
		if e.Kind == runtime.CacheFailed && e.Operation == "Tickets.Show" {
			told++
		}
	}))
	for range 2 {
		if got, err := showing(c, kept(show, forFive)); err != nil || got.Subject != "Hello" {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	if len(p.requests()) != 2 || told == 0 {
		t.Errorf("%d requests, told %d times", len(p.requests()), told)
	}
}
