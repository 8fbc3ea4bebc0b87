// Package redisbudget shares a budget.Ledger's limits between machines, through
// Redis.
//
// Each process has a local ledger, which admits by all its own rules; calls take
// what they need from leases, which are fetched ahead and in the background. So
// a call to Redis stands for many requests, and none is on a request's path as
// long as leases are ahead. docs/many-machines.md tells the rules, what happens
// in each failure, and what is not shared.
package redisbudget

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
)

// Events of this package.
const (
	// Away: Redis has not been reached for as long as leases last. Err is why.
	Away budget.EventKind = "redis away"
	// Failing: Redis has answered with an error that does not pass by waiting, such as
	// a right that was taken away, or no memory. Err is that error, and says what to do.
	// Leases in hand are still used; Away follows when they end. It is told
	// once, until Redis was reached again.
	Failing budget.EventKind = "redis failing"
	// Back: Redis was reached again, after Away or Failing.
	Back budget.EventKind = "redis back"
	// Recovering: all members are restating what they hold, and until then, at the
	// latest by the event's Until, nothing is granted.
	Recovering budget.EventKind = "redis recovering"
	// Conflict: a limit cannot be shared as it is, since other members know another
	// one of its name. Of two numbers the smaller holds (Limit; Was is ours); of two
	// shapes none, and calls fail with Err, which wraps ErrConflict.
	Conflict budget.EventKind = "limits in conflict"
	// NameTaken: another process has started under this member's name, and this one
	// gets no more leases.
	NameTaken budget.EventKind = "member name taken"
	// Late: Redis lets this member not tell, or not be told, at once of refusals and
	// smaller limits, as where its user may not use the channel of the namespace. It
	// goes on, and they are learnt a heartbeat later at the most. Err is Redis's answer.
	Late budget.EventKind = "news come late"
)

// ErrConflict is wrapped by the error of a call whose limit other members know
// in another shape.
var ErrConflict = errors.New("other members know this limit in another shape")

// Ledger is a budget.Ledger whose limits are shared by all that have the same
// Redis and namespace. Make it with New.
type Ledger struct {
	*budget.Local // order, classes, flows, deadlines: all that a process decides for itself
	config
	client redis.UniversalClient
	script *redis.Script
	inc    string

	poke    chan struct{}
	calls   chan struct{} // has one for each call to Redis that is under way
	cancel  context.CancelFunc
	stopped chan struct{}
	deaf    chan struct{} // closed when the ear has ended
	closing sync.Once

	mu        sync.Mutex
	active    map[budget.Key]*portion // those that a contact has to do with
	next      time.Time               // the next contact
	beat      time.Time               // the last one that carried all that was used lately
	notBefore time.Time               // that, after one that failed
	deadline  time.Time               // of all leases: five heartbeats after the last contact that had a reply
	away      bool
	tried     time.Time            // the last contact that failed
	alone     time.Time            // own charges that come free from then on may be sent again without Redis; zero for none
	taken     bool                 // the member's name
	hears     bool                 // the ear has begun
	toldLate  bool                 // Late was told
	frozen    map[string]time.Time // freezes heard of, by the counter's name in Redis
	contact                        // what is known of the exchange
}

var _ budget.Ledger = (*Ledger)(nil)

// New joins the members of a namespace. It fails when Redis cannot be reached,
// denies what is needed, or holds something else under the namespace's keys,
// unless WithWait has it wait for a Redis that cannot be reached. The client stays
// its owner's, and must be open for as long as the ledger.
func New(ctx context.Context, client redis.UniversalClient, opts ...Option) (*Ledger, error) {
	if client == nil {
		return nil, errors.New("redisbudget: the client is nil")
	}
	l := &Ledger{
		config: config{namespace: "weir", member: rand.Text(), clock: clock.Real, speed: 1,
			heartbeat: 3 * time.Second, linger: 10 * time.Second, timeout: 50 * time.Millisecond, reserve: 5 * time.Minute},
		client: client, script: redis.NewScript(script), inc: rand.Text(),
		poke: make(chan struct{}, 1), calls: make(chan struct{}, 1+abandoned), stopped: make(chan struct{}), deaf: make(chan struct{}),
		active: map[budget.Key]*portion{}, frozen: map[string]time.Time{},
	}
	for _, opt := range opts {
		if err := opt(&l.config); err != nil {
			return nil, err
		}
	}
	var err error
	if l.Local, err = budget.NewLedger(append(l.local, budget.WithSupply(supply{l}))...); err != nil {
		return nil, err
	}
	l.members = 1
	if err := l.join(ctx); err != nil {
		return nil, err
	}
	ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go l.run(ctx)
	if l.ear == nil {
		l.ear = l.listen
	}
	go func() {
		defer close(l.deaf)
		l.ear(ctx, l.key(), l.heard)
	}()
	return l, nil
}

// Close implements budget.Ledger: it ends all waits and tells the other members
// what is left over. A Redis that does not answer delays it by the timeout.
func (l *Ledger) Close() error {
	l.closing.Do(func() {
		_ = l.Local.Close() // it has no error to tell
		l.cancel()
		<-l.stopped
		l.leave()
		<-l.deaf
	})
	return nil
}

// supply is the ledger, as its local one asks it for portions.
type supply struct{ *Ledger }

// Portion implements budget.Supply.
func (s supply) Portion(key budget.Key) budget.Portion {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.active[key]; p != nil {
		return p
	}
	return &portion{ledger: s.Ledger, key: key, id: s.keyOf(key)}
}

// expect has a contact made by then.
func (l *Ledger) expect(at time.Time) {
	if at.Before(l.notBefore) {
		at = l.notBefore
	}
	if at.Before(l.next) {
		l.next = at
		select {
		case l.poke <- struct{}{}:
		default:
		}
	}
}

// run makes contact when it is due.
func (l *Ledger) run(ctx context.Context) {
	defer close(l.stopped)
	for {
		l.mu.Lock()
		wait := l.next.Sub(l.clock.Now())
		l.mu.Unlock()
		if wait > 0 {
			timer := l.clock.NewTimer(wait)
			select {
			case <-timer.C():
			case <-l.poke:
				timer.Stop()
				continue
			case <-ctx.Done():
				timer.Stop()
				return
			}
		}
		if ctx.Err() != nil {
			return
		}
		l.talk(ctx)
	}
}

// tell delivers an event; no lock is held.
func (l *Ledger) tell(events ...budget.Event) {
	if l.events == nil {
		return
	}
	for _, e := range events {
		e.Time = l.clock.Now()
		l.events(e)
	}
}
