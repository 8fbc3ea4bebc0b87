package telemetry

// This file reads the gauges from the ledgers of living clients.

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"weak"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// ledgers are those of the clients that report to one MeterProvider. They are
// held weakly: a client need not be closed, and must not live on for its gauges.
type ledgers struct {
	max, used, waiting, frozen, counters metric.Int64Observable
	utilization                          metric.Float64Observable

	mu      sync.Mutex
	clients []attached
	sweepAt int // look for dead clients when there are so many
}

type attached struct {
	client weak.Pointer[runtime.Client]
	scopes bool
}

func newLedgers(m metric.Meter) (*ledgers, error) {
	l := &ledgers{sweepAt: 16}
	var errs []error
	gauge := func(name, unit, description string) metric.Int64Observable {
		g, err := m.Int64ObservableGauge(name, metric.WithUnit(unit), metric.WithDescription(description))
		errs = append(errs, err)
		return g
	}
	l.max = gauge("weir.limit.max", "{unit}", "What the limit's counters hold, added up.")
	l.used = gauge("weir.limit.used", "{unit}", "What is occupied of the limit's counters, added up.")
	l.waiting = gauge("weir.limit.waiting", "{call}", "Calls that wait for the limit.")
	l.frozen = gauge("weir.limit.frozen", "{counter}", "Counters of the limit that admit nothing at present.")
	l.counters = gauge("weir.limit.counters", "{counter}", "Counters of the limit.")
	fullest, err := m.Float64ObservableGauge("weir.limit.utilization", metric.WithUnit("1"),
		metric.WithDescription("What is occupied of the limit's fullest counter, as a part of what it holds."))
	l.utilization = fullest
	errs = append(errs, err)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	_, err = m.RegisterCallback(l.collect, l.max, l.used, l.waiting, l.frozen, l.counters, l.utilization)
	return l, err
}

func (l *ledgers) add(c *runtime.Client, scopes bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.clients) >= l.sweepAt {
		l.sweep()
		l.sweepAt = 2*len(l.clients) + 16
	}
	l.clients = append(l.clients, attached{weak.Make(c), scopes})
}

// sweep forgets clients that are gone, and returns the others.
func (l *ledgers) sweep() []*runtime.Client {
	living := make([]*runtime.Client, 0, len(l.clients))
	kept := l.clients[:0]
	for _, a := range l.clients {
		if c := a.client.Value(); c != nil {
			living, kept = append(living, c), append(kept, a)
		}
	}
	clear(l.clients[len(kept):])
	l.clients = kept
	return living
}

// source is a ledger to be read, with what is known of its limits.
type source struct {
	ledger budget.Ledger
	apis   map[string]*api.API // by name
	scopes bool
}

// sources are the ledgers of the living clients, each once.
func (l *ledgers) sources() []*source {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []*source
	known := map[budget.Ledger]*source{}
	for i, c := range l.sweep() {
		ledger := c.Ledger()
		shareable := reflect.ValueOf(ledger).Comparable()
		var s *source
		if shareable {
			s = known[ledger]
		}
		if s == nil {
			s = &source{ledger: ledger, apis: map[string]*api.API{}}
			all = append(all, s)
			if shareable {
				known[ledger] = s
			}
		}
		s.apis[c.API().Name] = c.API()
		s.scopes = s.scopes || l.clients[i].scopes
	}
	return all
}

// series is what a gauge tells apart.
type series struct{ api, limit, scope string }

// sum is the state of all counters of a series.
type sum struct {
	max, used, waiting, frozen, counters int64
	fullest                              float64
}

// of names the series of a counter.
func (s *source) of(key budget.Key) series {
	r := series{api: key.API, limit: key.Limit}
	if desc := s.apis[key.API]; s.scopes && desc != nil && !countedByParameter(desc, key.Limit) {
		r.scope = hash(key.Scope)
	}
	return r
}

func (l *ledgers) collect(_ context.Context, o metric.Observer) error {
	sums := map[series]*sum{}
	for _, s := range l.sources() {
		for _, counter := range s.ledger.Snapshot().Counters {
			name := s.of(counter.Key)
			if sums[name] == nil {
				sums[name] = &sum{}
			}
			sums[name].add(&counter)
		}
	}
	for name, s := range sums {
		attributes := []attribute.KeyValue{apiKey.String(name.api), limitKey.String(name.limit)}
		if name.scope != "" {
			attributes = append(attributes, scopeKey.String(name.scope))
		}
		set := metric.WithAttributeSet(attribute.NewSet(attributes...))
		o.ObserveInt64(l.used, s.used, set)
		o.ObserveInt64(l.waiting, s.waiting, set)
		o.ObserveInt64(l.frozen, s.frozen, set)
		o.ObserveInt64(l.counters, s.counters, set)
		if s.max > 0 {
			o.ObserveInt64(l.max, s.max, set)
			o.ObserveFloat64(l.utilization, s.fullest, set)
		}
	}
	return nil
}

func (s *sum) add(c *budget.CounterState) {
	s.used += int64(c.Used)
	s.waiting += int64(c.Waiting)
	s.counters++
	if !c.Frozen.IsZero() {
		s.frozen++
	}
	if n, ok := api.Capacity(c.Shape); ok && n > 0 {
		s.max += int64(n)
		s.fullest = max(s.fullest, float64(c.Used)/float64(n))
	}
}
