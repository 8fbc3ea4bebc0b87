package runtime

import (
	"fmt"
	"math"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/parallel"
)

// AtOnce is how many calls of an operation, by its name ("Tickets.Show"), are
// useful at once, for the n of package [parallel] or for workers of one's own:
// with more of them the rest would only wait for the budget.
//
// It is what the operation's limits let be on its way at the same time, by their
// annotations, plan and [WithLimit], less what [WithLeave] leaves to others: a
// concurrency limit's number, a window's whole limit or a bucket's burst, whichever
// is least. Without a concurrency limit it is no more than [parallel.Most], since
// fewer use up a rate limit this large. Limits that each object has a counter of
// its own for, and draws that hang on parameters, are left out, as in
// [Client.Forecast].
func (c *Client) AtOnce(operation string) (int, error) {
	op := c.desc.Operation(operation)
	if op == nil {
		return 0, fmt.Errorf("%s: at once: there is no operation %q", c.desc.Name, operation)
	}
	charges, _, err := budget.ChargesOf(c.desc.Name, c.limits, op)
	if err != nil {
		return 0, fmt.Errorf("%s: at once: %w", c.desc.Name, err)
	}
	least, placed := math.MaxInt, false
	for _, charge := range charges {
		n, ok := api.Capacity(charge.Shape)
		if !ok {
			continue
		}
		if c.leave > 0 {
			n = int(float64(n) * (1 - c.leave))
		}
		least = min(least, max(n/charge.Cost, 1))
		_, concurrency := charge.Shape.(api.Concurrency)
		placed = placed || concurrency
	}
	if !placed {
		least = min(least, parallel.Most)
	}
	return least, nil
}
