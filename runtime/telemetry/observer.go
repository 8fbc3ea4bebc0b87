package telemetry

// This file turns what a client tells of its calls into spans and measurements.

import (
	"context"
	"errors"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/weirkit/weir/runtime"
)

// observer is what Instrument gives to clients.
type observer struct {
	tracer      trace.Tracer
	propagator  propagation.TextMapPropagator // nil: nothing is added to requests
	instruments *instruments
	scopes      bool
}

func (o *observer) Attach(c *runtime.Client) { o.instruments.ledgers.add(c, o.scopes) }

func (o *observer) Start(ctx context.Context, s runtime.CallStart) (context.Context, runtime.CallObserver) {
	c := &call{
		observer: o,
		start:    s,
		whose:    []attribute.KeyValue{apiKey.String(s.API.Name), operationKey.String(s.Operation.Name)},
	}
	attributes := append(c.about(), semconv.URLTemplate(templateOf(s.Operation)))
	if s.Ahead {
		attributes = append(attributes, prefetchKey.Bool(true))
	}
	c.ctx, c.span = o.tracer.Start(ctx, s.Operation.Name,
		trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributes...), trace.WithLinks(linksTo(ctx, s.Callers)...))
	return c.ctx, c
}

// linksTo are links to the spans of those that share a call, beside its parent.
func linksTo(parent context.Context, callers []context.Context) []trace.Link {
	var links []trace.Link
	for _, caller := range callers {
		at := trace.SpanContextFromContext(caller)
		if at.IsValid() && !at.Equal(trace.SpanContextFromContext(parent)) {
			links = append(links, trace.Link{SpanContext: at})
		}
	}
	return links
}

// call is one call under way. One goroutine at a time has it.
type call struct {
	*observer
	start runtime.CallStart
	whose []attribute.KeyValue // weir.api and weir.operation

	ctx    context.Context
	span   trace.Span
	waited time.Duration // in all

	waiting trace.Span // under way
	limit   string     // that it waits for
	before  time.Duration

	attemptCtx context.Context
	attempt    trace.Span // under way
	redirected bool
	retries    int
	failed     string // error.type of the last request
}

// about are the attributes that a call and its requests have in common.
func (c *call) about() []attribute.KeyValue {
	return append(c.whose[:len(c.whose):len(c.whose)],
		methodOf(c.start.Operation.Method), semconv.ServerAddress(c.start.Host), semconv.ServerPort(c.start.Port))
}

// with are the call's own attributes and some more, for a measurement.
func (c *call) with(more ...attribute.KeyValue) metric.MeasurementOption {
	return metric.WithAttributes(append(c.whose[:len(c.whose):len(c.whose)], more...)...)
}

func (c *call) Waits(ctx context.Context, w runtime.Wait) {
	c.limit = w.Key.Limit
	attributes := append(c.whose[:len(c.whose):len(c.whose)], limitKey.String(w.Key.Limit))
	if !w.Until.IsZero() {
		attributes = append(attributes, untilKey.String(w.Until.UTC().Format(time.RFC3339Nano)))
	}
	if c.scopes && !countedByParameter(c.start.API, w.Key.Limit) {
		attributes = append(attributes, scopeKey.String(hash(w.Key.Scope)))
	}
	_, c.waiting = c.tracer.Start(ctx, "weir.budget.wait", trace.WithAttributes(attributes...))
}

func (c *call) WaitEnded(waited time.Duration, err error) {
	c.before = waited
	c.waited += waited
	attributes := []attribute.KeyValue{limitKey.String(c.limit)}
	if class := errorType(0, false, err); class != "" {
		attributes = append(attributes, semconv.ErrorTypeKey.String(class))
		fail(c.waiting, class)
	}
	c.waiting.End()
	c.instruments.waits.Record(c.ctx, waited.Seconds(), c.with(attributes...))
}

func (c *call) AttemptStarts(ctx context.Context, a runtime.AttemptStart) (context.Context, http.Header) {
	if a.Retry > c.retries {
		c.retries = a.Retry
		c.instruments.retries.Add(c.ctx, 1, c.with(failure(c.failed)...))
	}
	method := methodOf(c.start.Operation.Method)
	name := method.Value.AsString()
	if method == semconv.HTTPRequestMethodOther {
		name = "HTTP"
	}
	attributes := append(c.about(), semconv.URLScheme(c.start.Scheme))
	if c.redirected = a.Redirected; !a.Redirected {
		template := templateOf(c.start.Operation)
		name += " " + template
		attributes = append(attributes, semconv.URLTemplate(template))
	}
	if a.Number > 1 {
		attributes = append(attributes, semconv.HTTPRequestResendCount(a.Number-1))
	}
	if c.before > 0 {
		attributes = append(attributes, waitedKey.Float64(c.before.Seconds()))
		c.before = 0
	}
	c.attemptCtx, c.attempt = c.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributes...))
	if c.propagator == nil {
		return c.attemptCtx, nil
	}
	header := http.Header{}
	c.propagator.Inject(c.attemptCtx, propagation.HeaderCarrier(header))
	return c.attemptCtx, header
}

func (c *call) AttemptEnded(a runtime.AttemptEnd) {
	c.failed = errorType(a.StatusCode, a.Refusal != nil, a.Err)
	if a.StatusCode != 0 {
		c.attempt.SetAttributes(semconv.HTTPResponseStatusCode(a.StatusCode))
	}
	if a.Refusal != nil {
		c.attempt.SetAttributes(refusedKey.Bool(true))
		var by []attribute.KeyValue
		if a.Refusal.Limit != "" {
			by = append(by, limitKey.String(a.Refusal.Limit))
			c.attempt.SetAttributes(by...)
		}
		c.instruments.refusals.Add(c.attemptCtx, 1, c.with(by...))
	}
	if c.failed != "" {
		fail(c.attempt, c.failed)
	}
	c.attempt.End()
	c.measure(a)
}

// measure records a request's duration.
func (c *call) measure(a runtime.AttemptEnd) {
	attributes := []attribute.KeyValue{
		methodOf(c.start.Operation.Method), semconv.ServerAddress(c.start.Host), semconv.ServerPort(c.start.Port),
	}
	if !c.redirected {
		attributes = append(attributes, semconv.URLTemplate(templateOf(c.start.Operation)))
	}
	if a.StatusCode != 0 {
		attributes = append(attributes, semconv.HTTPResponseStatusCode(a.StatusCode))
	}
	attributes = append(attributes, failure(c.failed)...)
	c.instruments.requests.Record(c.attemptCtx, a.Duration.Seconds(), metric.WithAttributes(attributes...))
}

func (c *call) Ended(e runtime.CallEnd) {
	c.span.SetAttributes(requestCountKey.Int(e.Attempts))
	if e.StatusCode != 0 {
		c.span.SetAttributes(semconv.HTTPResponseStatusCode(e.StatusCode))
	}
	if e.Retries > 0 {
		c.span.SetAttributes(retryCountKey.Int(e.Retries))
	}
	if c.waited > 0 {
		c.span.SetAttributes(waitedKey.Float64(c.waited.Seconds()))
	}
	class := errorType(0, false, e.Err)
	more := failure(class)
	if e.Cached != "" {
		cached := cachedKey.String(string(e.Cached))
		c.span.SetAttributes(cached)
		more = append(more, cached)
	}
	if class != "" {
		c.describe(e.Err)
		if c.start.Ahead {
			c.span.SetAttributes(semconv.ErrorTypeKey.String(class))
		} else {
			fail(c.span, class)
		}
	}
	c.span.End()
	if !c.start.Ahead || class == "" {
		c.instruments.calls.Add(c.ctx, 1, c.with(more...))
	}
}

// describe adds what the provider calls a failed call.
func (c *call) describe(err error) {
	e, ok := errors.AsType[*runtime.Error](err)
	if !ok {
		return
	}
	if plainWord.MatchString(e.Code) {
		c.span.SetAttributes(errorCodeKey.String(e.Code))
	}
	if plainWord.MatchString(e.RequestID) {
		c.span.SetAttributes(requestIDKey.String(e.RequestID))
	}
}

// fail marks a span. The status has no description: the class says what can be
// said without quoting the provider.
func fail(span trace.Span, class string) {
	span.SetAttributes(semconv.ErrorTypeKey.String(class))
	span.SetStatus(codes.Error, "")
}

// failure is the attribute of a measurement of what failed, if it did.
func failure(class string) []attribute.KeyValue {
	if class == "" {
		return nil
	}
	return []attribute.KeyValue{semconv.ErrorTypeKey.String(class)}
}
