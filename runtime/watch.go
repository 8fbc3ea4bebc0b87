package runtime

// This file tells a client's observer of one call. All methods of a nil watch do
// nothing, so that the layers need not ask whether somebody watches.

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/weirkit/weir/runtime/batch"
	"github.com/weirkit/weir/runtime/budget"
)

// watched is what is the same for all calls of a client that is observed.
type watched struct {
	observer Observer
	start    CallStart
}

// newWatched is nil where nobody watches.
func newWatched(c *Client, observers []Observer) *watched {
	if len(observers) == 0 {
		return nil
	}
	w := &watched{observer: several(observers), start: CallStart{API: c.desc, Scheme: c.base.Scheme, Host: c.base.Hostname()}}
	if len(observers) == 1 {
		w.observer = observers[0]
	}
	w.start.Port = portNumber(c.base)
	return w
}

// portNumber is a URL's port, also where it is left to the scheme.
func portNumber(u *url.URL) int {
	switch port := u.Port(); {
	case port != "":
		n, _ := strconv.Atoi(port)
		return n
	case u.Scheme == "http":
		return 80
	}
	return 443
}

// attach tells that the client is made.
func (w *watched) attach(c *Client) {
	if w != nil {
		w.observer.Attach(c)
	}
}

// watch follows one call. Like the call it is one goroutine's at a time.
type watch struct {
	*watched
	client   *Client
	call     *call
	observer CallObserver    // nil before the call has begun, and where this one is not watched
	late     context.Context // the call's, where it began after it was admitted
	retries  int
	status   int // of the last answer; zero where there was none
	attempt  bool
	sent     time.Time
	passed   *passed // the answer that the caller reads, of what is streamed
	number   int
}

// watching begins to follow a call.
func (c *Client) watching(ctx context.Context, cl *call) context.Context {
	if c.watched == nil {
		return ctx
	}
	cl.watch = &watch{watched: c.watched, client: c, call: cl}
	if cl.ahead {
		return ctx // it may come to nothing: see admit
	}
	return cl.watch.begin(ctx)
}

func (w *watch) begin(ctx context.Context) context.Context {
	start := w.start
	start.Operation, start.Ahead = w.call.op, w.call.ahead
	if callers := batch.Callers(ctx); len(callers) > 1 {
		start.Callers = callers
	}
	if u := w.call.url; u != nil && u.Host != w.client.base.Host { // of an API with many hosts
		start.Scheme, start.Host, start.Port = u.Scheme, u.Hostname(), portNumber(u)
	}
	ctx, w.observer = w.watched.observer.Start(ctx, start)
	return ctx
}

func (w *watch) on() bool { return w != nil && w.observer != nil }

// admit admits a request, and tells of the wait if there has to be one. It
// first asks for room that is there already. A hook in Admit would do without,
// but all ledgers had to have it; and the age of the call, and so its place among
// those who wait, is the same when it asks again.
func (w *watch) admit(ctx context.Context, admit func(noWait bool) (budget.Ticket, error), noWait bool) (budget.Ticket, error) {
	if w == nil || !noWait && w.observer == nil {
		return admit(noWait)
	}
	ticket, err := admit(true)
	if noWait {
		if err == nil && w.late == nil {
			w.late = w.begin(ctx)
		}
		return ticket, err
	}
	full, ok := errors.AsType[*budget.WaitError](err)
	if !ok || !errors.Is(err, budget.ErrWouldWait) {
		return ticket, err
	}
	began := w.client.clock.Now()
	w.observer.Waits(ctx, Wait{Key: full.Key, Until: full.Until})
	ticket, err = admit(false)
	w.observer.WaitEnded(w.client.clock.Now().Sub(began), err)
	return ticket, err
}

// sends tells that a request goes out, and gives it what the observer adds.
func (w *watch) sends(req *http.Request) *http.Request {
	if !w.on() {
		return req
	}
	ctx, added := w.observer.AttemptStarts(cmp.Or(w.late, req.Context()), AttemptStart{
		Number:     w.call.attempts,
		Retry:      w.retries,
		Redirected: req.URL != w.call.target,
	})
	w.attempt, w.status, w.number, w.sent = true, 0, w.call.attempts, w.client.clock.Now()
	req = req.WithContext(ctx)
	if len(added) > 0 {
		req.Header = req.Header.Clone() // the last attempt's may still be in use
		for name, values := range added {
			req.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	return req
}

// answered notes the status of an answer, which is lost if its body is.
func (w *watch) answered(status int) {
	if w != nil {
		w.status = status
	}
}

func (w *watch) retry() {
	if w != nil {
		w.retries++
	}
}

// fromCache tells that the call is answered without a request of its own.
func (w *watch) fromCache(ctx context.Context, status int) {
	if w == nil {
		return
	}
	if w.observer == nil && w.call.ahead {
		w.begin(ctx)
	}
	w.status = status
}

// ended tells that the call has ended, unless that was told before.
func (w *watch) ended(err error) {
	if !w.on() {
		return
	}
	w.observer.Ended(CallEnd{StatusCode: w.status, Attempts: w.call.attempts, Retries: w.retries, Cached: w.call.cached, Err: err})
	w.observer = nil
}

// observing tells how requests end. It stands outside of buffering, since a
// request has ended when its body has, and inside of redirecting, since each hop
// is one. Their beginnings are told by admission, after the wait.
type observing struct{ next http.RoundTripper }

func (l observing) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(req)
	callFrom(req).watch.attemptEnded(err)
	return resp, err
}

// attemptEnded tells that a request has ended, if it was told to have begun.
func (w *watch) attemptEnded(err error) {
	if !w.on() || !w.attempt {
		return
	}
	w.attempt = false
	w.observer.AttemptEnded(AttemptEnd{
		StatusCode: w.status,
		Duration:   w.client.clock.Now().Sub(w.sent),
		Refusal:    w.call.refusal,
		Repeated:   w.call.attempts - w.number,
		Err:        cause(err),
	})
}
