package api

import "time"

// Limit is a static fact: so much, of such a shape, counted by such a scope.
type Limit struct {
	Name  string
	Shape Shape
	// Scope is the parts of a call's identity that the limit is counted by.
	// Each different set of values has a counter of its own.
	Scope  []Scope
	Source Source
}

// Shape is how a limit refills: Window, Bucket, Concurrency, Adaptive or Unlimited.
type Shape interface{ shape() }

// Window allows Limit cost within each stretch of Per.
type Window struct {
	Limit int
	Per   time.Duration
	// Kind is how the provider places its windows; the zero value, Fixed, is
	// also right where that is unknown.
	Kind WindowKind
	// Resolution is how coarsely the provider reads its clock; zero means a millisecond.
	Resolution time.Duration
}

// WindowKind is how a provider places its windows.
type WindowKind int

const (
	// Fixed windows begin at a moment of the provider's choosing and follow one
	// another. The phase is unknown until an answer tells it.
	Fixed WindowKind = iota
	// Sliding windows end at each request, counted exactly.
	Sliding
	// SlidingApproximate weighs the counts of the current and the previous
	// fixed window. Exact rules do not bound it: it is held as a window of twice
	// the length at half the rate.
	SlidingApproximate
)

// Bucket holds up to Burst tokens and regains Refill of them each Per,
// continuously.
type Bucket struct {
	Burst  int
	Refill int
	Per    time.Duration
}

// Concurrency allows Max calls at once.
type Concurrency struct {
	Max int
}

// Adaptive is a limit whose number nobody tells. Calls go at Ceiling each Per,
// evenly, until the provider refuses one; then the rate is halved, grows again,
// and is back at the ceiling soon after the refusals have ended.
type Adaptive struct {
	Ceiling int
	Per     time.Duration
}

// Unlimited counts nothing: a plan uses it to lift a limit that others have. A
// refusal still freezes its counter, and paces it for a while as Adaptive does.
type Unlimited struct{}

func (Window) shape()      {}
func (Bucket) shape()      {}
func (Concurrency) shape() {}
func (Adaptive) shape()    {}
func (Unlimited) shape()   {}

// Scope is one part of a call's identity: one of the constants, or
// "path:name", "query:name" or "body:name" for the value of a parameter.
type Scope string

const (
	ScopeApp        Scope = "app"        // the connector, over all its customers
	ScopeAccount    Scope = "account"    // the customer: a workspace, subdomain or organization
	ScopeUser       Scope = "user"       // the person whose credential is used
	ScopeCredential Scope = "credential" // the token itself
	ScopeIP         Scope = "ip"         // the address that the calls come from
	ScopeOperation  Scope = "operation"  // each operation apart
)

// Source tells where a number comes from and how sure it is.
type Source struct {
	URL        string
	Date       string // the day it was read, as 2026-11-21
	Confidence Confidence
}

// Confidence is how sure a number is.
type Confidence string

const (
	Documented Confidence = "documented" // the provider says so
	Observed   Confidence = "observed"   // seen in answers
	Inferred   Confidence = "inferred"   // deduced; to be checked
)

// Draw is what one call takes from a limit.
type Draw struct {
	Limit string
	// Cost is in the limit's units; zero means 1.
	Cost int
	// When makes the draw conditional on a parameter; nil means always.
	When *When
}

// When is true of a call whose parameter satisfies every condition given. A
// call without the parameter satisfies none.
type When struct {
	Param
	// Above is satisfied by a number greater than it; zero means no such condition.
	Above int
	// Equals is satisfied by one of these texts; empty means no such condition.
	Equals []string
}

// Plan is what a customer has bought, as far as limits go: what it lists
// replaces the API's own numbers. With no plan chosen, the lowest numbers of
// all hold until headers say more.
type Plan struct {
	Name string
	// Limits replace the shapes of the API's limits of the same name.
	Limits []PlanLimit
	// MaxPage replaces the largest page of operations, by operation name.
	MaxPage map[string]int
}

// PlanLimit is a limit's shape under a plan.
type PlanLimit struct {
	Limit  string
	Shape  Shape
	Source Source
}
