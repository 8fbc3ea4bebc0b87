package graphql

import (
	"errors"
	"fmt"
	"strings"
)

// Document is what is sent as a query: operations, of which one is asked for, and
// the fragments that they use.
type Document struct {
	Operations []*Operation
	Fragments  []*Fragment
}

// Kind is what an operation does.
type Kind string

const (
	Query        Kind = "query"
	Mutation     Kind = "mutation"
	Subscription Kind = "subscription"
)

// Operation is a query, a mutation or a subscription.
type Operation struct {
	Kind       Kind   // empty means a query
	Name       string // empty for an anonymous one
	Variables  []Variable
	Directives []Directive
	Fields     Selection

	open int // where in the text that it was read from its fields begin
}

// Variable declares one of an operation's variables.
type Variable struct {
	Name       string // without the $
	Type       string // as GraphQL writes it: [ID!]!
	Default    any    // a value as of an argument, if HasDefault
	HasDefault bool
	Directives []Directive
}

// Selection is what is asked of an object: Fields, Inlines and Spreads.
type Selection []Selected

// Selected is a Field, an Inline or a Spread.
type Selected interface{ selected() }

// Field asks for one field of an object.
type Field struct {
	// Alias is the name that the answer has it by; empty means Name.
	Alias      string
	Name       string
	Args       []Arg
	Directives []Directive
	// Fields are what is asked of the field's value; empty for a leaf.
	Fields Selection
}

// Key is the name that the answer has the field by.
func (f Field) Key() string {
	if f.Alias != "" {
		return f.Alias
	}
	return f.Name
}

// arg finds an argument.
func (f Field) arg(name string) (any, bool) {
	for _, a := range f.Args {
		if a.Name == name {
			return a.Value, true
		}
	}
	return nil, false
}

// Inline asks for more where the object is of a type: ... on User { login }.
type Inline struct {
	On         string // empty means any type
	Directives []Directive
	Fields     Selection
}

// Spread uses a fragment: ...parts.
type Spread struct {
	Fragment   string
	Directives []Directive
}

func (Field) selected()  {}
func (Inline) selected() {}
func (Spread) selected() {}

// Fragment is a selection with a name, for objects of a type.
type Fragment struct {
	Name, On   string
	Directives []Directive
	Fields     Selection
}

// Arg is an argument, or a member of an Object. Its value is nil, a bool, a
// string, an int, an int64, a finite float64, a Number, Var, Enum, List or Object.
type Arg struct {
	Name  string
	Value any
}

// Directive is one such as @include(if: $more).
type Directive struct {
	Name string
	Args []Arg
}

// Values of arguments that are no plain values of Go's.
type (
	// Var is a variable by its name, without the $.
	Var string
	// Enum is a value of an enumeration: OPEN.
	Enum string
	// Number is a number as it was written, where int would lose of it.
	Number string
	// List is a list of values.
	List []any
	// Object is an input object; its members keep their order.
	Object []Arg
)

// Leaves are fields without arguments and without fields of their own.
func Leaves(names ...string) Selection {
	fields := make(Selection, len(names))
	for i, name := range names {
		fields[i] = Field{Name: name}
	}
	return fields
}

// Operation finds the operation to execute: the only one, or that of the name.
func (d *Document) Operation(name string) (*Operation, error) {
	var names []string
	for _, op := range d.Operations {
		if op.Name == name && name != "" || name == "" && len(d.Operations) == 1 {
			return op, nil
		}
		if op.Name != "" {
			names = append(names, op.Name)
		}
	}
	switch {
	case len(d.Operations) == 0:
		return nil, errors.New("the query has no operation")
	case name == "":
		return nil, fmt.Errorf("the query has several operations: say which of %s is meant", strings.Join(names, ", "))
	}
	return nil, fmt.Errorf("the query has no operation %q, but %s", name, strings.Join(names, ", "))
}

func (d *Document) fragment(name string) *Fragment {
	for _, f := range d.Fragments {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// fields calls visit with each field of a selection, those of its fragments
// included; visit returns false to end it. The document has passed check.
func (d *Document) fields(s Selection, visit func(Field) bool) bool {
	for _, item := range s {
		more := true
		switch item := item.(type) {
		case Field:
			more = visit(item)
		case Inline:
			more = d.fields(item.Fields, visit)
		case Spread:
			if f := d.fragment(item.Fragment); f != nil {
				more = d.fields(f.Fields, visit)
			}
		}
		if !more {
			return false
		}
	}
	return true
}

// maxFields bounds how many fields a document may have, those of a fragment
// counted wherever it is used: fragments that use others twice each double with
// every step.
const maxFields = 1 << 16

// check tells whether the document may be walked: that its fragments use
// themselves nowhere, and that it is of a reasonable size.
func (d *Document) check() error {
	c := checker{doc: d, sizes: map[string]int{}}
	for _, f := range d.Fragments {
		c.fragment(f.Name)
	}
	for _, op := range d.Operations {
		if n := c.size(op.Fields); n > maxFields && c.err == nil {
			c.err = fmt.Errorf("the query has more than %d fields", maxFields)
		}
	}
	return c.err
}

type checker struct {
	doc   *Document
	sizes map[string]int // of fragments; -1 while one is being measured
	err   error
}

func (c *checker) fragment(name string) int {
	f := c.doc.fragment(name)
	if f == nil {
		return 0
	}
	n, known := c.sizes[name]
	if n < 0 && c.err == nil {
		c.err = fmt.Errorf("fragment %s uses itself", name)
	}
	if known {
		return max(n, 0)
	}
	c.sizes[name] = -1
	c.sizes[name] = c.size(f.Fields)
	return c.sizes[name]
}

func (c *checker) size(s Selection) int {
	n := 0
	for _, item := range s {
		switch item := item.(type) {
		case Field:
			n += 1 + c.size(item.Fields)
		case Inline:
			n += c.size(item.Fields)
		case Spread:
			n += c.fragment(item.Fragment)
		}
		n = min(n, maxFields+1)
	}
	return n
}
