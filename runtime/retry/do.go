package retry

// This file has the loop of a call. go-retryablehttp turns it; what it would
// decide by itself is decided here, for these reasons:
//
//   - Its settings are per client, so each call has a client of its own. That
//     is one small allocation; the connections are Next's.
//   - Its Backoff sees neither the context nor the error, and sleeps past
//     deadlines by the machine's clock. So Backoff is always zero, and CheckRetry
//     both decides on the wait and waits.
//   - It closes the idle connections of the transport after each failed call,
//     which other calls use. So it is given a round tripper without that method.
//   - It reads whole request bodies into memory. So the loop rewinds them.
//   - net/http's Client follows redirects and puts URLs, secrets included, into
//     its errors. So it sees neither the answers nor the errors of the loop.

import (
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/weirkit/weir/runtime/clock"
)

// maxDrain is what is read of an abandoned answer, so that its connection can
// be used again. Longer ones cost more to read than a connection does.
const maxDrain = 64 << 10

// Do sends the request until an answer or an error is final. Unlike a
// RoundTripper it may return both an answer and an error: the answer to the last
// attempt, its body unread, and a *GaveUp which tells why there was no further
// one. An answer that nothing would have repeated comes without an error,
// whatever its status.
//
// A request with a body is repeated only if it has GetBody.
func (t *Transport) Do(req *http.Request, call Call) (*http.Response, error) {
	l := &loop{
		next:   t.Next,
		clock:  t.clock(),
		random: t.random,
		req:    req,
		call:   call,
		policy: call.Policy.withDefaults(),
	}
	l.start = l.clock.Now()
	client := retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: l},
		RetryMax:     math.MaxInt,
		CheckRetry:   l.check,
		Backoff:      noBackoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	_, err := client.Do(&retryablehttp.Request{Request: req})
	if l.attempts == 0 || l.repeating {
		// The request was not fit to be sent, or the context ended between
		// CheckRetry and the next attempt.
		return nil, withoutURL(err)
	}
	return l.resp, unmark(l.err)
}

func noBackoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return 0 }

// answered stands for every answer towards go-retryablehttp and net/http.
var answered = &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}

// loop is one call under way.
type loop struct {
	next   http.RoundTripper
	clock  clock.Clock
	random func() float64
	req    *http.Request
	call   Call
	policy Policy
	start  time.Time

	attempts  int
	resp      *http.Response // the last attempt's
	err       error          // the last attempt's, or why there is no further one
	repeating bool           // check said that there will be another attempt
}

// RoundTrip makes one attempt.
func (l *loop) RoundTrip(*http.Request) (*http.Response, error) {
	l.attempts++
	l.repeating = false
	req := l.req
	if l.attempts > 1 {
		req = req.WithContext(req.Context()) // a copy: the last one may still be in use
		if req.GetBody != nil {
			body, err := req.GetBody()
			if err != nil {
				l.resp, l.err = nil, Permanent(err)
				return nil, err
			}
			req.Body = body
		}
	}
	l.resp, l.err = l.next.RoundTrip(req)
	if l.err == nil && l.resp == nil {
		l.err = Permanent(errors.New("retry: the transport returned neither an answer nor an error"))
	}
	if l.err == nil {
		return answered, nil
	}
	if l.resp != nil {
		l.resp.Body.Close()
		l.resp = nil
	}
	return nil, l.err
}

// check says whether there is to be another attempt, once its time has come.
func (l *loop) check(ctx context.Context, _ *http.Response, _ error) (bool, error) {
	if l.attempts == 0 {
		return false, nil // net/http found the request unfit
	}
	asks, verdict := l.judge(ctx)
	if asks == never || asks == ifRepeatable && !l.call.Repeatable {
		return false, nil
	}
	wait, gaveUp := l.plan(ctx, verdict)
	if gaveUp != nil {
		l.err = gaveUp
		return false, nil
	}
	until := l.clock.Now().Add(wait)
	if l.call.OnRetry != nil {
		a := Attempt{Number: l.attempts, Err: unmark(l.err), Refused: verdict.Refused, Wait: wait, Until: until}
		if l.resp != nil {
			a.Status = cmp.Or(verdict.Status, l.resp.StatusCode)
		}
		l.call.OnRetry(a)
	}
	if l.resp != nil {
		drain(l.resp.Body)
	}
	if err := sleep(ctx, l.clock, until); err != nil {
		l.resp, l.err = nil, err
		return false, nil
	}
	l.repeating = true
	return true, nil
}

// judge reads the outcome of the last attempt.
func (l *loop) judge(ctx context.Context) (again, Verdict) {
	if l.err != nil {
		asks := judgeError(ctx, l.err)
		// go-retryablehttp knows the errors of net/http that a repetition cannot
		// help, as long as they look like its Client's.
		if ok, _ := retryablehttp.DefaultRetryPolicy(ctx, nil, &url.Error{Err: l.err}); !ok {
			asks = never
		}
		return asks, Verdict{}
	}
	verdict := Verdict{Refused: l.resp.StatusCode == http.StatusTooManyRequests}
	if l.call.Classify != nil {
		verdict = l.call.Classify(l.resp)
	}
	if verdict.Refused {
		return inAnyCase, verdict
	}
	return judgeStatus(cmp.Or(verdict.Status, l.resp.StatusCode)), verdict
}

// plan decides how long to wait before the next attempt, or why there is none.
func (l *loop) plan(ctx context.Context, v Verdict) (time.Duration, *GaveUp) {
	now := l.clock.Now()
	giveUp := func(why Bound, wait time.Duration) (time.Duration, *GaveUp) {
		return 0, &GaveUp{Attempts: l.attempts, Elapsed: now.Sub(l.start), Wait: wait, Why: why, Cause: unmark(l.err)}
	}
	if l.req.Body != nil && l.req.Body != http.NoBody && l.req.GetBody == nil {
		return giveUp(ByBody, 0)
	}
	if l.attempts >= l.policy.Attempts {
		return giveUp(ByAttempts, 0)
	}
	wait := l.policy.backoff(l.attempts, l.random())
	if v.HasRetryAfter {
		wait = max(v.RetryAfter, 0)
		if wait > l.policy.MaxRetryAfter {
			return giveUp(ByMaxRetryAfter, wait)
		}
		// Never exponential on top of what the provider told.
		wait += time.Duration(l.random() * float64(l.policy.Jitter))
	}
	if l.policy.MaxElapsed > 0 && now.Add(wait).Sub(l.start) > l.policy.MaxElapsed {
		return giveUp(ByElapsed, wait)
	}
	if deadline, ok := clock.Deadline(ctx, l.clock); ok && !now.Add(wait).Before(deadline) {
		return giveUp(ByDeadline, wait)
	}
	return wait, nil
}

// sleep waits until the clock says until, or the context ends.
func sleep(ctx context.Context, c clock.Clock, until time.Time) error {
	for {
		left := until.Sub(c.Now())
		if left <= 0 {
			return ctx.Err()
		}
		timer := c.NewTimer(left)
		select {
		case <-timer.C():
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

func drain(body io.ReadCloser) {
	io.CopyN(io.Discard, body, maxDrain)
	body.Close()
}

func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
