package credential

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Member is one of a [Pool]'s credentials.
type Member struct {
	Credential Credential
	// Name is what events and errors call the member: its User, Account or App, or
	// its place in the pool, counted from 1, unless given.
	Name string
	// Identity is whose calls the member's are, as far as it is known; see [Pool].
	Identity Identity
	// Reserve keeps the member back: calls go by it only when they would have to
	// wait by all others.
	Reserve bool
}

// Pool is several credentials for the same data, of which each call gets one that
// has room in the budget (runtime.WithCredentials). Ordinary members take turns;
// reserves come after them.
// It may be given to several clients, and is safe for concurrent use.
//
// # What is counted together
//
// Each member has counters of its own for limits that are counted by credential,
// and for those counted by user, unless members have the same User, told by
// [Identity] or by the provider: theirs are one. App, account and address are all
// members' together unless they are told to differ, so that the limits of an app
// are never multiplied.
//
// # Members that are refused
//
// A member that the provider refuses with 401, after a new token if it can get
// one, is taken out, and the call goes on by another. One whose source fails is
// left out for a minute. An event tells of either. When none is left calls fail
// with a [*NoneLeftError]; [Pool.PutBack] puts one back.
type Pool struct {
	members []Member

	mu   sync.Mutex
	turn int
	out  []absence // by member
}

type absence struct {
	why   error // nil: the member is there
	until time.Time
}

// NewPool makes a pool. It fails where there is no member, where one has no
// credential or one that cannot be right, and where two have the same credential
// or the same name.
func NewPool(members ...Member) (*Pool, error) {
	if len(members) == 0 {
		return nil, errors.New("credential: a pool needs a member")
	}
	p := &Pool{members: make([]Member, len(members)), out: make([]absence, len(members))}
	names, secrets := map[string]bool{}, map[string]string{}
	for i, m := range members {
		m.Name = cmp.Or(m.Name, m.Identity.User, m.Identity.Account, m.Identity.App, fmt.Sprint(i+1))
		if names[m.Name] && members[i].Name == "" {
			m.Name = fmt.Sprintf("%s (%d)", m.Name, i+1)
		}
		if m.Credential == nil {
			return nil, fmt.Errorf("credential: member %s of the pool has no credential", m.Name)
		}
		if err := Check(m.Credential); err != nil {
			return nil, fmt.Errorf("credential: member %s of the pool: %w", m.Name, err)
		}
		if other, ok := secrets[m.Credential.Secret()]; ok {
			return nil, fmt.Errorf("credential: members %s and %s of the pool have the same credential", other, m.Name)
		}
		if names[m.Name] {
			return nil, fmt.Errorf("credential: two members of the pool are called %s", m.Name)
		}
		names[m.Name], secrets[m.Credential.Secret()] = true, m.Name
		p.members[i] = m
	}
	return p, nil
}

// Members are the pool's members, with their names.
func (p *Pool) Members() []Member { return append([]Member(nil), p.members...) }

// Offer is which members a request may go by at a time, in order of preference,
// by their places among Members: the ordinary ones, each time beginning with
// another, then the reserves. The runtime asks for each request.
func (p *Pool) Offer(now time.Time) []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.turn++
	return p.order(now, p.turn-1)
}

// Left is which members are not out at a time, as Offer has them, without its
// being anybody's turn.
func (p *Pool) Left(now time.Time) []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.order(now, 0)
}

func (p *Pool) order(now time.Time, turn int) []int {
	order := make([]int, 0, len(p.members))
	for _, reserve := range [...]bool{false, true} {
		begin := len(order)
		for i := range p.members {
			if p.members[i].Reserve == reserve && !p.isOut(i, now) {
				order = append(order, i)
			}
		}
		if among := order[begin:]; len(among) > 1 {
			at := turn % len(among)
			slices.Reverse(among[:at])
			slices.Reverse(among[at:])
			slices.Reverse(among)
		}
	}
	return order
}

// isOut reports whether a member is out, and lets it back when its time has come.
func (p *Pool) isOut(i int, now time.Time) bool {
	o := &p.out[i]
	if o.why != nil && !o.until.IsZero() && !now.Before(o.until) {
		*o = absence{}
	}
	return o.why != nil
}

// TakeOut takes a member out, by its place among Members: until a time, or until
// it is put back if that is zero. It reports whether the member was in at now.
func (p *Pool) TakeOut(i int, now, until time.Time, why error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.isOut(i, now)
	if why == nil {
		why = errors.New("taken out")
	}
	if !was || until.IsZero() {
		p.out[i] = absence{why, until}
	}
	return !was
}

// Revoke takes the member of a name out, as one that the user knows to be no
// longer good.
func (p *Pool) Revoke(name string) error {
	i, err := p.find(name)
	if err == nil {
		p.TakeOut(i, time.Time{}, time.Time{}, errors.New("revoked by the program"))
	}
	return err
}

// PutBack puts the member of a name back. One that is not out stays as it is.
func (p *Pool) PutBack(name string) error {
	i, err := p.find(name)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out[i] = absence{}
	return nil
}

func (p *Pool) find(name string) (int, error) {
	for i := range p.members {
		if p.members[i].Name == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("credential: the pool has no member %q", name)
}

// State is how a member stands.
type State struct {
	Name    string
	Reserve bool
	// Out is why the member is out; nil if it is not. Until is when it comes back
	// by itself; zero if it does not.
	Out   error
	Until time.Time
}

// States tells how the members stand, in their order.
func (p *Pool) States() []State {
	p.mu.Lock()
	defer p.mu.Unlock()
	states := make([]State, len(p.members))
	for i := range p.members {
		states[i] = State{Name: p.members[i].Name, Reserve: p.members[i].Reserve, Out: p.out[i].why, Until: p.out[i].until}
	}
	return states
}

// ErrNoneLeft says that all members of a pool are out.
var ErrNoneLeft = errors.New("no credential of the pool is left")

// NoneLeftError tells why each member is out. It wraps [ErrNoneLeft].
type NoneLeftError struct{ States []State }

func (e *NoneLeftError) Error() string {
	var b strings.Builder
	b.WriteString(ErrNoneLeft.Error())
	separator := ": "
	for _, s := range e.States {
		if s.Out != nil {
			fmt.Fprintf(&b, "%s%s: %v", separator, s.Name, s.Out)
			separator = "; "
		}
	}
	return b.String()
}

// Unwrap returns ErrNoneLeft.
func (e *NoneLeftError) Unwrap() error { return ErrNoneLeft }

// String keeps what the pool has out of what prints it.
func (p *Pool) String() string { return fmt.Sprintf("pool of %d credentials", len(p.members)) }

// GoString does the same for %#v.
func (p *Pool) GoString() string { return p.String() }
