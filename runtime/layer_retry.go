package runtime

import (
	"net/http"
	"time"

	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/quota"
	"github.com/weirkit/weir/runtime/retry"
)

// Retrying is the kind of event which tells that a call failed and will be
// sent again at Until.
const Retrying budget.EventKind = "retrying"

// retrying repeats what failed, by the call's policy. It stands at the top of
// the chain and so has more to say than a RoundTripper: an answer and, beside
// it, why there was no further attempt.
type retrying struct {
	transport retry.Transport
	events    func(budget.Event)
}

func newRetrying(next http.RoundTripper, cl clock.Clock, events func(budget.Event)) retrying {
	return retrying{transport: retry.Transport{Next: next, Clock: cl}, events: events}
}

func (l retrying) do(req *http.Request) (*http.Response, error) {
	cl := callFrom(req)
	if cl.ahead {
		// What is fetched ahead is not waited for: it is fetched again when needed.
		cl.config.retry.Attempts = 1
	}
	return l.transport.Do(req, retry.Call{
		Policy:     cl.config.retry,
		Repeatable: cl.op.Repeatable(),
		Classify:   func(resp *http.Response) retry.Verdict { return cl.verdict(resp, l.transport.Clock.Now()) },
		OnRetry: func(a retry.Attempt) {
			cl.watch.retry()
			if cl.failed != nil {
				cl.failed(a.Status)
			}
			if l.events != nil {
				l.events(budget.Event{Kind: Retrying, Time: l.transport.Clock.Now(), Operation: cl.op.Name, Until: a.Until})
			}
		},
	})
}

// verdict is what the last answer said of coming again: as admission read it
// where it refuses, or else its Retry-After, as a 503 may have it.
func (c *call) verdict(resp *http.Response, now time.Time) retry.Verdict {
	v := retry.Verdict{Refused: c.refusal != nil}
	switch {
	case c.refusal == nil:
		v.RetryAfter, v.HasRetryAfter = quota.RetryAfter(resp.Header, now)
	case !c.refusal.Until.IsZero():
		v.RetryAfter, v.HasRetryAfter = c.refusal.Until.Sub(now), true
	}
	return v
}
