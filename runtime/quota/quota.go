// Package quota reads what answers say of limits: how much is left of one, when
// it refills, what a call has cost, and whether it was refused for lack of budget.
//
// Providers say these things in dozens of ways, and now and then they say
// nonsense. How a provider says them is annotated (api.QuotaHeaders,
// api.QuotaBody, api.Throttling); where nothing is annotated, headers are
// recognised by their names and values by their form and magnitude. Each Reading
// tells how sure it is. What cannot be true is treated as not said: it never
// makes a call wait, and never makes one fail. reading.go has the rules.
package quota

import (
	"net/http"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// Reader reads the answers of one API. It may be used by many goroutines.
type Reader struct {
	forms    []form
	bodies   []inBody
	throttle []throttling
	limits   map[string]*known
	cap      time.Duration
	skew     skew
}

// form is one way in which headers tell the state of limits.
type form interface {
	read(a *answer)
}

// DefaultCap is how far off a reset may be of a limit whose window is unknown.
const DefaultCap = 2 * time.Hour

// Option configures a Reader.
type Option func(*Reader)

// WithCap sets how far off a reset may be where the annotations do not tell how
// long the limit's window lasts; a later one was misread, and is dropped. It is
// the longest wait that the caller's policy accepts; DefaultCap unless set.
func WithCap(d time.Duration) Option {
	return func(r *Reader) { r.cap = d }
}

// NewReader prepares to read the answers of the API.
func NewReader(desc *api.API, options ...Option) *Reader {
	r := &Reader{
		forms:    forms(desc),
		bodies:   bodies(desc),
		throttle: throttlings(desc),
		limits:   knownLimits(desc),
		cap:      DefaultCap,
	}
	for _, o := range options {
		o(r)
	}
	return r
}

// forms prepares the annotated families; or, where an API has none at all, the
// recognition of those that are there.
func forms(desc *api.API) []form {
	if desc.QuotaHeaders == nil {
		return []form{newInferred()}
	}
	var all []form
	for _, q := range desc.QuotaHeaders {
		switch {
		case q.IETF != "":
			all = append(all, newDraft(q, Annotated))
		case q.Prefix != "":
			all = append(all, newKeyed(q))
		default:
			all = append(all, newPlain(q))
		}
	}
	return all
}

// Readings returns what an answer to op says of limits, at most one reading of
// each limit. The times are those at which the request was sent and the headers
// were in. The body, or as much of it as there is, may be nil.
func (r *Reader) Readings(op *api.Operation, h http.Header, body []byte, sent, answered time.Time) []Reading {
	a := answer{reader: r, op: op, header: h, at: moment{sent: sent, answered: answered, skew: &r.skew}}
	for _, f := range r.forms {
		f.read(&a)
	}
	for i := range r.bodies {
		r.bodies[i].read(&a, body)
	}
	return a.readings
}

// Observations is what the readings of an answer's headers and body tell the
// ledger.
func (r *Reader) Observations(op *api.Operation, h http.Header, body []byte, sent, answered time.Time) []budget.Observation {
	readings := r.Readings(op, h, body, sent, answered)
	if len(readings) == 0 {
		return nil
	}
	told := make([]budget.Observation, 0, len(readings))
	for _, rd := range readings {
		if rd.Over {
			rd.Remaining = -1
		}
		if rd.Max >= 0 || rd.Remaining >= 0 || !rd.Reset.IsZero() {
			told = append(told, rd.Observation)
		}
	}
	return told
}

// Costs returns what an answer tells of the cost of its own call, at most one
// cost of each limit.
func (r *Reader) Costs(op *api.Operation, h http.Header, body []byte) []budget.Cost {
	var costs []budget.Cost
	add := func(limit string, cost int) {
		if limit == "" || cost < 0 {
			return
		}
		for i := range costs {
			if costs[i].Limit == limit {
				costs[i].Cost = max(costs[i].Cost, cost)
				return
			}
		}
		costs = append(costs, budget.Cost{Limit: limit, Cost: cost})
	}
	for _, f := range r.forms {
		if p, ok := f.(*plain); ok && p.Cost != "" {
			add(p.subject(op, h, 0), roundUp(first(h, p.Cost)))
		}
	}
	for i := range r.bodies {
		b := &r.bodies[i]
		add(b.subject(op), b.cost(body))
	}
	return costs
}
