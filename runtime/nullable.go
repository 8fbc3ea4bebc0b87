package runtime

import "encoding/json"

// Nullable is a request field that may be left out, be null, or have a value:
// the zero Nullable is left out, Null[T]() is sent as null, and Value(v) as v.
type Nullable[T any] struct {
	value T
	state nullableState
}

type nullableState int

const (
	absent nullableState = iota
	null
	present
)

// Value is a field that has the value v.
func Value[T any](v T) Nullable[T] { return Nullable[T]{value: v, state: present} }

// Null is a field that is null.
func Null[T any]() Nullable[T] { return Nullable[T]{state: null} }

// Get returns the value, and false when the field is null or left out.
func (n Nullable[T]) Get() (T, bool) { return n.value, n.state == present }

// IsNull reports whether the field is null.
func (n Nullable[T]) IsNull() bool { return n.state == null }

// IsZero reports whether the field is left out; encoding/json's omitzero asks.
func (n Nullable[T]) IsZero() bool { return n.state == absent }

// MarshalJSON writes the value, or null.
func (n Nullable[T]) MarshalJSON() ([]byte, error) {
	if n.state != present {
		return []byte("null"), nil
	}
	return json.Marshal(n.value)
}

// UnmarshalJSON reads the value, or null.
func (n *Nullable[T]) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = Null[T]()
		return nil
	}
	n.state = present
	return json.Unmarshal(b, &n.value)
}
