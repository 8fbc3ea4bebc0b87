package budget

// This file is about costs that are known only after the answer, as those of
// GraphQL queries and of calls that are free when nothing has changed.

// costs are the largest costs seen of calls, by operation.
type costs map[string]int

// maxCosts bounds how many operations are remembered for one counter, should
// somebody put ids into their names.
const maxCosts = 256

// expected is what a call is charged beforehand: the cost given or the largest
// seen, whichever is more. One that was seen makes no call impossible: what has
// been admitted once is admitted again, if need be alone.
func (s costs) expected(operation string, given, size int) int {
	return max(given, min(s[operation], size))
}

// correct replaces what was charged by what the answer tells, before anything
// else is learnt from that: what is left, as told, has the true cost in it. The
// charge is still in flight here, so that a larger cost makes a debt, and a
// smaller one leaves room, without anybody else's doing.
func (h *hold) correct(operation string, a *Answer) {
	if a.Refusal != nil {
		return
	}
	for i := range a.Costs {
		told := &a.Costs[i]
		if told.Limit != h.c.key.Limit || told.Cost < 0 {
			continue
		}
		cost := min(told.Cost, unbounded)
		h.c.sawCost(operation, cost, h.cost)
		h.c.inFlight += cost - h.cost
		h.cost = cost
		return
	}
}

// sawCost remembers the largest cost of an operation. As long as what is
// charged beforehand is right there is nothing to remember.
func (c *counter) sawCost(operation string, cost, charged int) {
	switch {
	case cost <= c.costs[operation], c.costs == nil && cost <= charged:
		return
	case c.costs == nil:
		c.own().costs = costs{}
	}
	if _, known := c.costs[operation]; known || len(c.costs) < maxCosts {
		c.costs[operation] = cost
	}
}
