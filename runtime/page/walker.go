package page

// This file decides what to ask for next, and where a list ends.

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/weirkit/weir/runtime/api"
)

// Walker knows the way through one list. It has no state: the cursor is all
// that a walk has to remember, so a page may be asked for again, or by another
// process.
type Walker struct {
	// Pagination is how the list's pages follow one another.
	Pagination *api.Pagination
	// Base is the absolute URL of the list's first page: links are resolved
	// against it, and must not leave its host and scheme.
	Base *url.URL
}

// Request is how to ask for one page.
type Request struct {
	// URL is what to get instead of Base, whole and with nothing added; nil
	// means Base with Params.
	URL *url.URL
	// Params select the page and its size.
	Params []Param
	// Size is how many items are asked for; 0 where that is the provider's to say.
	Size int

	number, offset int // what is asked for, in PageNumberStyle and OffsetStyle
	full           int // the size to grow back to
}

// Param is a parameter with its value.
type Param struct {
	api.Param
	Value string
}

// Request tells how to ask for the page that follows after cursor, at most
// size items long; an empty cursor means the first page, and size 0 leaves it
// to the provider. A cursor may come from outside: the error wraps ErrCursorForm
// or ErrForeignLink.
//
// The size is honoured where that neither skips nor repeats an item. For
// numbered pages it may turn out smaller, since pages of another size have other
// numbers; a URL is changed only where its parameters show what they count.
func (w Walker) Request(cursor string, size int) (Request, error) {
	p := w.Pagination
	if p.Size == nil {
		size = 0
	}
	r := Request{Size: max(size, 0)}
	switch p.Style {
	case api.LinkStyle, api.URLStyle:
		return w.linked(r, cursor)
	case api.PageNumberStyle:
		if err := r.place(p, cursor); err != nil {
			return Request{}, err
		}
		cursor = ""
		if r.number != p.First {
			cursor = strconv.Itoa(r.number)
		}
	case api.OffsetStyle:
		if cursor != "" {
			n, err := strconv.Atoi(cursor)
			if err != nil || n < 0 {
				return Request{}, fmt.Errorf("%w: it is not a number of items", ErrCursorForm)
			}
			r.offset = n
		}
	}
	w.params(&r, cursor)
	return r, nil
}

// params puts size and cursor into parameters.
func (w Walker) params(r *Request, cursor string) {
	if r.Size > 0 {
		r.Params = append(r.Params, Param{w.Pagination.Size.Param, strconv.Itoa(r.Size)})
	}
	if cursor != "" {
		r.Params = append(r.Params, Param{w.Pagination.Cursor, cursor})
	}
}

// linked asks for a URL that the provider gave.
func (w Walker) linked(r Request, cursor string) (Request, error) {
	if cursor == "" {
		w.params(&r, "")
		return r, nil
	}
	if w.Pagination.Cursor.Name != "" && !strings.ContainsAny(cursor, "/?") {
		w.params(&r, cursor) // not a URL, but what the parameter takes to resume
		return r, nil
	}
	to, err := w.resolve(w.Base, cursor)
	if err != nil {
		return Request{}, err
	}
	r.URL, r.Size = to, resize(to, w.Pagination.Size, r.Size)
	return r, nil
}

// Next tells what follows the page that r asked for: the cursor of the next
// page, or that it was the last. told is of its body, and h are its headers.
//
// On an error the page itself is good, but none can follow: it wraps
// ErrForeignLink, or is a *BodyError.
func (w Walker) Next(r Request, told Told, h http.Header) (cursor string, last bool, err error) {
	p := w.Pagination
	switch p.Style {
	case api.PageNumberStyle:
		cursor, last = r.nextNumber(p, told)
	case api.OffsetStyle:
		cursor, last = r.nextOffset(told)
	case api.KeysetStyle:
		cursor, last = told.LastID, ended(told, false, told.Count < max(r.Size, 1))
	case api.LinkStyle, api.URLStyle:
		cursor, err = w.nextURL(r, told, h)
		last = cursor == ""
	default:
		cursor = told.Next
		last = cursor == ""
	}
	if err != nil {
		return "", false, err
	}
	if told.More != nil && !*told.More {
		last = true
	}
	if told.End != nil && *told.End {
		return cursor, true, nil
	}
	// What the provider shows has come, but the list is longer: that is no end.
	if p.Cap > 0 && told.Total > int64(p.Cap) && (last || w.shown(r, told, cursor) >= p.Cap) {
		return "", false, fmt.Errorf("%d of %d items: %w", p.Cap, told.Total, ErrTooDeep)
	}
	if last {
		return "", true, nil
	}
	// Beyond the last number that it knows a provider may well answer with the first page again.
	if p.Last > 0 && r.number >= p.Last {
		return "", false, fmt.Errorf("page %d is the last one: %w", p.Last, ErrTooDeep)
	}
	return cursor, false, nil
}

// shown is how many items come before the page that follows, as far as its
// place tells; 0 where it does not.
func (w Walker) shown(r Request, told Told, next string) int {
	switch w.Pagination.Style {
	case api.PageNumberStyle:
		return (r.number-w.Pagination.First)*max(r.Size, told.Count) + told.Count
	case api.OffsetStyle:
		return r.offset + told.Count
	case api.LinkStyle, api.URLStyle:
		return numbered(next, w.Pagination.Size)
	}
	return 0
}

func (w Walker) nextURL(r Request, told Told, h http.Header) (string, error) {
	next := told.Next
	if w.Pagination.Style == api.LinkStyle {
		next = nextLink(h)
	}
	if next == "" {
		return "", nil
	}
	from := w.Base
	if r.URL != nil {
		from = r.URL
	}
	to, err := w.resolve(from, next)
	if err != nil {
		return "", err
	}
	return to.String(), nil
}

// resolve reads a link found at from. Its errors name no more of it than where
// it leads, since its query may hold secrets.
func (w Walker) resolve(from *url.URL, link string) (*url.URL, error) {
	to, err := from.Parse(link)
	if err != nil {
		return nil, fmt.Errorf("%w: it is not a URL", ErrCursorForm)
	}
	if !SameOrigin(to, w.Base) || to.User != nil {
		return nil, fmt.Errorf("%w: %s://%s", ErrForeignLink, to.Scheme, to.Host)
	}
	to.Fragment, to.RawFragment = "", ""
	return to, nil
}

// SameOrigin reports whether two URLs have the same scheme, host and port
// (RFC 6454): whether what may be sent to the one may be sent to the other.
func SameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) &&
		strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	switch strings.ToLower(u.Scheme) {
	case "http":
		return "80"
	case "https":
		return "443"
	}
	return ""
}
