package graphql

// This file reckons what a query costs.
//
// A connection of n items that is asked for once takes one request to the
// provider's stores, and n times whatever is asked of each of its items. Both
// sums are taken as if every connection were as long as what is asked of it.

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Rules are a provider's rules for what a query may ask for and what it costs.
// The zero value has none, and reckons every query at one point.
type Rules struct {
	// MaxPage is the most that first and last may ask for. They are then needed at
	// every connection whose items or pages are asked for.
	MaxPage int
	// MaxNodes is the most items that all connections of a query may have together.
	MaxNodes int
	// RequestsPerPoint is how many requests cost one point.
	RequestsPerPoint int
	// Lists are root fields that take a list of ids, and the argument that has it:
	// they stand for as many objects.
	Lists map[string]string
}

// Estimate is what a query is reckoned to take.
type Estimate struct {
	Points   int // at least 1
	Requests int
	Nodes    int
}

// RuleError tells what a query asks for against the provider's rules.
type RuleError struct {
	// Connection is where: the connection's place in the answer.
	Connection string
	Message    string
	costly     bool
}

func (e *RuleError) Error() string {
	return fmt.Sprintf("the query is not sent: %s %s", e.Connection, e.Message)
}

// Is reports whether the query asks for too much in all: [ErrTooCostly].
func (e *RuleError) Is(target error) bool { return target == ErrTooCostly && e.costly }

// most bounds what is reckoned with.
const most = 1 << 40

// Estimate reckons what an operation takes. The variables are as encoding/json
// decodes them; a size that they do not tell is taken as MaxPage. Where rules are
// broken its error is a *RuleError, and the estimate is one point; so it is where
// fragments use themselves.
func (r Rules) Estimate(d *Document, op *Operation, variables map[string]any) (Estimate, error) {
	if r.MaxPage <= 0 || r.RequestsPerPoint <= 0 {
		return Estimate{Points: 1}, nil
	}
	e := estimator{rules: r, doc: d, op: op, variables: variables}
	if e.err = d.check(); e.err == nil {
		e.root()
	}
	if e.err != nil {
		return Estimate{Points: 1}, e.err
	}
	return Estimate{
		Points:   max(1, (e.requests+r.RequestsPerPoint/2)/r.RequestsPerPoint),
		Requests: e.requests, Nodes: e.nodes,
	}, nil
}

type estimator struct {
	rules           Rules
	doc             *Document
	op              *Operation
	variables       map[string]any
	requests, nodes int
	err             error
}

func (e *estimator) root() {
	e.doc.fields(e.op.Fields, func(f Field) bool {
		times := 1
		if arg, ok := e.rules.Lists[f.Name]; ok {
			times = e.length(f, arg)
			e.nodes += times
		}
		e.field(f, times, nil)
		return e.err == nil
	})
}

// field reckons a field that is asked for so many times.
func (e *estimator) field(f Field, times int, above []string) {
	path := append(above[:len(above):len(above)], f.Key())
	size, asked := e.size(f, path)
	if asked {
		e.requests = min(e.requests+times, most)
		times = min(times*size, most)
		e.nodes = min(e.nodes+times, most)
		if e.rules.MaxNodes > 0 && e.nodes > e.rules.MaxNodes && e.err == nil {
			e.err = &RuleError{
				Connection: strings.Join(path, "."), costly: true,
				Message: fmt.Sprintf("brings it to %d nodes, and a query may have %d: ask for fewer by its first or last, or of a connection that it lies in", e.nodes, e.rules.MaxNodes),
			}
		}
	}
	if e.err != nil {
		return
	}
	e.doc.fields(f.Fields, func(inner Field) bool {
		e.field(inner, times, path)
		return e.err == nil
	})
}

// size is how many items a connection is asked for; asked is false for a field
// that is no connection, or of which no items are asked for.
func (e *estimator) size(f Field, path []string) (size int, asked bool) {
	for _, name := range []string{"first", "last"} {
		value, given := f.arg(name)
		if !given {
			continue
		}
		n, known, null := e.number(value)
		if null {
			continue
		}
		if !known {
			n = e.rules.MaxPage
		}
		if n < 1 || n > e.rules.MaxPage {
			e.refuse(path, fmt.Sprintf("asks for %s: %d, which has to be from 1 to %d", name, n, e.rules.MaxPage))
		}
		size, asked = max(size, n), true
	}
	if asked {
		return size, true
	}
	paged := false
	e.doc.fields(f.Fields, func(inner Field) bool {
		paged = slices.Contains([]string{"nodes", "edges", "pageInfo"}, inner.Name)
		return !paged
	})
	if paged {
		e.refuse(path, fmt.Sprintf("is a connection without first or last: say how many to ask for, from 1 to %d", e.rules.MaxPage))
	}
	return 0, false
}

func (e *estimator) refuse(path []string, message string) {
	if e.err == nil {
		e.err = &RuleError{Connection: strings.Join(path, "."), Message: message}
	}
}

// resolve is what a value is once variables are put in.
func (e *estimator) resolve(v any) (value any, known bool) {
	name, ok := v.(Var)
	if !ok {
		return v, true
	}
	if value, ok := e.variables[string(name)]; ok {
		return value, true
	}
	for _, declared := range e.op.Variables {
		if declared.Name == string(name) {
			return declared.Default, declared.HasDefault || !strings.HasSuffix(declared.Type, "!")
		}
	}
	return nil, false
}

func (e *estimator) number(v any) (n int, known, null bool) {
	value, known := e.resolve(v)
	if !known {
		return 0, false, false
	}
	switch value := value.(type) {
	case nil:
		return 0, true, true
	case int:
		return value, true, false
	case int64:
		return int(value), true, false
	case float64:
		return int(value), true, false
	case json.Number:
		n, err := value.Int64()
		return int(n), err == nil, false
	}
	return 0, false, false
}

// length is how many objects a list of ids stands for.
func (e *estimator) length(f Field, arg string) int {
	given, _ := f.arg(arg)
	value, _ := e.resolve(given)
	switch value := value.(type) {
	case List:
		return len(value)
	case []any:
		return len(value)
	}
	return 1
}
