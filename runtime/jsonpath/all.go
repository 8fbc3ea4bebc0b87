package jsonpath

import (
	"errors"
	"iter"

	"github.com/go-faster/jx"

	"github.com/weirkit/weir/runtime/api"
)

// All yields the values at path p in body, as Lookup finds the first: each
// element of an array stands for the array, at the end of the path too. So
// $.errors.code yields 7 and 8 of {"errors": [{"code": 7}, {"code": 8}]}. It
// ends where body is not JSON, after the values before.
func All(body []byte, p api.Path) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		// The error was yielded for, or ends what there is to yield.
		_ = all(jx.DecodeBytes(body), p, yield)
	}
}

// errStop ends the walk when nobody listens any more.
var errStop = errors.New("stop")

func all(d *jx.Decoder, p api.Path, yield func([]byte) bool) error {
	switch kind := d.Next(); {
	case kind == jx.Array:
		return d.Arr(func(d *jx.Decoder) error { return all(d, p, yield) })
	case len(p) == 0:
		value, err := d.Raw()
		if err == nil && !yield(value[:len(value):len(value)]) {
			err = errStop
		}
		return err
	case kind != jx.Object:
		return d.Skip()
	}
	found := false
	return d.ObjBytes(func(d *jx.Decoder, key []byte) error {
		if found || string(key) != p[0] {
			return d.Skip()
		}
		found = true
		return all(d, p[1:], yield)
	})
}
