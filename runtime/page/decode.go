package page

// This file makes a page of a body, once scan.go has found its parts.

import (
	"encoding/json"
	"reflect"
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
	// Pages is the number of pages; nil where the body does not say.
	Pages *int64
	// Partial is nil where the body does not say.
	Partial *bool
	// Count is the number of items in the body, fitting or not.
	Count int
	// LastID is the last item's id (api.KeysetStyle).
	LastID string
}

// DecodeSheet reads a page's body, with items of a type. The page keeps body: Raw
// are slices of it. Items that do not fit the type are in Failed, and keep
// nothing else from coming. Cursor and Last are left to Walker.Next. Every error
// is a *BodyError. Where the type is a pointer, none of the items is nil. A page
// that says to be partial has an error of its own behind those of its items.
func DecodeSheet(body []byte, p *api.Pagination, item reflect.Type) (*Sheet, Told, error) {
	s := scanner{d: jx.DecodeBytes(body), want: wanted(p)}
	told, err := s.page(p, body)
	if err != nil {
		return nil, Told{}, err
	}
	page := &Sheet{Raw: s.items, Total: told.Total}
	if !page.decodeAll(s.array(body), item) {
		page.decodeEach(item)
	}
	if told.Partial != nil && *told.Partial {
		page.Failed = append(page.Failed, &ItemError{Index: told.Count, Err: ErrPartial})
	}
	return page, told, nil
}

var decodesItself = reflect.TypeFor[json.Unmarshaler]()

// decodeAll decodes the items in one go, which costs two thirds of decoding each
// by itself, and a sixth of the allocations. It reports whether all fit.
func (p *Sheet) decodeAll(array []byte, item reflect.Type) bool {
	if reflect.PointerTo(pointed(item)).Implements(decodesItself) || len(p.Raw) == 0 {
		return false
	}
	items := reflect.New(reflect.SliceOf(item))
	items.Elem().Set(reflect.MakeSlice(items.Type().Elem(), 0, len(p.Raw)))
	if err := json.Unmarshal(array, items.Interface()); err != nil {
		return false
	}
	all := items.Elem()
	if item.Kind() == reflect.Pointer {
		for i := range all.Len() {
			if all.Index(i).IsNil() { // the item is null
				all.Index(i).Set(reflect.New(item.Elem()))
			}
		}
	}
	p.Items = all.Interface()
	return true
}

// pointed is what a type of pointers points at, or else the type itself.
func pointed(item reflect.Type) reflect.Type {
	if item.Kind() == reflect.Pointer {
		return item.Elem()
	}
	return item
}

// decodeEach decodes the items one by one, and puts those that do not fit aside.
func (p *Sheet) decodeEach(item reflect.Type) {
	items := reflect.MakeSlice(reflect.SliceOf(item), len(p.Raw), len(p.Raw))
	fits := 0
	for i, raw := range p.Raw {
		at := items.Index(fits)
		into := at.Addr()
		if item.Kind() == reflect.Pointer {
			into = reflect.New(item.Elem())
			at.Set(into)
		}
		if err := decodeItem(raw, into.Interface()); err != nil {
			// What was decoded before the misfit must not shine through in the next item.
			at.SetZero()
			p.Failed = append(p.Failed, &ItemError{Index: i, Raw: raw, Err: err})
			continue
		}
		p.Raw[fits] = raw
		fits++
	}
	p.Items, p.Raw = items.Slice(0, fits).Interface(), p.Raw[:fits]
}

// decodeItem spares types that decode themselves json.Unmarshal's checking of
// what the scanner has checked.
func decodeItem(raw []byte, item any) error {
	if u, ok := item.(json.Unmarshaler); ok {
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
	if t.Partial, err = boolOf(s.value[6]); err != nil {
		return t, &BodyError{p.Partial, err}
	}
	if n, err := strconv.ParseInt(jsonpath.Text(s.value[4]), 10, 64); err == nil && n >= 0 {
		t.Total = n
	}
	if n, err := strconv.ParseInt(jsonpath.Text(s.value[5]), 10, 64); err == nil && n >= 0 {
		t.Pages = &n
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
