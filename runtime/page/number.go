package page

// This file has the arithmetic of lists whose pages are counted: by number, or
// by the items before them.
//
// The cursor of a numbered page is "3@50": page 3 if pages have 50 items, since
// the number alone names other items once the size changes; or "3@50/100" while
// the size is halved for a time; or just "3" where the provider decides.

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/weirkit/weir/runtime/api"
)

// place finds the page number for a cursor at the largest size up to r.Size
// that begins a page where the cursor points.
func (r *Request) place(p *api.Pagination, cursor string) error {
	r.number, r.full = p.First, r.Size
	if cursor == "" {
		return nil
	}
	malformed := fmt.Errorf("%w: it is not a page's number", ErrCursorForm)
	numberText, sizes, sized := strings.Cut(cursor, "@")
	number, err := strconv.Atoi(numberText)
	if err != nil || number < p.First {
		return malformed
	}
	r.number = number
	if !sized || r.Size == 0 {
		return nil
	}
	sizeText, fullText, halved := strings.Cut(sizes, "/")
	size, err := strconv.Atoi(sizeText)
	if err != nil || size < 1 {
		return malformed
	}
	r.full = size
	if halved {
		if r.full, err = strconv.Atoi(fullText); err != nil || r.full < size {
			return malformed
		}
	}
	const tooFar = 1 << 50
	before := number - p.First
	if before > tooFar/size {
		return malformed
	}
	items := before * size
	r.Size = min(r.Size, r.full)
	for items%r.Size != 0 {
		r.Size--
	}
	r.number = p.First + items/r.Size
	return nil
}

func (r *Request) nextNumber(p *api.Pagination, told Told) (cursor string, last bool) {
	before := r.number - p.First
	size, full := r.Size, r.full
	last = ended(told, size > 0 && before*size+told.Count >= int(told.Total), told.Count < max(size, 1))
	if told.Pages != nil { // so that a page may be short, or empty, of items that one may not see
		last = int64(before)+1 >= *told.Pages
	}
	if size == 0 {
		return strconv.Itoa(r.number + 1), last
	}
	if before == 0 && told.Count > 0 && told.Count < size && told.Pages == nil {
		// The first page is short and yet not the last: the provider has a
		// smaller largest size than was asked for, and counts pages by that.
		size, full = told.Count, told.Count
	}
	cursor = strconv.Itoa(r.number+1) + "@" + strconv.Itoa(size)
	if full > size {
		cursor += "/" + strconv.Itoa(full)
	}
	return cursor, last
}

func (r *Request) nextOffset(told Told) (cursor string, last bool) {
	seen := r.offset + told.Count
	last = ended(told, seen >= int(told.Total), told.Count < max(r.Size, 1))
	if told.Count == 0 {
		seen += r.Size // a page may be empty, of items that one may not see, and yet not be the last
	}
	return strconv.Itoa(seen), last
}

// ended applies what a body may tell of a list's end, in order of how much it
// is to be trusted: its own word, the total, and whether the page is short.
func ended(told Told, reachedTotal, short bool) bool {
	switch {
	case told.More != nil:
		return !*told.More
	case told.End != nil:
		return *told.End
	case told.Total >= 0:
		return reachedTotal || told.Count == 0
	}
	return short
}
