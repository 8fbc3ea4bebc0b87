package budget

// ticket is an admission by a Local ledger.
type ticket struct {
	ledger      *Local
	operation   string
	alternative int
	state       ticketState
	sent        moment // at the earliest: the admission, until Sent tells more
	holds       []hold
	inline      [2]hold // where holds are kept when they are few
}

// hold is what a call has charged to one counter.
type hold struct {
	c    *counter
	cost int
	thaw uint32 // freeze.thaw at the admission

	taken int32  // what was charged to usage
	usage *usage // of the call's claim; nil where calls are not told apart
}

type ticketState uint8

const (
	admitted ticketState = iota
	answered
	ended
)

// newTicket takes the next of some that were made together, which costs a
// fraction of an allocation. They are not used again: a late call to a ticket
// that has ended must do nothing, and not end another one.
func (l *Local) newTicket() *ticket {
	if len(l.tickets) == 0 {
		l.tickets = make([]ticket, 32)
	}
	t := &l.tickets[0]
	l.tickets = l.tickets[1:]
	t.ledger = l
	return t
}

// Alternative implements Ticket.
func (t *ticket) Alternative() int { return t.alternative }

// Sent implements Ticket. Without it the call is taken as sent at its admission,
// which is safe, and learns less from its answer.
func (t *ticket) Sent() {
	now := t.ledger.lock()
	if t.state == admitted {
		t.sent = now
	}
	t.ledger.unlock()
}

// Resent implements Ticket. The transmission that got no answer is deemed
// answered when Lost would be, and the charge of the call stands for the one
// under way. The ledger is not asked whether there is room, since the
// transport has sent it already: the counter may be in debt for a while.
func (t *ticket) Resent() {
	now := t.ledger.lock()
	defer t.ledger.unlock()
	if t.state != admitted {
		return
	}
	for _, h := range t.holds {
		h.c.inFlight += h.cost
		h.c.lost.push(now.add(t.ledger.options.linger), h.cost, 0)
		t.ledger.touch(h.c)
	}
}

// Answer implements Ticket.
func (t *ticket) Answer(a Answer) {
	now := t.ledger.lock()
	defer t.ledger.unlock()
	if t.state == admitted {
		t.state = answered
		t.ledger.settle(t, now, &a)
	}
}

// Done implements Ticket. Without an Answer before it, it is one that tells nothing.
func (t *ticket) Done() {
	t.ledger.lockUntimed()
	if t.state == admitted {
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
	if t.state == answered {
		t.done()
	}
	if t.state == ended {
		return
	}
	t.state = ended
	for _, h := range t.holds {
		h.c.lose(h, now, now.add(t.ledger.options.linger))
		t.ledger.touch(h.c)
	}
}

// Cancel implements Ticket. After an Answer it is the same as Done.
func (t *ticket) Cancel() {
	t.ledger.lockUntimed()
	t.cancel()
	t.ledger.unlock()
}

func (t *ticket) cancel() {
	if t.state == answered {
		t.done()
	}
	if t.state == ended {
		return
	}
	t.state = ended
	for _, h := range t.holds {
		h.c.giveBack(h)
		t.ledger.touch(h.c)
	}
}

func (t *ticket) done() {
	if t.state != answered {
		return
	}
	t.state = ended
	for _, h := range t.holds {
		h.c.meter.done(h.cost)
		h.c.doneAfter(t.ledger.last.sub(t.sent), t.ledger.last, h.cost)
		h.done()
		t.ledger.touch(h.c)
	}
}
