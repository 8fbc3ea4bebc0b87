package runtime

// This file has the options that say which call comes before which.

import (
	"fmt"
	"math"
	"time"

	"github.com/weirkit/weir/runtime/budget"
)

// order is what a call tells the budget of its turn.
type order struct {
	class     budget.Class
	flow      string
	weight    float64
	notBefore time.Time
}

// WithPriority says how urgent calls are: [budget.Urgent], [budget.Normal],
// which is the default, or [budget.Background]. Each class may count on a share
// of every limit, and borrows what the others leave idle.
func WithPriority(class budget.Class) Option {
	return option(func(c *callConfig) error {
		if class < budget.Urgent || class > budget.Background {
			return fmt.Errorf("WithPriority: there is no class %d", class)
		}
		c.order.class = class
		return nil
	})
}

// WithFlow names what calls are part of, such as the sync of one customer.
// Flows of a class that wait for one limit take turns, each so many for another's
// as its weight says; 0 means 1. All calls without one are of one flow.
func WithFlow(name string, weight float64) Option {
	return option(func(c *callConfig) error {
		if !(weight >= 0) || math.IsInf(weight, 1) {
			return fmt.Errorf("WithFlow: flow %q has weight %v: give a positive number, or 0 for 1", name, weight)
		}
		c.order.flow, c.order.weight = name, weight
		return nil
	})
}

// WithNotBefore lets calls wait until t, as a cold start that is to begin at an
// off-peak hour. The wait ends with the context, and a deadline before t is an
// error at once.
func WithNotBefore(t time.Time) Option {
	return option(func(c *callConfig) error { c.order.notBefore = t; return nil })
}

// WithShares sets what the classes may count on of every limit: 0.3, 0.5 and
// 0.2 unless given. It configures the client's own ledger, so it does not go
// together with [WithLedger].
func WithShares(s budget.Shares) ClientOption {
	return clientOption(func(c *config) error { c.shares = &s; return nil })
}

// Demand states what a flow wants of one of the client's limits, as long as it
// runs: of several such flows each gets what it wants, or what is left by those
// of lower rank, and the calls without a demand share the rest. The limit is
// named; d's Key and Shape are filled in for the client's identity and plan.
// Limits that are counted by operation or parameter have no one counter, and so
// take no demand here; nor do ledgers that are not a [budget.Demander].
func (c *Client) Demand(limit string, d budget.Demand) (budget.DemandHandle, error) {
	ledger, ok := c.ledger.(budget.Demander)
	if !ok {
		return nil, fmt.Errorf("%s: demand on limit %s: the ledger takes none", c.desc.Name, limit)
	}
	l, ok := c.limits[limit]
	if !ok {
		return nil, fmt.Errorf("%s: demand: %w: %q", c.desc.Name, ErrUnknownLimit, limit)
	}
	scope, ok := c.who.Load().scopes[limit]
	if !ok {
		return nil, fmt.Errorf("%s: demand: limit %s has a counter for each of %v: demand of the ledger itself", c.desc.Name, limit, l.Scope)
	}
	for _, s := range c.seats {
		if s.who.Load().scopes[limit] != scope {
			return nil, fmt.Errorf("%s: demand: limit %s has a counter for each of the pool's members: demand of the ledger itself", c.desc.Name, limit)
		}
	}
	d.Key, d.Shape = budget.Key{API: c.desc.Name, Limit: limit, Scope: scope}, l.Shape
	return ledger.Demand(d)
}
