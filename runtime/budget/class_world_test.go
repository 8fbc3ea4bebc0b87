package budget_test

// This file lets calls of several classes and flows into the world together.

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// crowd is a world with one limit, and those who draw on it.
type crowd struct {
	*world
	ledger *budget.Local
	wg     sync.WaitGroup
	begin  time.Time
}

// newCrowd makes one whose first window began a phase ago.
func newCrowd(t testing.TB, seed uint64, shape api.Shape, reset rounding, phase time.Duration, opts ...budget.LedgerOption) *crowd {
	begin := time.Now().Add(-phase)
	return &crowd{ledger: newLedger(t, opts...), begin: begin, world: &world{
		random:  rand.New(rand.NewPCG(seed, 11)),
		latency: [2]time.Duration{20 * ms, 40 * ms},
		limits:  []*limit{{name: "limit", shape: shape, rule: enforce(shape, begin, false), reset: reset, left: reset != untold}},
	}}
}

// kind is calls of one kind, and what became of them.
type kind struct {
	class  budget.Class
	flow   string
	weight float64
	cost   int
	body   time.Duration
	sent   []time.Time // when each was admitted
	waits  []time.Duration
}

// one plays one call.
func (c *crowd) one(ctx context.Context, k *kind) bool {
	d := []draw{{c.limits[0], max(k.cost, 1)}}
	for _, l := range c.limits[1:] {
		d = append(d, draw{l, 1})
	}
	r := request(charges(d)...)
	r.Class, r.Flow, r.Weight = k.class, k.flow, k.weight
	asked := time.Now()
	ticket, err := c.ledger.Admit(ctx, r)
	if err != nil {
		return false
	}
	c.mu.Lock()
	k.sent = append(k.sent, time.Now())
	k.waits = append(k.waits, time.Since(asked))
	c.mu.Unlock()
	_ = c.send(ticket, d, fate{body: k.body}, 10*sec) // the referee has taken refusals down
	return true
}

// saturate has so many callers of a kind call one after another.
func (c *crowd) saturate(ctx context.Context, k *kind, callers int) {
	for range callers {
		c.wg.Go(func() {
			for ctx.Err() == nil && c.one(ctx, k) {
			}
		})
	}
}

// at has calls of a kind ask at given times from now.
func (c *crowd) at(ctx context.Context, k *kind, times []time.Duration) {
	for _, d := range times {
		c.wg.Go(func() {
			time.Sleep(d)
			c.one(ctx, k)
		})
	}
}

// admitted is how many calls of a kind have been admitted, while others still may be.
func (c *crowd) admitted(k *kind) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(k.sent)
}

// between is how many were admitted within a stretch from begin on.
func (k *kind) between(begin time.Time, from, to time.Duration) (n int) {
	for _, at := range k.sent {
		if d := at.Sub(begin); d >= from && d < to {
			n++
		}
	}
	return n
}

// sum of the same for several kinds.
func sum(begin time.Time, from, to time.Duration, kinds ...*kind) (n int) {
	for _, k := range kinds {
		n += k.between(begin, from, to)
	}
	return n
}

// saturateSome is saturate until so many calls of the kind have been made.
func (c *crowd) saturateSome(ctx context.Context, k *kind, callers, calls int) {
	for range callers {
		c.wg.Go(func() {
			for {
				c.mu.Lock()
				enough := len(k.sent) >= calls
				c.mu.Unlock()
				if enough || ctx.Err() != nil || !c.one(ctx, k) {
					return
				}
			}
		})
	}
}
