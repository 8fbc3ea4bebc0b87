package budget

import "sync/atomic"

// ticket is an admission by a Local ledger, as its caller has it. It is never
// used again, so that a late call to a ticket that has ended does nothing, and
// does not end another one. What it stands for is: a ticket is small, and made
// with many others, and so costs a fraction of an allocation.
type ticket struct {
	ledger      *Local
	admission   *admission   // nil once it has ended; guarded by the ledger's lock
	sent        atomic.Int64 // a moment: the admission, until Sent tells more
	alternative int
}

// admission is what a ticket stands for.
type admission struct {
	operation string
	answered  bool
	sent      moment // as the ticket said when its answer came
	holds     []hold
	inline    [1]hold // where holds are kept when there is one
}

// hold is what a call has charged to one counter.
type hold struct {
	c    *counter
	cost int
	thaw uint32 // freeze.thaw at the admission

	taken int32  // what was charged to usage
	usage *usage // of the call's claim; nil where calls are not told apart
}

// newTicket takes the next ticket, and an admission that another one no longer needs.
func (l *Local) newTicket() *ticket {
	if len(l.tickets) == 0 {
		l.tickets = make([]ticket, 64)
	}
	t := &l.tickets[0]
	l.tickets = l.tickets[1:]
	t.ledger = l
	if n := len(l.spare); n > 0 {
		t.admission = l.spare[n-1]
		l.spare = l.spare[:n-1]
		return t
	}
	t.admission = &admission{}
	t.admission.holds = t.admission.inline[:0]
	return t
}

// maxSpare bounds how many admissions are kept for tickets to come.
const maxSpare = 1024

// end ends the ticket.
func (t *ticket) end() {
	a := t.admission
	t.admission = nil
	if l := t.ledger; len(l.spare) < maxSpare {
		clear(a.holds)
		a.operation, a.answered, a.holds = "", false, a.holds[:0]
		l.spare = append(l.spare, a)
	}
}

// Alternative implements Ticket.
func (t *ticket) Alternative() int { return t.alternative }

// Sent implements Ticket. Without it the call is taken as sent at its admission,
// which is safe, and learns less from its answer. It needs no lock: nothing is
// admitted or freed by it.
func (t *ticket) Sent() { t.sent.Store(int64(t.ledger.present())) }

// Resent implements Ticket. The transmission that got no answer is deemed
// answered when Lost would be, and the charge of the call stands for the one
// under way. The ledger is not asked whether there is room, since the
// transport has sent it already: the counter may be in debt for a while.
func (t *ticket) Resent() {
	now := t.ledger.lock()
	defer t.ledger.unlock()
	a := t.admission
	if a == nil || a.answered {
		return
	}
	for _, h := range a.holds {
		h.c.inFlight += h.cost
		h.c.lost.push(now.add(t.ledger.options.linger), h.cost, 0)
		t.ledger.touch(h.c)
	}
}

// Answer implements Ticket.
func (t *ticket) Answer(a Answer) {
	now := t.ledger.lock()
	t.answer(now, &a)
	t.ledger.unlock()
}

func (t *ticket) answer(now moment, a *Answer) {
	if t.admission != nil && !t.admission.answered {
		t.admission.answered = true
		t.admission.sent = min(moment(t.sent.Load()), now)
		t.ledger.settle(t.admission, now, a)
	}
}

// Done implements Ticket. Without an Answer before it, it is one that tells nothing.
func (t *ticket) Done() {
	t.ledger.lockUntimed()
	if t.admission != nil && !t.admission.answered {
		t.ledger.unlock()
		t.Answer(Answer{})
		t.ledger.lockUntimed()
	}
	t.done()
	t.ledger.unlock()
}

// Lost implements Ticket. After an Answer it is the same as Done.
func (t *ticket) Lost() {
	now := t.ledger.lock()
	defer t.ledger.unlock()
	t.done()
	a := t.admission
	if a == nil {
		return
	}
	for _, h := range a.holds {
		h.c.lose(h, now, now.add(t.ledger.options.linger))
		t.ledger.touch(h.c)
	}
	t.end()
}

// Cancel implements Ticket. After an Answer it is the same as Done.
func (t *ticket) Cancel() {
	t.ledger.lockUntimed()
	t.cancel()
	t.ledger.unlock()
}

func (t *ticket) cancel() {
	t.done()
	a := t.admission
	if a == nil {
		return
	}
	for i := range a.holds {
		h := &a.holds[i]
		h.c.giveBack(*h)
		t.ledger.touch(h.c)
	}
	t.end()
}

// done ends the ticket if it was answered.
func (t *ticket) done() {
	a := t.admission
	if a == nil || !a.answered {
		return
	}
	for i := range a.holds {
		h := &a.holds[i]
		h.c.meter.done(h.cost)
		h.c.doneAfter(t.ledger.last.sub(a.sent), t.ledger.last, h.cost)
		h.done()
		t.ledger.touch(h.c)
	}
	t.end()
}
