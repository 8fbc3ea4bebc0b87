package jsonpath

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/weirkit/weir/runtime/api"
)

func TestAll(t *testing.T) {
	tests := map[string]struct {
		body string
		path api.Path
		want []string
	}{
		"one":                   {`{"a": {"b": 1}}`, api.Path{"a", "b"}, []string{"1"}},
		"each element":          {`{"errors": [{"code": 7}, {}, 5, {"code": "x"}]}`, api.Path{"errors", "code"}, []string{"7", `"x"`}},
		"elements at the end":   {`{"errors": ["a", ["b"]]}`, api.Path{"errors"}, []string{`"a"`, `"b"`}},
		"the document's own":    {`[{"code": 7}, {"code": 8}]`, api.Path{"code"}, []string{"7", "8"}},
		"the first of a name":   {`{"a": 1, "a": 2}`, api.Path{"a"}, []string{"1"}},
		"none":                  {`{"a": 1}`, api.Path{"b"}, nil},
		"not JSON":              {`<html>`, api.Path{"a"}, nil},
		"until it is cut short": {`{"errors": [{"code": 7}, {"code`, api.Path{"errors", "code"}, []string{"7"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for raw := range All([]byte(tt.body), tt.path) {
				got = append(got, string(raw))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("All(%s, %q) = %q; want %q", tt.body, tt.path, got, tt.want)
			}
		})
	}
	n := 0
	for range All([]byte(`[1, 2, 3]`), nil) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("went on to %d after the end", n)
	}
}

// Every value is a part of a document that is JSON, and what Lookup finds is
// the first of them, unless that is an array.
func FuzzAll(f *testing.F) {
	for _, body := range []string{`{"a": [{"b": 1}, {"b": [2]}]}`, `[[{"a": {"b": 1}}]]`, `{"a":`, `<html>`, `{"a": null}`} {
		f.Add([]byte(body), "a", "b")
	}
	f.Fuzz(func(t *testing.T, body []byte, first, second string) {
		for _, path := range []api.Path{nil, {first}, {first, second}} {
			n := 0
			for raw := range All(body, path) {
				if n++; json.Valid(body) && !json.Valid(raw) {
					t.Errorf("All(%q, %q) yields %q, which is not JSON", body, path, raw)
				}
				if want, ok := Lookup(body, path); n == 1 && ok && want[0] != '[' && len(path) < 2 && !bytes.ContainsRune(body, '[') && !bytes.Equal(raw, want) {
					t.Errorf("All(%q, %q) yields %q; Lookup finds %q", body, path, raw, want)
				}
			}
		}
	})
}
