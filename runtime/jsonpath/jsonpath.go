// Package jsonpath finds one value in a JSON document by member names, without
// decoding the rest.
package jsonpath

import (
	"github.com/go-faster/jx"

	"github.com/weirkit/weir/runtime/api"
)

// Lookup returns the value at path p in body, as a slice of body that cannot
// be appended to in place. An empty path is the document itself. Of several
// members of one name the first counts, and an array on the way stands for its
// first element: $.errors.code finds the 7 in {"errors": [{"code": 7}]}.
//
// ok is false where nothing stands there, and where body is not JSON as far as
// it was read: what follows the value is not looked at.
func Lookup(body []byte, p api.Path) (raw []byte, ok bool) {
	// Not jx's pool: a decoder that was put back keeps the body as its scratch
	// buffer, and the next user of the pool would write over it.
	d := jx.DecodeBytes(body)
	for _, name := range p {
		if !enter(d, name) {
			return nil, false
		}
	}
	if d.Next() == jx.Invalid { // moves past white space, too
		return nil, false
	}
	value, err := d.Raw()
	if err != nil {
		return nil, false
	}
	return value[:len(value):len(value)], true
}

// enter moves d to the value of the named member of the object that follows.
func enter(d *jx.Decoder, name string) bool {
	for d.Next() == jx.Array {
		elements, err := d.ArrIter()
		if err != nil || !elements.Next() {
			return false
		}
	}
	if d.Next() != jx.Object {
		return false
	}
	members, err := d.ObjIter()
	if err != nil {
		return false
	}
	for members.Next() {
		if string(members.Key()) == name {
			return true
		}
		if d.Skip() != nil {
			return false
		}
	}
	return false
}

// Text writes a JSON value as text: a string without its quotes and escapes,
// anything else as it stands (3, false, null).
func Text(raw []byte) string {
	if len(raw) > 0 && raw[0] == '"' {
		if s, err := jx.DecodeBytes(raw).Str(); err == nil {
			return s
		}
	}
	return string(raw)
}
