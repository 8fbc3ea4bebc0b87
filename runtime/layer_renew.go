package runtime

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/credential"
	"github.com/weirkit/weir/runtime/retry"
)

// CredentialOut is the kind of event which tells that a member of a pool was
// taken out, named by the event's Credential: until it is put back, since the
// provider refuses it, or for a while, until Until, since its source fails.
const CredentialOut budget.EventKind = "credential out"

// awayFor is how long a member is left out whose source fails.
const awayFor = time.Minute

// renewing sends a call again that the provider has refused for its credential:
// once with a renewed one, where it can be renewed, and then with the others of
// a pool in turn. Which ones the call was refused by it remembers over all of
// the call's attempts, so that it comes to an end.
type renewing struct {
	next   http.RoundTripper
	client *Client
}

func (l renewing) RoundTrip(req *http.Request) (*http.Response, error) {
	cl := callFrom(req)
	for {
		resp, err := l.attempt(req, cl)
		if !l.another(req, cl, resp, err) {
			return resp, err
		}
		if events := l.client.events; events != nil {
			now := l.client.clock.Now()
			events(budget.Event{Kind: Retrying, Time: now, Operation: cl.op.Name, Until: now, Credential: cl.signer.seat.name})
		}
		cl.watch.retry()
		req = req.WithContext(req.Context()) // a copy: the last one may still be in use
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, retry.Permanent(err)
			}
		}
	}
}

func (l renewing) attempt(req *http.Request, cl *call) (*http.Response, error) {
	if c := l.client; c.pool == nil {
		if err := c.renewable.Prepare(credential.WithClock(req.Context(), c.clock)); err != nil {
			return nil, retry.Permanent(signError{notOurs(err)})
		}
	}
	return l.next.RoundTrip(req)
}

// another says whether to send the call again, and sees to it that it is signed
// by something else then.
func (l renewing) another(req *http.Request, cl *call, resp *http.Response, err error) bool {
	c, s := l.client, cl.signer.seat
	pinned := cl.signer.renewing
	cl.signer.renewing = nil
	if err != nil {
		failed, ok := errors.AsType[signError](err)
		if !ok || c.pool == nil || req.Context().Err() != nil {
			return false
		}
		return l.without(req.Context(), cl, s, c.clock.Now().Add(awayFor), failed.err)
	}
	if cl.refusal != nil || !c.refusesCredential(resp) {
		return false
	}
	once := req.Body != nil && req.Body != http.NoBody && req.GetBody == nil
	if s.renewable != nil && pinned != s && !slices.Contains(cl.signer.renewed, s) {
		err := s.renewable.Renew(credential.WithClock(req.Context(), c.clock), cl.signer.signed)
		if req.Context().Err() != nil {
			return false
		}
		if err == nil {
			cl.signer.renewed, cl.signer.renewing = append(cl.signer.renewed, s), s
			return !once
		}
		if c.pool == nil {
			cl.signer.problem = notOurs(err)
			return false
		}
		return l.without(req.Context(), cl, s, c.clock.Now().Add(awayFor), notOurs(err)) && !once
	}
	if c.pool == nil {
		return false
	}
	ans := &answer{status: resp.StatusCode, header: resp.Header, body: bodyOf(resp)}
	return l.without(req.Context(), cl, s, time.Time{}, c.failure(cl, ans, nil)) && !once
}

// refusesCredential reports whether an answer says that the credential is not, or
// no longer, good.
func (c *Client) refusesCredential(resp *http.Response) bool {
	ans := &answer{status: resp.StatusCode, header: resp.Header, body: bodyOf(resp)}
	return c.isError(ans) && c.amountsTo(ans) == http.StatusUnauthorized
}

// without takes a member out of the pool, and reports whether the call can go by
// another.
func (l renewing) without(ctx context.Context, cl *call, s *seat, until time.Time, why error) bool {
	c := l.client
	cl.signer.refused = append(cl.signer.refused, s)
	c.takeOut(ctx, cl.op.Name, s, until, why)
	if len(c.eligible(cl, c.pool.Left(c.clock.Now()))) > 0 {
		return true
	}
	cl.signer.problem = &credential.NoneLeftError{States: c.pool.States()}
	return false
}

// takeOut takes a member out of the pool, and tells of it if it was in.
func (c *Client) takeOut(ctx context.Context, operation string, s *seat, until time.Time, why error) {
	now := c.clock.Now()
	if !c.pool.TakeOut(slices.Index(c.seats, s), now, until, why) {
		return
	}
	if c.events != nil {
		c.events(budget.Event{Kind: CredentialOut, Time: now, Operation: operation, Until: until, Credential: s.name})
	}
	c.logOut(ctx, operation, s.name, until, why)
}
