package runtime

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptrace"

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
// A cost may stand behind all of a body's data, so for that the call's own bound holds.
const maxRefusalBody = 64 << 10

func (l admission) RoundTrip(req *http.Request) (*http.Response, error) {
	c, call := l.client, callFrom(req)
	call.url = req.URL
	var err error
	if call.signer.offer, err = c.offer(req.Context(), call); err != nil {
		return nil, retry.Permanent(err)
	}
	admit := func(noWait bool) (budget.Ticket, error) {
		ticket, err := c.ledger.Admit(req.Context(), &budget.Request{
			Operation:    call.op.Name,
			Alternatives: call.signer.offer.sets,
			Class:        call.config.order.class,
			Flow:         call.config.order.flow,
			Weight:       call.config.order.weight,
			Since:        call.since,
			NotBefore:    call.config.order.notBefore,
			NoWait:       noWait,
		})
		if err == nil {
			ticket.Sent()
		}
		return ticket, err
	}
	ticket, err := call.watch.admit(req.Context(), admit, call.ahead)
	if err != nil {
		return nil, retry.Permanent(err)
	}
	call.goesBy(ticket.Alternative())
	if call.admitted != nil {
		call.admitted()
	}
	call.attempts++
	call.refusal = nil
	out := call.watch.sends(req)
	ctx, cancel := context.WithCancelCause(out.Context())
	wire := &transmission{
		ticket: ticket,
		again:  func() (budget.Ticket, error) { return admit(true) },
		cancel: cancel,
	}
	sent := c.clock.Now()
	call.sent = sent
	resp, err := l.next.RoundTrip(out.WithContext(httptrace.WithClientTrace(ctx, wire.trace())))
	answered := c.clock.Now()
	call.attempts += wire.repetitions()
	if err != nil {
		err = wire.settle(err, context.Cause(ctx))
		call.lost = call.lost || wire.lost
		cancel(nil)
		return nil, err
	}
	call.watch.answered(resp.StatusCode)
	ticket = wire.current()
	var body []byte
	if c.quota.NeedsBody(call.op, resp.StatusCode) {
		limit := int64(maxRefusalBody)
		if len(c.desc.QuotaBodies) > 0 {
			limit = call.config.maxBody
		}
		body = peek(resp, limit)
	}
	call.head = body
	call.refusal = c.quota.Refusal(call.op, resp.StatusCode, resp.Header, body, sent, answered)
	if r := call.refusal; r != nil && r.Least {
		// Where that was not enough, it is twice as much the next time.
		r.Until = answered.Add(r.Until.Sub(answered) << min(call.untold, 10))
		call.untold++
	}
	news := c.quota.Observations(call.op, resp.Header, body, sent, answered)
	ticket.Answer(budget.Answer{
		Observations: news,
		Refusal:      call.refusal,
		Costs:        c.charged(call, req, resp, body),
	})
	c.latency.saw(answered.Sub(sent))
	c.watchPlan(call, news)
	c.logRefusal(req.Context(), call, resp)
	end := ticket.Done
	if call.keep != nil && call.refusal == nil && resp.StatusCode/100 == 2 {
		end = func() { call.keep(ticket) }
	}
	resp.Body = watchBody(ctx, resp.Body, func(error) {
		end()
		cancel(nil)
	})
	return resp, nil
}

// peek reads the beginning of a body and puts it back, with the error that
// followed it if there was one.
func peek(resp *http.Response, limit int64) []byte {
	if resp.Body == http.NoBody {
		return nil
	}
	head, err := io.ReadAll(io.LimitReader(resp.Body, limit))
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
