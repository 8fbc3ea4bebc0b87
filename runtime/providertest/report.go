package providertest

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Report is what a stand-in has seen.
type Report struct {
	// First is when the first request arrived, Last when the last answer was
	// given; zero when there was none.
	First, Last time.Time
	// Requests are all requests for operations.
	Requests int
	// Refused are those that a counter had no room for. Refusals that a fault
	// made are not among them.
	Refused int
	// Struck are those that a fault struck.
	Struck int
	// Unchanged are those that were answered with 304.
	Unchanged int
	// Unrouted are the requests that were for no operation; of these
	// UnroutedPaths has the first few.
	Unrouted      int
	UnroutedPaths []string
	// Operations has each operation that was asked for, by name.
	Operations map[string]OperationReport
	// Counters has each counter that was used, sorted by limit and scope.
	Counters []CounterReport
	// Refusals has the first few refusals.
	Refusals []RefusalReport
}

// OperationReport is what a stand-in has seen of one operation.
type OperationReport struct {
	Requests, Refused int
}

// CounterReport is what a stand-in has seen of one counter.
type CounterReport struct {
	Limit string
	Scope string // the values it is counted by: account=acme operation=Tickets.List
	// Max is the limit; zero when it is none.
	Max int
	// Highest is the highest use: in any one window, the highest level of a
	// bucket, or the most calls at once.
	Highest int
	// Admitted are the calls that it was charged for; Spend is no call.
	Admitted int
	// Refused are the calls that it had no room for.
	Refused int
}

// RefusalReport is one refused call.
type RefusalReport struct {
	Time      time.Time
	Operation string
	Limit     string
	Scope     string
}

// fewOf is how many examples a report gives.
const fewOf = 20

// history is what has happened, under a lock of its own.
type history struct {
	mu          sync.Mutex
	first, last int64
	seen        Report // its numbers
}

func (h *history) arrived(now int64, c *Call) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.first == 0 {
		h.first = now
	}
	h.seen.Requests++
	c.op.requests++
	if c.effects.struck {
		h.seen.Struck++
	}
}

func (h *history) refused(now int64, c *Call, r *refusal) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen.Refused++
	c.op.refused++
	if len(h.seen.Refusals) < fewOf {
		h.seen.Refusals = append(h.seen.Refusals, RefusalReport{time.Unix(0, now), c.Operation.Name, r.limit.name, r.scope})
	}
}

func (h *history) unchanged() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen.Unchanged++
}

func (h *history) unrouted(now int64, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.first == 0 {
		h.first = now
	}
	h.seen.Unrouted++
	if len(h.seen.UnroutedPaths) < fewOf {
		h.seen.UnroutedPaths = append(h.seen.UnroutedPaths, r.Method+" "+r.URL.Path)
	}
}

func (h *history) answered(now int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last = max(h.last, now)
}

// Report tells what the stand-in has seen so far. It may be asked at any time.
func (p *Provider) Report() Report {
	p.history.mu.Lock()
	r := p.history.seen
	r.UnroutedPaths = slices.Clone(r.UnroutedPaths)
	r.Refusals = slices.Clone(r.Refusals)
	r.First, r.Last = moment(p.history.first), moment(p.history.last)
	r.Operations = make(map[string]OperationReport)
	for name, op := range p.operations {
		if op.requests > 0 {
			r.Operations[name] = OperationReport{op.requests, op.refused}
		}
	}
	p.history.mu.Unlock()

	p.meter.mu.Lock()
	defer p.meter.mu.Unlock()
	for _, l := range p.meter.limits {
		for _, t := range l.tallies {
			most, _ := capacity(l.shape)
			r.Counters = append(r.Counters, CounterReport{l.name, t.scope, most, t.highest, t.admitted, t.refused})
		}
	}
	slices.SortFunc(r.Counters, func(a, b CounterReport) int {
		return cmp.Or(cmp.Compare(a.Limit, b.Limit), cmp.Compare(a.Scope, b.Scope))
	})
	return r
}

func moment(nanos int64) time.Time {
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos)
}

// Used is what the counters of a limit have counted now, by scope.
func (p *Provider) Used(limit string) map[string]int {
	p.meter.mu.Lock()
	defer p.meter.mu.Unlock()
	used := make(map[string]int)
	if l := p.meter.limits[limit]; l != nil {
		for scope, t := range l.tallies {
			used[scope], _ = t.counter.state(t.clock(p.now()))
		}
	}
	return used
}

// Spend draws on a counter as others do, whose calls the stand-in does not
// serve: the account's own users, other programs. The scope is as in
// CounterReport; a counter that was not used before is made. Where cost does
// not fit, nothing is drawn and Spend reports false.
func (p *Provider) Spend(limit, scope string, cost int) bool {
	l := p.meter.limits[limit]
	if l == nil {
		panic("providertest: " + p.api.Name + " has no limit " + limit)
	}
	p.meter.mu.Lock()
	defer p.meter.mu.Unlock()
	now := p.now()
	t := p.meter.tally(l, scope, now)
	if _, ok := t.counter.fits(t.clock(now), cost); !ok {
		return false
	}
	t.counter.charge(t.clock(now), cost)
	used, _ := t.counter.state(t.clock(now))
	t.highest = max(t.highest, used)
	return true
}
