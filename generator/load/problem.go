package load

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Position is a place in one of the two files that a document is read from.
// Line and Column count from 1; zero means unknown.
type Position struct {
	File         string
	Line, Column int
}

// String is file:line, the form that editors and terminals make a link of.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// Error is one problem of a document: where it is, what it is, and what to do.
type Error struct {
	Pos Position
	// Msg is "what: what to do".
	Msg string
	// Err is the cause, if another error was; its text is part of Msg.
	Err error
}

func (e *Error) Error() string { return e.Pos.String() + ": " + e.Msg }

func (e *Error) Unwrap() error { return e.Err }

// Problems gathers the errors of one pass, so that a user sees all of them at
// once. The zero value is ready to use.
type Problems struct {
	errs []*Error
}

// Addf records a problem.
func (p *Problems) Addf(pos Position, format string, args ...any) {
	p.errs = append(p.errs, &Error{Pos: pos, Msg: fmt.Sprintf(format, args...)})
}

// Add records the *Errors within err; other errors are recorded at pos.
func (p *Problems) Add(pos Position, err error) {
	switch err := err.(type) {
	case nil:
	case *Error:
		p.errs = append(p.errs, err)
	case interface{ Unwrap() []error }:
		for _, e := range err.Unwrap() {
			p.Add(pos, e)
		}
	default:
		p.errs = append(p.errs, &Error{Pos: pos, Msg: err.Error(), Err: err})
	}
}

// Err joins the problems, sorted by position and without repetitions; nil if
// there are none.
func (p *Problems) Err() error {
	sorted := p.sorted()
	joined := make([]error, len(sorted))
	for i, e := range sorted {
		joined[i] = e
	}
	return errors.Join(joined...)
}

// Texts are the messages with their positions, sorted as Err sorts them.
func (p *Problems) Texts() []string {
	var texts []string
	for _, e := range p.sorted() {
		texts = append(texts, e.Error())
	}
	return texts
}

func (p *Problems) sorted() []*Error {
	errs := slices.Clone(p.errs)
	slices.SortStableFunc(errs, func(a, b *Error) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
			cmp.Compare(a.Msg, b.Msg),
		)
	})
	return slices.CompactFunc(errs, func(a, b *Error) bool { return a.Pos == b.Pos && a.Msg == b.Msg })
}
