package providertest

// This file decides whether a call is admitted: all of its counters have room
// and are charged at one moment, or none is.

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// Identity is whose call it is. Limits are counted by it.
type Identity struct {
	App, Account, User, Credential, IP string
}

// identify is what a provider can see without knowing anyone: the account by
// the host that is called (all loopback addresses are one), user and
// credential by the Authorization header, the address by the connection.
func identify(r *http.Request) Identity {
	id := Identity{Account: hostOnly(r.Host), IP: hostOnly(r.RemoteAddr)}
	if addr, err := netip.ParseAddr(id.Account); id.Account == "localhost" || err == nil && addr.IsLoopback() {
		id.Account = "loopback"
	}
	if auth := r.Header.Get("Authorization"); auth != "" {
		// Reports show identities, so they must not be the secrets themselves.
		sum := fnv.New64a()
		sum.Write([]byte(auth))
		id.User = strconv.FormatUint(sum.Sum64(), 36)
		id.Credential = id.User
	}
	return id
}

func hostOnly(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}

// meter has all counters of a provider, under one lock.
type meter struct {
	mu           sync.Mutex
	limits       map[string]*limit
	place        placement
	random       *rand.Rand // chooses phases; nil: all are place.phase
	countRefused bool
	identify     func(*http.Request, *Identity)
	cost         func(c *Call, limit string, cost int) int
}

// limit is a limit as the provider enforces it under the plan.
type limit struct {
	name       string
	shape      api.Shape
	resolution int64
	scope      []api.Scope
	tallies    map[string]*tally
}

// tally is a counter with its history.
type tally struct {
	limit                      *limit
	scope                      string
	counter                    counter
	highest, admitted, refused int
}

// charge is what a call takes from one counter, and the counter as the call left it.
type charge struct {
	limit *limit
	scope string
	cost  int
	tally *tally // nil until the call is counted
	used  int
	reset int64
}

// draw is an api.Draw with its limit found.
type draw struct {
	limit *limit
	cost  int
	when  *api.When
}

// newMeter resolves the limits of an API: the API's own numbers, then the
// plan's, then those given for this stand-in.
func newMeter(a *api.API, planName string, shapes map[string]api.Shape) (*meter, error) {
	byName := make(map[string]api.Shape, len(a.Limits))
	for _, l := range a.Limits {
		byName[l.Name] = l.Shape
	}
	if planName != "" {
		plan, ok := a.Plan(planName)
		if !ok {
			return nil, fmt.Errorf("%s has no plan %q", a.Name, planName)
		}
		for _, l := range plan.Limits {
			byName[l.Limit] = l.Shape
		}
	}
	for name, shape := range shapes {
		if _, ok := byName[name]; !ok {
			return nil, fmt.Errorf("shapes: %s has no limit %q", a.Name, name)
		}
		byName[name] = shape
	}
	m := &meter{limits: make(map[string]*limit, len(a.Limits))}
	for _, l := range a.Limits {
		if err := checkShape(byName[l.Name]); err != nil {
			return nil, fmt.Errorf("limit %s of %s: %w", l.Name, a.Name, err)
		}
		m.limits[l.Name] = &limit{
			name: l.Name, shape: byName[l.Name], resolution: resolution(byName[l.Name]),
			scope: l.Scope, tallies: make(map[string]*tally),
		}
	}
	return m, nil
}

// draws finds the limits of an operation's draws.
func (m *meter) draws(op *api.Operation) ([]draw, error) {
	draws := make([]draw, 0, len(op.Draws))
	for _, d := range op.Draws {
		l := m.limits[d.Limit]
		if l == nil {
			return nil, fmt.Errorf("operation %s draws on limit %q, which the API does not have", op.Name, d.Limit)
		}
		draws = append(draws, draw{limit: l, cost: cmp.Or(d.Cost, 1), when: d.When})
	}
	return draws, nil
}

// measure finds what the call draws, and by which values each is counted. It
// reads the request, so it comes before the lock.
func (m *meter) measure(c *Call) {
	c.charges = c.few[:0]
	var id Identity
	known := false
	for _, d := range c.op.draws {
		if !c.satisfies(d.when) {
			continue
		}
		if !known {
			id, known = identify(c.Request), true
			if m.identify != nil {
				m.identify(c.Request, &id)
			}
		}
		scope, cost := scopeKey(d.limit.scope, &id, c), d.cost
		if m.cost != nil {
			cost = m.cost(c, d.limit.name, cost)
		}
		// Two draws of one call on one counter must fit together.
		if i := slices.IndexFunc(c.charges, func(ch charge) bool { return ch.limit == d.limit && ch.scope == scope }); i >= 0 {
			c.charges[i].cost += cost
			continue
		}
		c.charges = append(c.charges, charge{limit: d.limit, scope: scope, cost: cost})
	}
}

// scopeKey writes the values that a limit is counted by: account=acme operation=Tickets.List.
func scopeKey(scope []api.Scope, id *Identity, c *Call) string {
	var room [96]byte
	key := room[:0]
	for i, part := range scope {
		if i > 0 {
			key = append(key, ' ')
		}
		key = append(append(key, part...), '=')
		key = append(key, scopeValue(part, id, c)...)
	}
	return string(key)
}

func scopeValue(part api.Scope, id *Identity, c *Call) string {
	switch part {
	case api.ScopeApp:
		return id.App
	case api.ScopeAccount:
		return id.Account
	case api.ScopeUser:
		return id.User
	case api.ScopeCredential:
		return id.Credential
	case api.ScopeIP:
		return id.IP
	case api.ScopeOperation:
		return c.Operation.Name
	}
	in, name, _ := strings.Cut(string(part), ":")
	value, _ := c.Param(api.Param{In: in, Name: name})
	return value
}

// refusal tells why a call was not admitted.
type refusal struct {
	limit *limit
	scope string
	// free is the earliest time at which all the counters may have room.
	free int64
}

// admit charges a call to all of its counters, or to none and tells why. The
// caller holds the lock.
func (m *meter) admit(c *Call, now int64) *refusal {
	var refused *refusal
	for i := range c.charges {
		ch := &c.charges[i]
		ch.tally = m.tally(ch.limit, ch.scope, now)
		free, ok := ch.tally.counter.fits(ch.tally.clock(now), ch.cost)
		if ok {
			continue
		}
		ch.tally.refused++
		if refused == nil || free > refused.free {
			refused = &refusal{ch.limit, ch.scope, free}
		}
	}
	for i := range c.charges {
		ch := &c.charges[i]
		t, at := ch.tally, ch.tally.clock(now)
		if refused == nil || m.countRefused && !ch.limit.places() {
			t.counter.charge(at, ch.cost)
		}
		ch.used, ch.reset = t.counter.state(at)
		if refused == nil {
			t.admitted++
			t.highest = max(t.highest, ch.used)
			c.busy = c.busy || ch.limit.places()
		}
	}
	return refused
}

// leave gives back the places that a call occupied while it was answered.
func (m *meter) leave(c *Call) {
	if !c.busy {
		return
	}
	c.busy = false
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, ch := range c.charges {
		if ch.limit.places() {
			ch.tally.counter.charge(0, -ch.cost)
		}
	}
}

// places tells whether the limit is of calls at once, which are given back.
func (l *limit) places() bool {
	_, ok := l.shape.(api.Concurrency)
	return ok
}

// tally finds a counter, or makes it at its first use.
func (m *meter) tally(l *limit, scope string, now int64) *tally {
	t := l.tallies[scope]
	if t == nil {
		place := m.place
		if m.random != nil {
			place.phase = m.random.Float64()
		}
		t = &tally{limit: l, scope: scope}
		t.counter = newCounter(l.shape, t.clock(now), place)
		l.tallies[scope] = t
	}
	return t
}

// clock is the time as the counter reads it.
func (t *tally) clock(now int64) int64 { return now - now%t.limit.resolution }

// wholeSeconds is a wait as providers tell it, rounded up.
func wholeSeconds(d time.Duration) int64 {
	return ceilDiv(int64(d), int64(time.Second))
}
