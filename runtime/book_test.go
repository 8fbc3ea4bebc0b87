package runtime_test

// This file has lists of every style, and a provider of them.

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
)

var bySize = &api.PageSize{Param: api.Param{In: api.InQuery, Name: "size"}, Max: 100}

func list(name string, p api.Pagination) *api.Operation {
	p.Items, p.Size = api.Path{"items"}, bySize
	return &api.Operation{Name: name, Method: "GET", Path: "/" + name, Pagination: &p}
}

func inQuery(name string) api.Param { return api.Param{In: api.InQuery, Name: name} }

var (
	byCursor = list("cursor", api.Pagination{Style: api.CursorStyle, Cursor: inQuery("after"), Next: api.Path{"meta", "next"}})
	byMore   = list("more", api.Pagination{Style: api.CursorStyle, Cursor: inQuery("after"), Next: api.Path{"meta", "next"}, More: api.Path{"more"}})
	byEnd    = list("end", api.Pagination{Style: api.CursorStyle, Cursor: inQuery("after"), Next: api.Path{"meta", "next"}, End: api.Path{"end"}})
	byPage   = list("page", api.Pagination{Style: api.PageNumberStyle, First: 1, Cursor: inQuery("page")})
	byTotal  = list("total", api.Pagination{Style: api.PageNumberStyle, First: 0, Cursor: inQuery("page"), Total: api.Path{"total"}})
	byOffset = list("offset", api.Pagination{Style: api.OffsetStyle, Cursor: inQuery("offset")})
	byLink   = list("link", api.Pagination{Style: api.LinkStyle})
	byURL    = list("url", api.Pagination{Style: api.URLStyle, Next: api.Path{"next"}, Cursor: inQuery("after")})
	byKeyset = list("keyset", api.Pagination{Style: api.KeysetStyle, ID: api.Path{"id"}, Cursor: inQuery("since")})
	inBody   = &api.Operation{Name: "search", Method: "POST", Path: "/search", Idempotent: true, Pagination: &api.Pagination{
		Style: api.CursorStyle, Items: api.Path{"items"}, Next: api.Path{"meta", "next"},
		Size:   &api.PageSize{Param: api.Param{In: api.InBody, Name: "size"}, Max: 100},
		Cursor: api.Param{In: api.InBody, Name: "after"},
	}}
)

var everyStyle = []*api.Operation{byCursor, byMore, byEnd, byPage, byTotal, byOffset, byLink, byURL, byKeyset, inBody}

// book is a list of items, served in every style.
type book struct {
	items    []json.RawMessage
	provider *provider
	// before may answer in place of the book; n counts requests from 1.
	before func(n, first, size int) *http.Response
	// spoil may change a page.
	spoil func(n int, page map[string]any)
}

func newBook(n int) *book { return &book{items: numbered(n)} }

func (b *book) serve() *provider {
	b.provider = answering(b.answer)
	return b.provider
}

// answer serves a page. All cursors are the number of items before the page,
// in a form of the style's.
func (b *book) answer(n int, r *http.Request) (*http.Response, error) {
	param := r.URL.Query().Get
	if r.Method == "POST" {
		fields := map[string]any{}
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		if err := json.NewDecoder(body).Decode(&fields); err != nil {
			return reply(400, `{"error":"bad body"}`), nil
		}
		param = func(name string) string {
			if v, ok := fields[name]; ok {
				return fmt.Sprint(v)
			}
			return ""
		}
	}
	size := number(param("size"), 100)
	from := number(strings.TrimPrefix(param("after"), "c")+param("offset")+param("since"), 0)
	if p := param("page"); p != "" {
		from = number(p, 0) * size
		if r.URL.Path == "/v2/page" {
			from -= size
		}
	}
	if b.before != nil {
		if resp := b.before(n, from, size); resp != nil {
			return resp, nil
		}
	}
	from = min(from, len(b.items))
	to := min(from+size, len(b.items))
	page := map[string]any{
		"items": json.RawMessage(array(b.items[from:to])),
		"total": len(b.items), "more": to < len(b.items), "end": to == len(b.items),
	}
	var link []string
	if to < len(b.items) || r.URL.Path == "/v2/end" {
		page["meta"] = map[string]string{"next": strconv.Itoa(to)}
		next := fmt.Sprintf("https://%s%s?after=c%d&size=%d", r.URL.Host, r.URL.Path, to, size)
		page["next"] = next
		link = []string{"Link", "<" + next + `>; rel="next"`}
	}
	if b.spoil != nil {
		b.spoil(n, page)
	}
	body, err := json.Marshal(page)
	return reply(200, string(body), link...), err
}

func number(s string, otherwise int) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	return otherwise
}

// walk reads a list to its end, or to its first error.
func (b *book) walk(t testing.TB, c *runtime.Client, op *api.Operation, opts ...runtime.Option) (ids []int, err error) {
	t.Helper()
	for item, err := range runtime.List[ticket](t.Context(), c, op, runtime.Args{}, opts...) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, item.ID)
	}
	return ids, nil
}

// upTo are the numbers from first to last.
func upTo(first, last int) []int {
	var ids []int
	for id := first; id <= last; id++ {
		ids = append(ids, id)
	}
	return ids
}
