package runtime

import (
	"net/http"

	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
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
		Classify:   func(*http.Response) retry.Verdict { return cl.verdict(l.transport.Clock) },
		OnRetry: func(a retry.Attempt) {
			if l.events != nil {
				l.events(budget.Event{Kind: Retrying, Time: l.transport.Clock.Now(), Operation: cl.op.Name, Until: a.Until})
			}
		},
	})
}

// verdict is what the last answer said of being refused, as admission read it.
func (c *call) verdict(now clock.Clock) retry.Verdict {
	if c.refusal == nil {
		return retry.Verdict{}
	}
	v := retry.Verdict{Refused: true}
	if !c.refusal.Until.IsZero() {
		v.RetryAfter, v.HasRetryAfter = c.refusal.Until.Sub(now.Now()), true
	}
	return v
}
