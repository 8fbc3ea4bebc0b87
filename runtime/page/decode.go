package page

// This file makes a page of a body, once scan.go has found its parts.

import (
	"encoding/json"
	"strconv"

	"github.com/go-faster/jx"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/jsonpath"
)

// Told is what a page's body tells of the pages beyond it.
type Told struct {
	// Next is the next cursor or URL; empty where there is none.
	Next string
	// More and End are nil where the body does not say.
	More, End *bool
	// Total is the number of items of all pages; -1 where the body does not say.
	Total int64
	// Count is the number of items in the body, fitting or not.
	Count int
	// LastID is the last item's id (api.KeysetStyle).
	LastID string
}

// Decode reads a page's body. The page keeps body: Raw are slices of it. Items
// that do not fit T are in Failed, and keep nothing else from coming. Cursor and
// Last are left to Walker.Next. Every error is a *BodyError.
func Decode[T any](body []byte, p *api.Pagination) (*Page[T], Told, error) {
	s := scanner{d: jx.DecodeBytes(body), want: wanted(p)}
	told, err := s.page(p, body)
	if err != nil {
		return nil, Told{}, err
	}
	page := &Page[T]{Raw: s.items, Total: told.Total}
	if !page.decodeAll(s.array(body)) {
		page.decodeEach()
	}
	return page, told, nil
}

// decodeAll decodes the items in one go, which costs two thirds of decoding each
// by itself, and a sixth of the allocations. It reports whether all fit.
func (p *Page[T]) decodeAll(array []byte) bool {
	if _, ok := any((*T)(nil)).(json.Unmarshaler); ok || len(p.Raw) == 0 {
		return false
	}
	p.Items = make([]T, 0, len(p.Raw))
	return json.Unmarshal(array, &p.Items) == nil
}

// decodeEach decodes the items one by one, and puts those that do not fit aside.
func (p *Page[T]) decodeEach() {
	p.Items = make([]T, len(p.Raw))
	fits := 0
	for i, raw := range p.Raw {
		if err := decodeItem(raw, &p.Items[fits]); err != nil {
			// What was decoded before the misfit must not shine through in the next item.
			clear(p.Items[fits : fits+1])
			p.Failed = append(p.Failed, &ItemError{Index: i, Raw: raw, Err: err})
			continue
		}
		p.Raw[fits] = raw
		fits++
	}
	p.Items, p.Raw = p.Items[:fits], p.Raw[:fits]
}

// decodeItem spares types that decode themselves json.Unmarshal's checking of
// what the scanner has checked.
func decodeItem[T any](raw []byte, item *T) error {
	if u, ok := any(item).(json.Unmarshaler); ok {
		return u.UnmarshalJSON(raw)
	}
	return json.Unmarshal(raw, item)
}

// told reads the values that were found.
func (s *scanner) told(p *api.Pagination) (t Told, err error) {
	t.Total, t.Count = -1, len(s.items)
	if t.Next, err = nextOf(s.value[1]); err != nil {
		return t, &BodyError{p.Next, err}
	}
	if t.More, err = boolOf(s.value[2]); err != nil {
		return t, &BodyError{p.More, err}
	}
	if t.End, err = boolOf(s.value[3]); err != nil {
		return t, &BodyError{p.End, err}
	}
	if n, err := strconv.ParseInt(jsonpath.Text(s.value[4]), 10, 64); err == nil && n >= 0 {
		t.Total = n
	}
	if p.Style == api.KeysetStyle && t.Count > 0 {
		id, ok := jsonpath.Lookup(s.items[t.Count-1], p.ID)
		if ok {
			t.LastID, err = nextOf(id)
		}
		if err != nil || t.LastID == "" {
			return t, &BodyError{p.ID, ErrNoID}
		}
	}
	return t, nil
}

// nextOf reads a cursor. Zero is how some providers write that there is none,
// and false is how others do.
func nextOf(raw []byte) (string, error) {
	switch jx.Raw(raw).Type() {
	case jx.Invalid, jx.Null:
		return "", nil
	case jx.String:
		return jsonpath.Text(raw), nil
	case jx.Number:
		if n, err := strconv.ParseFloat(string(raw), 64); err == nil && n == 0 {
			return "", nil
		}
		return string(raw), nil
	case jx.Bool:
		if string(raw) == "false" {
			return "", nil
		}
	}
	return "", ErrBadCursor
}

func boolOf(raw []byte) (*bool, error) {
	switch text := jsonpath.Text(raw); text {
	case "", "null":
		return nil, nil
	case "true", "false":
		return new(text == "true"), nil
	}
	return nil, ErrNotBool
}
