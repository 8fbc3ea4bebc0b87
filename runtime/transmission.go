package runtime

// This file follows what the transport does with an admitted request.
//
// net/http sends a replayable request again by itself when a reused connection
// was dropped, though the provider may have counted the first one. Before it
// does, it looks for another connection, and says so on the goroutine that waits
// for the answer. There the repetition is admitted as well, if that costs no
// wait; if not, the attempt fails, and the call's policy decides. Where a
// transport does not say so beforehand, the repetition is debited afterwards.

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"sync"

	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/retry"
)

type transmission struct {
	again  func() (budget.Ticket, error) // admits one more, without a wait
	cancel context.CancelCauseFunc       // ends the request

	mu      sync.Mutex
	ticket  budget.Ticket
	dialled bool // the transport is one that reports
	written int  // how often, under this ticket
	barred  bool // there was no room to send it again
	repeats int  // transmissions after the first, under any ticket
	lost    bool // one was written, it may be, and has no answer
}

// errDropped is why an attempt fails that the transport wants to repeat, when
// there is no room for that.
var errDropped = errors.New("the connection was dropped, and there is no room in the budget to send again at once")

func (t *transmission) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:      func(string) { t.dials() },
		GotConn:      func(info httptrace.GotConnInfo) { t.connected(info.Conn) },
		WroteHeaders: t.wrote,
	}
}

func (t *transmission) dials() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dialled = true
	if t.written == 0 {
		return
	}
	ticket, err := t.again()
	if err != nil {
		t.barred = true
		t.cancel(errDropped)
		return
	}
	t.ticket.Lost()
	t.ticket, t.written, t.lost = ticket, 0, true
	t.repeats++
}

// connected closes the connection that net/http found for a request which it was
// to give up: of an idle connection and a context's end it takes either. With
// HTTP/2 the connection is others' as well; but then what is sent again is what
// the provider has said that it did not process.
func (t *transmission) connected(conn net.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.barred {
		return
	}
	secure, ok := conn.(interface{ ConnectionState() tls.ConnectionState })
	if ok && secure.ConnectionState().NegotiatedProtocol == "h2" {
		return
	}
	conn.Close()
}

func (t *transmission) wrote() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.written++; t.written > 1 {
		t.ticket.Resent()
		t.repeats++
	}
}

func (t *transmission) repetitions() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.repeats
}

// current is the ticket of the transmission that was answered.
func (t *transmission) current() budget.Ticket {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ticket
}

// settle gives the charge of a failed request back if it surely did not leave,
// and marks the error with what that means for repeating it. A transport that
// reports nothing may have sent it. why is what ended the request's context.
func (t *transmission) settle(err, why error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch _, before := errors.AsType[unsigned](err); {
	case before:
		t.ticket.Cancel()
		return retry.Permanent(err)
	case t.dialled && t.written == 0:
		t.ticket.Cancel()
		return retry.Unsent(err)
	}
	t.ticket.Lost()
	t.lost = true
	if why == errDropped {
		return why
	}
	return err
}
