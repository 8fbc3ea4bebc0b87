package generator

import (
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// This file is types on their way to names: while a document is walked, a type
// is an expression that may refer to a declaration without a name yet.

// expr is a Go type.
type expr struct {
	prefix string       // "[]", "map[string]", "*": what elem is wrapped in
	elem   *expr        // of a wrapper
	basic  string       // a type that has a name already: string, time.Time
	ref    *declaration // a type of the package
}

func basic(name string) *expr                { return &expr{basic: name} }
func refTo(d *declaration) *expr             { return &expr{ref: d} }
func wrap(prefix string, elem *expr) *expr   { return &expr{prefix: prefix, elem: elem} }
func (e *expr) isPlain(names ...string) bool { return e.basic != "" && contains(names, e.basic) }

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// String is the type as Go source; its declarations have names by then.
func (e *expr) String() string {
	switch {
	case e.elem != nil && strings.HasSuffix(e.prefix, "["): // runtime.Nullable[
		return e.prefix + e.elem.String() + "]"
	case e.elem != nil:
		return e.prefix + e.elem.String()
	case e.ref != nil && e.ref.instead != nil:
		return e.ref.instead.String()
	case e.ref != nil:
		return e.ref.name
	}
	return e.basic
}

// resolved is the type that a declared union turned out to be, if it did.
func (e *expr) resolved() *expr {
	for e.ref != nil && e.ref.instead != nil {
		e = e.ref.instead
	}
	return e
}

// isStruct reports whether the type is a declared struct, held by value.
func (e *expr) isStruct() bool { return e.ref != nil && e.ref.kind == structKind }

// handedOut is the type as a caller gets it from a method: a struct by pointer.
// That spares copying it, and spares the compiler making the runtime's generic
// functions anew for each, since all pointers share one form of them.
func (e *expr) handedOut() string {
	if e.resolved().isStruct() {
		return "*" + e.String()
	}
	return e.String()
}

// nullablePrefix is how a request's member may be null beside being left out.
const nullablePrefix = "runtime.Nullable["

// holds is the struct that a value of the type has within itself, if any.
func (e *expr) holds() *declaration {
	switch {
	case e.prefix == nullablePrefix:
		return e.elem.holds()
	case e.isStruct():
		return e.ref
	}
	return nil
}

// label is what an accessor for the type is called: String, for AsString.
func (e *expr) label() string {
	switch {
	case e.ref != nil && e.ref.instead != nil:
		return e.ref.instead.label()
	case e.ref != nil:
		return e.ref.name
	case e.prefix == "[]":
		return e.elem.label() + "List"
	case e.elem != nil:
		return e.elem.label() + "Map"
	}
	switch e.basic {
	case "int64":
		return "Int"
	case "float64":
		return "Float"
	case "json.RawMessage", "any":
		return "JSON"
	case "[]byte":
		return "Bytes"
	}
	name := e.basic[strings.LastIndex(e.basic, ".")+1:]
	return strings.ToUpper(name[:1]) + name[1:]
}

// direction is the way that a value goes.
type direction int

const (
	response direction = iota
	request
	parameter
)

type declarationKind int

const (
	structKind declarationKind = iota
	enumKind
	unionKind
)

// declaration is a type of the package.
type declaration struct {
	kind declarationKind
	name string // given by nameDeclarations

	// component is the schema's name in the document, or empty for an inline
	// one, which is named after its place.
	component string
	schema    *openapi3.Schema
	direction direction
	place     place
	wishes    []string // names to try before others

	fields  []*field
	base    string   // of an enum
	values  []any    // of an enum
	members []*expr  // of a union
	makers  bool     // a union that requests use needs constructors
	labels  []string // names for values, by x-enum-varnames
	uses    int      // of an inline enum
	// instead is what a declared union turned out to be: a single type.
	instead *expr
}

// field is one field of a struct.
type field struct {
	json     string // the name in JSON, query or header
	goName   string
	wishName string // by x-go-name
	typ      *expr
	tag      string
	comment  []string
	// holds is the struct that is held by value, which nameDeclarations turns into a
	// pointer where the struct would contain itself.
	holds *declaration
}
