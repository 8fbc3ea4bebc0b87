package telemetry

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/weirkit/weir/runtime"
)

// scopeName is the instrumentation scope's.
const scopeName = "github.com/weirkit/weir/runtime/telemetry"

// Option configures [Instrument].
type Option func(*config) error

type config struct {
	tracers    trace.TracerProvider
	meters     metric.MeterProvider
	propagator propagation.TextMapPropagator
	scopes     bool
}

// Instrument makes the option that exports a client's spans and metrics. It may
// be given to any number of clients.
func Instrument(opts ...Option) runtime.ClientOption {
	c := config{tracers: otel.GetTracerProvider(), meters: otel.GetMeterProvider()}
	for _, o := range opts {
		if err := o(&c); err != nil {
			return runtime.Invalid(fmt.Errorf("telemetry: %w", err))
		}
	}
	i, err := instrumentsOf(c.meters)
	if err != nil {
		return runtime.Invalid(fmt.Errorf("telemetry: %w", err))
	}
	return runtime.WithObserver(&observer{
		tracer:      c.tracers.Tracer(scopeName, trace.WithSchemaURL(semconv.SchemaURL)),
		propagator:  c.propagator,
		instruments: i,
		scopes:      c.scopes,
	})
}

// WithTracerProvider sends spans to p instead of the global provider, which is
// the one that otel has when Instrument is called.
func WithTracerProvider(p trace.TracerProvider) Option {
	return func(c *config) error {
		if p == nil {
			return errors.New("WithTracerProvider: the provider is nil")
		}
		c.tracers = p
		return nil
	}
}

// WithMeterProvider sends metrics to p instead of the global provider.
func WithMeterProvider(p metric.MeterProvider) Option {
	return func(c *config) error {
		if p == nil {
			return errors.New("WithMeterProvider: the provider is nil")
		}
		c.meters = p
		return nil
	}
}

// WithPropagator adds the trace's context to requests, as
// propagation.TraceContext{} does in the traceparent header. By default nothing
// is added: providers need not see it, and few do anything with it. Mind that
// propagation.Baggage sends what your program keeps in the baggage.
func WithPropagator(p propagation.TextMapPropagator) Option {
	return func(c *config) error {
		if p == nil {
			return errors.New("WithPropagator: the propagator is nil")
		}
		c.propagator = p
		return nil
	}
}

// WithScopes tells the counters of a limit apart: gauges and waits have the
// attribute weir.scope, a short hash of whom the counter is for. It makes as
// many series as there are accounts, users and operations. Limits that are
// counted by a parameter, such as one for each channel, are added up all the same.
func WithScopes() Option {
	return func(c *config) error { c.scopes = true; return nil }
}
