package api

// This file decides which limits and page sizes hold under a plan.

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

var (
	// ErrUnknownLimit says that an API has no limit of a name.
	ErrUnknownLimit = errors.New("no such limit")
	// ErrUnknownPlan says that an API has no plan of a name.
	ErrUnknownPlan = errors.New("unknown plan")
)

// LimitsOn returns the limits that hold under a plan, by name. With no plan
// ("") they are the lowest that any plan has, so that an unknown customer is
// never refused. Its error wraps ErrUnknownPlan, or ErrUnknownLimit where a plan
// changes a limit that the API does not have.
func (a *API) LimitsOn(plan string) (map[string]Limit, error) {
	limits := make(map[string]Limit, len(a.Limits))
	for _, l := range a.Limits {
		limits[l.Name] = l
	}
	plans, choose := a.Plans, lowest
	if plan != "" {
		p, ok := a.Plan(plan)
		if !ok {
			return nil, fmt.Errorf("%w %q: %s has %s", ErrUnknownPlan, plan, a.Name, a.planNames())
		}
		plans, choose = []Plan{p}, func(_, changed Shape) Shape { return changed }
	}
	for _, p := range plans {
		for _, change := range p.Limits {
			l, ok := limits[change.Limit]
			if !ok {
				return nil, fmt.Errorf("%w: %q, which plan %s changes", ErrUnknownLimit, change.Limit, p.Name)
			}
			l.Shape = choose(l.Shape, change.Shape)
			limits[change.Limit] = l
		}
	}
	return limits, nil
}

// MaxPage is the largest page of an operation under a plan, with no plan ("")
// the smallest that any plan has. It is zero where the operation has no page
// size to ask for.
func (a *API) MaxPage(op *Operation, plan string) int {
	if op.Pagination == nil || op.Pagination.Size == nil {
		return 0
	}
	most := op.Pagination.Size.Max
	if plan != "" {
		if p, ok := a.Plan(plan); ok {
			if n, ok := p.MaxPage[op.Name]; ok {
				return n
			}
		}
		return most
	}
	for _, p := range a.Plans {
		if n, ok := p.MaxPage[op.Name]; ok {
			most = min(most, n)
		}
	}
	return most
}

// PlansWith returns the names of the plans under which a limit has this number;
// see [Capacity].
func (a *API) PlansWith(limit string, number int) []string {
	var names []string
	for _, p := range a.Plans {
		for _, l := range p.Limits {
			if n, ok := Capacity(l.Shape); ok && l.Limit == limit && n == number {
				names = append(names, p.Name)
			}
		}
	}
	return names
}

func (a *API) planNames() string {
	if len(a.Plans) == 0 {
		return "no plans"
	}
	names := make([]string, len(a.Plans))
	for i, p := range a.Plans {
		names[i] = p.Name
	}
	return strings.Join(names, ", ")
}

// lowest is the shape that allows less in the long run; of buckets, which may
// also differ in what they allow at once, with the smaller burst of the two.
func lowest(a, b Shape) Shape {
	if Sustained(b) < Sustained(a) {
		a, b = b, a
	}
	bucket, ok := a.(Bucket)
	if other, both := b.(Bucket); ok && both {
		bucket.Burst = min(bucket.Burst, other.Burst)
		return bucket
	}
	return a
}

// Sustained is what a shape allows in the long run, per second, so that shapes
// compare. Calls at once are taken to last a second each.
func Sustained(s Shape) float64 {
	switch s := s.(type) {
	case Window:
		return float64(s.Limit) * float64(time.Second) / float64(s.Per)
	case Bucket:
		return float64(s.Refill) * float64(time.Second) / float64(s.Per)
	case Adaptive:
		return float64(s.Ceiling) * float64(time.Second) / float64(s.Per)
	case Concurrency:
		return float64(s.Max)
	}
	return math.Inf(1)
}

// Capacity is the number that a provider tells as the limit of a shape: what it
// lets be occupied at once. It is false for shapes without such a number.
func Capacity(s Shape) (n int, ok bool) {
	switch s := s.(type) {
	case Window:
		return s.Limit, true
	case Bucket:
		return s.Burst, true
	case Concurrency:
		return s.Max, true
	}
	return 0, false
}

// CheckShape tells what is wrong with a shape's numbers.
func CheckShape(s Shape) error {
	switch s := s.(type) {
	case nil:
		return errors.New("there is no shape: give an api.Window, Bucket, Concurrency, Adaptive or Unlimited")
	case Window:
		switch {
		case s.Limit < 1 || s.Per <= 0:
			return fmt.Errorf("a window of %d per %v: both must be positive", s.Limit, s.Per)
		case s.Kind < Fixed || s.Kind > SlidingApproximate:
			return fmt.Errorf("a window of kind %d: it must be api.Fixed, Sliding or SlidingApproximate", s.Kind)
		case s.Resolution < 0 || s.Resolution > s.Per:
			return fmt.Errorf("a window of %v with a resolution of %v: it must be from 0 to the window's length", s.Per, s.Resolution)
		}
	case Bucket:
		if s.Burst < 1 || s.Refill < 1 || s.Per <= 0 {
			return fmt.Errorf("a bucket of %d refilled by %d per %v: all must be positive", s.Burst, s.Refill, s.Per)
		}
	case Concurrency:
		if s.Max < 1 {
			return fmt.Errorf("a concurrency of %d: it must be positive", s.Max)
		}
	case Adaptive:
		if s.Ceiling < 1 || s.Per <= 0 {
			return fmt.Errorf("an adaptive limit under %d per %v: both must be positive", s.Ceiling, s.Per)
		}
	}
	return nil
}
