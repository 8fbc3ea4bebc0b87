package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/cache"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/credential"
	"github.com/weirkit/weir/runtime/field"
	"github.com/weirkit/weir/runtime/retry"
)

// ClientOption configures a client as it is made. Every [Option] is one.
type ClientOption interface {
	applyClient(*config) error
}

// Option configures a client for all of its calls, or one call alone.
type Option interface {
	ClientOption
	applyCall(*callConfig) error
}

// config is what a client is made of.
type config struct {
	baseURL      string
	servers      map[string]*url.URL // in place of those that operations have
	plan         string
	limits       map[string]api.Shape // in place of the plan's, by name
	credential   Credential
	pool         *credential.Pool // in place of it
	identity     Identity
	identityFrom func(context.Context, *Client) (Identity, error)
	ledger       budget.Ledger
	leave        float64
	shares       *budget.Shares
	transport    http.RoundTripper
	clock        clock.Clock
	events       func(budget.Event)
	observers    []Observer
	logger       *slog.Logger
	userAgent    string
	operations   []*api.Operation // that the description lacks, for a Transport
	cache        cache.Store
	callDefault  callConfig
}

// callConfig is what one call may differ in.
type callConfig struct {
	retry          retry.Policy
	order          order
	attemptTimeout time.Duration
	maxBody        int64
	header         http.Header
	pageSize       int
	noPrefetch     bool
	parallelPages  int // at once; 0 and 1: one
	cursor         string
	response       *Response
	raw            *json.RawMessage
	progress       func(Progress)
	total          *int64
	graphQL        graphQLConfig
	jobs           jobsConfig
	oneCredential  *bool         // nil: as the list has it
	alone          bool          // no request is shared
	batchDelay     time.Duration // how long to wait for others while requests are under way
	cache          cacheConfig
}

func (cfg *config) apply(opts []ClientOption) error {
	for _, o := range opts {
		if o == nil {
			continue
		}
		if err := o.applyClient(cfg); err != nil {
			return err
		}
	}
	return nil
}

type clientOption func(*config) error

func (o clientOption) applyClient(c *config) error { return o(c) }

// Invalid is an option that New refuses with err: for functions that make an
// option from arguments that cannot be right.
func Invalid(err error) ClientOption { return clientOption(func(*config) error { return err }) }

type option func(*callConfig) error

func (o option) applyClient(c *config) error   { return o(&c.callDefault) }
func (o option) applyCall(c *callConfig) error { return o(c) }

// callOnly is an Option whose meaning is one call's; a client refuses it.
type callOnly struct {
	option
	name string
}

func (o callOnly) applyClient(*config) error {
	return fmt.Errorf("%s belongs to a call: give it to the method, not to New", o.name)
}

// Options are several options as one, for functions that give more than one
// thing. They are applied in turn; nil ones are passed over.
func Options(opts ...ClientOption) ClientOption {
	return clientOption(func(c *config) error { return c.apply(opts) })
}

// WithBaseURL sends all calls to another address than the document's: a
// sandbox, a proxy or a stand-in; see [WithServer] too. Server variables keep their meaning for the
// client's identity.
func WithBaseURL(address string) ClientOption {
	return clientOption(func(c *config) error { c.baseURL = address; return nil })
}

// OnPlan chooses the plan whose limits hold, by the name that the annotations
// give it. With none chosen the lowest limits of all plans hold until the
// provider's headers say more.
func OnPlan(name string) ClientOption {
	return clientOption(func(c *config) error { c.plan = name; return nil })
}

// WithLedger makes the client draw on a ledger that it shares with others:
// all clients whose calls a provider counts together should share one. By
// default each client has its own. The client does not close it.
func WithLedger(l budget.Ledger) ClientOption {
	return clientOption(func(c *config) error {
		if l == nil {
			return errors.New("WithLedger: the ledger is nil")
		}
		c.ledger = l
		return nil
	})
}

// WithLeave leaves a part of every limit, 0 up to but not including 1, to the
// account's other users: 0.1 leaves a tenth. It configures the client's own
// ledger, so it does not go together with [WithLedger].
func WithLeave(part float64) ClientOption {
	return clientOption(func(c *config) error { c.leave = part; return nil })
}

// WithTransport sends requests through rt rather than through a transport of
// the client's own. Redirects, retries and budgets stay the client's.
func WithTransport(rt http.RoundTripper) ClientOption {
	return clientOption(func(c *config) error {
		if rt == nil {
			return errors.New("WithTransport: the transport is nil")
		}
		c.transport = rt
		return nil
	})
}

// WithClock makes the client live in another time, for tests and simulations.
// A shared ledger must be given the same clock.
func WithClock(cl clock.Clock) ClientOption {
	return clientOption(func(c *config) error {
		if cl == nil {
			return errors.New("WithClock: the clock is nil")
		}
		c.clock = cl
		return nil
	})
}

// WithEvents calls f whenever a call waits, is refused or is repeated. f is
// called on the goroutine that the event happens on and must return quickly.
// With [WithLedger], the events of the budget go to the ledger's own listener.
func WithEvents(f func(budget.Event)) ClientOption {
	return clientOption(func(c *config) error { c.events = f; return nil })
}

// WithLogger has a warning logged for each answer that refuses a call: its
// operation, the limit and the end of the wait as far as the provider tells them,
// and the provider's request id. What good answers warn of is logged too, each
// once for an operation. By default nothing is logged. What is sent, and so no
// credential, is never logged.
func WithLogger(l *slog.Logger) ClientOption {
	return clientOption(func(c *config) error { c.logger = l; return nil })
}

// WithUserAgent sets the User-Agent header; by default it names weir.
func WithUserAgent(agent string) ClientOption {
	return clientOption(func(c *config) error {
		if err := field.CheckValue(agent); err != nil {
			return fmt.Errorf("WithUserAgent: %w", err)
		}
		c.userAgent = agent
		return nil
	})
}

// WithRetry replaces the policy of what is repeated, when and until when.
// Fields left zero keep their defaults; retry.Policy{Attempts: 1} never repeats.
func WithRetry(p retry.Policy) Option {
	return option(func(c *callConfig) error { c.retry = p; return nil })
}

// WithAttemptTimeout bounds each attempt, from its sending to the end of its
// body; the wait for budget does not count. The default is a minute.
func WithAttemptTimeout(d time.Duration) Option {
	return option(func(c *callConfig) error {
		if d <= 0 {
			return fmt.Errorf("WithAttemptTimeout: %v is not a positive duration", d)
		}
		c.attemptTimeout = d
		return nil
	})
}

// WithMaxBody bounds a response body to n bytes; a longer one is an error that
// wraps [ErrTooLarge]. The default is 64 MiB.
func WithMaxBody(n int64) Option {
	return option(func(c *callConfig) error {
		if n <= 0 {
			return fmt.Errorf("WithMaxBody: %d is not a positive number of bytes", n)
		}
		c.maxBody = min(n, math.MaxInt64-1) // one more is read, to notice that there is more
		return nil
	})
}

// WithHeader sends a header with each request. Credentials belong into the
// options made for them, not here. A Content-Type holds for bodies that are sent
// as they are given, such as files.
func WithHeader(name, value string) Option {
	return option(func(c *callConfig) error {
		if err := field.Check(name, value); err != nil {
			return fmt.Errorf("WithHeader: %w", err)
		}
		c.header = c.header.Clone()
		if c.header == nil {
			c.header = http.Header{}
		}
		c.header.Set(name, value)
		return nil
	})
}

// WithPageSize asks for pages of n items instead of the largest allowed. A call
// that asks for more than the largest is refused; a client's option holds as
// far as each list allows.
func WithPageSize(n int) Option {
	return option(func(c *callConfig) error {
		if n <= 0 {
			return fmt.Errorf("WithPageSize: %d is not a positive number of items", n)
		}
		c.pageSize = n
		return nil
	})
}

// WithoutPrefetch keeps a list from fetching the next page while the current
// one is being read.
func WithoutPrefetch() Option {
	return option(func(c *callConfig) error { c.noPrefetch, c.parallelPages = true, 0; return nil })
}

// WithCursor starts a list where an earlier one stopped: after the page that
// has this cursor, or at the page that an [Error] with this cursor failed on.
// An empty cursor starts at the beginning.
func WithCursor(cursor string) Option {
	return callOnly{name: "WithCursor", option: func(c *callConfig) error { c.cursor = cursor; return nil }}
}

// WithResponse fills r with the status, headers and body of the call's last answer.
// A list fills it anew for each page, and so fetches none ahead. Calls that share a
// request (see [WithoutBatch]) have one answer, whose body is that of all of them.
func WithResponse(r *Response) Option {
	return callOnly{name: "WithResponse", option: func(c *callConfig) error { c.response = r; return nil }}
}

// WithRaw fills raw with the bytes that the result was decoded from. Lists
// have them in page.Page.Raw.
func WithRaw(raw *json.RawMessage) Option {
	return callOnly{name: "WithRaw", option: func(c *callConfig) error { c.raw = raw; return nil }}
}

// Response is what an answer tells besides its result.
type Response struct {
	StatusCode int
	Header     http.Header
	// Body is the whole answer, what stands around the result included. The
	// result's raw bytes are a part of it, so it is not to be changed.
	Body []byte
	// Attempts is how often the call was sent, the last time included. Where it took
	// several requests, for more keys than one may have, it counts all of them.
	Attempts int
	// Cached is how a cache took part; empty where it did not. Age is how old the
	// answer is that it gave.
	Cached Cached
	Age    time.Duration
	// Warnings are what a good answer warns of, such as a method that will go
	// away, as the provider puts it; of providers that are known to do so.
	Warnings []string
}
