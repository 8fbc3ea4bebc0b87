package budget

// This file tells beforehand how long work will take. foresee.go has the
// simulation behind it.

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// Work is so many requests of one kind.
type Work struct {
	// Name is for the outlook and for errors: an operation's, usually.
	Name string
	// Requests is how many there are.
	Requests int
	// Charges are what each of them takes.
	Charges []Charge
	// AtOnce is how many are in flight at once at the most; zero means as many
	// as the limits let. A list whose pages are fetched one after another has 1.
	AtOnce int
}

// Conditions are what a forecast reckons with. The zero value is a provider
// that answers at once, and counters that nobody else uses and nobody has used.
type Conditions struct {
	// Latency is how long an answer takes, from the sending to its end.
	Latency time.Duration
	// State is how the counters stand at the beginning: a ledger's Snapshot.
	// Limits that were told stand in place of the charges' own.
	State *Snapshot
	// Others is what others draw on counters meanwhile, in cost per second.
	Others map[Key]float64
	// Leave is the part of every limit that is left to others: see WithLeave.
	Leave float64
}

// Never is the end of work that cannot end: others leave no room for it, or it
// would take a century.
const Never time.Duration = math.MaxInt64

// Outlook is how work will go. Its times are from the beginning on.
type Outlook struct {
	// Works are in the order in which they were given.
	Works []WorkOutlook
	// Ends is when the last answer of all is in: the latest end.
	Ends time.Duration
	// Binding is the limit that holds up the work which ends last.
	Binding Key
}

// Fits reports whether all work ends within d.
func (o Outlook) Fits(d time.Duration) bool { return o.Ends <= d }

// WorkOutlook is how one work will go.
type WorkOutlook struct {
	Name     string
	Requests int
	// Immediate is how many of the requests go without waiting.
	Immediate int
	// Ends is when the last answer is in.
	Ends time.Duration
	// Binding is the limit that the work waits for longest; zero where it waits
	// for no limit.
	Binding Key
	// Waits is how long it waits for that limit.
	Waits time.Duration
}

// Forecast tells how long works take that begin now, side by side and each in
// its turn. It follows the ledger's own rules in virtual time, so that windows,
// buckets and concurrency come out as the ledger would have them; beyond twenty
// thousand requests the smallest limits are reckoned as evenly flowing, which is
// off by less than a ten-thousandth. It reads no clock, and the same arguments
// give the same outlook.
//
// A charge above its limit is an error that wraps ErrImpossible.
func Forecast(works []Work, given Conditions) (Outlook, error) {
	if err := given.check(); err != nil {
		return Outlook{}, err
	}
	f := foresight{given: given, counters: map[Key]*foreseen{}}
	for i := range works {
		if err := f.add(&works[i]); err != nil {
			return Outlook{}, err
		}
	}
	f.coarsen()
	f.run()
	var o Outlook
	for _, j := range f.jobs {
		w := j.outlook()
		o.Works = append(o.Works, w)
		if w.Ends > o.Ends || len(o.Works) == 1 {
			o.Ends, o.Binding = w.Ends, w.Binding
		}
	}
	return o, nil
}

func (c *Conditions) check() error {
	switch {
	case c.Latency < 0:
		return fmt.Errorf("budget: forecast: a latency of %v is negative", c.Latency)
	case !(c.Leave >= 0 && c.Leave < 1):
		return fmt.Errorf("budget: forecast: leaving %v is not in [0, 1)", c.Leave)
	}
	for key, rate := range c.Others {
		if !(rate >= 0) {
			return fmt.Errorf("budget: forecast: others draw %v on limit %s: it must not be negative", rate, key.Limit)
		}
	}
	return nil
}

// add takes one work in.
func (f *foresight) add(w *Work) error {
	if w.Requests < 0 || w.AtOnce < 0 {
		return fmt.Errorf("budget: forecast: %s: %d requests, %d at once: neither may be negative", w.Name, w.Requests, w.AtOnce)
	}
	j := &job{name: w.Name, requests: w.Requests, left: w.Requests, latency: f.given.Latency}
	for _, charge := range w.Charges {
		c := f.counters[charge.Key]
		if c == nil {
			if err := api.CheckShape(charge.Shape); err != nil {
				return fmt.Errorf("budget: forecast: %s: limit %s: %w", w.Name, charge.Key.Limit, err)
			}
			c = f.foresee(charge)
			f.counters[charge.Key] = c
			f.all = append(f.all, c)
		}
		cost := min(max(charge.Cost, 1), unbounded)
		if cost > c.limit {
			return &WaitError{Operation: w.Name, Key: charge.Key, Err: ErrImpossible}
		}
		j.add(c, cost)
	}
	if w.AtOnce > 0 && f.given.Latency > 0 {
		c := &foreseen{size: w.AtOnce, pool: &held{life: f.given.Latency}}
		f.all = append(f.all, c)
		j.add(c, 1)
	}
	f.jobs = append(f.jobs, j)
	f.total = add(f.total, w.Requests)
	return nil
}

// ChargesOf are what a call of an operation takes from limits, such as
// api.API.LimitsOn returns, for a forecast: the counters are those of one
// customer and user. Draws that hang on a parameter are left out, and those on
// limits that each object has a counter of its own for (scopes as
// path:ticket_id), since they hold up the work on one object alone; apart names
// their limits.
func ChargesOf(provider string, limits map[string]api.Limit, op *api.Operation) (charges []Charge, apart []string, err error) {
	for _, d := range op.Draws {
		limit, ok := limits[d.Limit]
		if !ok {
			return nil, nil, fmt.Errorf("%w: %q, which %s draws on", api.ErrUnknownLimit, d.Limit, op.Name)
		}
		scope, object := "", d.When != nil
		for _, s := range limit.Scope {
			object = object || strings.Contains(string(s), ":")
			if s == api.ScopeOperation {
				scope = "operation=" + op.Name
			}
		}
		if _, none := limit.Shape.(api.Unlimited); none {
			continue
		}
		if object {
			apart = append(apart, d.Limit)
			continue
		}
		charges = append(charges, Charge{Key: Key{API: provider, Limit: limit.Name, Scope: scope}, Shape: limit.Shape, Cost: max(d.Cost, 1)})
	}
	return charges, apart, nil
}
