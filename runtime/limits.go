package runtime

// This file decides which limits hold for a client: the API's own, as its plan
// changes them.

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// limitsOn returns the limits under a plan, by name. With no plan it takes the
// lowest shape that any plan has, so that an unknown customer is never refused.
func limitsOn(desc *api.API, plan string) (map[string]api.Limit, error) {
	limits := make(map[string]api.Limit, len(desc.Limits))
	for _, l := range desc.Limits {
		limits[l.Name] = l
	}
	apply := func(p api.Plan, when func(old, changed api.Shape) bool) {
		for _, change := range p.Limits {
			l := limits[change.Limit]
			if when(l.Shape, change.Shape) {
				l.Shape = change.Shape
				limits[change.Limit] = l
			}
		}
	}
	if plan == "" {
		for _, p := range desc.Plans {
			apply(p, func(old, changed api.Shape) bool { return sustained(changed) < sustained(old) })
		}
		return limits, nil
	}
	p, ok := desc.Plan(plan)
	if !ok {
		return nil, fmt.Errorf("unknown plan %q: %s has %s", plan, desc.Name, planNames(desc))
	}
	apply(p, func(_, _ api.Shape) bool { return true })
	return limits, nil
}

func planNames(desc *api.API) string {
	if len(desc.Plans) == 0 {
		return "no plans"
	}
	names := make([]string, len(desc.Plans))
	for i, p := range desc.Plans {
		names[i] = p.Name
	}
	return strings.Join(names, ", ")
}

// sustained is what a shape allows in the long run, per second, so that shapes
// compare. Calls at once are taken to last a second each.
func sustained(s api.Shape) float64 {
	switch s := s.(type) {
	case api.Window:
		return float64(s.Limit) * float64(time.Second) / float64(s.Per)
	case api.Bucket:
		return float64(s.Refill) * float64(time.Second) / float64(s.Per)
	case api.Concurrency:
		return float64(s.Max)
	}
	return math.Inf(1)
}

// maxPage is the largest page of an operation under the client's plan, or zero
// where it has no page size.
func (c *Client) maxPage(op *api.Operation) int {
	if op.Pagination == nil || op.Pagination.Size == nil {
		return 0
	}
	if p, ok := c.desc.Plan(c.plan); ok {
		if n, ok := p.MaxPage[op.Name]; ok {
			return n
		}
	}
	if c.plan != "" {
		return op.Pagination.Size.Max
	}
	lowest := op.Pagination.Size.Max
	for _, p := range c.desc.Plans {
		if n, ok := p.MaxPage[op.Name]; ok {
			lowest = min(lowest, n)
		}
	}
	return lowest
}
