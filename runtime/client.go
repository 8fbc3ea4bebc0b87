package runtime

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/credential"
	"github.com/weirkit/weir/runtime/quota"
)

// Client calls one provider for one identity. It is safe for concurrent use.
// Generated clients hold one; it is theirs to make.
type Client struct {
	desc        *api.API
	base        *url.URL // without a trailing slash
	moved       bool     // by WithBaseURL
	servers     map[string]*url.URL
	plan        string
	userAgent   string
	clock       clock.Clock
	ledger      budget.Ledger
	quota       *quota.Reader
	seat                             // what calls are signed with: of a pool, its first member
	pool        *credential.Pool     // nil: there is no other
	seats       []*seat              // all of them
	limits      map[string]api.Limit // under the plan, by name
	plans       planWatch
	events      func(budget.Event)
	logger      *slog.Logger // nil: nothing is logged
	warned      warned
	latency     latency
	leave       float64
	callDefault callConfig
	aliases     allAliases
	coalescing  coalescing
	watched     *watched       // nil: nobody watches
	top         top            // the chain, whole
	aside       retrying       // the chain of what goes elsewhere
	beneath     bool           // requests go through a transport that was given, which may sign them
	owned       []func() error // ends what the client has made for itself
}

// NewClient makes a client for the API that desc describes. vars are the
// server's variables, by name; those with a default may be left out. Generated
// packages call it from their New.
func NewClient(desc *api.API, vars map[string]string, opts ...ClientOption) (*Client, error) {
	cfg := config{
		clock:     clock.Real,
		userAgent: "weir (+https://github.com/weirkit/weir)",
		callDefault: callConfig{
			attemptTimeout: defaultAttemptTimeout,
			maxBody:        defaultMaxBody,
		},
	}
	c, err := cfg.client(desc, vars, opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", desc.Name, err)
	}
	return c, nil
}

func (cfg *config) client(desc *api.API, vars map[string]string, opts []ClientOption) (*Client, error) {
	if err := cfg.apply(opts); err != nil {
		return nil, err
	}
	if len(cfg.operations) > 0 {
		return nil, errors.New("WithOperations is for a Transport: call Do with the operation")
	}
	base, err := baseURL(desc, vars, cfg.baseURL)
	if err != nil {
		return nil, err
	}
	cfg.identity.Account = cmp.Or(cfg.identity.Account, vars[desc.Account])
	c, err := newClient(desc, base, *cfg)
	if err == nil {
		c.reportAllGuesses()
	}
	return c, err
}

// newClient makes what clients and transports have in common.
func newClient(desc *api.API, base *url.URL, cfg config) (*Client, error) {
	limits, err := cfg.limitsFor(desc)
	if err != nil {
		return nil, err
	}
	ledger, err := cfg.makeLedger()
	if err != nil {
		return nil, err
	}
	c := &Client{
		desc:        desc,
		base:        base,
		moved:       cfg.baseURL != "",
		servers:     cfg.servers,
		plan:        cfg.plan,
		userAgent:   cfg.userAgent,
		clock:       cfg.clock,
		ledger:      ledger,
		quota:       quota.NewReader(desc, quota.WithCap(cfg.callDefault.retry.RetryAfterCap())),
		pool:        cfg.pool,
		limits:      limits,
		events:      cfg.events,
		logger:      cfg.logger,
		leave:       cfg.leave,
		callDefault: cfg.callDefault,
	}
	c.takeSeats(cfg)
	if cfg.ledger == nil {
		c.owned = append(c.owned, ledger.Close)
	}
	transport := cfg.transport
	if transport == nil {
		own := newTransport()
		transport = own
		c.owned = append(c.owned, func() error { closeIdle(own); return nil })
	}
	c.watched = newWatched(c, cfg.observers)
	c.beneath = cfg.transport != nil
	c.top = c.cached(c.chain(transport), cfg)
	c.aside = c.chainAside(transport)
	c.watched.attach(c)
	return c, nil
}

// Close ends the waits of the client's own ledger and closes its idle
// connections. What it was given (WithLedger, WithTransport) it leaves alone.
// A client need not be closed that lives as long as its program.
func (c *Client) Close() error {
	var errs []error
	for _, end := range c.owned {
		errs = append(errs, end())
	}
	return errors.Join(errs...)
}

func (cfg config) makeLedger() (budget.Ledger, error) {
	if cfg.ledger != nil {
		if cfg.shares != nil {
			return nil, errors.New("WithShares configures the client's own ledger: with WithLedger, give it to budget.NewLedger as budget.WithShares")
		}
		if cfg.leave != 0 {
			return nil, errors.New("WithLeave configures the client's own ledger: with WithLedger, give it to budget.NewLedger as budget.WithLeave")
		}
		return cfg.ledger, nil
	}
	opts := []budget.LedgerOption{
		budget.WithClock(cfg.clock),
		budget.WithEvents(cfg.events),
		budget.WithLeave(cfg.leave),
		budget.WithMaxFreeze(cfg.callDefault.retry.RetryAfterCap()),
	}
	if cfg.shares != nil {
		opts = append(opts, budget.WithShares(*cfg.shares))
	}
	return budget.NewLedger(opts...)
}

// baseURL is where the API's paths begin: the override, or the first server
// with its variables filled in.
func baseURL(desc *api.API, vars map[string]string, override string) (*url.URL, error) {
	address := override
	if address == "" {
		if len(desc.Servers) == 0 {
			return nil, errors.New("the document names no server: give WithBaseURL")
		}
		server := desc.Servers[0]
		address = server.URL
		for _, v := range server.Variables {
			value := vars[v.Name]
			if value == "" {
				value = v.Default
			}
			if err := checkVariable(v, value); err != nil {
				return nil, err
			}
			_, rest, _ := strings.Cut(server.URL, "{"+v.Name+"}")
			if host, _, _ := strings.Cut(rest, "/"); strings.HasPrefix(host, ".") && strings.HasSuffix(value, host) {
				return nil, fmt.Errorf("%s is %q: give what stands before %s", v.Name, value, host)
			}
			address = strings.ReplaceAll(address, "{"+v.Name+"}", value)
		}
	}
	return parseBase(address)
}

// checkVariable keeps a server variable from leading to another host.
func checkVariable(v api.ServerVariable, value string) error {
	switch {
	case value == "":
		return fmt.Errorf("%s is empty", v.Name)
	case len(v.Enum) > 0 && !slices.Contains(v.Enum, value):
		return fmt.Errorf("%s is %q, not one of %s", v.Name, value, strings.Join(v.Enum, ", "))
	case strings.ContainsAny(value, "/?#@:\\ \t\r\n%"):
		return fmt.Errorf("%s is %q: give the bare name, without a scheme, port or path", v.Name, value)
	}
	return nil
}

// API describes the provider.
func (c *Client) API() *api.API { return c.desc }

// Ledger is what the client draws on; its Snapshot tells how much is used.
func (c *Client) Ledger() budget.Ledger { return c.ledger }

// Clock is the time that the client lives in, for what waits beside it.
func (c *Client) Clock() clock.Clock { return c.clock }

// BaseURL is where the API's paths begin: what signs calls can tell by it which
// provider a secret is for.
func (c *Client) BaseURL() *url.URL {
	u := *c.base
	return &u
}
