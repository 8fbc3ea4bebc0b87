package credential

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/weirkit/weir/runtime/clock"
)

const (
	// renewBefore is how long before its end a token is replaced: a call that it
	// signs may yet be on its way for a while.
	renewBefore = 2 * time.Minute
	// fetchWithin bounds the wait for a token, by the client's clock.
	fetchWithin = 2 * time.Minute
)

// Refresher signs with the tokens of a [Source]. It asks for none before the
// first call. It keeps each until two minutes before its end, or for nine tenths
// of a life that is shorter than twenty, and gets another when the provider
// refuses it with 401; then the call is sent again once, and passes the budget
// again. However many calls need a token at once, the source is asked once, and
// what it fails with is the error of all of them: an [*Error]. A failure is not
// kept; nor does it matter as long as the token held has not ended.
//
// Share one Refresher among all clients that use its tokens.
type Refresher struct {
	name   string
	source Source

	mu     sync.Mutex
	held   held
	flight *flight // under way, if any
}

var _ Renewable = (*Refresher)(nil)

// held is a token and until when it is used without asking for another.
type held struct {
	Token
	until time.Time // zero: until it is refused
}

func (h held) lasts(now time.Time) bool {
	return h.text != nil && (h.until.IsZero() || now.Before(h.until))
}

// flight is one request for a token, which all calls wait for that need it.
type flight struct {
	done chan struct{}
	held held // once done
	err  error
}

// FromSource signs with the tokens of source. name stands for whose tokens they
// are, in errors and for limits that are counted by credential: it has to be the
// same for all tokens that follow one another, and is no secret. Customers have names
// of their own: those of one name share what a cache has kept. Without a name or
// a source a client is refused.
func FromSource(name string, source Source) *Refresher {
	return &Refresher{name: name, source: source}
}

// Check reports what FromSource was not given.
func (r *Refresher) Check() error {
	if r.name == "" || r.source == nil {
		return errors.New("FromSource: there is no name, or no source")
	}
	return nil
}

// Sign implements Credential. It may wait for a token, as long as the request's
// context allows.
func (r *Refresher) Sign(req *http.Request) error {
	h, err := r.token(req.Context(), "")
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", h.header())
	return nil
}

// Secret implements Credential. It is the name, whichever token is held.
func (r *Refresher) Secret() string { return r.name }

// String keeps the token out of what prints the credential.
func (r *Refresher) String() string { return r.name }

// GoString does the same for %#v.
func (r *Refresher) GoString() string { return r.name }

// Ready implements Renewable.
func (r *Refresher) Ready(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held.lasts(now)
}

// Prepare implements Renewable.
func (r *Refresher) Prepare(ctx context.Context) error {
	_, err := r.token(ctx, "")
	return err
}

// Renew implements Renewable.
func (r *Refresher) Renew(ctx context.Context, signed *http.Request) error {
	_, err := r.token(ctx, signed.Header.Get("Authorization"))
	return err
}

// token is one that lasts, and is not the one refused.
func (r *Refresher) token(ctx context.Context, refused string) (held, error) {
	c := Clock(ctx)
	r.mu.Lock()
	if r.held.lasts(c.Now()) && r.held.header() != refused {
		defer r.mu.Unlock()
		return r.held, nil
	}
	spare := r.held
	if spare.text == nil || spare.header() == refused || spare.check(c.Now()) != nil {
		spare = held{}
	}
	f := r.flight
	if f == nil {
		f = &flight{done: make(chan struct{})}
		r.flight = f
		// The first to ask may give up while others wait for the same token.
		go r.fly(context.WithoutCancel(ctx), c, f)
	}
	r.mu.Unlock()
	if spare.text != nil {
		return spare.unless(ctx, c, f)
	}
	select {
	case <-f.done:
	case <-ctx.Done():
		return held{}, ctx.Err()
	}
	switch {
	case f.err != nil:
		r.drop(refused)
		return held{}, f.err
	case f.held.header() == refused:
		r.drop(refused)
		return held{}, &Error{Name: r.name, Err: ErrSameToken}
	}
	return f.held, nil
}

// unless is a token that is about to end, and has not, unless there is another
// soon: within half of the time that it is yet good for.
func (h held) unless(ctx context.Context, c clock.Clock, f *flight) (held, error) {
	timer := c.NewTimer(h.expires.Sub(c.Now()) / 2)
	defer timer.Stop()
	select {
	case <-f.done:
		if f.err == nil {
			return f.held, nil
		}
	case <-timer.C():
	case <-ctx.Done():
		return held{}, ctx.Err()
	}
	return h, nil
}

// drop forgets a token that the provider has refused.
func (r *Refresher) drop(refused string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held.text != nil && r.held.header() == refused {
		r.held = held{}
	}
}

// errTooSlow is why the context of a source ends that takes too long.
var errTooSlow = fmt.Errorf("the source gave no token within %v", fetchWithin)

// fly gets a token for all who wait.
func (r *Refresher) fly(ctx context.Context, c clock.Clock, f *flight) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	asked := c.Now()
	timer := c.NewTimer(fetchWithin)
	got := make(chan struct{})
	var t Token
	var err error
	go func() {
		defer close(got)
		defer func() { // on this goroutine a panic would be the program's end, and nobody could recover
			if v := recover(); v != nil {
				err = fmt.Errorf("the source panicked: %v\n\n%s", v, debug.Stack())
			}
		}()
		t, err = r.source.Token(ctx)
	}()
	select {
	case <-got:
	case <-timer.C():
		// A source that knows no contexts may never come back: nobody waits for it.
		cancel(errTooSlow)
		r.land(f, held{}, errTooSlow)
		return
	}
	timer.Stop()
	now := c.Now()
	if err != nil {
		err = t.discreet(err) // sources may give both
	} else {
		err = t.check(now)
	}
	if err != nil {
		r.land(f, held{}, err)
		return
	}
	h := held{Token: t}
	if !t.expires.IsZero() {
		// Of a token that lasts less than expected most is used all the same.
		h.until = t.expires.Add(-min(renewBefore, t.expires.Sub(asked)/10))
	}
	r.land(f, h, nil)
}

// land gives all who wait what the flight has brought.
func (r *Refresher) land(f *flight, h held, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		f.err = &Error{Name: r.name, Err: r.held.discreet(err)}
	} else {
		f.held, r.held = h, h
	}
	r.flight = nil
	close(f.done)
}
