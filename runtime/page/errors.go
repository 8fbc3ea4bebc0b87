package page

import (
	"errors"
	"fmt"
	"strings"

	"github.com/weirkit/weir/runtime/api"
)

// What can be wrong with a page's body; each comes in a *BodyError.
var (
	ErrNotJSON   = errors.New("the body is not JSON")
	ErrCutShort  = errors.New("the body is cut short")
	ErrNoItems   = errors.New("the body has no such member, where the items should be")
	ErrNotList   = errors.New("the items are not an array")
	ErrBadCursor = errors.New("the next cursor is neither a text nor a number")
	ErrNotBool   = errors.New("the value is neither true nor false")
	ErrNoID      = errors.New("the last item has no such member, from which to go on")
)

var (
	// ErrRepeatedCursor says that a page leads to one that was seen before.
	ErrRepeatedCursor = errors.New("the next cursor leads back to an earlier page")
	// ErrForeignLink says that the next page's URL is not the provider's own:
	// following it would hand the credentials to another host.
	ErrForeignLink = errors.New("the next page's link leads to another host or scheme")
	// ErrPartial says that the provider has left out items of a page. The list goes
	// on after it.
	ErrPartial = errors.New("the provider says that this page is not complete: ask again, or for less")
	// ErrTooDeep says that there are more items than the provider shows by pages.
	ErrTooDeep = errors.New("there are more items, which the provider does not show by pages: ask for fewer, as of a shorter time")
	// ErrCursorForm says that a cursor to resume from is not of the list's form.
	ErrCursorForm = errors.New("the cursor is not one of this list")
	// ErrNotAhead is what a fetch ahead of need returns when it would have to wait.
	ErrNotAhead = errors.New("page: not fetched ahead of need")
)

// BodyError tells what is wrong with a page's body, and where.
type BodyError struct {
	Path api.Path
	Err  error
}

func (e *BodyError) Error() string {
	return "page: " + strings.Join(append([]string{"$"}, e.Path...), ".") + ": " + e.Err.Error()
}

func (e *BodyError) Unwrap() error { return e.Err }

// FetchError ends an iteration. It does not print the cursor, which may be a
// URL with secrets in it.
type FetchError struct {
	// Cursor resumes the iteration at the page that failed; empty for the first.
	Cursor string
	// Page counts the pages of this iteration from 1.
	Page int
	Err  error
}

func (e *FetchError) Error() string { return fmt.Sprintf("page %d: %v", e.Page, e.Err) }

func (e *FetchError) Unwrap() error { return e.Err }
