package runtime

// This file is how others watch calls: package telemetry does, and a user's own
// code can. watch.go is what tells them.

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// Observer is told what clients do, as they do it. Its methods are called from
// many goroutines, on those of the calls, and must return quickly.
//
// What it is told has no URLs, headers, bodies or credentials. Errors may have
// what the provider says of a call in them.
type Observer interface {
	// Attach is told of each client that the observer is given to, once the client
	// is made.
	Attach(c *Client)
	// Start is told that a call begins: one call of Do or Exec, or one page of a
	// list. Calls of Do that share a request (see [WithoutBatch]) are one call, of the
	// operation for many. The context that it returns, made from ctx, is the call's from then on.
	// A nil CallObserver does not watch this call.
	Start(ctx context.Context, s CallStart) (context.Context, CallObserver)
}

// CallObserver watches one call. Its methods are called one after the other:
// for each attempt Waits and WaitEnded if it has to wait for budget, then
// AttemptStarts and AttemptEnded if it is sent; at last Ended, in any case.
type CallObserver interface {
	Waits(ctx context.Context, w Wait)
	// WaitEnded tells how long the wait was. err is nil if there is room now.
	WaitEnded(waited time.Duration, err error)
	// AttemptStarts is told before the request goes out. The context that it
	// returns, made from ctx, is the attempt's; the headers, which may be nil, are
	// added to the request.
	AttemptStarts(ctx context.Context, a AttemptStart) (context.Context, http.Header)
	AttemptEnded(a AttemptEnd)
	Ended(e CallEnd)
}

// CallStart is what is known of a call as it begins.
type CallStart struct {
	API       *api.API
	Operation *api.Operation
	// Scheme, Host and Port are the provider's, or those of WithBaseURL.
	Scheme, Host string
	Port         int
	// Callers are the contexts of all callers that share the request, where there are
	// several. The call's own context is that of the first one of the first key.
	Callers []context.Context
	// Ahead tells that a list fetches a page before it is needed. Such a call is
	// made only if the budget has room for it at once, and fails without being
	// repeated; then the page is fetched again when it is needed.
	Ahead bool
}

// Wait is what a call waits for.
type Wait struct {
	// Key names the counter. Its scope may have identities and parameters in it.
	Key budget.Key
	// Until is when there will be room, as far as the ledger knows.
	Until time.Time
}

// AttemptStart is a request that goes out.
type AttemptStart struct {
	// Number counts the call's requests from 1: attempts, hops of redirects, and
	// what the transport has repeated by itself.
	Number int
	// Retry is how many attempts have failed before.
	Retry int
	// Redirected tells that this is not the operation's own address but one that
	// the provider has redirected to.
	Redirected bool
}

// AttemptEnd is how a request ended.
type AttemptEnd struct {
	// StatusCode is the answer's; zero when there was none. An answer that was cut
	// short has both a status and an error.
	StatusCode int
	// Duration is from the sending to the end of the body, without the wait for budget.
	Duration time.Duration
	// Refusal is set when the provider refused the call for lack of budget.
	Refusal *budget.Refusal
	// Repeated is how often the transport has sent the request again by itself.
	Repeated int
	Err      error
}

// CallEnd is how a call ended.
type CallEnd struct {
	// StatusCode is the last answer's; zero when there was none.
	StatusCode int
	// Attempts is how many requests were sent, Retries how many attempts were
	// repeated.
	Attempts, Retries int
	// Cached is how a cache took part; empty where it did not.
	Cached Cached
	// Err is nil, or the *Error that the caller gets.
	Err error
}

// WithObserver has o told of the client's calls. Several may be given. A client
// without one does no work for it.
func WithObserver(o Observer) ClientOption {
	return clientOption(func(c *config) error {
		if o == nil {
			return errors.New("WithObserver: the observer is nil")
		}
		c.observers = append(c.observers, o)
		return nil
	})
}

// several are observers that all are told. The context goes through them in turn.
type several []Observer

func (s several) Attach(c *Client) {
	for _, o := range s {
		o.Attach(c)
	}
}

func (s several) Start(ctx context.Context, start CallStart) (context.Context, CallObserver) {
	var watching severalCalls
	for _, o := range s {
		var w CallObserver
		if ctx, w = o.Start(ctx, start); w != nil {
			watching = append(watching, w)
		}
	}
	switch len(watching) {
	case 0:
		return ctx, nil
	case 1:
		return ctx, watching[0]
	}
	return ctx, watching
}

type severalCalls []CallObserver

func (s severalCalls) Waits(ctx context.Context, w Wait) {
	for _, o := range s {
		o.Waits(ctx, w)
	}
}

func (s severalCalls) WaitEnded(waited time.Duration, err error) {
	for _, o := range s {
		o.WaitEnded(waited, err)
	}
}

func (s severalCalls) AttemptStarts(ctx context.Context, a AttemptStart) (context.Context, http.Header) {
	all := http.Header{}
	for _, o := range s {
		var added http.Header
		ctx, added = o.AttemptStarts(ctx, a)
		for name, values := range added {
			all[name] = values
		}
	}
	return ctx, all
}

func (s severalCalls) AttemptEnded(a AttemptEnd) {
	for _, o := range s {
		o.AttemptEnded(a)
	}
}

func (s severalCalls) Ended(e CallEnd) {
	for _, o := range s {
		o.Ended(e)
	}
}
