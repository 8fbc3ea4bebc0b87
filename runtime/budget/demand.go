package budget

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// Demand is what a flow wants of a limit, as long as it runs.
//
// Flows with stated demands come before all classes on that limit, in the order
// of their ranks: each may count on what it wants, or on what is left by those
// before it. The classes share the rest; where there are calls without a demand,
// a hundredth is kept for them. What a flow does not use, others borrow.
type Demand struct {
	// Key is the counter. A Limit alone, with API and Scope empty, means the only
	// counter that there is of this limit.
	Key Key
	// Shape makes the counter, if no call has drawn on it yet. Nil means that the
	// counter must be there.
	Shape api.Shape
	// Flow and Class say whose demand it is: calls whose Request names the same.
	Flow  string
	Class Class
	// Rank orders the demands on a counter, the lowest first. Of equal ranks the
	// one stated first comes first.
	Rank int
	// Cost is what is wanted in each Per, in the limit's units; of a limit on
	// calls at once it is how many. Per is the limit's own period unless given.
	Cost int
	Per  time.Duration
}

// Demander is a Ledger that takes demands. Local is one.
type Demander interface {
	// Demand states a demand. It fails if the demand is on nothing.
	Demand(Demand) (DemandHandle, error)
}

// DemandHandle is a demand that stands.
type DemandHandle interface {
	// End takes the demand back. It may be called again, to no effect.
	End()
}

// demand is a DemandHandle of Local.
type demand struct {
	ledger *Local
	c      *counter
	flow   string
	rank   int
	cost   float64 // per nanosecond, or at once
}

// ErrNoCounter says that a demand names no counter, or several.
var ErrNoCounter = errors.New("budget: no such counter")

// Demand implements Demander.
func (l *Local) Demand(d Demand) (DemandHandle, error) {
	now := l.lock()
	defer l.unlock()
	if l.closed {
		return nil, ErrClosed
	}
	what := func(err error) error {
		return fmt.Errorf("budget: demand of flow %q on limit %q: %w", d.Flow, d.Key.Limit, err)
	}
	switch {
	case d.Key.Limit == "":
		return nil, fmt.Errorf("budget: demand of flow %q: %w: it names no limit", d.Flow, ErrNoCounter)
	case d.Cost <= 0:
		return nil, what(fmt.Errorf("a cost of %d: it must be positive; to want nothing, state no demand", d.Cost))
	case d.Per < 0:
		return nil, what(fmt.Errorf("a period of %v is negative", d.Per))
	}
	c, err := l.counterFor(d, now)
	if err != nil {
		return nil, what(err)
	}
	cost, err := wanted(c.shape(), d)
	if err != nil {
		return nil, what(err)
	}
	class := Class(d.Class.index()) + Urgent
	at := 0
	for _, k := range c.claims {
		if !k.stated() {
			break
		}
		if k.class == class && k.demand.flow == d.Flow {
			return nil, what(errors.New("it stands already: end it first"))
		}
		if k.demand.rank <= d.Rank {
			at++
		}
	}
	h := &demand{ledger: l, c: c, flow: d.Flow, rank: d.Rank, cost: cost}
	l.kinds.expectDemands(class)
	waiting := c.unline()
	c.addClaim(at, &claim{class: class, demand: h, last: always})
	c.reline(waiting)
	l.touch(c)
	return h, nil
}

// expectDemands notes that there are calls to be told apart.
func (k *kinds) expectDemands(c Class) {
	k.see(c)
	k.mixed = true
}

// End withdraws the demand: what was held for it goes to those after it. Its
// flow is one like any other from then on. Further calls do nothing.
func (h *demand) End() {
	l := h.ledger
	l.lock()
	defer l.unlock()
	for i, k := range h.c.claims {
		if k.demand != h {
			continue
		}
		waiting := h.c.unline()
		h.c.claims = slices.Delete(h.c.claims, i, i+1)
		h.c.portion()
		h.c.reline(waiting)
		l.touch(h.c)
		return
	}
}

// counterFor finds the counter of a demand, or makes it.
func (l *Local) counterFor(d Demand, now moment) (*counter, error) {
	if c := l.counters.find(&d.Key); c != nil {
		return c, nil
	}
	if d.Key.API == "" && d.Key.Scope == "" {
		var found *counter
		for _, c := range l.sweeping.counters {
			if c.key.Limit != d.Key.Limit {
				continue
			}
			if found != nil {
				return nil, fmt.Errorf("%w: there are several of this limit, such as %q and %q: give the whole Key", ErrNoCounter, found.key.Scope, c.key.Scope)
			}
			found = c
		}
		if found != nil {
			return found, nil
		}
	}
	if d.Shape == nil {
		return nil, fmt.Errorf("%w: no call has drawn on it yet: give its Shape to make it", ErrNoCounter)
	}
	if err := api.CheckShape(d.Shape); err != nil {
		return nil, err
	}
	return l.newCounter(d.Key, d.Shape, now), nil
}

// wanted is a demand by the nanosecond, or at once.
func wanted(shape api.Shape, d Demand) (float64, error) {
	per := d.Per
	switch s := shape.(type) {
	case api.Window:
		per = cmp.Or(per, s.Per)
	case api.Bucket:
		per = cmp.Or(per, s.Per)
	case api.Concurrency:
		if per != 0 {
			return 0, fmt.Errorf("a period of %v: the limit is one of calls at once", per)
		}
		return float64(d.Cost), nil
	default:
		return 0, errors.New("the limit has no number that could be shared out")
	}
	return float64(d.Cost) / float64(max(per, 1)), nil
}

// capacity is all that the counter's limit gives, in the terms of wanted.
func (c *counter) capacity() float64 {
	switch m := c.meter.(type) {
	case *window:
		return float64(c.size) / float64(m.per)
	case *bucket:
		return 1 / float64(m.unit)
	case *concurrency:
		return float64(c.size)
	default:
		return math.Inf(1)
	}
}

// addClaim puts a claim at its place in the order of precedence.
func (c *counter) addClaim(at int, k *claim) *claim {
	c.own().claims = slices.Insert(c.claims, at, k)
	c.portion()
	return k
}

// portion shares the limit out: to demands in the order of their ranks what
// they want or what is left, to the classes their shares of the rest.
func (c *counter) portion() {
	left, others := 1.0, 0.0
	if n := len(c.claims); n > 0 && !c.claims[n-1].stated() {
		others = 0.01
	}
	for i, k := range c.claims {
		k.rank = i
		if k.stated() {
			k.share = max(min(k.demand.cost/c.capacity(), left-others), 0)
			left -= k.share
		} else {
			k.share = left * c.ledger.options.shares.of(k.class)
		}
		k.part = int(k.share*float64(c.size) + 1e-6)
	}
	c.apportion()
}
