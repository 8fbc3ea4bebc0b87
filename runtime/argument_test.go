package runtime_test

// This file tests what a call makes of its arguments.

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
)

func TestPaths(t *testing.T) {
	tests := map[string]struct {
		path string
		args []any
		want string // the URL's path and query, empty if refused
	}{
		"numbers":                  {"/a/{x}/b/{y}", []any{1, int64(2)}, "/a/1/b/2"},
		"text":                     {"/a/{x}", []any{"é b+c"}, "/a/%C3%A9%20b+c"},
		"a slash in it":            {"/a/{x}/b", []any{"../../admin"}, "/a/..%2F..%2Fadmin/b"},
		"a query in it":            {"/a/{x}", []any{"1?admin=true#x"}, "/a/1%3Fadmin=true%23x"},
		"escaped already":          {"/a/{x}", []any{"%2e%2e"}, "/a/%252e%252e"},
		"a pointer":                {"/a/{x}", []any{new(7)}, "/a/7"},
		"within a segment":         {"/a/{x}.json", []any{"b"}, "/a/b.json"},
		"one name twice":           {"/a/{x}/b/{x}", []any{1, 2}, "/a/1/b/2"},
		"a query in the template":  {"/a?kind=b", nil, "/a?kind=b"},
		"dots":                     {"/a/{x}", []any{".."}, ""},
		"a dot":                    {"/a/{x}", []any{"."}, ""},
		"empty":                    {"/a/{x}", []any{""}, ""},
		"nil":                      {"/a/{x}", []any{nil}, ""},
		"a nil pointer":            {"/a/{x}", []any{(*int)(nil)}, ""},
		"a struct":                 {"/a/{x}", []any{struct{}{}}, ""},
		"too few":                  {"/a/{x}/{y}", []any{1}, ""},
		"too many":                 {"/a/{x}", []any{1, 2}, ""},
		"an open brace":            {"/a/{x", []any{1}, ""},
		"a line break in the path": {"/a/{x}\n", []any{1}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := always(200, `{}`)
			err := runtime.Exec(t.Context(), connect(t, desk(), p), &api.Operation{Name: "X", Method: "GET", Path: tt.path}, runtime.Args{Path: tt.args})
			if tt.want == "" {
				if !errors.Is(err, runtime.ErrInvalidArgument) || len(p.requests()) != 0 {
					t.Errorf("requests %q, %v", p.urls(), err)
				}
				failure(t, err)
				return
			}
			if err != nil || p.urls()[0] != "GET "+tt.want {
				t.Errorf("requests %q, %v", p.urls(), err)
			}
		})
	}
}

func TestParamsThatCannotBeSent(t *testing.T) {
	for name, params := range map[string]any{
		"no struct": 7,
		"a broken header": &struct {
			X string `header:"X-Y"`
		}{"a\r\nb"},
		"a channel": &struct {
			X chan int `query:"x"`
		}{make(chan int)},
		"an unknown option": &struct {
			X string `query:"x,often"`
		}{"a"},
		"not exported": &struct {
			x string `query:"x"`
		}{"a"},
	} {
		t.Run(name, func(t *testing.T) {
			p := always(200, aTicket)
			_, err := runtime.Do[ticket](t.Context(), connect(t, desk(), p), show, runtime.Args{Path: []any{1}, Params: params})
			if len(p.requests()) != 0 || err == nil {
				t.Errorf("requests %q, %v", p.urls(), err)
			}
			failure(t, err)
		})
	}
}

func TestBodies(t *testing.T) {
	type message struct {
		Text string                   `json:"text"`
		Due  runtime.Nullable[string] `json:"due,omitzero"`
	}
	form := &api.Operation{Name: "X", Method: "POST", Path: "/x", ContentType: "application/x-www-form-urlencoded"}
	tests := map[string]struct {
		op          *api.Operation
		body        any
		contentType string
		want        string
	}{
		"wrapped":           {create, message{Text: "a"}, "application/json", `{"ticket":{"text":"a"}}`},
		"none":              {create, nil, "", ""},
		"a nil pointer":     {create, (*message)(nil), "", ""},
		"form":              {form, message{Text: "a b"}, "application/x-www-form-urlencoded", "text=a+b"},
		"form with a text":  {form, message{Due: runtime.Value(`a "b"`)}, "application/x-www-form-urlencoded", "due=a+%22b%22&text="},
		"form with a null":  {form, message{Due: runtime.Null[string]()}, "application/x-www-form-urlencoded", "due=&text="},
		"bytes":             {upload, []byte("abc"), "application/octet-stream", "abc"},
		"a buffer":          {upload, bytes.NewBufferString("abc"), "application/octet-stream", "abc"},
		"a reader":          {upload, strings.NewReader("abc"), "application/octet-stream", "abc"},
		"a reader, begun":   {upload, begun("xxabc", 2), "application/octet-stream", "abc"},
		"a form of its own": {form, map[string][]string(nil), "", "refused"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := inTurn(giving(429, ""), giving(200, `{}`))
				err := runtime.Exec(t.Context(), connect(t, desk(), p), tt.op, runtime.Args{Body: tt.body})
				if tt.want == "refused" {
					if !errors.Is(err, runtime.ErrInvalidArgument) {
						t.Errorf("error = %v", err)
					}
					return
				}
				if err != nil || len(p.requests()) != 2 {
					t.Fatalf("%d requests, %v", len(p.requests()), err)
				}
				for _, s := range p.requests() {
					if s.body != tt.want || s.header.Get("Content-Type") != tt.contentType {
						t.Errorf("sent %q as %q", s.body, s.header.Get("Content-Type"))
					}
				}
			})
		})
	}
}

// begun is a reader of which n bytes have been read.
func begun(s string, n int64) *strings.Reader {
	r := strings.NewReader(s)
	r.Seek(n, 0)
	return r
}

// A list whose pages are selected in the body keeps what the caller put there.
func TestPagesSelectedInTheBody(t *testing.T) {
	type query struct {
		Text string `json:"text"`
	}
	for name, tt := range map[string]struct {
		body  any
		next  string
		first string
		then  string
	}{
		"a query":            {query{"a"}, `"c1"`, `{"size":100,"text":"a"}`, `{"after":"c1","size":100,"text":"a"}`},
		"none":               {nil, `"c1"`, `{"size":100}`, `{"after":"c1","size":100}`},
		"a nil map":          {map[string]string(nil), `"c1"`, `{"size":100}`, `{"after":"c1","size":100}`},
		"a number":           {query{"a"}, `17`, `{"size":100,"text":"a"}`, `{"after":17,"size":100,"text":"a"}`},
		"digits, but a text": {query{"a"}, `"0017"`, `{"size":100,"text":"a"}`, `{"after":"0017","size":100,"text":"a"}`},
		"a sign, but a text": {query{"a"}, `"+17"`, `{"size":100,"text":"a"}`, `{"after":"+17","size":100,"text":"a"}`},
	} {
		t.Run(name, func(t *testing.T) {
			p := inTurn(giving(200, `{"items":[{}],"meta":{"next":`+tt.next+`}}`), giving(200, `{"items":[]}`))
			for _, err := range runtime.List[ticket](t.Context(), connect(t, desk(), p), inBody, runtime.Args{Body: tt.body}) {
				if err != nil {
					t.Fatal(err)
				}
			}
			if seen := p.requests(); len(seen) != 2 || seen[0].body != tt.first || seen[1].body != tt.then {
				t.Errorf("requests: %+v", seen)
			}
		})
	}
	for _, err := range runtime.List[ticket](t.Context(), connect(t, desk(), always(200, `{}`)), inBody, runtime.Args{Body: []int{1}}) {
		if !errors.Is(err, runtime.ErrInvalidArgument) {
			t.Errorf("error = %v", err)
		}
	}
}
