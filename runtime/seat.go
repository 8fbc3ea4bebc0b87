package runtime

// This file has the credentials that a client can choose from for each request,
// and whose calls they make it.

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/credential"
)

// seat is a credential, and whose calls are that it signs.
type seat struct {
	credential Credential           // nil: nothing is signed
	renewable  credential.Renewable // the same, if it is one
	hash       string
	who        atomic.Pointer[who]
	learning   *learning // nil: what is known of who calls is all that will be
	name       string    // in the pool; empty without one
	reserve    bool
	preparing  atomic.Bool // for a pool: somebody gets what it signs with
}

// signer is how a call is signed.
type signer struct {
	offer    offer                 // of the last request
	seat     *seat                 // by which credential; set when a request is admitted
	signed   *http.Request         // the last request, as it was sent
	only     *seat                 // if set, no other will do
	spent    []*seat               // by which the call was refused for lack of budget
	refused  []*seat               // by which the provider has refused the call
	renewed  []*seat               // that have been renewed for the call
	renewing *seat                 // which of them the next request is to go by
	keep     *atomic.Pointer[seat] // what the pages of a list go by; nil: by any
	problem  error                 // why there is no other after one was refused
}

// takeSeats gives a client its credentials.
func (c *Client) takeSeats(cfg config) {
	members := []credential.Member{{Credential: cfg.credential}}
	if cfg.pool != nil {
		members = cfg.pool.Members()
	}
	app := agreed(members, func(m credential.Member) string { return m.Identity.App })
	account := agreed(members, func(m credential.Member) string { return m.Identity.Account })
	for i, m := range members {
		s := &c.seat
		if i > 0 {
			s = &seat{}
		}
		s.credential, s.name, s.reserve, s.hash = m.Credential, m.Name, m.Reserve, hashOf("")
		s.renewable, _ = m.Credential.(credential.Renewable)
		if m.Credential != nil {
			s.hash = hashOf(m.Credential.Secret())
		}
		c.seats = append(c.seats, s)
	}
	for i, s := range c.seats {
		told := members[i].Identity
		id := Identity{
			App:     cmp.Or(told.App, cfg.identity.App, app),
			Account: cmp.Or(told.Account, cfg.identity.Account, account),
			User:    cmp.Or(told.User, cfg.identity.User),
			IP:      cmp.Or(told.IP, cfg.identity.IP),
		}
		s.who.Store(newWho(id, s.hash, c.hash(), c.limits))
		if cfg.identityFrom != nil && id.Account == "" {
			s.learning = &learning{client: c, seat: s, ask: cfg.identityFrom, known: id}
		}
	}
}

// agreed is what all members are told to have that are told something.
func agreed(members []credential.Member, part func(credential.Member) string) string {
	one := ""
	for _, m := range members {
		switch told := part(m); {
		case one == "":
			one = told
		case told != "" && told != one:
			return ""
		}
	}
	return one
}

// hash stands for the client's credential, or for all of its pool together.
func (c *Client) hash() string {
	if c.pool == nil {
		return c.seat.hash
	}
	all := make([]string, len(c.seats))
	for i, s := range c.seats {
		all[i] = s.hash
	}
	slices.Sort(all)
	return hashOf(strings.Join(all, " "))
}

// reportAllGuesses tells which limits are counted by a guessed identity that
// nobody will be asked for.
func (c *Client) reportAllGuesses() {
	for _, s := range c.seats {
		if s.learning == nil {
			c.reportGuesses(s.who.Load(), s.name)
		}
	}
}

// offer is what a request asks the budget for: sets of charges, and the credential
// of each.
type offer struct {
	sets  [][]budget.Charge
	seats []*seat
}

// offer lists what the call may be signed with, in order of preference.
func (c *Client) offer(ctx context.Context, cl *call) (offer, error) {
	if c.pool == nil {
		charges, err := c.charges(cl)
		return offer{sets: [][]budget.Charge{charges}, seats: c.seats}, err
	}
	var o offer
	for _, s := range c.readyFirst(ctx, cl, c.eligible(cl, c.pool.Offer(c.clock.Now()))) {
		cl.who = s.who.Load()
		charges, err := c.charges(cl)
		if err != nil {
			return o, err
		}
		o.sets, o.seats = append(o.sets, charges), append(o.seats, s)
	}
	if len(o.seats) == 0 {
		return o, &credential.NoneLeftError{States: c.pool.States()}
	}
	return o, nil
}

// eligible are those of the members left in the pool that a request may go by.
func (c *Client) eligible(cl *call, left []int) []*seat {
	var seats []*seat
	reserves := 0
	for _, i := range left {
		s := c.seats[i]
		if cl.signer.only != nil && s != cl.signer.only || slices.Contains(cl.signer.refused, s) {
			continue
		}
		if s == cl.signer.renewing || cl.signer.keep != nil && s == cl.signer.keep.Load() {
			return []*seat{s}
		}
		if s.reserve {
			reserves++
		}
		seats = append(seats, s)
	}
	if cl.ahead && reserves < len(seats) {
		// What is not needed yet is not worth a reserve.
		seats = seats[:len(seats)-reserves]
	}
	return seats
}

// readyFirst prefers credentials that are ready, and has the others made so: that
// one of several is renewed holds up no call that has room by another. Reserves
// stay behind.
func (c *Client) readyFirst(ctx context.Context, cl *call, seats []*seat) []*seat {
	if len(seats) < 2 {
		return seats
	}
	now := c.clock.Now()
	rank := func(s *seat) int {
		if s.reserve {
			return 2 + s.late(now)
		}
		return s.late(now)
	}
	slices.SortStableFunc(seats, func(a, b *seat) int { return cmp.Compare(rank(a), rank(b)) })
	for _, s := range seats {
		if s.late(now) > 0 && !s.reserve && s.preparing.CompareAndSwap(false, true) {
			go c.makeReady(context.WithoutCancel(ctx), cl.op.Name, s)
		}
	}
	return seats
}

func (c *Client) makeReady(ctx context.Context, operation string, s *seat) {
	defer s.preparing.Store(false)
	if err := s.renewable.Prepare(credential.WithClock(ctx, c.clock)); err != nil {
		c.takeOut(ctx, operation, s, c.clock.Now().Add(awayFor), notOurs(err))
	}
}

// late is 1 if signing would have to wait, and else 0.
func (s *seat) late(now time.Time) int {
	if s.renewable != nil && !s.renewable.Ready(now) {
		return 1
	}
	return 0
}

// goesBy notes which of the offered credentials the budget has chosen. Of the
// others nothing is left: what the transport repeats by itself is signed by then.
func (c *call) goesBy(alternative int) {
	o := &c.signer.offer
	*o = offer{sets: o.sets[alternative : alternative+1], seats: o.seats[alternative : alternative+1]}
	s := o.seats[0]
	c.signer.seat, c.signer.signed = s, nil
	if s.name != "" {
		c.who = s.who.Load()
	}
	if c.signer.keep != nil {
		c.signer.keep.Store(s)
	}
}

// goesOn reports whether a call that was refused for lack of budget can go on at
// once, by a member of the pool that it was not refused by yet, nor is together
// with that one.
func (c *Client) goesOn(cl *call, r *budget.Refusal) bool {
	if c.pool == nil || len(cl.signer.offer.sets) == 0 || len(cl.signer.offer.sets[0]) == 0 {
		return false // without charges nothing is frozen
	}
	cl.signer.spent = append(cl.signer.spent, cl.signer.seat)
	refused, fixed := cl.who.scopes[r.Limit]
	return slices.ContainsFunc(c.eligible(cl, c.pool.Left(c.clock.Now())), func(s *seat) bool {
		together := fixed && s.who.Load().scopes[r.Limit] == refused
		return !together && !slices.Contains(cl.signer.spent, s)
	})
}

// oneFor is what the pages of a list have in common if they are to go by one
// member of the pool.
func (c *Client) oneFor(cl *call) *atomic.Pointer[seat] {
	if c.pool == nil {
		return nil
	}
	p := cl.op.Pagination
	one := p != nil && (p.Style == api.CursorStyle || p.Style == api.URLStyle)
	if cl.config.oneCredential != nil {
		one = *cl.config.oneCredential
	}
	if !one {
		return nil
	}
	return new(atomic.Pointer[seat])
}
