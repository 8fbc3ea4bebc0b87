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
	plans, choose := desc.Plans, lowest
	if plan != "" {
		p, ok := desc.Plan(plan)
		if !ok {
			return nil, fmt.Errorf("unknown plan %q: %s has %s", plan, desc.Name, planNames(desc))
		}
		plans, choose = []api.Plan{p}, func(_, changed api.Shape) api.Shape { return changed }
	}
	for _, p := range plans {
		for _, change := range p.Limits {
			l, ok := limits[change.Limit]
			if !ok {
				return nil, fmt.Errorf("%w: %q, which plan %s changes", ErrUnknownLimit, change.Limit, p.Name)
			}
			l.Shape = choose(l.Shape, change.Shape)
			limits[change.Limit] = l
		}
	}
	return limits, nil
}

// lowest is the shape that allows less in the long run; of buckets, which may
// also differ in what they allow at once, with the smaller burst of the two.
func lowest(a, b api.Shape) api.Shape {
	if sustained(b) < sustained(a) {
		a, b = b, a
	}
	bucket, ok := a.(api.Bucket)
	if other, both := b.(api.Bucket); ok && both {
		bucket.Burst = min(bucket.Burst, other.Burst)
		return bucket
	}
	return a
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
