package budget

import "fmt"

// Class is how urgent a call is. The zero value is Normal.
//
// Each class may count on a share of every limit (see WithShares) and borrows
// what the others leave idle. The rules are in hold.go.
type Class int8

const (
	// Urgent is for what somebody waits for: webhook-driven updates, a user's click.
	Urgent Class = iota - 1
	// Normal is for incremental syncs, and whatever says nothing.
	Normal
	// Background is for full syncs and cold starts.
	Background
)

const classes = 3

// index counts the classes from 0, the most urgent first. A class that does not
// exist is taken for the nearest one that does.
func (c Class) index() int { return int(min(max(c, Urgent), Background) - Urgent) }

func (c Class) String() string {
	return [classes]string{"urgent", "normal", "background"}[c.index()]
}

// Shares are the parts of every limit that the classes may count on, 0 to 1
// each, and 1 together at the most.
type Shares struct{ Urgent, Normal, Background float64 }

// of is the share of a class.
func (s Shares) of(c Class) float64 {
	return [classes]float64{s.Urgent, s.Normal, s.Background}[c.index()]
}

// check refuses what cannot be kept.
func (s Shares) check() error {
	for c := Urgent; c <= Background; c++ {
		if share := s.of(c); !(share >= 0 && share <= 1) {
			return fmt.Errorf("the share of class %v is %v: give a part from 0 to 1", c, share)
		}
	}
	if sum := s.Urgent + s.Normal + s.Background; sum > 1+1e-9 {
		return fmt.Errorf("the shares come to %.4g: together they can be 1 at the most", sum)
	}
	return nil
}

// WithShares sets what the classes may count on: 0.3, 0.5 and 0.2 unless given.
// What is missing to 1 is anybody's. It also tells the ledger beforehand that
// classes will be used, so that the first urgent call finds room: otherwise
// nothing is held for a class of which no call was ever seen.
func WithShares(s Shares) LedgerOption {
	return func(o *options) error {
		if err := s.check(); err != nil {
			return fmt.Errorf("budget: WithShares: %w", err)
		}
		o.shares, o.expectClasses = s, true
		return nil
	}
}

// kinds is what a ledger knows of the kinds of calls that it sees. As long as
// all are of one class and nobody states a demand, calls are told apart nowhere,
// and an admission that need not wait costs what it would without classes.
type kinds struct {
	seen  [classes]bool
	first Class // the one class seen, as long as that is all
	any   bool
	mixed bool
}

// see notes that there are calls of a class.
func (k *kinds) see(c Class) {
	if k.any && c == k.first {
		return
	}
	k.seen[c.index()] = true
	if k.any {
		k.mixed = true
		return
	}
	k.any, k.first = true, c
}

// expect notes that there may be calls of every class.
func (k *kinds) expect() {
	k.mixed, k.seen = true, [classes]bool{true, true, true}
}

// ClassState is what one class does with a counter.
type ClassState struct {
	Used    int // of CounterState.Used
	Waiting int // of CounterState.Waiting
}

// ByClass is a state for each class.
type ByClass struct{ Urgent, Normal, Background ClassState }

// byClass tells which classes use a counter of which used are occupied.
func (c *counter) byClass(now moment, used int) ByClass {
	var states [classes]ClassState
	known := 0
	for _, k := range c.claims {
		k.advance(c, now)
		s := &states[k.class.index()]
		s.Waiting += k.len
		s.Used += k.used()
		known += k.used()
	}
	if rest := used - known; rest > 0 { // of calls from before they were told apart
		states[c.ledger.kinds.first.index()].Used += rest
	} else if known > 0 { // claims of a bucket do not drain, and lost calls are late
		for i := range states {
			states[i].Used = states[i].Used * used / known
		}
	}
	return ByClass{states[0], states[1], states[2]}
}
