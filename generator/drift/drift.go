// Package drift compares a document of ours with the vendor's own, operation by
// operation, and knows which differences are meant.
//
// To find one's way: pair.go finds what both documents have and lays it side by
// side, shape.go leaves of each schema what generated code is made of, oasdiff
// compares, walk.go reads from its result what differs, accept.go reads which
// differences are accepted, and why.
package drift

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/weirkit/weir/generator/load"
)

// Kind is what is different.
type Kind string

// The kinds, as drift.yaml writes them. "There" is the vendor's document.
const (
	Missing     Kind = "missing"      // there, not here: a parameter, a field, an answer
	Extra       Kind = "extra"        // here, not there
	Type        Kind = "type"         // of another type
	Optional    Kind = "optional"     // optional here, required there
	Required    Kind = "required"     // required here, optional there
	EnumMissing Kind = "enum-missing" // a value that only the vendor has
	EnumExtra   Kind = "enum-extra"   // a value that only we have
	Style       Kind = "style"        // a list in a parameter that is written another way
	In          Kind = "in"           // a parameter that is sent elsewhere: in the query, in the body
	Media       Kind = "media"        // a body of another media type
	Status      Kind = "status"       // an answer of another status
	Method      Kind = "method"       // another method, at an address where each side has one that the other lacks
)

// Kinds are all kinds.
var Kinds = []Kind{Missing, Extra, Type, Optional, Required, EnumMissing, EnumExtra, Style, In, Media, Status, Method}

// Difference is one difference between our document and the vendor's.
type Difference struct {
	// Operation is the method and our path: GET /tickets/{ticket_id}.
	Operation string
	// Place is where in the operation: "query parameter sort_by",
	// "request ticket.tags", "response 200 tickets[].via.channel". Elements of a
	// list are [], values of a map are {}.
	Place string
	Kind  Kind
	// Here and There are what the two documents say, where there is something:
	// types, an enum's value, a style.
	Here, There string
	// Schema is the component of our document that holds the place, the
	// innermost one; empty for a place within none. Field is the place within it.
	Schema, Field string
}

// Key identifies a difference from one run to the next.
func (d Difference) Key() string {
	key := d.Operation + ": " + d.Place + ": " + string(d.Kind)
	switch d.Kind {
	case EnumMissing:
		return key + " " + d.There
	case EnumExtra:
		return key + " " + d.Here
	}
	return key
}

// Text says what is different, without the place.
func (d Difference) Text() string {
	switch d.Kind {
	case Missing:
		return "missing here, " + d.There + " there"
	case Extra:
		return "missing there, " + d.Here + " here"
	case EnumMissing:
		return "the value " + d.There + " is missing here"
	case EnumExtra:
		return "the value " + d.Here + " is missing there"
	case Optional:
		return "optional here, required there"
	case Required:
		return "required here, optional there"
	}
	return d.Here + " here, " + d.There + " there"
}

// String is the difference on one line.
func (d Difference) String() string { return d.Operation + ": " + d.Place + ": " + d.Text() }

// Unreferenced is an operation of ours that no document of the vendor has.
type Unreferenced struct {
	Operation string
	// Source is the page that we have it from, its externalDocs; empty where it
	// names none.
	Source string
	// Pos is where it stands in our document.
	Pos load.Position
}

// Report is what two documents, or more, differ in.
type Report struct {
	// Compared are the operations that both have, how many.
	Compared int
	// Differences are sorted by operation and place.
	Differences []Difference
	// Unreferenced are sorted by operation.
	Unreferenced []Unreferenced
	// Absent are operations that only the vendor has, sorted.
	Absent []string
}

// Compare compares our document with the vendor's documents. Of an operation
// that several of them have the first counts.
//
// It looks at parameters, request bodies and good answers (2xx), and in these
// at names, types, what is required and enums. It does not look at what makes
// no Go type: texts, examples, bounds, patterns, defaults, whether null may
// stand for a missing value; and not at bad answers, whose form the annotation
// x-errors tells for the whole API.
func Compare(ours *load.Document, theirs ...*load.Document) (*Report, error) {
	c := newComparison()
	report := c.match(ours, theirs)
	if err := c.compare(); err != nil {
		return nil, fmt.Errorf("compare the documents: %w", err)
	}
	slices.SortFunc(c.differences, func(a, b Difference) int {
		return cmp.Or(
			strings.Compare(pathFirst(a.Operation), pathFirst(b.Operation)), strings.Compare(a.Place, b.Place), strings.Compare(string(a.Kind), string(b.Kind)),
			strings.Compare(a.Here, b.Here), strings.Compare(a.There, b.There))
	})
	report.Differences = slices.CompactFunc(c.differences, func(a, b Difference) bool { return a == b })
	return report, nil
}

// pathFirst makes operations sort by path, so that those of one path are together.
func pathFirst(operation string) string {
	method, path, _ := strings.Cut(operation, " ")
	return path + " " + method
}
