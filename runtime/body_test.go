package runtime

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/weirkit/weir/runtime/api"
)

func TestEncodeBody(t *testing.T) {
	type comment struct {
		Text    string           `json:"text"`
		Channel *string          `json:"channel,omitzero"`
		Due     Nullable[string] `json:"due,omitzero"`
		Blocks  []map[string]any `json:"blocks,omitzero"`
		IDs     []int64          `json:"ids,omitzero"`
	}
	value := comment{Text: "a&b", IDs: []int64{1, 2}}
	tests := map[string]struct {
		op   api.Operation
		body any
		want string
	}{
		"none":    {body: nil, want: ""},
		"json":    {body: value, want: `{"text":"a\u0026b","ids":[1,2]}`},
		"wrapped": {op: api.Operation{Body: api.Path{"request", "comment"}}, body: comment{Text: "x"}, want: `{"request":{"comment":{"text":"x"}}}`},
		"form": {
			op: api.Operation{ContentType: "application/x-www-form-urlencoded"}, body: &value,
			want: "ids=1&ids=2&text=a%26b",
		},
		"form, what has no text goes as JSON": {
			op:   api.Operation{ContentType: "application/x-www-form-urlencoded"},
			body: comment{Text: "x", Blocks: []map[string]any{{"type": "section"}}},
			want: url.Values{"text": {"x"}, "blocks": {`[{"type":"section"}]`}}.Encode(),
		},
		"form, raw JSON is one value": {
			op: api.Operation{ContentType: "application/x-www-form-urlencoded"},
			body: struct {
				Blocks json.RawMessage `json:"blocks"`
				Any    any             `json:"any"`
				List   []any           `json:"list"`
				Names  []any           `json:"names"`
				None   any             `json:"none"`
			}{json.RawMessage(`[{"type":"x"}]`), json.RawMessage(`{"a":1}`), []any{json.RawMessage(`{}`), "a"}, []any{"a", 1}, nil},
			want: url.Values{"blocks": {`[{"type":"x"}]`}, "any": {`{"a":1}`}, "list": {`[{},"a"]`}, "names": {"a", "1"}, "none": {""}}.Encode(),
		},
		"json of a charset": {op: api.Operation{ContentType: "application/json; charset=utf-8"}, body: comment{Text: "x"}, want: `{"text":"x"}`},
		"bytes":             {op: api.Operation{ContentType: "image/png"}, body: []byte("png"), want: "png"},
		"stream":            {op: api.Operation{ContentType: "image/png"}, body: strings.NewReader("png"), want: "png"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			body, err := encodeBody(&tt.op, tt.body)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // a body that can be rewound is the same again
				if got := sentBody(t, body); got != tt.want {
					t.Errorf("body = %q, want %q", got, tt.want)
				}
				if body.stream != nil {
					body.stream.(io.Seeker).Seek(0, io.SeekStart)
				}
			}
		})
	}
}

func sentBody(t *testing.T, b requestBody) string {
	t.Helper()
	req := &http.Request{}
	if err := b.attach(req); err != nil {
		t.Fatal(err)
	}
	if req.Body == nil {
		return ""
	}
	got, err := io.ReadAll(req.Body)
	if err != nil || req.ContentLength != int64(len(got)) {
		t.Fatalf("%d bytes of %d announced: %v", len(got), req.ContentLength, err)
	}
	if req.GetBody == nil {
		t.Fatal("the body cannot be sent again")
	}
	again, _ := req.GetBody()
	if b, _ := io.ReadAll(again); string(b) != string(got) {
		t.Fatalf("sent again it is %q, not %q", b, got)
	}
	return string(got)
}

func TestEncodeMultipart(t *testing.T) {
	type upload struct {
		Title string `json:"title"`
		File  File   `json:"file"`
	}
	op := api.Operation{ContentType: "multipart/form-data"}
	body, err := encodeBody(&op, upload{Title: "t", File: File{Name: `a "b".txt`, Content: strings.NewReader("content")}})
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(body.contentType)
	if err != nil {
		t.Fatal(err)
	}
	form, err := multipart.NewReader(strings.NewReader(string(body.bytes)), params["boundary"]).ReadForm(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	file := form.File["file"][0]
	content, _ := file.Open()
	text, _ := io.ReadAll(content)
	if form.Value["title"][0] != "t" || file.Filename != `a "b".txt` || string(text) != "content" {
		t.Errorf("form = %v, file %q with %q", form.Value, file.Filename, text)
	}
}

func TestEncodeBodyRefuses(t *testing.T) {
	tests := map[string]struct {
		op   api.Operation
		body any
	}{
		"a value as bytes":      {api.Operation{ContentType: "image/png"}, 3},
		"a number as a form":    {api.Operation{ContentType: "application/x-www-form-urlencoded"}, 3},
		"a channel as JSON":     {api.Operation{}, make(chan int)},
		"a broken content type": {api.Operation{ContentType: "///"}, "x"},
		"a file without content": {api.Operation{ContentType: "multipart/form-data"}, struct {
			F File `json:"f"`
		}{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := encodeBody(&tt.op, tt.body); !errors.Is(err, ErrInvalidArgument) {
				t.Errorf("error = %v", err)
			}
		})
	}
}
