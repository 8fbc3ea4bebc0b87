package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/cache"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/runtime/telemetry"
)

func TestMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, providertest.Options{})
		w.provider.Inject(providertest.Fault{Nth: 1, Effect: providertest.Slow(3 * time.Second)})
		w.provider.Inject(providertest.Fault{Nth: 2, Effect: providertest.Refuse(90 * time.Second)})
		c := w.connect(t, "bath", w.instrument())
		for range 2 {
			if err := lend(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		const server, whose = "server.address=bath.library.example,server.port=443,url.template=/books/{book_id}", "weir.api=library,weir.operation=Books.Show"
		want := map[string]string{
			"http.client.request.duration{http.request.method=GET,http.response.status_code=200," + server + "}":                "2 in 3.000s",
			"http.client.request.duration{error.type=429,http.request.method=GET,http.response.status_code=429," + server + "}": "1 in 0.000s",
			"weir.calls{" + whose + "}":                                 "2",
			"weir.retries{error.type=429," + whose + "}":                "1",
			"weir.refusals{" + whose + "}":                              "1",
			"weir.limit.max{weir.api=library,weir.limit=reads}":         "2",
			"weir.limit.used{weir.api=library,weir.limit=reads}":        "1",
			"weir.limit.utilization{weir.api=library,weir.limit=reads}": "0.5",
			"weir.limit.waiting{weir.api=library,weir.limit=reads}":     "0",
			"weir.limit.frozen{weir.api=library,weir.limit=reads}":      "0",
			"weir.limit.counters{weir.api=library,weir.limit=reads}":    "1",
		}
		if diff := cmp.Diff(want, w.metrics(t)); diff != "" {
			t.Error(diff)
		}
		if report := w.provider.Report(); report.Requests != 3 {
			t.Errorf("the provider saw %d requests", report.Requests)
		}
	})
}

// Waits are visible while they last, and measured when they have ended.
func TestMetricsOfWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, providertest.Options{})
		c := w.connect(t, "bath", w.instrument())
		var calls sync.WaitGroup
		for range 5 {
			calls.Go(func() {
				if err := lend(t.Context(), c); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if diff := cmp.Diff(map[string]string{
			"weir.limit.used{weir.api=library,weir.limit=reads}":        "2",
			"weir.limit.waiting{weir.api=library,weir.limit=reads}":     "3",
			"weir.limit.utilization{weir.api=library,weir.limit=reads}": "1",
		}, only(w.metrics(t), "weir.limit.used", "weir.limit.waiting", "weir.limit.utilization")); diff != "" {
			t.Error(diff)
		}
		calls.Wait()
		if diff := cmp.Diff(map[string]string{
			"weir.budget.wait.duration{weir.api=library,weir.limit=reads,weir.operation=Books.Show}": "3 in 240.004s",
		}, only(w.metrics(t), "weir.budget")); diff != "" {
			t.Error(diff)
		}
	})
}

// A refusal that the provider gives no number for freezes the counter.
func TestFrozen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, providertest.Options{})
		w.provider.Inject(providertest.Fault{Effect: providertest.Refuse(time.Hour)})
		c := w.connect(t, "bath", w.instrument())
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := lend(ctx, c); !errors.Is(err, runtime.ErrRateLimited) {
			t.Fatalf("error = %v", err)
		}
		if diff := cmp.Diff(map[string]string{"weir.limit.frozen{weir.api=library,weir.limit=reads}": "1"}, only(w.metrics(t), "weir.limit.frozen")); diff != "" {
			t.Error(diff)
		}
	})
}

// The gauges of a limit are one series however many customers and values there
// are, each Instrument for itself or not; a shared ledger is read once.
func TestGaugesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, err := budget.NewLedger()
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(t, providertest.Options{})
		clients := []*runtime.Client{
			w.connect(t, "bath", w.instrument()),
			w.connect(t, "york", w.instrument(), runtime.WithLedger(shared)),
			w.connect(t, "hull", w.instrument(), runtime.WithLedger(shared)),
		}
		for _, c := range clients {
			if err := lend(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			for id := range 50 {
				if err := runtime.Exec(t.Context(), c, post, runtime.Args{Path: []any{id}}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := lend(t.Context(), clients[0]); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]string{
			"weir.limit.max{weir.api=library,weir.limit=notes}":         "300",
			"weir.limit.max{weir.api=library,weir.limit=reads}":         "6",
			"weir.limit.used{weir.api=library,weir.limit=notes}":        "150",
			"weir.limit.used{weir.api=library,weir.limit=reads}":        "4",
			"weir.limit.counters{weir.api=library,weir.limit=notes}":    "150",
			"weir.limit.counters{weir.api=library,weir.limit=reads}":    "3",
			"weir.limit.utilization{weir.api=library,weir.limit=notes}": "0.5",
			"weir.limit.utilization{weir.api=library,weir.limit=reads}": "1",
		}, only(w.metrics(t), "weir.limit.max", "weir.limit.used", "weir.limit.counters", "weir.limit.utilization")); diff != "" {
			t.Error(diff)
		}
	})
}

// With scopes there is a series for each account, but not for each book.
func TestScopes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, providertest.Options{})
		option := w.instrument(telemetry.WithScopes())
		clients := []*runtime.Client{w.connect(t, "bath", option), w.connect(t, "york", option)}
		for _, c := range clients {
			for id := range 3 {
				if err := runtime.Exec(t.Context(), c, post, runtime.Args{Path: []any{id}}); err != nil {
					t.Fatal(err)
				}
				if err := lend(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			}
		}
		all := only(w.metrics(t), "weir.limit.counters")
		hashes := map[string]bool{}
		for name, value := range all {
			_, hash, scoped := strings.Cut(name, "weir.scope=")
			switch {
			case scoped && strings.Contains(name, "weir.limit=reads") && value == "1":
				hashes[hash] = true
			case !scoped && strings.Contains(name, "weir.limit=notes"):
			default:
				t.Errorf("%s: %s", name, value)
			}
			if strings.Contains(name, "bath") || strings.Contains(name, "york") {
				t.Errorf("the series %s names the account", name)
			}
		}
		if len(hashes) != 2 || len(all) != 3 {
			t.Errorf("series: %v", all)
		}
		if wait := w.span(t, "weir.budget.wait", 1); !hashes[wait["weir.scope"]+"}"] {
			t.Errorf("the wait %v is not of a series %v", wait, hashes)
		}
	})
}

// A limit without a number has no max.
func TestUnlimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, providertest.Options{})
		c := w.connect(t, "bath", w.instrument(), runtime.WithLimit("reads", api.Unlimited{}))
		if err := lend(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		all := w.metrics(t)
		if len(only(all, "weir.limit.max", "weir.limit.utilization")) != 0 || len(only(all, "weir.limit.counters")) != 1 {
			t.Errorf("gauges: %v", only(all, "weir.limit"))
		}
	})
}

// Gauges do not keep clients that nobody uses any more.
func TestDroppedClients(t *testing.T) {
	w := newWorld(t, providertest.Options{})
	option := w.instrument()
	for i := range 100 {
		if err := lend(t.Context(), w.connect(t, fmt.Sprintf("city-%d", i), option)); err != nil {
			t.Fatal(err)
		}
	}
	w.clients = nil
	for range 100 { // collections until all finalizers have run
		goruntime.GC()
		if len(only(w.metrics(t), "weir.limit")) == 0 {
			return
		}
	}
	t.Errorf("gauges: %v", only(w.metrics(t), "weir.limit"))
}

// Many goroutines at once, while gauges are read; for the race detector.
func TestConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const goroutines, each = 20, 10
		w := newWorld(t, providertest.Options{})
		ctx, stop := context.WithCancel(t.Context())
		var reading sync.WaitGroup
		reading.Go(func() {
			for ctx.Err() == nil {
				w.metrics(t)
				<-time.After(time.Minute)
			}
		})
		option := w.instrument()
		var calling sync.WaitGroup
		for i := range goroutines {
			calling.Go(func() {
				c := w.connect(t, fmt.Sprintf("city-%d", i/2), option)
				for range each {
					if err := lend(ctx, c, runtime.WithHeader("X-Any", "1")); err != nil {
						t.Error(err)
					}
				}
			})
		}
		calling.Wait()
		stop()
		reading.Wait()
		calls := w.metrics(t)["weir.calls{weir.api=library,weir.operation=Books.Show}"]
		if want := fmt.Sprint(goroutines * each); calls != want {
			t.Errorf("%s calls were counted, want %s", calls, want)
		}
		ended := 0
		for _, s := range w.spans.GetSpans() {
			if s.Name == "Books.Show" {
				ended++
			}
		}
		if ended != goroutines*each {
			t.Errorf("%d spans of calls", ended)
		}
	})
}

// TestCacheIsMeasured: what a cache answers is counted apart, and sends nothing.
func TestCacheIsMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, providertest.Options{})
		c := w.connect(t, "bath", w.instrument(), runtime.WithBearer("secret"), runtime.WithCache(cache.Memory(1<<20)), runtime.WithMaxAge(time.Hour))
		for range 3 {
			if err := lend(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		const whose = "weir.api=library,weir.operation=Books.Show"
		want := map[string]string{"weir.calls{" + whose + "}": "1", "weir.calls{weir.api=library,weir.cached=fresh,weir.operation=Books.Show}": "2"}
		whole := w.metrics(t)
		if diff := cmp.Diff(want, only(whole, "weir.calls")); diff != "" {
			t.Error(diff)
		}
		for name, value := range only(whole, "http.client.request.duration") {
			if !strings.HasPrefix(value, "1 in ") {
				t.Errorf("%s: %s, want one request", name, value)
			}
		}
	})
}
