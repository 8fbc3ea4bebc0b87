package runtime

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/retry"
)

// call is one exchange of a request for an answer, retries included: a single
// call, or one page of a list. It travels through the layers in the request's
// context, and one goroutine at a time has it.
type call struct {
	op       *api.Operation
	config   callConfig
	prepared *prepared
	target   *url.URL // what the next attempt asks for
	url      *url.URL // of the request under way: redirects change it
	since    time.Time
	who      *who   // whose calls these are; set when it is sent, and with a pool when it is admitted
	signer   signer // by which credential
	ahead    bool   // fetched before it is needed: only if that costs no wait
	attempts int
	refusal  *budget.Refusal     // of the last answer; nil when it was none
	head     []byte              // of the last answer's body, where limits had to be read from it
	untold   int                 // the refusals so far that did not tell how long to wait
	admitted func()              // called when the budget lets an attempt go; may be nil
	failed   func(status int)    // told of each attempt that will be repeated; may change target
	watch    *watch              // nil where nobody watches
	query    *query              // nil but for what asks a GraphQL endpoint
	locates  bool                // its answer is an address: see Locate
	lost     bool                // an attempt may have come to the provider, and has no answer
	keep     func(budget.Ticket) // given the ticket of a good answer, to end when what it stands for has ended; nil: with the body

	repeatable, reads bool      // what may be done twice; what changes nothing
	sent              time.Time // its last request
	asks              bool      // whether what is stored has changed
	cached            Cached    // how a cache took part
	age               time.Duration
}

type callKey struct{}

func callFrom(r *http.Request) *call { return r.Context().Value(callKey{}).(*call) }

// answer is a response with its body read.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// configure applies a call's options to the client's.
func (c *Client) configure(opts []Option) (callConfig, error) {
	cfg := c.callDefault
	for _, o := range opts {
		if o == nil {
			continue
		}
		if err := o.applyCall(&cfg); err != nil {
			return cfg, err
		}
	}
	return cfg, nil
}

// exchange sends the call through the chain. Every error of it is an *Error. It
// ends the call's watch where it fails; otherwise its caller does, who decodes.
func (c *Client) exchange(ctx context.Context, cl *call, u *url.URL) (*answer, error) {
	ctx = c.watching(ctx, cl)
	ans, err := c.send(ctx, cl, u)
	if err != nil {
		cl.watch.ended(err)
		return nil, err
	}
	return ans, nil
}

func (c *Client) send(ctx context.Context, cl *call, u *url.URL) (*answer, error) {
	cl.target, cl.url, cl.since = u, u, c.clock.Now()
	cl.repeatable, cl.reads = cl.op.Repeatable(), cl.op.Safe()
	if err := c.identify(ctx, cl); err != nil {
		return nil, c.failure(cl, nil, err)
	}
	req, err := cl.prepared.request(context.WithValue(ctx, callKey{}, cl), cl.op.Method, u)
	if err != nil {
		return nil, c.failure(cl, nil, err)
	}
	resp, err := c.top.do(req)
	if resp == nil {
		return nil, c.failure(cl, nil, err)
	}
	ans := &answer{status: resp.StatusCode, header: resp.Header, body: bodyOf(resp)}
	if r := cl.config.response; r != nil {
		*r = Response{StatusCode: ans.status, Header: ans.header, Body: ans.body, Attempts: cl.attempts, Cached: cl.cached, Age: cl.age}
	}
	if err != nil || cl.refusal != nil || c.isError(ans) && !(cl.locates && isAddress(ans.status)) {
		return nil, c.failure(cl, ans, err)
	}
	c.heed(ctx, cl, ans)
	return ans, nil
}

// cause strips what would repeat or reveal: net/http's errors carry the URL,
// and a URL may carry a cursor or a key.
func cause(err error) error {
	if gaveUp, ok := err.(*retry.GaveUp); ok {
		clean := *gaveUp
		clean.Cause = cause(gaveUp.Cause)
		return &clean
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
