package page

// This file finds the parts of a page's body in one pass over it.

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	page := &Page[T]{Items: make([]T, len(s.items)), Raw: s.items, Total: told.Total}
	fits := 0
	for i, raw := range s.items {
		if err := decodeItem(raw, &page.Items[fits]); err != nil {
			// What was decoded before the misfit must not shine through in the next item.
			clear(page.Items[fits : fits+1])
			page.Failed = append(page.Failed, &ItemError{Index: i, Raw: raw, Err: err})
			continue
		}
		page.Raw[fits] = raw
		fits++
	}
	page.Items, page.Raw = page.Items[:fits], page.Raw[:fits]
	return page, told, nil
}

// decodeItem spares types that decode themselves json.Unmarshal's checking of
// what the scanner has checked.
func decodeItem[T any](raw []byte, item *T) error {
	if u, ok := any(item).(json.Unmarshaler); ok {
		return u.UnmarshalJSON(raw)
	}
	return json.Unmarshal(raw, item)
}

// The parts of a body, as bits.
const (
	partItems = 1 << iota
	partNext
	partMore
	partEnd
	partTotal
	parts = 5
)

func wanted(p *api.Pagination) [parts]api.Path {
	return [parts]api.Path{p.Items, p.Next, p.More, p.End, p.Total}
}

type scanner struct {
	d     *jx.Decoder
	want  [parts]api.Path // by bit
	found uint
	items []json.RawMessage
	value [parts][]byte
}

// page reads the whole body.
func (s *scanner) page(p *api.Pagination, body []byte) (Told, error) {
	s.items = make([]json.RawMessage, 0, min(128, len(body)/64+4))
	var active uint
	for i, path := range s.want {
		if len(path) > 0 {
			active |= 1 << i
		}
	}
	var err error
	switch kind := s.d.Next(); {
	case len(p.Items) == 0 && kind != jx.Invalid:
		s.found |= partItems
		err = s.list()
	case kind == jx.Object:
		err = s.object(0, active)
	default:
		err = s.d.Skip()
	}
	if err == nil {
		if end := s.d.Skip(); end == nil {
			err = errors.New("something follows the value")
		} else if end != io.EOF {
			err = end
		}
	}
	if errors.Is(err, ErrNotList) {
		return Told{}, &BodyError{p.Items, ErrNotList}
	}
	if err != nil {
		return Told{}, syntaxError(err, len(body))
	}
	if s.found&partItems == 0 {
		return Told{}, &BodyError{p.Items, ErrNoItems}
	}
	return s.told(p)
}

// object reads an object at the given depth of the active parts' paths.
func (s *scanner) object(depth int, active uint) error {
	members, err := s.d.ObjIter()
	if err != nil {
		return err
	}
	for members.Next() {
		var here, below uint
		for i, path := range s.want {
			bit := uint(1) << i
			if active&^s.found&bit == 0 || path[depth] != string(members.Key()) {
				continue
			}
			if len(path) == depth+1 {
				here |= bit
			} else {
				below |= bit
			}
		}
		s.found |= here
		switch {
		case here == partItems && below == 0:
			err = s.list()
		case here != 0:
			err = s.keep(depth+1, here, below)
		case below != 0 && s.d.Next() == jx.Object:
			err = s.object(depth+1, below)
		default:
			err = s.d.Skip()
		}
		if err != nil {
			return err
		}
	}
	return members.Err()
}

// keep notes one value as several parts, and as what others lie in.
func (s *scanner) keep(depth int, here, below uint) error {
	s.d.Next() // past white space
	raw, err := s.d.Raw()
	if err != nil {
		return err
	}
	for i, path := range s.want {
		bit := uint(1) << i
		if below&bit != 0 {
			if value, ok := jsonpath.Lookup(raw, path[depth:]); ok {
				s.found |= bit
				s.value[i] = value
				here |= bit
			}
		} else if here&bit != 0 {
			s.value[i] = raw
		}
	}
	if here&partItems != 0 {
		inner := scanner{d: jx.DecodeBytes(s.value[0])}
		if err := inner.list(); err != nil {
			return err
		}
		s.items = inner.items
	}
	return nil
}

// list reads the items.
func (s *scanner) list() error {
	switch s.d.Next() {
	case jx.Null:
		return s.d.Null()
	case jx.Array:
	default:
		if err := s.d.Skip(); err != nil {
			return err
		}
		return ErrNotList
	}
	elements, err := s.d.ArrIter()
	if err != nil {
		return err
	}
	for elements.Next() {
		s.d.Next() // past white space
		raw, err := s.d.Raw()
		if err != nil {
			return err
		}
		s.items = append(s.items, json.RawMessage(raw[:len(raw):len(raw)]))
	}
	return elements.Err()
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

func syntaxError(err error, length int) error {
	switch {
	case length == 0:
		return &BodyError{nil, fmt.Errorf("%w: it is empty", ErrNotJSON)}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &BodyError{nil, fmt.Errorf("%w, after %d bytes", ErrCutShort, length)}
	}
	return &BodyError{nil, fmt.Errorf("%w: %w", ErrNotJSON, err)}
}
