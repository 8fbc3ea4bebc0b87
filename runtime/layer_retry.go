package runtime

import (
	"net/http"

	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/quota"
	"github.com/weirkit/weir/runtime/retry"
)

// Retrying is the kind of event which tells that a call failed and will be
// sent again at Until.
const Retrying budget.EventKind = "retrying"

// top is what stands at the top of the chain. It has more to say than a
// RoundTripper: an answer and, beside it, why there was no further attempt.
type top interface {
	do(*http.Request) (*http.Response, error)
}

// retrying repeats what failed, by the call's policy.
type retrying struct {
	transport retry.Transport
	client    *Client
}

func newRetrying(next http.RoundTripper, c *Client) retrying {
	return retrying{transport: retry.Transport{Next: next, Clock: c.clock}, client: c}
}

func (l retrying) do(req *http.Request) (*http.Response, error) {
	cl := callFrom(req)
	if cl.ahead {
		// What is fetched ahead is not waited for: it is fetched again when needed.
		cl.config.retry.Attempts = 1
	}
	return l.transport.Do(req, l.about(cl))
}

// about is what the retries have to know of a call.
func (l retrying) about(cl *call) retry.Call {
	return retry.Call{
		Policy:     cl.config.retry,
		Repeatable: cl.repeatable,
		Classify:   func(resp *http.Response) retry.Verdict { return l.client.verdict(cl, resp) },
		OnRetry: func(a retry.Attempt) {
			cl.watch.retry()
			if cl.failed != nil {
				cl.failed(a.Status)
			}
			if events := l.client.events; events != nil {
				events(budget.Event{Kind: Retrying, Time: l.transport.Clock.Now(), Operation: cl.op.Name, Until: a.Until})
			}
		},
	}
}

// verdict is what the last answer said of coming again: as admission read it
// where it refuses, or else its Retry-After, as a 503 may have it, and what its
// code means.
func (c *Client) verdict(cl *call, resp *http.Response) retry.Verdict {
	now := c.clock.Now()
	if r := cl.refusal; r != nil {
		v := retry.Verdict{Refused: true}
		if !r.Until.IsZero() {
			v.RetryAfter, v.HasRetryAfter = r.Until.Sub(now), true
			if c.goesOn(cl, r) {
				v.RetryAfter = 0
			}
		}
		return v
	}
	var v retry.Verdict
	v.RetryAfter, v.HasRetryAfter = quota.RetryAfter(resp.Header, now)
	ans := &answer{status: resp.StatusCode, body: bodyOf(resp)}
	if ans.body == nil {
		ans.body = cl.head
	}
	switch {
	case cl.query != nil:
		v.Status = cl.query.amountsTo(c, ans)
	case len(c.desc.Errors.Codes) > 0 && c.isError(ans):
		v.Status = c.amountsTo(ans)
	}
	return v
}
