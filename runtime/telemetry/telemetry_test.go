package telemetry_test

// This file has what the tests share: a small API, a stand-in for its provider,
// and exporters that remember.

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/runtime/retry"
	"github.com/weirkit/weir/runtime/telemetry"
)

var (
	show = &api.Operation{Name: "Books.Show", Method: "GET", Path: "/books/{book_id}", Result: api.Path{"book"}, Draws: []api.Draw{{Limit: "reads"}}}
	list = &api.Operation{
		Name: "Books.List", Method: "GET", Path: "/books", Draws: []api.Draw{{Limit: "reads"}},
		Pagination: &api.Pagination{
			Style: api.CursorStyle, Items: api.Path{"books"}, Next: api.Path{"next"},
			Size:   &api.PageSize{Param: api.Param{In: api.InQuery, Name: "limit"}, Max: 2},
			Cursor: api.Param{In: api.InQuery, Name: "cursor"},
		},
	}
	post = &api.Operation{Name: "Notes.Post", Method: "POST", Path: "/notes/{book_id}", Idempotent: true, Draws: []api.Draw{{Limit: "notes"}}}
)

// library has two reads a minute, and two notes a minute for each book.
func library() *api.API {
	return &api.API{
		Name:    "library",
		Account: "city",
		Servers: []api.Server{{URL: "https://{city}.library.example", Variables: []api.ServerVariable{{Name: "city"}}}},
		Limits: []api.Limit{
			{Name: "notes", Shape: api.Window{Limit: 2, Per: time.Minute}, Scope: []api.Scope{api.ScopeAccount, "path:book_id"}},
			{Name: "reads", Shape: api.Window{Limit: 2, Per: time.Minute}, Scope: []api.Scope{api.ScopeAccount}},
		},
		Errors:     api.Errors{Code: []api.Path{{"error"}}, Message: []api.Path{{"description"}}, RequestID: "X-Request-Id"},
		Operations: []*api.Operation{list, show, post},
	}
}

type book struct {
	Title string `json:"title"`
}

// world is a provider and what is exported of calls to it.
type world struct {
	provider *providertest.Provider
	spans    *tracetest.InMemoryExporter
	tracers  *sdktrace.TracerProvider
	reader   *sdkmetric.ManualReader
	meters   *sdkmetric.MeterProvider

	mu      sync.Mutex
	clients []*runtime.Client // whose gauges the test wants to see
}

func newWorld(t testing.TB, options providertest.Options) *world {
	t.Helper()
	p, err := providertest.New(library(), options)
	if err != nil {
		t.Fatal(err)
	}
	p.Single("Books.Show", func(*providertest.Call) (json.RawMessage, bool) { return json.RawMessage(`{"title":"Walden"}`), true })
	p.Items("Books.List", func(*providertest.Call) []json.RawMessage {
		return slices.Repeat([]json.RawMessage{json.RawMessage(`{"title":"Emma"}`)}, 5)
	})
	w := &world{provider: p, spans: tracetest.NewInMemoryExporter(), reader: sdkmetric.NewManualReader()}
	w.tracers = sdktrace.NewTracerProvider(sdktrace.WithSyncer(w.spans))
	w.meters = sdkmetric.NewMeterProvider(sdkmetric.WithReader(w.reader))
	t.Cleanup(func() {
		p.Close()
		w.clients = nil
	})
	return w
}

// instrument is the option under test.
func (w *world) instrument(opts ...telemetry.Option) runtime.ClientOption {
	return telemetry.Instrument(append([]telemetry.Option{
		telemetry.WithTracerProvider(w.tracers), telemetry.WithMeterProvider(w.meters),
	}, opts...)...)
}

// connect makes an instrumented client of a city's library.
func (w *world) connect(t testing.TB, city string, opts ...runtime.ClientOption) *runtime.Client {
	t.Helper()
	steady := runtime.WithRetry(retry.Policy{Attempts: 3, MinBackoff: time.Second, MaxBackoff: time.Second, Jitter: 1})
	c, err := runtime.NewClient(library(), map[string]string{"city": city},
		append([]runtime.ClientOption{runtime.WithTransport(w.provider.Transport()), steady}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clients = append(w.clients, c)
	return c
}

// lend calls Books.Show.
func lend(ctx context.Context, c *runtime.Client, opts ...runtime.Option) error {
	_, err := runtime.Do[book](ctx, c, show, runtime.Args{Path: []any{7}}, opts...)
	return err
}

// read lists all books.
func read(ctx context.Context, c *runtime.Client) error {
	for _, err := range runtime.List[book](ctx, c, list, runtime.Args{}) {
		if err != nil {
			return err
		}
	}
	return nil
}

// tree writes spans down, children under their parents, in the order in which they started.
func (w *world) tree() []string {
	spans := w.spans.GetSpans()
	slices.SortStableFunc(spans, func(a, b tracetest.SpanStub) int { return a.StartTime.Compare(b.StartTime) })
	var lines []string
	var add func(parent string, indent string)
	add = func(parent, indent string) {
		for _, s := range spans {
			id := ""
			if s.Parent.IsValid() {
				id = s.Parent.SpanID().String()
			}
			if id == parent {
				lines = append(lines, fmt.Sprintf("%s%s (%s, %s, %v)", indent, s.Name, s.SpanKind, s.Status.Code, s.EndTime.Sub(s.StartTime).Round(time.Millisecond)))
				add(s.SpanContext.SpanID().String(), indent+"  ")
			}
		}
	}
	add("", "")
	return lines
}

// span finds the nth span of a name, in the order in which they ended.
func (w *world) span(t testing.TB, name string, nth int) map[string]string {
	t.Helper()
	for _, s := range w.spans.GetSpans() {
		if s.Name == name {
			if nth--; nth == 0 {
				return written(s.Attributes)
			}
		}
	}
	t.Fatalf("no such span: %s", name)
	return nil
}

func written(attributes []attribute.KeyValue) map[string]string {
	m := map[string]string{}
	for _, a := range attributes {
		m[string(a.Key)] = a.Value.String()
	}
	return m
}

// metrics reads all metrics: "name{attributes}" and the value, or a
// histogram's count and sum.
func (w *world) metrics(t testing.TB) map[string]string {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := w.reader.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			put := func(set attribute.Set, format string, args ...any) {
				values[m.Name+"{"+labels(set)+"}"] = fmt.Sprintf(format, args...)
			}
			switch d := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range d.DataPoints {
					put(p.Attributes, "%d", p.Value)
				}
			case metricdata.Gauge[int64]:
				for _, p := range d.DataPoints {
					put(p.Attributes, "%d", p.Value)
				}
			case metricdata.Gauge[float64]:
				for _, p := range d.DataPoints {
					put(p.Attributes, "%g", p.Value)
				}
			case metricdata.Histogram[float64]:
				for _, p := range d.DataPoints {
					put(p.Attributes, "%d in %.3fs", p.Count, p.Sum)
				}
			default:
				t.Fatalf("%s is a %T", m.Name, m.Data)
			}
		}
	}
	return values
}

func labels(set attribute.Set) string {
	var parts []string
	for _, a := range set.ToSlice() {
		parts = append(parts, string(a.Key)+"="+a.Value.String())
	}
	return strings.Join(parts, ",")
}

// only keeps the metrics of some names.
func only(all map[string]string, names ...string) map[string]string {
	kept := map[string]string{}
	for name, value := range all {
		if slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(name, n) }) {
			kept[name] = value
		}
	}
	return kept
}
