package runtime

// This file decides which limits hold for a client: those of its plan, but for
// what its user knows better, and what answers tell of the plan.

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// WithLimit replaces the shape of one of the API's limits, whatever the plan:
// for an account with numbers of its own. What answers tell of the limit still
// counts more. New fails if the API has no such limit, or if the numbers of the
// shape cannot be.
func WithLimit(name string, shape api.Shape) ClientOption {
	return clientOption(func(c *config) error {
		if err := api.CheckShape(shape); err != nil {
			return fmt.Errorf("WithLimit: %s: %w", name, err)
		}
		limits := maps.Clone(c.limits) // options may be given to several clients
		if limits == nil {
			limits = map[string]api.Shape{}
		}
		limits[name] = shape
		c.limits = limits
		return nil
	})
}

// limitsFor are the limits that hold for a client, by name.
func (cfg config) limitsFor(desc *api.API) (map[string]api.Limit, error) {
	limits, err := desc.LimitsOn(cfg.plan)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.limits)) {
		l, ok := limits[name]
		if !ok {
			has := "no limits"
			if len(limits) > 0 {
				has = strings.Join(slices.Sorted(maps.Keys(limits)), ", ")
			}
			return nil, fmt.Errorf("WithLimit: %w: %q: %s has %s", ErrUnknownLimit, name, desc.Name, has)
		}
		l.Shape = cfg.limits[name]
		limits[name] = l
	}
	return limits, nil
}

// PlanChanged is the kind of event which tells that answers speak of another
// plan than the client was given: a limit is told that other plans have. The
// event's Plan names them. The limit itself is adopted by the ledger; to adopt
// the rest of the plan, its other limits and its page sizes, is the user's to
// choose, by OnPlan.
const PlanChanged budget.EventKind = "plan changed"

// planWatch compares what answers tell of limits with the plans.
type planWatch struct {
	mu   sync.Mutex
	told map[string]int // the last number told, by limit
}

// watchPlan looks at the news of one answer.
func (c *Client) watchPlan(call *call, news []budget.Observation) {
	if c.events == nil || len(c.desc.Plans) == 0 {
		return
	}
	for i := range news {
		o := &news[i]
		l, ok := c.limits[o.Limit]
		if !ok || o.Max < 1 || !c.plans.isNew(l, o.Max) {
			continue
		}
		names := c.desc.PlansWith(o.Limit, o.Max)
		if len(names) == 0 || slices.Contains(names, c.plan) {
			continue
		}
		c.events(budget.Event{
			Kind: PlanChanged, Time: c.clock.Now(), Operation: call.op.Name, Limit: o.Max, Plan: strings.Join(names, ", "),
			Key: budget.Key{API: c.desc.Name, Limit: o.Limit, Scope: call.who.scopes[o.Limit]},
		})
	}
}

// isNew reports whether another number of a limit is told than before.
func (w *planWatch) isNew(l api.Limit, number int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	was, ok := w.told[l.Name]
	if !ok {
		was, _ = api.Capacity(l.Shape)
	}
	if w.told == nil {
		w.told = map[string]int{}
	}
	w.told[l.Name] = number
	return was != number
}
