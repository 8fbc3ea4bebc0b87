package budget

import "sync/atomic"

// ticket is an admission by a Local ledger, as its caller has it. It is never
// used again, so that a late call to a ticket that has ended does nothing, and
// does not end another one. What it stands for is: a ticket is small, and made
// with many others, and so costs a fraction of an allocation.
type ticket struct {
	admission   *admission
	generation  uint32 // of the admission; it stands for this ticket's as long as they agree
	alternative int32
	sent        atomic.Int64 // a moment; 0 until Sent tells one, and then the admission's counts
}

// admission is what a ticket stands for, and then another one. All but ledger
// and generation is guarded by the ledger's lock.
type admission struct {
	ledger     *Local
	generation atomic.Uint32 // changes under the lock, as the ticket ends
	answered   bool
	operation  string
	admitted   moment
	sent       moment  // as the ticket said when its answer came
	holds      []hold  // those of the ticket before, when there is none
	inline     [1]hold // where holds are kept when there is one
}

// hold is what a call has charged to one counter.
type hold struct {
	c    *counter
	cost int
	thaw uint32 // freeze.thaw at the admission

	taken int32  // what was charged to usage
	usage *usage // of the call's claim; nil where calls are not told apart
}

// newAdmission takes one that no ticket needs any longer.
func (l *Local) newAdmission() *admission {
	if n := len(l.spare); n > 0 {
		a := l.spare[n-1]
		l.spare = l.spare[:n-1]
		return a
	}
	a := &admission{ledger: l}
	a.holds = a.inline[:0]
	return a
}

func (l *Local) admissionOf(holds []hold) *admission {
	a := l.newAdmission()
	a.holds = append(a.holds[:0], holds...)
	return a
}

// maxSpare bounds how many admissions are kept for tickets to come.
const maxSpare = 1024

func (l *Local) release(a *admission) {
	if len(l.spare) < maxSpare {
		l.spare = append(l.spare, a)
	}
}

// ticket makes the ticket of an admission.
func (l *Local) ticket(a *admission, alternative int, now moment) *ticket {
	if len(l.tickets) == 0 {
		l.tickets = make([]ticket, 64)
	}
	t := &l.tickets[0]
	l.tickets = l.tickets[1:]
	t.admission, t.generation, t.alternative = a, a.generation.Load(), int32(alternative)
	a.admitted, a.answered = now, false
	return t
}

// open is the admission, nil once the ticket has ended. Under the lock that is
// for as long as it is held, and else only nil is sure to last.
func (t *ticket) open() *admission {
	if t.admission.generation.Load() != t.generation {
		return nil
	}
	return t.admission
}

// end ends the ticket.
func (t *ticket) end() {
	t.admission.generation.Add(1)
	t.admission.ledger.release(t.admission)
}

// Alternative implements Ticket.
func (t *ticket) Alternative() int { return int(t.alternative) }

// Sent implements Ticket. Without it the call is taken as sent at its admission,
// which is safe, and learns less from its answer. It needs no lock: nothing is
// admitted or freed by it.
func (t *ticket) Sent() { t.sent.Store(int64(t.admission.ledger.present())) }

// Resent implements Ticket. The transmission that got no answer is deemed
// answered when Lost would be, and the charge of the call stands for the one
// under way. The ledger is not asked whether there is room, since the
// transport has sent it already: the counter may be in debt for a while.
func (t *ticket) Resent() {
	now := t.admission.ledger.lock()
	defer t.admission.ledger.unlock()
	a := t.open()
	if a == nil || a.answered {
		return
	}
	for _, h := range a.holds {
		h.c.inFlight += h.cost
		deemed := now.add(a.ledger.options.linger)
		h.c.own().lost.push(deemed, h.cost, 0)
		if h.c.supply != nil {
			h.c.supply.Resent(a.ledger.time(deemed), h.cost)
		}
		a.ledger.touch(h.c)
	}
}

// Answer implements Ticket.
func (t *ticket) Answer(a Answer) {
	now := t.admission.ledger.lock()
	t.answer(now, &a)
	t.admission.ledger.unlock()
}

func (t *ticket) answer(now moment, told *Answer) {
	a := t.open()
	if a == nil || a.answered {
		return
	}
	a.answered, a.sent = true, a.admitted
	if sent := moment(t.sent.Load()); sent != 0 {
		a.sent = min(sent, now)
	}
	a.ledger.settle(a, now, told)
	if !a.lasts() {
		t.end()
	}
}

// lasts reports whether the end of the body will free something.
func (a *admission) lasts() bool {
	for i := range a.holds {
		if _, ok := a.holds[i].c.meter.(*concurrency); ok || a.holds[i].usage != nil {
			return true
		}
	}
	return false
}

// Done implements Ticket. Without an Answer before it, it is one that tells nothing.
func (t *ticket) Done() {
	if t.open() == nil {
		return
	}
	l := t.admission.ledger
	l.lockUntimed()
	defer l.unlock()
	if a := t.open(); a != nil && !a.answered {
		t.answer(l.look(), &Answer{})
	}
	t.done()
}

// Lost implements Ticket. After an Answer it is the same as Done.
func (t *ticket) Lost() {
	now := t.admission.ledger.lock()
	defer t.admission.ledger.unlock()
	t.done()
	a := t.open()
	if a == nil {
		return
	}
	for _, h := range a.holds {
		h.c.lose(h, now, now.add(a.ledger.options.linger))
		a.ledger.touch(h.c)
	}
	t.end()
}

// Cancel implements Ticket. After an Answer it is the same as Done.
func (t *ticket) Cancel() {
	t.admission.ledger.lockUntimed()
	t.cancel()
	t.admission.ledger.unlock()
}

func (t *ticket) cancel() {
	t.done()
	a := t.open()
	if a == nil {
		return
	}
	for i := range a.holds {
		h := &a.holds[i]
		h.c.giveBack(*h)
		a.ledger.touch(h.c)
	}
	t.end()
}

// done ends the ticket if it was answered.
func (t *ticket) done() {
	a := t.open()
	if a == nil || !a.answered {
		return
	}
	for i := range a.holds {
		h := &a.holds[i]
		h.c.meter.done(h.cost)
		if h.c.supply != nil {
			h.c.supply.Done(h.cost)
		}
		h.c.doneAfter(a.ledger.last.sub(a.sent), a.ledger.last, h.cost)
		h.done()
		a.ledger.touch(h.c)
	}
	t.end()
}
