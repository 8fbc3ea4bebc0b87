package runtime

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// Union is a value that may have one of several types. It keeps the bytes, so
// that nothing is lost, and decodes on demand.
type Union struct {
	Raw json.RawMessage
}

// UnionOf makes a union that holds v. It panics if v cannot be written as JSON,
// which for generated types never happens.
func UnionOf(v any) Union {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("runtime.UnionOf: %v", err))
	}
	return Union{Raw: raw}
}

// As decodes the union as a T. Where T is a pointer it points at a new value.
//
//go:noinline
func As[T any](u Union) (T, error) {
	var v T
	err := decodeUnion(u, &v)
	return v, err
}

// decodeUnion is no method, since each union of an SDK would have it too.
func decodeUnion(u Union, v any) error {
	if len(u.Raw) == 0 {
		return fmt.Errorf("the union is empty, not a %s", reflect.TypeOf(v).Elem())
	}
	if err := decode(u.Raw, v); err != nil {
		return fmt.Errorf("the union is not a %s: %w", reflect.TypeOf(v).Elem(), err)
	}
	return nil
}

// IsZero reports whether the union holds nothing.
func (u Union) IsZero() bool { return len(u.Raw) == 0 }

// MarshalJSON writes the bytes as they are, or null when there are none.
func (u Union) MarshalJSON() ([]byte, error) {
	if len(u.Raw) == 0 {
		return []byte("null"), nil
	}
	return u.Raw, nil
}

// UnmarshalJSON keeps a copy of the bytes.
func (u *Union) UnmarshalJSON(b []byte) error {
	u.Raw = append(u.Raw[:0:0], b...)
	return nil
}
