package runtime

// This file has the layers that stand in a Transport's chain where a client's
// buffers: answers are passed on while they come.

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/retry"
)

// streaming tells how requests end, when their answers' bodies do. See observing.
type streaming struct{ next http.RoundTripper }

func (l streaming) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(req)
	w := callFrom(req).watch
	if err != nil {
		w.attemptEnded(err)
		return nil, err
	}
	resp.Body = watchBody(req.Context(), resp.Body, func(err error) {
		w.attemptEnded(err)
		if w.passed != nil {
			w.ended(w.passed.endedBy(err))
		}
	})
	return resp, nil
}

// passed is an answer that its caller has, and may still be reading.
type passed struct {
	client *Client
	call   *call
	answer answer
}

// passesOn tells the watch that there will be no further attempt, so that the
// call ends with the answer's body.
func (w *watch) passesOn(resp *http.Response) {
	if !w.on() {
		return
	}
	w.passed = &passed{client: w.client, call: w.call, answer: answer{status: resp.StatusCode, header: resp.Header, body: w.call.head}}
	if _, inMemory := resp.Body.(*buffered); inMemory || resp.Body == http.NoBody {
		w.ended(w.passed.endedBy(nil))
	}
}

// endedBy is how observers are told of the call: as a client's own would have ended.
func (p *passed) endedBy(err error) error {
	redirects := p.answer.status >= 300 && p.answer.status < 400
	if err == nil && p.call.refusal == nil && (redirects || !p.client.isError(&p.answer)) {
		return nil
	}
	return p.client.failure(p.call, &p.answer, err)
}

// keeping closes the bodies of requests that were not let go, as a RoundTripper
// has to, and makes errors of why they were not.
type keeping struct {
	next   http.RoundTripper
	client *Client
}

func (l keeping) RoundTrip(req *http.Request) (*http.Response, error) {
	cl := callFrom(req)
	before := cl.attempts
	resp, err := l.next.RoundTrip(req)
	if err == nil || cl.attempts > before {
		return resp, err
	}
	closeBody(req)
	wait, waited := errors.AsType[*budget.WaitError](err)
	if ended := req.Context().Err(); !waited && ended != nil && errors.Is(err, ended) {
		return nil, err
	}
	if waited && errors.Is(wait, ErrDeadline) {
		err = l.client.tooLate(req.Context(), wait)
	}
	return nil, retry.Permanent(l.client.failure(cl, nil, err))
}

// tooLateError is the error of a wait that a deadline leaves no time for.
type tooLateError struct {
	*budget.WaitError
	wait, left time.Duration
}

func (c *Client) tooLate(ctx context.Context, wait *budget.WaitError) error {
	deadline, ok := clock.Deadline(ctx, c.clock)
	if !ok || wait.Until.IsZero() {
		return wait
	}
	now := c.clock.Now()
	return &tooLateError{WaitError: wait, wait: wait.Until.Sub(now), left: deadline.Sub(now)}
}

func (e *tooLateError) Error() string {
	return fmt.Sprintf("the wait takes %v, and the request's deadline, by its context or http.Client.Timeout, is in %v: %v",
		e.wait.Round(time.Millisecond), e.left.Round(time.Millisecond), e.WaitError)
}

func (e *tooLateError) Unwrap() error { return e.WaitError }
