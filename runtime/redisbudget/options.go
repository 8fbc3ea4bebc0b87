package redisbudget

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
)

// Option configures a Ledger.
type Option func(*config) error

type config struct {
	namespace string
	member    string
	clock     clock.Clock
	speed     float64
	events    func(budget.Event)
	heartbeat time.Duration
	linger    time.Duration
	timeout   time.Duration
	away      AwayPolicy
	reserve   time.Duration // for PartitionSafe
	wait      bool
	local     []budget.LedgerOption
	ear       ear  // tests have one of their own
	ownTime   bool // tests: Redis goes by the ledger's clock
}

// WithNamespace names the ledger in Redis: "weir" unless given. Ledgers of one
// namespace share their counters; all their keys are of one slot of a Cluster.
func WithNamespace(name string) Option {
	return func(c *config) error {
		if name == "" || strings.ContainsAny(name, "{}") {
			return fmt.Errorf("redisbudget: WithNamespace: %q is no name: give one without braces", name)
		}
		c.namespace = name
		return nil
	}
}

// WithMember names this process among the members: a random name unless given. A
// process that starts under the name of one that is gone takes its place; two at
// once must not have the same.
func WithMember(name string) Option {
	return func(c *config) error {
		if name == "" {
			return errors.New("redisbudget: WithMember: the name is empty")
		}
		c.member = name
		return nil
	}
}

// WithClock makes the ledger live in the time of c, which runs speed times as
// fast as Redis's clock; all members must agree on the speed.
func WithClock(c clock.Clock, speed float64) Option {
	return func(o *config) error {
		if c == nil || !(speed > 0 && speed <= 10_000) {
			return fmt.Errorf("redisbudget: WithClock: give a clock and its speed, above 0 and up to 10,000, not %v", speed)
		}
		o.clock, o.speed = c, speed
		o.local = append(o.local, budget.WithClock(c))
		return nil
	}
}

// WithEvents has f called for each event of the ledger, those of this package
// included; see [budget.WithEvents].
func WithEvents(f func(budget.Event)) Option {
	return func(c *config) error {
		c.events = f
		c.local = append(c.local, budget.WithEvents(f))
		return nil
	}
}

// WithHeartbeat sets how often a member shows that it is there: every 3 seconds
// of the ledger's time unless given. Its leases last for five heartbeats. All
// members must agree.
func WithHeartbeat(d time.Duration) Option {
	return func(c *config) error {
		if d < 10*time.Millisecond {
			return fmt.Errorf("redisbudget: WithHeartbeat: %v is too short: give 10ms at least", d)
		}
		c.heartbeat = d
		return nil
	}
}

// WithLinger is [budget.WithLinger]. All members must agree.
func WithLinger(d time.Duration) Option {
	return func(c *config) error {
		c.linger = d
		c.local = append(c.local, budget.WithLinger(d))
		return nil
	}
}

// WithTimeout bounds a call to Redis: 50 ms of the machine's time unless given.
// Calls to Redis are made in the background; what waits for one is the next lease.
func WithTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return fmt.Errorf("redisbudget: WithTimeout: %v is not positive", d)
		}
		c.timeout = d
		return nil
	}
}

// WithLeave is [budget.WithLeave], of the limit that all members share.
func WithLeave(fraction float64) Option {
	return func(c *config) error {
		c.local = append(c.local, budget.WithLeave(fraction))
		return nil
	}
}

// WithShares is [budget.WithShares], among the calls of this process.
func WithShares(s budget.Shares) Option {
	return func(c *config) error {
		c.local = append(c.local, budget.WithShares(s))
		return nil
	}
}

// WithMaxFreeze is [budget.WithMaxFreeze].
func WithMaxFreeze(d time.Duration) Option {
	return func(c *config) error {
		c.local = append(c.local, budget.WithMaxFreeze(d))
		return nil
	}
}

// WithWait has New wait for Redis until its context ends, where it cannot be
// reached. Otherwise New fails.
func WithWait() Option {
	return func(c *config) error {
		c.wait = true
		return nil
	}
}

// AwayPolicy is what a member does that has not reached Redis for as long as its
// leases last.
type AwayPolicy int

const (
	// OwnCharges goes on with what the member's own charges free from then on: each
	// place that one of them has occupied is sent again. All members together keep
	// within the limit if all have lost Redis.
	OwnCharges AwayPolicy = iota
	// Closed admits nothing.
	Closed
	// Open goes by the process's own count alone, so P members may send P times the limit.
	Open
	// PartitionSafe is as OwnCharges, and keeps within the limit also where some members
	// have lost Redis and others have not: what a silent member may send by itself is
	// reserved for it, and others do not get it, until it is back or has left, or for as
	// long as WithReserve says; then it sends nothing more. So what a process
	// occupies that is killed is idle for as long, unless one starts under its name
	// (WithMember). All members must have this policy, or none.
	PartitionSafe
)

// WithReserve sets for how long PartitionSafe has a member go on without Redis, and
// reserves what that may send: five minutes of the ledger's time unless given. All
// members must agree.
func WithReserve(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return fmt.Errorf("redisbudget: WithReserve: %v is not positive", d)
		}
		c.reserve = d
		return nil
	}
}

// WithAway sets what happens when Redis is away: OwnCharges unless given.
func WithAway(p AwayPolicy) Option {
	return func(c *config) error {
		if p < OwnCharges || p > PartitionSafe {
			return fmt.Errorf("redisbudget: WithAway: there is no policy %d", p)
		}
		c.away = p
		return nil
	}
}
