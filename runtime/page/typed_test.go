package page

// This file has the typed forms of what works on sheets.

import (
	"context"
	"encoding/json"
	"iter"
	"reflect"

	"github.com/weirkit/weir/runtime/api"
)

// Fetch gets a page as FetchSheet does.
type Fetch[T any] func(ctx context.Context, cursor string, ahead bool) (*Page[T], error)

// sheets is a Fetch of sheets.
func (f Fetch[T]) sheets(ctx context.Context, cursor string, ahead bool) (*Sheet, error) {
	p, err := f(ctx, cursor, ahead)
	if p == nil {
		return nil, err
	}
	s := &Sheet{Items: p.Items, Raw: p.Raw, Cursor: p.Cursor, Total: p.Total, Last: p.Last, Failed: p.Failed}
	if s.Raw == nil {
		s.Raw = make([]json.RawMessage, len(p.Items))
	}
	return s, err
}

// Items iterates over the items of all pages from cursor on, as EachItem does.
// Nothing is fetched before the loop begins, and each range over the sequence
// walks the list afresh.
func Items[T any](ctx context.Context, cursor string, fetch Fetch[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		EachItem(ctx, cursor, fetch.sheets, func(s *Sheet, at int, err error) bool {
			if err != nil {
				return yield(*new(T), err)
			}
			return yield(s.Items.([]T)[at], nil)
		})
	}
}

// Pages iterates over pages, as EachSheet does.
func Pages[T any](ctx context.Context, cursor string, fetch Fetch[T]) iter.Seq2[*Page[T], error] {
	return func(yield func(*Page[T], error) bool) {
		EachSheet(ctx, cursor, fetch.sheets, func(s *Sheet, err error) bool {
			if s == nil {
				return yield(nil, err)
			}
			return yield(Of[T](s), err)
		})
	}
}

// Decode reads a page's body, as DecodeSheet does.
func Decode[T any](body []byte, p *api.Pagination) (*Page[T], Told, error) {
	s, told, err := DecodeSheet(body, p, reflect.TypeFor[T]())
	if err != nil {
		return nil, Told{}, err
	}
	return Of[T](s), told, nil
}
