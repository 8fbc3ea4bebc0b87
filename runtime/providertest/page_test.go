package providertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/weirkit/weir/runtime/api"
)

// walk is a client by hand: it follows the pages of an operation in the way of
// its style and returns the ids of all items, and how many pages it took.
func walk(t *testing.T, p *Provider, pg api.Pagination, target string, size int) (ids []int, pages int) {
	t.Helper()
	query := url.Values{}
	if size > 0 {
		query.Set("per_page", strconv.Itoa(size))
	}
	next := "https://acme.shop.example" + target + "?" + query.Encode()
	for next != "" {
		if pages++; pages > 50 {
			t.Fatal("the list has no end")
		}
		r := call(p, "GET", next)
		text := body(t, r)
		if r.StatusCode != 200 {
			t.Fatalf("%s: %d %s", next, r.StatusCode, text)
		}
		got, members := readPage(t, text, pg)
		ids = append(ids, got...)
		next = follow(t, pg, r, members, next, query, ids, len(got), size)
	}
	return ids, pages
}

// readPage takes the ids of the items out of a page.
func readPage(t *testing.T, text string, pg api.Pagination) ([]int, map[string]any) {
	t.Helper()
	var items []struct{ ID int }
	var members map[string]any
	if len(pg.Items) == 0 {
		if err := json.Unmarshal([]byte(text), &items); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	} else {
		var things struct{ Things []struct{ ID int } }
		if err := json.Unmarshal([]byte(text), &things); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if err := json.Unmarshal([]byte(text), &members); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		items = things.Things
	}
	ids := []int{}
	for _, item := range items {
		ids = append(ids, item.ID)
	}
	return ids, members
}

// at is the value at a path, nil when there is none.
func at(members map[string]any, path api.Path) any {
	var v any = members
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

// follow is the address of the next page, "" at the end.
func follow(t *testing.T, pg api.Pagination, r *http.Response, members map[string]any, here string, query url.Values, ids []int, got, size int) string {
	t.Helper()
	end := pg.More != nil && at(members, pg.More) == false || pg.End != nil && at(members, pg.End) == true
	total, _ := at(members, pg.Total).(float64)
	path, _, _ := strings.Cut(here, "?")
	move := func(value string) string {
		query.Set(pg.Cursor.Name, value)
		return path + "?" + query.Encode()
	}
	switch pg.Style {
	case api.LinkStyle:
		for link := range strings.SplitSeq(r.Header.Get("Link"), ", ") {
			if address, ok := strings.CutSuffix(link, `>; rel="next"`); ok {
				return strings.TrimPrefix(address, "<")
			}
		}
		return ""
	case api.URLStyle:
		next, _ := at(members, pg.Next).(string)
		return next
	case api.CursorStyle:
		next, _ := at(members, pg.Next).(string)
		if end || next == "" {
			return ""
		}
		return move(next)
	case api.PageNumberStyle:
		if len(ids) >= int(total) {
			return ""
		}
		page, _ := strconv.Atoi(query.Get("page"))
		return move(strconv.Itoa(max(page, 1) + 1))
	case api.OffsetStyle:
		if end {
			return ""
		}
		return move(strconv.Itoa(len(ids)))
	default: // keyset: the first short page is the last
		if size == 0 && got < 30 || size > 0 && got < min(size, 100) {
			return ""
		}
		return move(strconv.Itoa(ids[len(ids)-1]))
	}
}

func TestPages(t *testing.T) {
	tests := []struct{ items, size, pages int }{
		{0, 10, 1}, {1, 10, 1}, {10, 10, 1}, {11, 10, 2}, {95, 10, 10},
		{250, 100, 3}, {250, 1000, 3}, // never more than the largest
		{61, 0, 3}, // 30 when not asked
	}
	a := unlimitedShop()
	p := mustNew(t, a, Options{})
	for _, op := range a.Operations {
		if op.Pagination == nil {
			continue
		}
		for _, tt := range tests {
			t.Run(fmt.Sprintf("%s/%d by %d", op.Name, tt.items, tt.size), func(t *testing.T) {
				p.Items(op.Name, func(*Call) []json.RawMessage { return things(tt.items) })
				ids, pages := walk(t, p, *op.Pagination, op.Path, tt.size)
				want := []int{}
				for i := range tt.items {
					want = append(want, i+1)
				}
				if !slices.Equal(ids, want) {
					t.Errorf("items %v, want 1 to %d", ids, tt.items)
				}
				wantPages := tt.pages
				if op.Pagination.Style == api.KeysetStyle && tt.items == tt.size {
					wantPages++ // a full last page does not tell that it is the last
				}
				if pages != wantPages {
					t.Errorf("%d pages, want %d", pages, wantPages)
				}
			})
		}
	}
}

func TestPageBodies(t *testing.T) {
	p := mustNew(t, unlimitedShop(), Options{Plan: ""})
	for _, op := range []string{"more", "export", "url", "page", "offset", "link"} {
		p.Items(op, func(*Call) []json.RawMessage { return things(3) })
	}
	two := `{"id":1,"name":"thing 1"},{"id":2,"name":"thing 2"}`
	three := `{"id":3,"name":"thing 3"}`
	after2, after3 := formatCursor(2), formatCursor(3)
	tests := []struct{ target, want string }{
		{"/more?per_page=2", `{"things":[` + two + `],"meta":{"after_cursor":"` + after2 + `","has_more":true}}`},
		// The last page keeps its cursor where another member says that it is the last.
		{"/more?per_page=2&cursor=" + after2, `{"things":[` + three + `],"meta":{"after_cursor":"` + after3 + `","has_more":false}}`},
		{"/export?cursor=" + after2, `{"things":[` + three + `],"after_cursor":"` + after3 + `","end_of_stream":true}`},
		{"/export?cursor=" + after3, `{"things":[],"after_cursor":"` + after3 + `","end_of_stream":true}`},
		{"/url?per_page=2", `{"things":[` + two + `],"links":{"next":"http://example.com/url?after=` + after2 + `\u0026per_page=2"},"count":3}`},
		{"/url?per_page=2&after=" + after2, `{"things":[` + three + `],"links":{"next":null},"count":3}`},
		{"/page?per_page=2&page=9", `{"things":[],"count":3}`},
		{"/page?page=0", `{"error":{"code":"InvalidPage","message":"\"0\" is no page number"}}`},
		{"/more?cursor=x", `{"error":{"code":"InvalidPage","message":"\"x\" is no cursor of this list"}}`},
		{"/offset?start=-1", `{"error":{"code":"InvalidPage","message":"\"-1\" is no offset"}}`},
	}
	for _, tt := range tests {
		if got := body(t, call(p, "GET", tt.target)); got != tt.want {
			t.Errorf("%s:\n%s, want\n%s", tt.target, got, tt.want)
		}
	}
	want := `<http://example.com/link?page=3&per_page=1>; rel="next", <http://example.com/link?page=1&per_page=1>; rel="first"`
	if got := call(p, "GET", "/link?per_page=1&page=2").Header.Get("Link"); got != want {
		t.Errorf("Link: %s, want %s", got, want)
	}
}

// A plan may have a largest page of its own, and who asks for no size does not
// get more than that.
func TestLargestPageOfPlan(t *testing.T) {
	a := shop()
	p := mustNew(t, a, Options{Plan: "large"})
	p.Items("cursor", func(*Call) []json.RawMessage { return things(100) })
	for _, target := range []string{"/cursor?per_page=100", "/cursor", "/cursor?per_page=0", "/cursor?per_page=x"} {
		if ids, _ := readPage(t, body(t, call(p, "GET", target)), *a.Operation("cursor").Pagination); len(ids) != 10 {
			t.Errorf("%s: %d items, want 10", target, len(ids))
		}
	}
}

// An export that has ended goes on from its cursor when there is more.
func TestExportGoesOn(t *testing.T) {
	a := unlimitedShop()
	p := mustNew(t, a, Options{})
	n := 3
	p.Items("export", func(*Call) []json.RawMessage { return things(n) })
	var page struct {
		Things []struct{ ID int }
		After  string `json:"after_cursor"`
	}
	if err := json.Unmarshal([]byte(body(t, call(p, "GET", "/export"))), &page); err != nil {
		t.Fatal(err)
	}
	n = 5
	if err := json.Unmarshal([]byte(body(t, call(p, "GET", "/export?cursor="+page.After))), &page); err != nil {
		t.Fatal(err)
	}
	if len(page.Things) != 2 || page.Things[0].ID != 4 {
		t.Errorf("went on with %v", page.Things)
	}
}

// A provider may show the first so many items alone, and tell of all.
func TestCappedList(t *testing.T) {
	pg := api.Pagination{
		Style: api.LinkStyle, Items: api.Path{"items"}, Total: api.Path{"total"}, Cap: 5,
		Size: &api.PageSize{Param: api.Param{In: api.InQuery, Name: "per_page"}, Max: 100},
	}
	p, err := New(&api.API{Name: "shop", Operations: []*api.Operation{{Name: "Things.Search", Method: "GET", Path: "/things", Pagination: &pg}}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	p.Items("Things.Search", func(*Call) []json.RawMessage { return slices.Repeat([]json.RawMessage{json.RawMessage(`{}`)}, 8) })
	for target, want := range map[string]string{
		"/things?per_page=3":        `{"items":[{},{},{}],"total":8} next`,
		"/things?per_page=3&page=2": `{"items":[{},{}],"total":8}`,
		"/things?per_page=3&page=3": `{"items":[],"total":8}`,
	} {
		r := call(p, "GET", "https://acme.shop.example"+target)
		got := body(t, r)
		if strings.Contains(r.Header.Get("Link"), `rel="next"`) {
			got += " next"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", target, got, want)
		}
	}
}
