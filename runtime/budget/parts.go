package budget

import "time"

// This file is where the parts of a limit that several ledgers share come from
// outside. What a class may count on is its share of what all of them use: a
// ledger by itself knows only its own calls, and would keep for its urgent ones a
// part of the limit that others have long had.

// Use is what the calls of one kind do with a counter: those of a class, or
// those of a flow that has stated a demand.
type Use struct {
	Class   Class
	Flow    string        // that has stated a demand; empty for a class
	Rank    int           // of that demand among others
	Demand  int           // that demand, in the limit's units; 0 for a class
	Share   float64       // of a class, as WithShares has set it
	Used    int           // what it occupies
	Waiting int           // what its waiting calls cost
	Active  time.Duration // for how long something is to be held for it, if it does no more
}

// Uses tells who uses a counter, those first who take precedence. It is empty for
// a counter that is not known.
func (l *Local) Uses(key Key) []Use {
	now := l.lock()
	defer l.unlock()
	c := l.counters.find(&key)
	if c == nil {
		return nil
	}
	c.advance(now)
	used := c.meter.used(now) + c.inFlight
	if !l.kinds.mixed { // claims are not told what they use
		class, active := l.kinds.first, c.activeFor()
		if c.line.len == 0 {
			active = max(c.lastUsed.add(active).sub(now), 0)
		}
		return []Use{{Class: class, Share: l.options.shares.of(class), Used: used, Waiting: c.line.cost, Active: active}}
	}
	if len(c.claims) == 0 {
		return nil
	}
	uses := make([]Use, len(c.claims))
	oldest := 0
	for i, k := range c.claims {
		k.advance(c, now)
		uses[i] = Use{Class: k.class, Share: l.options.shares.of(k.class), Used: k.used(), Waiting: k.waitingCost()}
		switch {
		case k.stated() || k.waits():
			uses[i].Active = c.activeFor()
		case k.last != always:
			uses[i].Active = max(k.last.add(c.activeFor()).sub(now), 0)
		}
		if k.stated() {
			uses[i].Flow, uses[i].Rank, uses[i].Demand, uses[i].Share = k.demand.flow, k.demand.rank, int(k.demand.cost*float64(c.size)/c.capacity()), 0
		} else if k.class == l.kinds.first {
			oldest = i
		}
		used -= k.used()
	}
	if used > 0 { // of calls from before they were told apart
		uses[oldest].Used += used
	}
	return uses
}

// waitingCost is what the calls that wait in a claim cost.
func (k *claim) waitingCost() (cost int) {
	for _, f := range k.flows {
		cost += f.cost
	}
	return cost
}

// Apportion tells how much of a counter each of its uses may count on, in the
// limit's units and in the order of Uses, until it is told anew. Without uses
// they share all of the limit.
func (l *Local) Apportion(key Key, uses []Use, parts []int) {
	l.lock()
	defer l.unlock()
	c := l.counters.find(&key)
	if c == nil || len(parts) == 0 && len(c.parts) == 0 {
		return
	}
	given := make([]part, 0, len(parts))
	for i, n := range parts {
		given = append(given, part{uses[i].Class, uses[i].Flow, uses[i].Demand > 0, n})
	}
	c.own().parts = given
	c.portion()
	l.touch(c)
}

// part is what a claim was given from outside.
type part struct {
	class  Class
	flow   string
	stated bool
	cost   int
}

// apportion gives the claims the parts that were told; c.portion has shared the
// limit out among them as if there were no other ledgers.
func (c *counter) apportion() {
	for _, k := range c.claims {
		for _, p := range c.parts {
			if p.class == k.class && p.stated == k.stated() && (!p.stated || p.flow == k.demand.flow) {
				k.part, k.share = p.cost, float64(p.cost)/float64(max(c.size, 1))
			}
		}
	}
}

// shared is how much of the limit the claims share.
func (c *counter) shared() int {
	if len(c.parts) == 0 {
		return c.size
	}
	sum := 0
	for _, p := range c.parts {
		sum += p.cost
	}
	return min(sum, c.size)
}
