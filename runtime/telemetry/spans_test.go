package telemetry_test

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/propagation"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/runtime/telemetry"
)

func TestSpans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, providertest.Options{})
		w.provider.Inject(providertest.Fault{Nth: 2, Effect: providertest.Status(http.StatusBadGateway).Retry(2 * time.Second)})
		c := w.connect(t, "bath", w.instrument())
		ctx, own := w.tracers.Tracer("program").Start(t.Context(), "sync")
		for range 2 {
			if err := lend(ctx, c); err != nil {
				t.Fatal(err)
			}
		}
		own.End()
		want := []string{
			"sync (internal, Unset, 1m0.001s)",
			"  Books.Show (client, Unset, 0s)",
			"    GET /books/{book_id} (client, Unset, 0s)",
			"  Books.Show (client, Unset, 1m0.001s)",
			"    GET /books/{book_id} (client, Error, 0s)",
			"    weir.budget.wait (internal, Unset, 58.001s)",
			"    GET /books/{book_id} (client, Unset, 0s)",
		}
		if diff := cmp.Diff(want, w.tree()); diff != "" {
			t.Error(diff)
		}

		call := w.span(t, "Books.Show", 2)
		if waited, err := strconv.ParseFloat(call["weir.budget.waited"], 64); err != nil || waited < 58 || waited > 58.01 {
			t.Errorf("the call tells that it has waited %s s", call["weir.budget.waited"])
		}
		delete(call, "weir.budget.waited")
		if diff := cmp.Diff(map[string]string{
			"weir.api": "library", "weir.operation": "Books.Show", "weir.retry.count": "1", "weir.request.count": "2",
			"http.request.method": "GET", "http.response.status_code": "200", "url.template": "/books/{book_id}",
			"server.address": "bath.library.example", "server.port": "443",
		}, call); diff != "" {
			t.Error(diff)
		}
		failed, again := w.span(t, "GET /books/{book_id}", 2), w.span(t, "GET /books/{book_id}", 3)
		if diff := cmp.Diff(map[string]string{
			"weir.api": "library", "weir.operation": "Books.Show", "error.type": "502",
			"http.request.method": "GET", "http.response.status_code": "502", "url.template": "/books/{book_id}", "url.scheme": "https",
			"server.address": "bath.library.example", "server.port": "443",
		}, failed); diff != "" {
			t.Error(diff)
		}
		if again["http.request.resend_count"] != "1" || again["http.response.status_code"] != "200" || again["weir.budget.waited"] == "" {
			t.Errorf("the second request: %v", again)
		}
		wait := w.span(t, "weir.budget.wait", 1)
		until, err := time.Parse(time.RFC3339Nano, wait["weir.budget.until"])
		if err != nil || time.Until(until).Abs() > time.Second || wait["weir.limit"] != "reads" {
			t.Errorf("the wait: %v", wait)
		}
	})
}

// A page that is fetched ahead has a span only if there was room for it.
func TestSpansOfPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, providertest.Options{})
		c := w.connect(t, "bath", w.instrument())
		if err := read(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		want := []string{
			"Books.List (client, Unset, 0s)", "  GET /books (client, Unset, 0s)",
			"Books.List (client, Unset, 0s)", "  GET /books (client, Unset, 0s)",
			"Books.List (client, Unset, 1m0.001s)", "  weir.budget.wait (internal, Unset, 1m0.001s)", "  GET /books (client, Unset, 0s)",
		}
		if diff := cmp.Diff(want, w.tree()); diff != "" {
			t.Error(diff)
		}
		if ahead := w.span(t, "Books.List", 2); ahead["weir.prefetch"] != "true" {
			t.Errorf("the second page: %v", ahead)
		}
		if last := w.span(t, "Books.List", 3); last["weir.prefetch"] != "" || last["weir.budget.waited"] != "60.001" {
			t.Errorf("the third page: %v", last)
		}
	})
}

// A page that is fetched ahead in vain has a class of error, but nobody gets the
// error: the page is fetched again.
func TestSpansOfVainPrefetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, providertest.Options{})
		w.provider.Inject(providertest.Fault{Nth: 2, Effect: providertest.Status(404)})
		c := w.connect(t, "bath", w.instrument())
		if err := read(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		tree := w.tree()
		if diff := cmp.Diff([]string{"Books.List (client, Unset, 0s)", "  GET /books (client, Error, 0s)"}, tree[2:4]); diff != "" {
			t.Errorf("%s in %q", diff, tree)
		}
		if ahead := w.span(t, "Books.List", 2); ahead["weir.prefetch"] != "true" || ahead["error.type"] != "404" {
			t.Errorf("the second page: %v", ahead)
		}
		if diff := cmp.Diff(map[string]string{"weir.calls{weir.api=library,weir.operation=Books.List}": "3"}, only(w.metrics(t), "weir.calls")); diff != "" {
			t.Error(diff)
		}
	})
}

// Each hop of a redirect is a request of the call, to an address that has no
// known template.
func TestSpansOfRedirects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, providertest.Options{})
		w.provider.Handle("Books.Show", func(c *providertest.Call) providertest.Answer {
			if c.Request.URL.Path == "/books/7" {
				return providertest.Answer{Status: 301, Header: http.Header{"Location": {"/books/8"}}}
			}
			return providertest.Answer{Body: []byte(`{"book":{"title":"Emma"}}`)}
		})
		if err := lend(t.Context(), w.connect(t, "bath", w.instrument())); err != nil {
			t.Fatal(err)
		}
		want := []string{"Books.Show (client, Unset, 0s)", "  GET /books/{book_id} (client, Unset, 0s)", "  GET (client, Unset, 0s)"}
		if diff := cmp.Diff(want, w.tree()); diff != "" {
			t.Error(diff)
		}
		hop := w.span(t, "GET", 1)
		if _, ok := hop["url.template"]; ok || hop["http.request.resend_count"] != "1" {
			t.Errorf("the hop: %v", hop)
		}
		if call := w.span(t, "Books.Show", 1); call["weir.request.count"] != "2" || call["weir.retry.count"] != "" {
			t.Errorf("the call: %v", call)
		}
		if retries := only(w.metrics(t), "weir.retries"); len(retries) != 0 {
			t.Errorf("a redirect was counted as a retry: %v", retries)
		}
	})
}

// What goes wrong has a class.
func TestErrorTypes(t *testing.T) {
	tests := map[string]struct {
		effect  providertest.Effect
		timeout time.Duration
		calls   int
		class   string
		code    string
	}{
		"not found":      {effect: providertest.Status(404), class: "404", code: "ServiceUnavailable"},
		"unavailable":    {effect: providertest.Status(503), class: "503", code: "ServiceUnavailable"},
		"dropped":        {effect: providertest.Drop(), class: "connection_error"},
		"cut":            {effect: providertest.Cut(5), class: "connection_error"},
		"garbage":        {effect: providertest.Garbage(), class: "decode_error"},
		"refused":        {effect: providertest.RefuseSilently(), class: "429", code: "TooManyRequests"},
		"slow":           {effect: providertest.Slow(time.Hour), class: "timeout"},
		"cannot wait":    {timeout: 30 * time.Second, calls: 2, class: "budget_deadline"},
		"caller's limit": {effect: providertest.Slow(time.Minute), timeout: 10 * time.Second, class: "timeout"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, providertest.Options{})
				if tt.effect != (providertest.Effect{}) {
					w.provider.Inject(providertest.Fault{Effect: tt.effect})
				}
				c := w.connect(t, "bath", w.instrument())
				ctx := t.Context()
				if tt.timeout > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.timeout)
					defer cancel()
				}
				for range tt.calls {
					if err := lend(ctx, c); err != nil {
						t.Fatal(err)
					}
				}
				if err := lend(ctx, c); err == nil {
					t.Fatal("the call did not fail")
				}
				call := w.span(t, "Books.Show", tt.calls+1)
				if call["error.type"] != tt.class || call["weir.error.code"] != tt.code {
					t.Errorf("the call: %v", call)
				}
				counted := only(w.metrics(t), "weir.calls{error.type="+tt.class)
				if diff := cmp.Diff(map[string]string{"weir.calls{error.type=" + tt.class + ",weir.api=library,weir.operation=Books.Show}": "1"}, counted); diff != "" {
					t.Error(diff)
				}
				if name == "cannot wait" {
					if wait := w.span(t, "weir.budget.wait", 1); wait["error.type"] != tt.class || wait["weir.limit"] != "reads" {
						t.Errorf("the wait: %v", wait)
					}
				}
			})
		})
	}
}

// headers remembers what goes out.
type headers struct {
	next http.RoundTripper
	mu   sync.Mutex
	sent []http.Header
}

func (h *headers) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	h.sent = append(h.sent, r.Header.Clone())
	h.mu.Unlock()
	return h.next.RoundTrip(r)
}

// Providers see the trace's context only by option, and each request its own.
func TestPropagation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, providertest.Options{})
		w.provider.Inject(providertest.Fault{Nth: 1, Effect: providertest.Status(503)})
		silent, telling := &headers{next: w.provider.Transport()}, &headers{next: w.provider.Transport()}
		if err := lend(t.Context(), w.connect(t, "bath", w.instrument(), runtime.WithTransport(silent))); err != nil {
			t.Fatal(err)
		}
		for _, sent := range silent.sent {
			if sent.Get("Traceparent") != "" {
				t.Errorf("traceparent was sent unasked: %v", sent)
			}
		}
		w.spans.Reset()
		w.provider.Inject(providertest.Fault{Nth: 1, Effect: providertest.Status(503)})
		c := w.connect(t, "york", w.instrument(telemetry.WithPropagator(propagation.TraceContext{})), runtime.WithTransport(telling))
		if err := lend(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		var want, got []string
		for _, s := range w.spans.GetSpans() {
			if s.Name == "GET /books/{book_id}" {
				want = append(want, "00-"+s.SpanContext.TraceID().String()+"-"+s.SpanContext.SpanID().String()+"-01")
			}
		}
		for _, sent := range telling.sent {
			got = append(got, sent.Get("Traceparent"))
		}
		if diff := cmp.Diff(want, got); diff != "" || len(got) != 2 {
			t.Errorf("%d requests: %s", len(got), diff)
		}
	})
}
