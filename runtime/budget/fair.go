package budget

import "slices"

// This file shares turns fairly among those who wait for one counter: between
// the flows of a claim by their weights, and between claims that borrow by
// their shares. It is start-time fair queueing.
//
// Each flow has a start tag. The flow with the lowest tag is served next, and
// its tag then grows by cost / weight. Virtual time is the lowest tag of those
// who wait, and never goes back. A flow that begins to wait gets the larger of
// its old tag and virtual time.
//
// Fairness. Between two flows that both wait all the time, the tags differ by no
// more than one largest cost / weight of each, for the lower is always served
// first. What a flow has been served is its weight times what its tag has grown,
// so their services, each divided by its weight, differ by no more than that in
// any stretch of time. A flow that has paused gains nothing and owes nothing.
//
// Tags are of one counter each. A time of the whole ledger would have a flow
// with a long line at a narrow limit pay for that at all others. With tags of
// several counters no two need agree on who is first; queue.go tells why nobody
// starves of that.
//
// Turns are counted among those who wait, so a flow that asks for little at a
// time, while there is room for all, has no line and needs none.

// flow is the waiters of one flow at one counter, in order of age.
type flow struct {
	claim      *claim
	name       string
	weight     float64
	tag        float64
	head, tail *place
	cost       int // of all of them
}

func (f *flow) empty() bool { return f.head == nil }

// weightOf is a request's weight, brought within reason.
func weightOf(w float64) float64 {
	if !(w > 0) {
		return 1
	}
	return min(max(w, 1e-6), 1e6)
}

// flowOf is the flow of a waiter at a claim.
func (k *claim) flowOf(w *waiter) *flow {
	f := k.names[w.flow]
	if f == nil {
		k.forget()
		f = &flow{claim: k, name: w.flow, tag: k.virtual}
		if k.names == nil {
			k.names = map[string]*flow{}
		}
		k.names[w.flow] = f
	}
	f.weight = w.weight
	return f
}

// forget drops flows that could be made anew without a difference, once they
// are more than those that wait.
func (k *claim) forget() {
	if len(k.names) < 2*len(k.flows)+32 {
		return
	}
	for name, f := range k.names {
		if f.empty() && f.tag <= k.virtual {
			delete(k.names, name)
		}
	}
}

// start is the flow's tag as it would be if it waited.
func (f *flow) start() float64 {
	if f.empty() {
		return max(f.tag, f.claim.virtual)
	}
	return f.tag
}

// start is the claim's tag as it would be if it waited.
func (k *claim) start(l *line) float64 {
	if k.len == 0 {
		return max(k.tag, l.virtual)
	}
	return k.tag
}

// sortIn puts a flow at its place among those that wait: behind those of the
// same tag.
func (k *claim) sortIn(f *flow) {
	at := len(k.flows)
	for at > 0 && k.flows[at-1].tag > f.tag {
		at--
	}
	k.flows = slices.Insert(k.flows, at, f)
}

func (k *claim) sortOut(f *flow) {
	at := slices.Index(k.flows, f)
	k.flows = slices.Delete(k.flows, at, at+1)
}

// insert puts a place into the line, behind those who are older.
func (l *line) insert(p *place) {
	f, k := p.flow, p.flow.claim
	if k.len == 0 {
		k.tag = k.start(l)
	}
	if f.empty() {
		f.tag = f.start()
		k.sortIn(f)
	}
	after := f.tail
	for after != nil && p.waiter.before(after.waiter) {
		after = after.prev
	}
	p.prev = after
	if after == nil {
		p.next, f.head = f.head, p
	} else {
		p.next, after.next = after.next, p
	}
	if p.next == nil {
		f.tail = p
	} else {
		p.next.prev = p
	}
	f.cost += p.cost
	k.len++
	l.len++
	l.cost += p.cost
}

func (l *line) remove(p *place) {
	f, k := p.flow, p.flow.claim
	if p.prev == nil {
		f.head = p.next
	} else {
		p.prev.next = p.next
	}
	if p.next == nil {
		f.tail = p.prev
	} else {
		p.next.prev = p.prev
	}
	p.prev, p.next = nil, nil
	if f.empty() {
		k.sortOut(f)
	}
	f.cost -= p.cost
	k.len--
	l.len--
	l.cost -= p.cost
	if p.passed {
		p.passed = false
		at := slices.Index(l.passed, p)
		l.passed = slices.Delete(l.passed, at, at+1)
	}
}

// turn counts a service of the waiter, who may stand in the line or not, while
// others wait.
func (c *counter) turn(w *waiter, cost int) {
	if c.line.len == 0 {
		return
	}
	k := c.claimOf(w.class, w.flow)
	f := k.flowOf(w)
	f.tag, k.tag = f.start(), k.start(&c.line)
	least := f.tag
	if len(k.flows) > 0 {
		least = min(least, k.flows[0].tag)
	}
	k.virtual = max(k.virtual, least)
	least = k.tag
	for _, other := range c.claims {
		if other.waits() {
			least = min(least, other.tag)
		}
	}
	c.line.virtual = max(c.line.virtual, least)
	f.tag += float64(cost) / f.weight
	k.tag += float64(cost) / max(k.share, 0.01)
	if !f.empty() {
		k.sortOut(f)
		k.sortIn(f)
	}
}
