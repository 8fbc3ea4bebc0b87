package runtime

// This file has the provider tell who calls, where limits are counted by what
// only it knows: Slack's tokens do not say of which workspace they are.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// WithIdentityFrom has ask tell who calls, where neither [WithIdentity] nor the
// server's variables name the account. It is asked once, before the first call
// that draws on a limit which is counted by a part that is open; others who call
// meanwhile wait for the same answer. If it fails, the next call asks again. Parts
// that WithIdentity gives hold in any case.
//
// What ask itself calls with the client, by the context that it is given (by any
// other it would wait for itself), passes the budget like all calls, and is
// counted by a hash of the credential; then by what was told as well. A part that
// it leaves empty, or cannot tell, is that hash, and [IdentityGuessed] events say
// so. Where it fails by [ErrUnauthorized] the call that wanted to know fails too,
// for it would not fare better.
//
// Of a pool's members each is asked for; what ask calls is signed by that one.
func WithIdentityFrom(ask func(ctx context.Context, c *Client) (Identity, error)) ClientOption {
	return clientOption(func(c *config) error {
		if ask == nil {
			return errors.New("WithIdentityFrom: there is no function")
		}
		c.identityFrom = ask
		return nil
	})
}

// Identify tells whose calls the client's are (of a pool, its first member's), as its limits are counted: what
// was given, what the provider tells (it is asked if it was not yet), and a hash
// of the credential for what is left. Calls do so by themselves; it is for those
// who want to know, and for use before [Client.Demand] and [Client.Forecast],
// which do not ask.
func (c *Client) Identify(ctx context.Context) (Identity, error) {
	w := c.who.Load()
	if c.learning != nil && !w.final {
		var err error
		if w, err = c.learning.wait(ctx); err != nil {
			return Identity{}, fmt.Errorf("%s: identify: %w", c.desc.Name, err)
		}
	}
	return Identity{
		App: w.identity[api.ScopeApp], Account: w.identity[api.ScopeAccount],
		User: w.identity[api.ScopeUser], IP: w.identity[api.ScopeIP],
	}, nil
}

// identify has it known whose a call is.
func (c *Client) identify(ctx context.Context, cl *call) error {
	learns, _ := ctx.Value(learningKey{}).(*learning)
	if learns != nil && learns.client == c {
		cl.signer.only, cl.who = learns.seat, learns.seat.who.Load()
		learns.notes(cl)
		return nil
	}
	if c.pool != nil {
		return c.identifyMembers(ctx, cl)
	}
	cl.who = c.who.Load()
	if !c.seat.asks(c, cl.op) {
		return nil
	}
	var err error
	cl.who, err = c.learning.wait(ctx)
	return err
}

// asks reports whether an operation is counted by what is not known of the seat
// and can be.
func (s *seat) asks(c *Client, op *api.Operation) bool {
	w := s.who.Load()
	if s.learning == nil || w.final {
		return false
	}
	for _, d := range op.Draws {
		if w.guesses(c.limits[d.Limit]) {
			return true
		}
	}
	return false
}

// identifyMembers asks for all members of the pool at once. One that the provider
// refuses is taken out by that; of what else may go wrong the offer tells.
func (c *Client) identifyMembers(ctx context.Context, cl *call) error {
	var asked sync.WaitGroup
	for _, i := range c.pool.Left(c.clock.Now()) {
		if s := c.seats[i]; s.asks(c, cl.op) {
			asked.Go(func() { s.learning.wait(ctx) })
		}
	}
	asked.Wait()
	return ctx.Err()
}

// learningKey marks the calls by which an identity is learnt.
type learningKey struct{}

// learning has the provider asked by one goroutine for all that wait.
type learning struct {
	client *Client
	seat   *seat // whose identity it is
	ask    func(context.Context, *Client) (Identity, error)
	known  Identity

	mu     sync.Mutex
	asking *asking // nil when nobody waits
	calls  []*call // by which it is asked
}

// asking is one call of ask. It ends when the last who waits for it has gone.
type asking struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int
	who     *who
	err     error
}

// wait returns the identity once it is learnt, or ctx's error.
func (l *learning) wait(ctx context.Context) (*who, error) {
	l.mu.Lock()
	if w := l.seat.who.Load(); w.final {
		l.mu.Unlock()
		return w, nil
	}
	a := l.asking
	if a == nil {
		a = &asking{done: make(chan struct{})}
		var own context.Context
		own, a.cancel = context.WithCancel(context.WithValue(context.WithoutCancel(ctx), learningKey{}, l))
		l.asking = a
		go l.learn(own, a)
	}
	a.waiting++
	l.mu.Unlock()
	select {
	case <-a.done:
		return a.who, a.err
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if a.waiting--; a.waiting == 0 {
		a.cancel()
		if l.asking == a {
			l.asking = nil
		}
	}
	return nil, ctx.Err()
}

func (l *learning) learn(ctx context.Context, a *asking) {
	defer a.cancel()
	c := l.client
	was := l.seat.who.Load()
	told, err := l.ask(ctx, c)
	l.mu.Lock()
	calls := l.calls
	l.calls = nil
	abandoned := l.asking != a
	if !abandoned {
		l.asking = nil
	}
	switch {
	case err == nil:
		a.who = newWho(Identity{
			App:     cmp.Or(l.known.App, told.App),
			Account: cmp.Or(l.known.Account, told.Account),
			User:    cmp.Or(l.known.User, told.User),
			IP:      cmp.Or(l.known.IP, told.IP),
		}, l.seat.hash, c.hash(), c.limits)
		a.who.final = true
		l.seat.who.Store(a.who)
	case errors.Is(err, ErrUnauthorized):
		a.err = fmt.Errorf("who calls is not known: %w", err)
	default:
		a.who = l.seat.who.Load()
	}
	l.mu.Unlock()
	if err == nil {
		for _, cl := range calls {
			l.moves(ctx, cl, was, a.who)
		}
	}
	if err == nil || a.who != nil && !abandoned {
		c.reportGuesses(a.who, l.seat.name)
	}
	close(a.done)
}

// notes keeps a call by which the provider is asked.
func (l *learning) notes(cl *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, cl)
}

// moves charges a call once more, to the counters that it would have drawn on had
// it been known whose it is: the provider has counted it there. Where these have
// no room nobody waits for it; then the next call does.
func (l *learning) moves(ctx context.Context, cl *call, was, now *who) {
	asked := *cl
	asked.who = was
	guessed, err := l.client.charges(&asked)
	if err != nil {
		return
	}
	asked.who = now
	charges, _ := l.client.charges(&asked)
	charges = slices.DeleteFunc(charges, func(ch budget.Charge) bool { return slices.Contains(guessed, ch) })
	if len(charges) == 0 {
		return
	}
	ticket, err := l.client.ledger.Admit(ctx, &budget.Request{Operation: cl.op.Name, Alternatives: [][]budget.Charge{charges}, NoWait: true})
	if err == nil {
		ticket.Sent()
		ticket.Answer(budget.Answer{})
		ticket.Done()
	}
}
