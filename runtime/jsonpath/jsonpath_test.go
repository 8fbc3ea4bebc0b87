package jsonpath

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/weirkit/weir/runtime/api"
)

func TestLookup(t *testing.T) {
	tests := map[string]struct {
		body string
		path api.Path
		want string
		no   bool
	}{
		"member":              {`{"a": 1, "b": {"c": [2, 3]}}`, api.Path{"b", "c"}, `[2, 3]`, false},
		"document":            {` {"a": 1} `, nil, `{"a": 1}`, false},
		"document not object": {` 7 `, nil, `7`, false},
		"first of two":        {`{"a": 1, "a": 2}`, api.Path{"a"}, `1`, false},
		"null":                {`{"a": null}`, api.Path{"a"}, `null`, false},
		"string with quotes":  {`{"a": "x\"y"}`, api.Path{"a"}, `"x\"y"`, false},
		"escaped name":        {`{"\u0061": 1}`, api.Path{"a"}, `1`, false},
		"empty name":          {`{"": 1}`, api.Path{""}, `1`, false},
		"white space":         {"{\"a\" :\n\t [ 1 ]\r}", api.Path{"a"}, `[ 1 ]`, false},
		"first element":       {`{"errors": [{"code": 7}, {"code": 8}]}`, api.Path{"errors", "code"}, `7`, false},
		"nested arrays":       {`[[{"a": 1}]]`, api.Path{"a"}, `1`, false},
		"skips over others":   {`{"x": {"a": 0}, "y": [{"a": 0}], "z": "a", "a": true}`, api.Path{"a"}, `true`, false},
		"cut short after":     {`{"a": 1, "b": `, api.Path{"a"}, `1`, false},
		"missing":             {`{"a": 1}`, api.Path{"b"}, ``, true},
		"below a number":      {`{"a": 1}`, api.Path{"a", "b"}, ``, true},
		"empty array":         {`{"a": []}`, api.Path{"a", "b"}, ``, true},
		"empty":               {``, nil, ``, true},
		"cut short":           {`{"a": {"b": "x`, api.Path{"a", "b"}, ``, true},
		"cut short before":    {`{"x": [1, 2`, api.Path{"a"}, ``, true},
		"not JSON":            {`<html>`, api.Path{"a"}, ``, true},
		"not JSON, whole":     {`<html>`, nil, ``, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := Lookup([]byte(tt.body), tt.path)
			if ok == tt.no || string(got) != tt.want {
				t.Errorf("Lookup(%s, %q) = %s, %v; want %s", tt.body, tt.path, got, ok, tt.want)
			}
		})
	}
}

// Appending to a value must not write over what follows it in the body.
func TestLookupClips(t *testing.T) {
	body := []byte(`{"a": 1, "b": 2}`)
	raw, _ := Lookup(body, api.Path{"a"})
	_ = append(raw, "0000000"...)
	if got := string(body); got != `{"a": 1, "b": 2}` {
		t.Errorf("body is now %s", got)
	}
}

func TestText(t *testing.T) {
	tests := map[string]string{
		`"plain"`: "plain", `"q\"\u00e9\n"`: "q\"é\n", `3`: "3", `1e3`: "1e3", `false`: "false", `null`: "null",
		`{"a":1}`: `{"a":1}`, `""`: "", ``: "", `"cut`: `"cut`,
	}
	for raw, want := range tests {
		if got := Text([]byte(raw)); got != want {
			t.Errorf("Text(%s) = %q; want %q", raw, got, want)
		}
	}
}

// What Lookup finds is what encoding/json finds.
func FuzzLookup(f *testing.F) {
	for _, body := range []string{
		`{"a": {"b": 1}}`, `{"a": "x\u0000y"}`, `[{"a": 1}]`, `{"a": 1, "a": {"b": 2}}`, `{"a":`, `<html>`, "{\"a\": \"\xff\"}",
	} {
		f.Add([]byte(body), "a", "b")
	}
	f.Fuzz(func(t *testing.T, body []byte, first, second string) {
		for _, path := range []api.Path{nil, {first}, {first, second}} {
			raw, ok := Lookup(body, path)
			Text(raw)
			if !json.Valid(body) {
				continue
			}
			if ok && !json.Valid(raw) {
				t.Errorf("Lookup(%q, %q) = %q, which is not JSON", body, path, raw)
			}
			if want, found, sure := reference(body, path); sure && (found != ok || ok && canonical(raw) != canonical(want)) {
				t.Errorf("Lookup(%q, %q) = %q, %v; encoding/json finds %q, %v", body, path, raw, ok, want, found)
			}
		}
	})
}

// reference looks a path up with encoding/json. It is not sure of arrays, nor of
// members that occur twice, of which encoding/json takes the last.
func reference(body []byte, path api.Path) (raw []byte, found, sure bool) {
	raw = body
	for _, name := range path {
		var members map[string]json.RawMessage
		if json.Unmarshal(raw, &members) != nil || members == nil {
			var list []json.RawMessage
			return nil, false, json.Unmarshal(raw, &list) != nil || list == nil
		}
		n := 0
		d := json.NewDecoder(bytes.NewReader(raw))
		d.Token()
		for d.More() {
			key, _ := d.Token()
			if key == name {
				n++
			}
			var skipped json.RawMessage
			d.Decode(&skipped)
		}
		if n > 1 {
			return nil, false, false
		}
		value, ok := members[name]
		if !ok {
			return nil, false, true
		}
		raw = value
	}
	return raw, true, true
}

func canonical(raw []byte) string {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%#v", v)
}
