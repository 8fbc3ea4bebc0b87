// Package page walks lists that come in pages: what to ask for next, where a
// list ends, what stands in a page's body, and the iterators over it all. It
// does no HTTP: its caller fetches.
package page

import (
	"encoding/json"
	"fmt"
)

// Page is one page of a list.
type Page[T any] struct {
	// Items are the page's items that fit their type.
	Items []T
	// Raw has the bytes of each of Items: slices of the one buffer that the page
	// was read into.
	Raw []json.RawMessage
	// Cursor is an opaque text from which iteration resumes after this page. On
	// the last page it is empty, but for lists that one goes on from later, such
	// as incremental exports (api.Pagination.End).
	Cursor string
	// Total is the number of items of all pages; -1 where the provider did not say.
	Total int64
	// Last says that no page follows.
	Last bool
	// Failed are the page's items that do not fit their type, and what else the
	// provider says to be missing. The iterators yield each as an error.
	Failed []*ItemError
}

// Sheet is a page of items whose type only its two ends know: who decodes them,
// by reflection, and who is given them. All that walks pages works on sheets, so
// that a type costs the compiler two small functions and not a walk of its own:
// an SDK has hundreds.
type Sheet struct {
	// Items are the page's items that fit their type, as a slice of it. There are
	// as many as there are Raw.
	Items any
	// The rest is as in Page.
	Raw    []json.RawMessage
	Cursor string
	Total  int64
	Last   bool
	Failed []*ItemError

	foreseen foreseen
}

// Of is a sheet's page. It panics if the items are not of type T.
func Of[T any](s *Sheet) *Page[T] {
	return &Page[T]{Items: s.Items.([]T), Raw: s.Raw, Cursor: s.Cursor, Total: s.Total, Last: s.Last, Failed: s.Failed}
}

// ItemError is an item that does not fit its type. One may go on after it.
type ItemError struct {
	// Index is the item's place among all items of its page, from 0.
	Index int
	// Raw is the item as it came; nil where what failed is none of the items.
	Raw json.RawMessage
	// Err is encoding/json's.
	Err error
}

func (e *ItemError) Error() string {
	return fmt.Sprintf("item %d of the page does not fit its type: %v", e.Index, e.Err)
}

func (e *ItemError) Unwrap() error { return e.Err }
