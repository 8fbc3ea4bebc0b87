// Package budget is the engine: it admits calls so that no limit of a provider
// is ever exceeded and none is wasted. It knows counters, charges and time, and
// nothing of HTTP.
//
// A call asks a Ledger for admission with the charges that it will make, is
// sent once it has its Ticket, and settles the Ticket when the answer is in.
package budget

import (
	"context"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// Ledger holds all counters. Many clients share one, since a limit may span
// the customers of an app.
type Ledger interface {
	// Admit waits until one of the request's alternatives fits all of its
	// counters, charges it, and says which. It returns at once with an error
	// that wraps ErrDeadline when the wait would outlast the context's deadline,
	// with one that wraps ErrWouldWait when the request does not want to wait,
	// and with the context's error when that ends first. On error nothing is charged.
	Admit(ctx context.Context, r *Request) (Ticket, error)
	// Observe takes news that belong to no call.
	Observe(obs ...Observation)
	// Snapshot returns the state of every counter, sorted by key.
	Snapshot() Snapshot
	// Close ends all waits with ErrClosed and drops the counters.
	Close() error
}

// Request asks for the admission of one transmission.
type Request struct {
	// Operation is the name used in events and errors.
	Operation string
	// Alternatives are offered in order of preference, one set of charges for
	// each credential that could be used. A call without limits has one empty set.
	Alternatives [][]Charge
	// Since is when the call first asked, so that a repeated attempt keeps its
	// age in the queue. Zero means now.
	Since time.Time
	// Class is how urgent the call is; Normal unless given.
	Class Class
	// Flow names what the call is part of, such as one sync of one customer. Flows
	// of a class take turns, by their weights. All calls without one are of one flow.
	Flow string
	// Weight is how many turns the flow gets for each of another's: 1 unless
	// given. What the flow's newest call says counts.
	Weight float64
	// NotBefore is when the call may go at the earliest: it waits until then, and
	// its age counts from there. Zero means now.
	NotBefore time.Time
	// NoWait makes Admit fail with ErrWouldWait rather than wait.
	NoWait bool
}

// Charge is what a call takes from one counter.
type Charge struct {
	Key Key
	// Shape is the limit as it stands under the client's plan. The first charge
	// to a counter sets its shape; a later one of other numbers changes it,
	// unless the provider has told its own.
	Shape api.Shape
	// Cost is in the limit's units, at least 1.
	Cost int
}

// Key names a counter: a limit for one concrete set of scope values.
type Key struct {
	API   string // api.API.Name
	Limit string // api.Limit.Name
	Scope string // the scope's values ("account=acme user=…")
}

// Ticket is an admission. A call that is admitted must end it exactly once,
// with Answer and then Done, or with Lost, or with Cancel; further calls do nothing.
type Ticket interface {
	// Alternative is the index of the set that was charged.
	Alternative() int
	// Sent says that the request goes out now.
	Sent()
	// Resent debits one more transmission of the same charges, made by a
	// transport on its own.
	Resent()
	// Answer says that the response headers are in, and what they tell.
	Answer(a Answer)
	// Done says that the response body has ended or was closed.
	Done()
	// Lost says that no answer will come, though the request may have been counted.
	Lost()
	// Cancel says that the request was never written; its charges are given back.
	Cancel()
}

// Answer is what a response tells the ledger.
type Answer struct {
	Observations []Observation
	// Refusal is set when the provider refused the call for lack of budget.
	Refusal *Refusal
	// Costs are what the call has cost, where that is known only now; see [Cost].
	Costs []Cost
}

// Cost is what a call has taken from a limit, as its answer tells. It replaces
// what was charged: a larger cost leaves the counter in debt, a smaller one is
// given back at once, and a free call (0) takes nothing. A negative cost is not
// known. A refused call stays charged as it was.
//
// The largest cost seen of an operation is what its next calls are charged
// beforehand, if that is more than their Charge says.
type Cost struct {
	Limit string
	Cost  int
}

// Observation is what a provider said of one limit.
type Observation struct {
	// Limit names the limit; the counter is that charge of the ticket which draws
	// on it. (For Ledger.Observe, Key names the counter instead.)
	Limit string
	Key   Key
	// Max is the limit told; negative when none was.
	Max int
	// Remaining is what is left; negative when not told.
	Remaining int
	// Reset is the latest moment at which the window may end, on our clock, all
	// uncertainty added; zero when not told. (Whole seconds told as a delta d:
	// the answer's time + d + 1 s.)
	Reset time.Time
	// ResetEarliest is the earliest moment at which it may end, all uncertainty
	// taken off (the sending's time + d - 1 s). Two resets that are too near to be
	// of two windows are of one, and then the tighter bounds hold for both. Zero
	// means that Reset is exact.
	ResetEarliest time.Time
}

// Refusal is an answer that refuses a call.
type Refusal struct {
	// Limit names the limit that refused; empty when the provider did not say.
	Limit string
	// Until is when the provider will take calls again; zero when not told.
	Until time.Time
	// Least says that the provider did not tell Until: its documentation names so
	// long a wait as the least.
	Least bool
}

// Snapshot is the state of a ledger at one moment.
type Snapshot struct {
	Time     time.Time
	Counters []CounterState
}

// CounterState is the state of one counter.
type CounterState struct {
	Key      Key
	Shape    api.Shape
	Used     int       // occupied now, in the limit's units
	InFlight int       // of these, not yet answered
	Waiting  int       // calls waiting
	Classes  ByClass   // the same by class
	Reset    time.Time // the window's end, as told; zero when unknown
	Frozen   time.Time // refused until; zero when not frozen
	Releases []Release // when what is used by answered calls comes free, in order; windows alone know
	Admitted int64     // calls admitted since the counter was made
	Refused  int64     // calls refused since the counter was made
	// Utilisation is the part of the limit that went in the last whole turnover:
	// the last window, the time in which a bucket fills up, or half a minute. It is
	// zero before the first has passed and where there is no limit. It may be above
	// 1, as when a bucket's burst and what came back went in one turnover.
	Utilisation float64
	// Wait is how long calls waited for their admission, here and on their other
	// counters; Latency how long from the sending until the answer's headers were in.
	Wait, Latency Distribution
}

// Release is a part of what is used that comes free at one time.
type Release struct {
	At   time.Time
	Cost int
}
