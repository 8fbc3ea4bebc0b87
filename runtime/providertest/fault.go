package providertest

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Fault makes some calls go wrong. Of the calls that it is about it strikes
// each, unless Nth, Every or Probability chooses.
type Fault struct {
	// Operation is the name of the operation that it is about; empty means all.
	Operation string
	// When further chooses the calls that it is about; nil means all.
	When func(*Call) bool
	// Nth strikes the Nth of these calls, counted from 1.
	Nth int
	// Every strikes each Every-th of these calls.
	Every int
	// Probability strikes each of these calls with this chance, drawn from Options.Seed.
	Probability float64
	// Times is how often it strikes at most; zero means without end.
	Times int
	// Uncounted keeps the calls struck from being counted, as by a gateway in
	// front of the provider; such answers tell nothing of the limits either.
	Uncounted bool
	// Effect is what happens.
	Effect Effect
}

// Effect is what a fault does to an answer: one of Status, Refuse,
// RefuseSilently, Cut, Drop, Slow, Stall, Garbage, HugeBody, ErrorIn200,
// RepeatCursor, ForeignLink, ShortPage.
type Effect struct {
	kind  effectKind
	n     int64
	after time.Duration
	text  string
}

type effectKind int

const (
	noEffect effectKind = iota
	statusEffect
	refuseEffect
	cutEffect
	dropEffect
	slowEffect
	stallEffect
	garbageEffect
	hugeEffect
	error200Effect
	repeatCursorEffect
	foreignLinkEffect
	shortPageEffect
)

// Status answers with an HTTP status and an error body.
func Status(code int) Effect { return Effect{kind: statusEffect, n: int64(code)} }

// Retry adds a Retry-After header of whole seconds to a Status.
func (e Effect) Retry(after time.Duration) Effect {
	e.after = after
	return e
}

// Refuse refuses the call as for lack of budget, and says when to come again.
// Like any refused call it is not counted.
func Refuse(after time.Duration) Effect { return Effect{kind: refuseEffect, after: after} }

// RefuseSilently refuses the call as for lack of budget, with no Retry-After
// and no word of the limits.
func RefuseSilently() Effect { return Effect{kind: refuseEffect, after: -1} }

// Cut closes the connection after n bytes of the body.
func Cut(n int) Effect { return Effect{kind: cutEffect, n: int64(n)} }

// Drop closes the connection before any byte of the answer. The call was
// counted all the same.
func Drop() Effect { return Effect{kind: dropEffect} }

// Slow adds d to the time before the answer.
func Slow(d time.Duration) Effect { return Effect{kind: slowEffect, after: d} }

// Stall pauses for d in the middle of the body.
func Stall(d time.Duration) Effect { return Effect{kind: stallEffect, after: d} }

// Garbage answers with a body that is not what its type says.
func Garbage() Effect { return Effect{kind: garbageEffect} }

// HugeBody answers with a JSON body of about n bytes.
func HugeBody(n int64) Effect { return Effect{kind: hugeEffect, n: n} }

// ErrorIn200 answers with status 200 and an error body of the given code.
func ErrorIn200(code string) Effect { return Effect{kind: error200Effect, text: code} }

// RepeatCursor makes a page name itself as the next one.
func RepeatCursor() Effect { return Effect{kind: repeatCursorEffect} }

// ForeignLink makes a page name a next one at another place, given as
// scheme://host.
func ForeignLink(origin string) Effect { return Effect{kind: foreignLinkEffect, text: origin} }

// ShortPage cuts a page to n items, which may be none, though more follow. It
// is for styles whose cursor does not count pages.
func ShortPage(n int) Effect { return Effect{kind: shortPageEffect, n: int64(n)} }

// Inject adds a fault. Faults are independent of each other: where several
// strike one call, their delays add up, and of several answers the last holds.
func (p *Provider) Inject(f Fault) {
	if f.Operation != "" {
		p.operation(f.Operation)
	}
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	p.faults.list = append(p.faults.list, &script{Fault: f})
}

// faults are the scripts of a stand-in.
type faults struct {
	mu     sync.Mutex
	random *rand.Rand
	list   []*script
}

// script is a fault with what it has done so far.
type script struct {
	Fault
	seen, struck int
}

// effects are all that happens to one call.
type effects struct {
	struck, uncounted bool
	slow              time.Duration
	answer            Effect // what the answer is instead
	stall             time.Duration
	cuts              bool
	cut               int // bytes of the body before the connection is closed
	page              []Effect
}

// strike decides what happens to a call.
func (s *faults) strike(c *Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.list {
		if f.strikes(c, s.random) {
			c.effects.add(f.Fault)
		}
	}
}

func (f *script) strikes(c *Call, random *rand.Rand) bool {
	if f.Operation != "" && f.Operation != c.Operation.Name || f.When != nil && !f.When(c) {
		return false
	}
	f.seen++
	switch {
	case f.Times > 0 && f.struck >= f.Times,
		f.Nth > 0 && f.seen != f.Nth,
		f.Every > 0 && f.seen%f.Every != 0,
		f.Probability > 0 && random.Float64() >= f.Probability:
		return false
	}
	f.struck++
	return true
}

func (e *effects) add(f Fault) {
	e.struck = true
	e.uncounted = e.uncounted || f.Uncounted || f.Effect.kind == refuseEffect
	switch f.Effect.kind {
	case noEffect:
	case slowEffect:
		e.slow += f.Effect.after
	case stallEffect:
		e.stall += f.Effect.after
	case cutEffect:
		e.cuts, e.cut = true, int(f.Effect.n)
	case repeatCursorEffect, foreignLinkEffect, shortPageEffect:
		e.page = append(e.page, f.Effect)
	default:
		e.answer = f.Effect
	}
}
