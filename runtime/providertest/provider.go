// Package providertest is a stand-in for a provider: it takes the description
// of an API and some data, serves them in memory or on loopback, and enforces
// every limit by its own counting.
//
// It is the referee of weir. It shares no code with the engine that it judges:
// it counts in whole nanoseconds, at the moment a call arrives (or at any other
// moment before its answer), and reports what it saw.
//
//	p, err := providertest.New(&zendesk.API, providertest.Options{Plan: zendesk.PlanEnterprise})
//	defer p.Close()
//	p.Items("Articles.List", func(*providertest.Call) []json.RawMessage { return articles })
//
//	client, err := zendesk.New("acme", runtime.WithTransport(p.Transport()))
//	...
//	if report := p.Report(); report.Refused > 0 { ... }
//
// An operation without data of its own answers an empty list or an empty
// object, which is all that a test of limits needs.
package providertest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/clock"
)

// Provider is a stand-in. It is an http.Handler; Listen and Transport serve
// it. Its data may be changed while it serves.
type Provider struct {
	api        *api.API
	options    Options
	start      time.Time
	startNanos int64
	routes     router
	bases      []string
	hosts      map[string]bool // of the API; nil where all of it is at one address
	operations map[string]*operation
	meter      *meter
	families   []*family
	throttling api.Throttling
	faults     faults
	history    history
	ok         api.Path // where a body says that all is well, if anywhere
	date       atomic.Pointer[dateHeader]
	serial     atomic.Int64

	randomMu sync.Mutex
	random   *rand.Rand

	network network
}

// operation is an api.Operation made ready to be served.
type operation struct {
	*api.Operation
	params   []string // of the path, in order
	draws    []draw
	single   envelope
	pager    *pager
	answer   atomic.Pointer[func(*Call) Answer]
	requests int // under history's lock
	refused  int
}

// New makes a stand-in for an API. It fails where the API contradicts itself or
// the options name what it does not have.
func New(a *api.API, options Options) (*Provider, error) {
	p := &Provider{
		api: a, options: options, routes: router{}, operations: make(map[string]*operation, len(a.Operations)),
		random: rand.New(rand.NewPCG(options.Seed, 2)),
	}
	if options.Phase < 0 || options.Phase >= 1 {
		return nil, fmt.Errorf("providertest: a phase of %v: it must be from 0 to under 1", options.Phase)
	}
	if p.options.Clock == nil {
		p.options.Clock = clock.Real
	}
	if p.options.Headers == nil {
		p.options.Headers = HeadersDefault
	}
	p.start = p.options.Clock.Now()
	p.startNanos = p.start.UnixNano()

	var err error
	if p.meter, err = newMeter(a, options.Plan, options.Shapes); err != nil {
		return nil, fmt.Errorf("providertest: %w", err)
	}
	for _, name := range options.UnchangedIsFree {
		if p.meter.limits[name] == nil {
			return nil, fmt.Errorf("providertest: UnchangedIsFree: %s has no limit %q", a.Name, name)
		}
	}
	p.meter.place = placement{phase: options.Phase, reopen: options.Reopen}
	if options.RandomPhases {
		p.meter.random = rand.New(rand.NewPCG(options.Seed, 3))
	}
	p.meter.countRefused, p.meter.identify, p.meter.cost = options.CountRefused, options.Identify, options.Cost
	p.faults.random = rand.New(rand.NewPCG(options.Seed, 4))
	for _, q := range a.QuotaHeaders {
		p.families = append(p.families, newFamily(q))
	}
	p.throttling = api.Throttling{Status: http.StatusTooManyRequests}
	switch {
	case options.Throttling != nil:
		p.throttling = *options.Throttling
	case len(a.Throttling) > 0:
		p.throttling = a.Throttling[0]
	}
	if when := a.Errors.When; when != nil && len(when.In) == 1 && when.In[0] == "false" {
		p.ok = when.Path
	}
	if err := p.addOperations(); err != nil {
		return nil, fmt.Errorf("providertest: %w", err)
	}
	return p, nil
}

// addOperations prepares every operation and its route.
func (p *Provider) addOperations() error {
	p.bases = []string{""}
	bases := []string{p.options.BasePath}
	for _, s := range p.api.Servers {
		_, path := splitAddress(s.URL)
		bases = append(bases, path)
	}
	for _, op := range p.api.Operations {
		if op.Server != "" {
			_, path := splitAddress(op.Server)
			bases = append(bases, path)
		}
	}
	p.addHosts(p.api)
	for _, base := range bases {
		if base = strings.Trim(base, "/"); base != "" && !slices.Contains(p.bases, "/"+base) {
			p.bases = append(p.bases, "/"+base)
		}
	}
	plan, _ := p.api.Plan(p.options.Plan)
	for _, declared := range p.api.Operations {
		op := &operation{Operation: declared}
		if p.operations[op.Name] != nil {
			return fmt.Errorf("two operations are named %s", op.Name)
		}
		p.operations[op.Name] = op
		if err := p.routes.add(op); err != nil {
			return err
		}
		var err error
		if op.draws, err = p.meter.draws(declared); err != nil {
			return err
		}
		if op.single, err = newEnvelope(whole(op.Result), p.ok); err != nil {
			// The result is the body, or stands where "ok" would.
			if op.single, err = newEnvelope(whole(op.Result)); err != nil {
				return fmt.Errorf("operation %s: %w", op.Name, err)
			}
		}
		if op.Pagination == nil {
			continue
		}
		size := cmp.Or(p.options.DefaultPage, 30)
		largest := size
		if op.Pagination.Size != nil {
			largest = cmp.Or(plan.MaxPage[op.Name], op.Pagination.Size.Max, 100)
		}
		if op.pager, err = newPager(*op.Pagination, largest, size, p.ok); err != nil {
			return fmt.Errorf("operation %s: pages: %w", op.Name, err)
		}
	}
	return nil
}

// Answer is what an operation answers.
type Answer struct {
	// Status is the HTTP status; zero means 200, or 204 where the body is nil.
	Status int
	// Header is added to the stand-in's own.
	Header http.Header
	// Body is sent as it is, as application/json unless Header says otherwise.
	Body []byte

	padding int64 // bytes to follow the body within its last string
}

// Handle answers an operation with a function, which is given every admitted
// call. Like Single and Items it panics when the API has no such operation, and
// replaces what was said of the operation before.
func (p *Provider) Handle(name string, answer func(*Call) Answer) {
	p.operation(name).answer.Store(&answer)
}

// Single answers an operation with one value, wrapped as the provider wraps
// it, or with 404 where the function returns false.
func (p *Provider) Single(name string, value func(*Call) (json.RawMessage, bool)) {
	op := p.operation(name)
	p.Handle(name, func(c *Call) Answer {
		v, ok := value(c)
		if !ok {
			return p.Error(http.StatusNotFound, "RecordNotFound", "Not found")
		}
		return Answer{Status: http.StatusOK, Body: p.wrap(op, v)}
	})
}

// Items answers a list operation with the page that is asked for, of all the
// items that the function returns. It panics where the operation has no pages.
func (p *Provider) Items(name string, items func(*Call) []json.RawMessage) {
	op := p.operation(name)
	if op.pager == nil {
		panic(fmt.Sprintf("providertest: operation %s of %s has no pages", name, p.api.Name))
	}
	p.Handle(name, func(c *Call) Answer {
		pg, err := op.pager.cut(c, items(c))
		if err != nil {
			return p.Error(http.StatusBadRequest, "InvalidPage", err.Error())
		}
		a := Answer{Status: http.StatusOK, Body: op.pager.render(c, pg)}
		if op.pager.Style == api.LinkStyle {
			if links := op.pager.linkHeader(c, pg); links != "" {
				a.Header = http.Header{"Link": {links}}
			}
		}
		return a
	})
}

// wrap puts a value at its place in a body.
func (p *Provider) wrap(op *operation, value json.RawMessage) []byte {
	return op.single.render(make([]byte, 0, len(value)+64), func(b []byte, slot int) []byte {
		if slot > 0 {
			return append(b, "true"...)
		}
		return append(b, value...)
	})
}

// operation finds an operation that a test names.
func (p *Provider) operation(name string) *operation {
	op := p.operations[name]
	if op == nil {
		panic(fmt.Sprintf("providertest: %s has no operation %q", p.api.Name, name))
	}
	return op
}

// route finds the operation that a request is for.
func (p *Provider) route(c *Call) bool {
	path := c.Request.URL.EscapedPath()
	for _, base := range p.bases {
		rest, ok := strings.CutPrefix(path, base)
		if !ok {
			continue
		}
		if c.op, c.values = p.routes.find(c.Request.Method, rest, c.room[:0]); c.op != nil {
			c.Operation = c.op.Operation
			return p.hosts == nil || !p.astray(c.Operation, c.Request.Host)
		}
	}
	return false
}

// now is the provider's time in nanoseconds since 1970; it follows the
// clock's monotonic reading.
func (p *Provider) now() int64 {
	return p.startNanos + int64(p.options.Clock.Now().Sub(p.start))
}

// chance draws from the stand-in's random numbers.
func chance[T any](p *Provider, draw func(*rand.Rand) T) T {
	var zero T
	if draw == nil {
		return zero
	}
	p.randomMu.Lock()
	defer p.randomMu.Unlock()
	return draw(p.random)
}

var _ http.Handler = (*Provider)(nil)
