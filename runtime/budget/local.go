package budget

import (
	"context"
	"sync"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/clock"
)

// Local is a Ledger within one process. Make it with NewLedger.
//
// The rules and their proofs are where the code is: counter.go has what all
// limits share; window.go, ends.go, bucket.go and concurrency.go the shapes;
// freeze.go what follows a refusal; foreign.go other users of a limit; queue.go
// the order among waiters, hold.go and fair.go what classes and flows may count on.
type Local struct {
	options options
	start   time.Time
	real    bool // the clock is the machine's

	// One lock guards all: a call's counters are charged together or not at all,
	// and no more than some hundred nanoseconds are spent under it. Nothing waits
	// while holding it, and no event is delivered.
	mu       sync.Mutex
	last     moment // the latest present seen
	closed   bool
	ended    chan struct{} // closed with the ledger
	counters table
	sweeping sweep
	tickets  []ticket     // made some at a time
	spare    []*admission // of tickets that have ended
	events   []Event      // to be delivered once the lock is released

	kinds   kinds
	sharers int    // how many ledgers share the limits; 0 for this one alone
	numbers uint64 // given to waiters
	waiters int
	dirty   []*counter // with waiters who may be admissible
	alarms  alarms
}

// NewLedger returns an empty ledger. It fails if an option is out of range.
func NewLedger(opts ...LedgerOption) (*Local, error) {
	l := &Local{options: defaults(), ended: make(chan struct{})}
	for _, opt := range opts {
		if err := opt(&l.options); err != nil {
			return nil, err
		}
	}
	if l.options.expectClasses {
		l.kinds.expect()
	}
	l.start, l.real = l.options.clock.Now(), l.options.clock == clock.Real
	l.alarms.poke = make(chan struct{}, 1)
	return l, nil
}

// lock takes the lock and returns the present. The clock is read under the
// lock, so that the present never goes back from one holder to the next.
func (l *Local) lock() moment {
	l.mu.Lock()
	return l.look()
}

// look reads the clock, under the lock.
func (l *Local) look() moment {
	l.last = max(l.last, l.present())
	return l.last
}

// lockUntimed takes the lock without reading the clock, which costs more than
// all else that Done and Cancel do. Nothing that they do starts a release clock,
// and to serve waiters by a present that has passed only frees less; see unlock for
// where it does not.
func (l *Local) lockUntimed() { l.mu.Lock() }

// unlock serves whoever can be served, releases the lock, and delivers events.
func (l *Local) unlock() {
	if len(l.dirty) > 0 {
		if l.options.supply != nil { // what is in hand may be so no longer
			l.look()
		}
		l.serve(l.last)
	}
	if len(l.events) == 0 {
		l.mu.Unlock()
		return
	}
	events := l.events
	l.events = nil
	l.mu.Unlock()
	for _, e := range events {
		l.options.events(e)
	}
}

func (l *Local) event(e Event) {
	if l.options.events != nil {
		l.events = append(l.events, e)
	}
}

// Admit implements Ledger.
//
// The wait is compared with the context's deadline once, before it begins, by
// what no answer can better, and given that those who wait before it stay; so a
// call can still end at the deadline: with a *WaitError that tells what it has
// waited for, and wraps context.DeadlineExceeded. A context that is cancelled ends
// it with the context's own error. A cost above its limit
// in all alternatives is an error that wraps ErrImpossible.
func (l *Local) Admit(ctx context.Context, r *Request) (Ticket, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !r.NotBefore.IsZero() {
		if err := l.holdOff(ctx, r); err != nil {
			return nil, err
		}
	}
	t, w, err := l.begin(ctx, r)
	switch {
	case err != nil:
		return nil, err
	case t != nil:
		return t, nil
	}
	select {
	case <-w.ready:
	case <-ctx.Done():
		return nil, l.abandon(w, ctx.Err())
	}
	if w.err != nil {
		return nil, w.err
	}
	return w.ticket, nil
}

// begin admits a request, or lets it wait.
func (l *Local) begin(ctx context.Context, r *Request) (*ticket, *waiter, error) {
	l.lockUntimed()
	defer l.unlock()
	if l.closed {
		return nil, nil, ErrClosed
	}
	class := Class(r.Class.index()) + Urgent
	l.kinds.see(class)
	a := l.newAdmission()
	if t := l.atOnce(a, r); t != nil {
		return t, nil, nil
	}
	now := l.look()
	if l.sweeping.due > 0 {
		defer l.sweep(now)
	}
	w := waiter{came: now, operation: r.Operation, class: class, flow: r.Flow, weight: weightOf(r.Weight), since: now, number: l.numbers}
	if !r.Since.IsZero() {
		w.since = min(w.since, l.moment(r.Since))
	}
	if !r.NotBefore.IsZero() {
		w.since = max(w.since, min(l.moment(r.NotBefore), now))
	}
	if len(r.Alternatives) == 0 {
		a.holds = a.holds[:0]
		return l.admit(a, r.Operation, now, 0, now), nil, nil
	}
	for i, charges := range r.Alternatives {
		a.holds = l.resolve(a.holds[:0], r.Operation, charges, now)
		if fit(now, &w, a.holds) {
			l.goesPast(&w, a.holds, now)
			return l.admitAs(a, &w, i, now), nil, nil
		}
	}
	l.release(a)
	queued, err := l.queue(ctx, r, w, now)
	return nil, queued, err
}

// atOnce admits a request by the latest present seen, if all its counters have
// room then: time only makes more of it. To read the clock is a fourth of what an
// admission costs. It is nil where the present may matter: where some wait, where
// calls are told apart, and on counters that go by more than their count.
func (l *Local) atOnce(a *admission, r *Request) *ticket {
	if l.waiters > 0 || l.kinds.mixed || len(r.Alternatives) == 0 || l.sweeping.due > 0 {
		return nil
	}
	a.holds = l.resolve(a.holds[:0], r.Operation, r.Alternatives[0], l.last)
	for i := range a.holds {
		h := &a.holds[i]
		if !h.c.timeless() || !h.c.fits(l.last, nil, h.cost) {
			return nil
		}
	}
	return l.admit(a, r.Operation, l.last, 0, l.last)
}

// queue lets a request wait, unless it is in vain.
func (l *Local) queue(ctx context.Context, r *Request, as waiter, now moment) (*waiter, error) {
	w := &as
	w.ready = make(chan struct{}, 1)
	l.numbers++
	patience := maxPatience
	var tooMuch *counter
	for i, charges := range r.Alternatives {
		holds := l.resolve(nil, r.Operation, charges, now)
		if c := impossible(holds); c != nil {
			tooMuch = c
			continue
		}
		w.sets = append(w.sets, set{index: i, holds: holds})
		for _, h := range holds {
			patience = min(patience, h.c.meter.turnover())
		}
	}
	if len(w.sets) == 0 {
		return nil, &WaitError{Operation: r.Operation, Key: tooMuch.key, Err: ErrImpossible}
	}
	w.holdsAt = w.since.add(patience)
	if r.NoWait {
		for _, s := range w.sets {
			for _, h := range s.holds {
				h.c.want(now, h.cost)
			}
		}
		c, until := l.forecast(w, now, false)
		return nil, &WaitError{Operation: r.Operation, Key: c.key, Until: l.time(until), Err: ErrWouldWait}
	}
	if deadline, ok := clock.Deadline(ctx, l.options.clock); ok {
		if c, until := l.forecast(w, now, true); until > l.moment(deadline) {
			return nil, &WaitError{Operation: r.Operation, Key: c.key, Until: l.time(until), Err: ErrDeadline}
		}
	}
	if l.options.events != nil {
		c, until := l.forecast(w, now, false)
		l.event(Event{Kind: Waiting, Time: l.time(now), Operation: r.Operation, Key: c.key, Until: l.time(until)})
	}
	l.join(w)
	return w, nil
}

// forecast tells when a waiter will be admitted, and which counter it waits for
// until then; see meter.soonest.
func (l *Local) forecast(w *waiter, now moment, hopeful bool) (by *counter, at moment) {
	at = never
	for _, s := range w.sets {
		var last *counter
		until := always
		for _, h := range s.holds {
			// A counter that fits does not hold the call up, though the guess may be unsure.
			if h.c.fits(now, w, h.cost) {
				continue
			}
			need, turn := h.c.ahead(now, w)+h.cost, now
			if !hopeful { // for what is held may come free at any time
				held, at := h.c.heldFrom(now, w, h.cost)
				need, turn = need+held, max(turn, at)
			}
			if m := max(h.c.soonest(now, need, hopeful), turn); m > until {
				last, until = h.c, m
			}
		}
		if last != nil && (by == nil || until < at) {
			by, at = last, until
		}
	}
	if by == nil { // it fits now, since its own alternatives changed a counter's shape
		return w.sets[0].holds[0].c, now
	}
	return by, at
}

// abandon ends a wait because its context has ended, and tells what it was for. If
// the call was admitted at the same moment, that is undone.
func (l *Local) abandon(w *waiter, ended error) error {
	now := l.lock()
	defer l.unlock()
	switch {
	case w.waiting:
		if ended == context.DeadlineExceeded {
			c, _ := l.forecast(w, now, false)
			ended = &WaitError{Operation: w.operation, Key: c.key, Err: ended}
		}
		l.leave(w, now)
	case w.ticket != nil:
		w.ticket.cancel()
	}
	return ended
}

// resolve finds the counters of a set of charges, and appends what is to be
// charged to each. Two charges to one counter become one.
func (l *Local) resolve(holds []hold, operation string, charges []Charge, now moment) []hold {
next:
	for i := range charges {
		charge := &charges[i]
		c := l.counters.find(&charge.Key)
		switch {
		case c == nil:
			c = l.newCounter(charge.Key, charge.Shape, now)
		case c.given != charge.Shape:
			c.given = charge.Shape
			if !c.told {
				l.reshape(c, charge.Shape, now)
				l.touch(c)
			}
		}
		cost := min(max(charge.Cost, 1), unbounded)
		if c.costs != nil {
			cost = c.costs.expected(operation, cost, c.size)
		}
		for j := range holds {
			if holds[j].c == c {
				holds[j].cost += cost
				continue next
			}
		}
		holds = append(holds, hold{c: c, cost: cost})
	}
	return holds
}

func (l *Local) newCounter(key Key, shape api.Shape, now moment) *counter {
	c := &counter{ledger: l, key: key, given: shape, lastUsed: now, extras: noExtras}
	if l.options.supply != nil {
		c.supply = l.options.supply.Portion(key)
	}
	l.reshape(c, shape, now)
	l.counters.add(c)
	l.sweeping.add(c)
	return c
}

// impossible is the counter whose limit is below the cost, nil when there is none.
func impossible(holds []hold) *counter {
	for _, h := range holds {
		if h.cost > h.c.size {
			return h.c
		}
	}
	return nil
}

// admitAs admits a waiter, whose kind may matter.
func (l *Local) admitAs(a *admission, w *waiter, alternative int, now moment) *ticket {
	if l.kinds.mixed {
		defer func() {
			for i := range a.holds {
				h := &a.holds[i]
				h.c.take(h.c.claimOf(w.class, w.flow), h, now)
			}
		}()
	}
	return l.admit(a, w.operation, w.came, alternative, now)
}

// admit charges all counters of an admission.
func (l *Local) admit(a *admission, operation string, came moment, alternative int, now moment) *ticket {
	a.operation = operation
	for i := range a.holds {
		h := &a.holds[i]
		h.thaw = h.c.occupy(now, h.cost)
		h.c.seen.wait.note(now.sub(came))
	}
	return l.ticket(a, alternative, now)
}

// Observe implements Ledger. What it tells of a counter that no call has drawn
// on is dropped: nothing is known of its shape.
func (l *Local) Observe(observations ...Observation) {
	now := l.lock()
	defer l.unlock()
	for i := range observations {
		if c := l.counters.find(&observations[i].Key); c != nil {
			l.observe(c, now, now, &observations[i])
			l.touch(c)
		}
	}
}

// Close implements Ledger. Tickets that are still open may be ended as ever.
func (l *Local) Close() error {
	now := l.lock()
	defer l.unlock()
	if !l.closed {
		close(l.ended)
	}
	l.closed = true
	for _, c := range l.sweeping.counters {
		for _, p := range c.everyone() {
			l.fail(p.waiter, ErrClosed, now)
		}
	}
	l.counters = table{}
	l.sweeping = sweep{}
	return nil
}
