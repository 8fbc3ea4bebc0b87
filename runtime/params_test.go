package runtime

import (
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type sort string

func TestEncodeParams(t *testing.T) {
	at := time.Date(2026, 11, 21, 10, 30, 0, 0, time.UTC)
	type filter struct {
		Type string `json:"type"`
		Min  int    `json:"min,omitzero"`
	}
	type params struct {
		SortBy  sort              `query:"sort_by"`
		IDs     []int64           `query:"ids,join"`
		Include []string          `query:"include"`
		Spaced  []string          `query:"spaced,space"`
		Piped   []string          `query:"piped,pipe"`
		Active  *bool             `query:"active"`
		Page    *int64            `query:"page"`
		Score   float64           `query:"score"`
		Query   string            `query:"query,required"`
		Since   time.Time         `query:"since"`
		Day     Date              `query:"day"`
		Filter  *filter           `query:"filter,deep"`
		Extra   map[string]string `query:"extra,deep"`
		Brand   string            `header:"X-Brand"`
		Tags    []string          `header:"X-Tags"`
		Other   string
	}
	tests := map[string]struct {
		params any
		query  url.Values
		header http.Header
	}{
		"nil":         {params: nil, query: url.Values{}, header: http.Header{}},
		"nil pointer": {params: (*filter)(nil), query: url.Values{}, header: http.Header{}},
		"zero fields are left out, required ones are not": {
			params: &params{}, query: url.Values{"query": {""}}, header: http.Header{},
		},
		"all": {
			params: &params{
				SortBy: "id", IDs: []int64{1, 2}, Include: []string{"a", "b"}, Spaced: []string{"a", "b"}, Piped: []string{"a", "b"},
				Active: new(false), Page: new(int64(0)), Score: 0.5, Query: "type:ticket", Since: at, Day: DateOf(at),
				Filter: &filter{Type: "x"}, Extra: map[string]string{"k": "v"}, Brand: "acme", Tags: []string{"p", "q"}, Other: "x",
			},
			query: url.Values{
				"sort_by": {"id"}, "ids": {"1,2"}, "include": {"a", "b"}, "spaced": {"a b"}, "piped": {"a|b"},
				"active": {"false"}, "page": {"0"}, "score": {"0.5"}, "query": {"type:ticket"},
				"since": {"2026-11-21T10:30:00Z"}, "day": {"2026-11-21"}, "filter[type]": {"x"}, "extra[k]": {"v"},
			},
			header: http.Header{"X-Brand": {"acme"}, "X-Tags": {"p,q"}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			query, header := url.Values{}, http.Header{}
			if err := encodeParams(tt.params, query, header); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.query, query); diff != "" {
				t.Errorf("query (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.header, header); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEncodeParamsRefuses(t *testing.T) {
	tests := map[string]any{
		"a line break in a header": &struct {
			H string `header:"X-H"`
		}{"a\r\nEvil: b"},
		"an unknown tag option": &struct {
			Q string `query:"q,sideways"`
		}{"a"},
		"nothing, where something is required": (*struct {
			Q string `query:"q"`
			N int    `query:"n,required"`
		})(nil),
		"nothing, of a type that cannot be read": (*struct {
			Q string `query:"q,sideways"`
		})(nil),
		"not a struct": new(3),
		"a channel": &struct {
			Q chan int `query:"q"`
		}{make(chan int)},
	}
	for name, params := range tests {
		t.Run(name, func(t *testing.T) {
			if err := encodeParams(params, url.Values{}, http.Header{}); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestExpandPath(t *testing.T) {
	tests := []struct {
		template string
		args     []any
		want     string
	}{
		{"/tickets", nil, "/tickets"},
		{"/tickets/{id}", []any{int64(7)}, "/tickets/7"},
		{"/tickets/{id}/comments/{comment}", []any{int64(7), "x"}, "/tickets/7/comments/x"},
		{"/files/{name}.json", []any{"a"}, "/files/a.json"},
		{"/a/{x}", []any{"b/../c"}, "/a/b%2F..%2Fc"},
		{"/a/{x}", []any{"100% ü?#"}, "/a/100%25%20%C3%BC%3F%23"},
	}
	for _, tt := range tests {
		got, _, err := expandPath(tt.template, tt.args)
		if err != nil || got != tt.want {
			t.Errorf("expandPath(%q, %v) = %q, %v; want %q", tt.template, tt.args, got, err, tt.want)
		}
	}
	for _, bad := range []struct {
		template string
		args     []any
	}{
		{"/a/{x}", []any{""}}, {"/a/{x}", []any{"."}}, {"/a/{x}", []any{".."}}, {"/a/{x}", nil},
		{"/a/{x}", []any{1, 2}}, {"/a/{x", []any{1}}, {"/a/{x}", []any{nil}}, {"/a/{x}", []any{struct{}{}}},
	} {
		if got, _, err := expandPath(bad.template, bad.args); !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("expandPath(%q, %v) = %q, %v; want an invalid argument", bad.template, bad.args, got, err)
		}
	}
}

// Whatever a path parameter holds, the URL that comes out has the template's
// segments and no others.
func FuzzExpandPath(f *testing.F) {
	for _, s := range []string{"a", "a/b", "..", "%2e%2e", "a?b#c", "\x00", "é", ";", "a b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		path, _, err := expandPath("/v2/{x}/end", []any{value})
		if err != nil {
			return
		}
		u, err := url.Parse("https://example.com" + path)
		if err != nil {
			t.Fatalf("%q makes no URL: %v", path, err)
		}
		if u.Path != "/v2/"+value+"/end" || u.RawQuery != "" || u.Fragment != "" {
			t.Errorf("%q became path %q, query %q, fragment %q", value, u.Path, u.RawQuery, u.Fragment)
		}
		if n := len(u.ResolveReference(&url.URL{}).EscapedPath()); n < len("/v2//end") {
			t.Errorf("%q resolves to %q", value, u.ResolveReference(&url.URL{}).EscapedPath())
		}
	})
}
