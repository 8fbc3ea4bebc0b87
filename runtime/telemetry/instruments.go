package telemetry

import (
	"errors"
	"reflect"
	"sync"

	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// instruments are what is measured, of one MeterProvider.
type instruments struct {
	requests metric.Float64Histogram
	waits    metric.Float64Histogram
	calls    metric.Int64Counter
	retries  metric.Int64Counter
	refusals metric.Int64Counter
	ledgers  *ledgers
}

// The conventions advise the first; waits may be as long as a day's window.
var (
	requestBuckets = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
	waitBuckets    = []float64{0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400}
)

// made keeps the instruments of each provider, as long as the program lives.
// Clients that share a provider must share its gauges: of two that report one
// limit, each for itself, a reader would keep the last.
var made = struct {
	sync.Mutex
	by map[metric.MeterProvider]*instruments
}{by: map[metric.MeterProvider]*instruments{}}

func instrumentsOf(p metric.MeterProvider) (*instruments, error) {
	if !reflect.ValueOf(p).Comparable() {
		return newInstruments(p)
	}
	made.Lock()
	defer made.Unlock()
	if i, ok := made.by[p]; ok {
		return i, nil
	}
	i, err := newInstruments(p)
	if err != nil {
		return nil, err
	}
	made.by[p] = i
	return i, nil
}

func newInstruments(p metric.MeterProvider) (*instruments, error) {
	m := p.Meter(scopeName, metric.WithSchemaURL(semconv.SchemaURL))
	var errs [6]error
	i := &instruments{}
	i.requests, errs[0] = m.Float64Histogram("http.client.request.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of HTTP client requests."), metric.WithExplicitBucketBoundaries(requestBuckets...))
	i.waits, errs[1] = m.Float64Histogram("weir.budget.wait.duration", metric.WithUnit("s"),
		metric.WithDescription("Time that calls which had to wait for budget have waited."), metric.WithExplicitBucketBoundaries(waitBuckets...))
	i.calls, errs[2] = m.Int64Counter("weir.calls", metric.WithUnit("{call}"),
		metric.WithDescription("Calls that have ended, retries included."))
	i.retries, errs[3] = m.Int64Counter("weir.retries", metric.WithUnit("{request}"),
		metric.WithDescription("Requests that repeat one that failed."))
	i.refusals, errs[4] = m.Int64Counter("weir.refusals", metric.WithUnit("{request}"),
		metric.WithDescription("Requests that the provider refused for lack of budget."))
	i.ledgers, errs[5] = newLedgers(m)
	return i, errors.Join(errs[:]...)
}
