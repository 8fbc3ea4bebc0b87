package runtime

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/retry"
)

// admission waits until the budget has room for the request, and settles its
// charge with what the answer tells.
type admission struct {
	next   http.RoundTripper
	client *Client
}

// maxRefusalBody bounds what is read of a body to learn whether it is a refusal.
const maxRefusalBody = 64 << 10

func (l admission) RoundTrip(req *http.Request) (*http.Response, error) {
	c, call := l.client, callFrom(req)
	call.url = req.URL
	charges, err := c.charges(call)
	if err != nil {
		return nil, retry.Permanent(err)
	}
	ticket, err := c.ledger.Admit(req.Context(), &budget.Request{
		Operation:    call.op.Name,
		Alternatives: [][]budget.Charge{charges},
		Since:        call.since,
		NoWait:       call.ahead,
	})
	if err != nil {
		return nil, retry.Permanent(err)
	}
	call.attempts++
	call.refusal = nil
	wire := &transmission{ticket: ticket}
	ctx := httptrace.WithClientTrace(req.Context(), wire.trace())
	ticket.Sent()
	sent := c.clock.Now()
	resp, err := l.next.RoundTrip(req.WithContext(ctx))
	answered := c.clock.Now()
	if err != nil {
		return nil, wire.settle(err)
	}
	var body []byte
	if c.quota.NeedsBody(resp.StatusCode) {
		body = peek(resp)
	}
	call.refusal = c.quota.Refusal(call.op, resp.StatusCode, resp.Header, body, sent, answered)
	ticket.Answer(budget.Answer{
		Observations: c.quota.Observations(call.op, resp.Header, sent, answered),
		Refusal:      call.refusal,
	})
	resp.Body = &watchedBody{ReadCloser: resp.Body, ctx: req.Context(), end: ticket.Done}
	return resp, nil
}

// peek reads the beginning of a body and puts it back, with the error that
// followed it if there was one.
func peek(resp *http.Response) []byte {
	head, err := io.ReadAll(io.LimitReader(resp.Body, maxRefusalBody))
	rest := io.Reader(resp.Body)
	if err != nil {
		rest = broken{err}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), rest), resp.Body}
	return head
}

// broken is the rest of a body that cannot be read.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// transmission follows what the transport does with one request. net/http
// sends a replayable request again by itself when a reused connection was
// dropped, and the provider may have counted the first one too.
type transmission struct {
	ticket  budget.Ticket
	dialled atomic.Bool // the transport is one that reports
	written atomic.Int32
}

func (t *transmission) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { t.dialled.Store(true) },
		WroteHeaders: func() {
			if t.written.Add(1) > 1 {
				t.ticket.Resent()
			}
		},
	}
}

// settle gives the charge of a failed request back if it surely did not leave,
// and marks the error with what that means for repeating it. A transport that
// reports nothing may have sent it.
func (t *transmission) settle(err error) error {
	switch _, before := errors.AsType[unsigned](err); {
	case before:
		t.ticket.Cancel()
		return retry.Permanent(err)
	case t.dialled.Load() && t.written.Load() == 0:
		t.ticket.Cancel()
		return retry.Unsent(err)
	}
	t.ticket.Lost()
	return err
}
