package runtime

// This file has forecasts reckon with all members of a pool.

import (
	"slices"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// spread divides work evenly among the members of the pool that have counters of
// their own, as the calls take turns. A list goes by one.
func (c *Client) spread(w budget.Work, op *api.Operation) []budget.Work {
	if c.pool == nil || op.Pagination != nil {
		return []budget.Work{w}
	}
	var sets [][]budget.Charge
	for _, i := range c.pool.Left(c.clock.Now()) {
		s := c.seats[i]
		if s.reserve && len(sets) > 0 {
			continue
		}
		charges := slices.Clone(w.Charges)
		for i := range charges {
			charges[i].Key.Scope = s.who.Load().scope(c.limits[charges[i].Key.Limit], &call{op: op})
		}
		if !slices.ContainsFunc(sets, func(known []budget.Charge) bool { return slices.Equal(known, charges) }) {
			sets = append(sets, charges)
		}
	}
	if w.Requests < len(sets) || len(sets) == 0 {
		return []budget.Work{w}
	}
	works := make([]budget.Work, len(sets))
	for i, charges := range sets {
		works[i] = w
		works[i].Charges = charges
		works[i].Requests = (w.Requests + i) / len(sets) // these add up
	}
	return works
}

// gather puts together what was divided.
func gather(o budget.Outlook) budget.Outlook {
	works := o.Works[:0]
	for _, w := range o.Works {
		if n := len(works); n == 0 || works[n-1].Name != w.Name {
			works = append(works, w)
			continue
		}
		sum := &works[len(works)-1]
		sum.Requests += w.Requests
		sum.Immediate += w.Immediate
		if w.Ends > sum.Ends {
			sum.Ends, sum.Binding, sum.Waits = w.Ends, w.Binding, w.Waits
		}
	}
	o.Works = works
	return o
}
