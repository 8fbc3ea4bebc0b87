package page

// This file finds the parts of a page's body in one pass over it.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/go-faster/jx"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/jsonpath"
)

// The parts of a body, as bits.
const (
	partItems = 1 << iota
	partNext
	partMore
	partEnd
	partTotal
	partPages
	partPartial
	parts = 7
)

func wanted(p *api.Pagination) [parts]api.Path {
	return [parts]api.Path{p.Items, p.Next, p.More, p.End, p.Total, p.Pages, p.Partial}
}

type scanner struct {
	d     *jx.Decoder
	want  [parts]api.Path // by bit
	found uint
	items []json.RawMessage
	value [parts][]byte
	// What of the body's capacity lies behind the first item's beginning and the
	// last one's end: jx does not tell where it is.
	fromFirst, afterLast int
}

// array is the part of the body that has the items, brackets included.
func (s *scanner) array(body []byte) []byte {
	if len(s.items) == 0 {
		return nil
	}
	first, last := cap(body)-s.fromFirst, cap(body)-s.afterLast
	return body[bytes.LastIndexByte(body[:first], '[') : last+bytes.IndexByte(body[last:], ']')+1]
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
		s.items, s.fromFirst, s.afterLast = inner.items, inner.fromFirst, inner.afterLast
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
		if len(s.items) == 0 {
			s.fromFirst = cap(raw)
		}
		s.afterLast = cap(raw) - len(raw)
		s.items = append(s.items, json.RawMessage(raw[:len(raw):len(raw)]))
	}
	return elements.Err()
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
