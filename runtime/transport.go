package runtime

// This file is for other people's clients: a Transport brings what a Client does
// with its calls to requests that others have made.

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/retry"
)

// Transport is an http.RoundTripper that holds requests to an API's limits. It
// may be used by many goroutines and by many clients at once.
type Transport struct {
	client  *Client
	base    http.RoundTripper
	sites   []*site
	parts   map[*api.Operation]parts
	callers callers
	shared  shared
}

// NewTransport puts an API's limits under any http.Client, whoever has written
// what calls through it. Generated packages call it from their Transport. A nil
// base is a transport of its own, like http.DefaultTransport with more idle
// connections.
//
// # What it does
//
// A request's operation is recognised by its method and path. It waits for its
// place in all of the operation's limits, as the calls of a [Client] do; what
// the answer tells of limits is heeded; and where it fails it is sent again by
// the policy (WithRetry), if its body can be rewound (http.Request.GetBody) and
// it was either refused for lack of budget or may be repeated: by its method, by
// an idempotency key that it carries, or because the operation is known to be
// safe. Redirects, which the http.Client follows, come by as requests, and so
// are counted. WithEvents, WithLogger and WithObserver tell of it all.
//
// A place in a limit of calls at once is free when the answer's body has ended or
// was closed: close all bodies, as net/http asks for in any case.
//
// # What it leaves alone
//
// Requests are sent as they come, and answers are passed on as they come, unread
// but for what limits need: where an API tells of them in bodies, up to
// WithMaxBody of one (1 MiB here) before the rest is streamed. Requests to other
// hosts, or outside of the path that the API begins at, are passed to base
// untouched. An attempt has no timeout but the caller's own, unless
// WithAttemptTimeout gives one.
//
// A request to the API of which no operation is known draws on what at least
// half of the operations draw on whose paths have the longest beginning in common
// with its own, reading and writing ones apart: on the limits that are counted
// by the account, app, user, credential or address, and are not conditional. Where
// there is no such limit it draws on one named unlisted, which allows everything
// until the provider refuses a call of it: then the others wait too. To observers
// it is Unlisted.Read or Unlisted.Write.
//
// # Whose requests they are
//
// Limits are counted by what WithIdentity says. Parts that it leaves open are the
// account that the host names (acme.zendesk.com), or else a hash of the
// credential that the request brings: its Authorization or X-Api-Key header, or a
// parameter access_token, token or api_key of its query or form. So the tokens of
// several customers can go through one Transport, and are counted apart.
//
// # Errors
//
// What the provider answers is an answer, whatever its status; also the last one
// of several attempts. What base fails with is the error. A wait that would
// outlast the deadline of the request's context, as http.Client.Timeout sets one,
// is not begun: the error, an *Error that wraps [ErrDeadline], tells both at once.
//
// # Options
//
// They are those of [NewClient], but for the ones that would change a request: a
// credential, WithIdentityFrom, WithTransport, WithHeader and WithUserAgent are
// refused. Options of pages and results have no meaning here.
func NewTransport(desc *api.API, base http.RoundTripper, opts ...ClientOption) (*Transport, error) {
	t, err := newTransportFor(desc, base, opts)
	if err != nil {
		return nil, fmt.Errorf("%s: transport: %w", desc.Name, err)
	}
	return t, nil
}

// maxLookedAt is how much of an answer is looked at for limits.
const maxLookedAt = 1 << 20

func newTransportFor(desc *api.API, base http.RoundTripper, opts []ClientOption) (*Transport, error) {
	cfg := config{clock: clock.Real, callDefault: callConfig{maxBody: maxLookedAt}}
	if err := cfg.apply(opts); err != nil {
		return nil, err
	}
	if err := cfg.leavesRequestsAlone(); err != nil {
		return nil, err
	}
	main, err := mainSite(desc, cfg.baseURL)
	if err != nil {
		return nil, err
	}
	cfg.transport = base
	own := base == nil
	if own {
		cfg.transport = newTransport()
	}
	c, err := newClient(desc, main.base, cfg)
	if err != nil {
		return nil, err
	}
	if own {
		c.owned = append(c.owned, func() error { closeIdle(cfg.transport); return nil })
	}
	c.beneath = !own
	c.knowUnlisted()
	c.top = c.cached(c.chainUnder(cfg.transport), cfg)
	t := &Transport{client: c, base: cfg.transport, parts: map[*api.Operation]parts{}}
	t.callers = callers{client: c, given: cfg.identity}
	known := slices.Concat(desc.Operations, cfg.operations)
	for _, op := range known {
		if p := partsOf(op, c.limits); p != (parts{}) {
			t.parts[op] = p
		}
	}
	t.sites, err = c.sites(main, known)
	return t, err
}

// WithOperations has a [Transport] recognise operations that the API's description
// lacks. A client refuses it: [Do] takes any operation.
func WithOperations(operations ...*api.Operation) ClientOption {
	return clientOption(func(c *config) error {
		c.operations = append(c.operations, operations...)
		return nil
	})
}

// leavesRequestsAlone refuses options that would change what others have made.
func (cfg *config) leavesRequestsAlone() error {
	switch {
	case cfg.credential != nil || cfg.pool != nil:
		return errors.New("the requests bring their own credentials: leave out the option that signs (WithIdentity tells whose they are)")
	case cfg.identityFrom != nil:
		return errors.New("WithIdentityFrom: there is no credential to ask the provider with: give WithIdentity")
	case cfg.transport != nil:
		return errors.New("WithTransport: the transport beneath is an argument here")
	case len(cfg.callDefault.header) > 0:
		return errors.New("WithHeader: the requests are sent as they are")
	case cfg.userAgent != "":
		return errors.New("WithUserAgent: the requests are sent as they are")
	}
	return nil
}

// RoundTrip sends a request once there is room for it. It returns the answer of
// the last attempt, whatever its status.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	for _, s := range t.sites {
		if path, account, ok := s.find(req); ok {
			return t.send(req, s, path, account)
		}
	}
	return t.base.RoundTrip(req)
}

func (t *Transport) send(req *http.Request, s *site, path, account string) (*http.Response, error) {
	c := t.client
	known := t.recognise(s, req, path)
	out, sent, err := t.look(req, known, path)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	cl := &call{
		op: known.op, config: c.callDefault, prepared: sent.prepared, target: req.URL, url: req.URL,
		since: c.clock.Now(), who: t.callers.who(account, sent.secret), repeatable: known.repeatable, reads: known.as.Safe(),
	}
	ctx := c.watching(req.Context(), cl)
	out = out.WithContext(context.WithValue(ctx, callKey{}, cl))
	resp, err := c.top.do(out)
	if resp == nil {
		if gaveUp, ok := err.(*retry.GaveUp); ok {
			err = gaveUp.Cause
		}
		if cl.attempts == 0 {
			closeBody(out)
		}
		cl.watch.ended(err)
		return nil, err
	}
	resp.Request = req
	cl.watch.passesOn(resp)
	return resp, nil
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}

// Ledger is what requests draw on; its Snapshot tells how much is used.
func (t *Transport) Ledger() budget.Ledger { return t.client.ledger }

// Close ends the waits of the transport's own ledger, and closes the idle
// connections of its own base. What it was given it leaves alone. A transport need
// not be closed that lives as long as its program.
func (t *Transport) Close() error { return t.client.Close() }

// CloseIdleConnections has the base close its idle connections, if it can. It is
// what http.Client.CloseIdleConnections looks for.
func (t *Transport) CloseIdleConnections() {
	if base, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}
