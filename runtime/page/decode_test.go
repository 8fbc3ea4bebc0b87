package page

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime/api"
)

type ticket struct {
	ID      int64  `json:"id"`
	Subject string `json:"subject"`
}

// full has a path for each part of a body.
var full = &api.Pagination{
	Style: api.CursorStyle,
	Items: api.Path{"tickets"},
	Next:  api.Path{"meta", "after_cursor"},
	More:  api.Path{"meta", "has_more"},
	End:   api.Path{"end_of_stream"},
	Total: api.Path{"count"},
}

func TestDecode(t *testing.T) {
	bare := &api.Pagination{Style: api.LinkStyle}
	keyset := &api.Pagination{Style: api.KeysetStyle, Items: api.Path{"data"}, ID: api.Path{"ref", "id"}, More: api.Path{"has_more"}}
	next := &api.Pagination{Style: api.CursorStyle, Items: api.Path{"data"}, Next: api.Path{"next"}}
	nested := &api.Pagination{Style: api.CursorStyle, Items: api.Path{"data"}, Next: api.Path{"data", "next"}}
	twice := &api.Pagination{Style: api.CursorStyle, Items: api.Path{"data"}, More: api.Path{"paging", "next"}, Next: api.Path{"paging", "next"}}
	paged := &api.Pagination{Style: api.PageNumberStyle, Items: api.Path{"files"}, Total: api.Path{"paging", "total"}, Pages: api.Path{"paging", "pages"}}
	yes, no := new(true), new(false)
	tests := map[string]struct {
		p     *api.Pagination
		body  string
		items []ticket
		told  Told
		err   error
		at    string // where, in the error's text
	}{
		"everything": {p: full,
			body:  `{"tickets": [{"id": 1, "subject": "a"}, {"id": 2}], "meta": {"has_more": true, "after_cursor": "x\u003d="}, "end_of_stream": false, "count": 12}`,
			items: []ticket{{1, "a"}, {ID: 2}}, told: Told{Next: "x==", More: yes, End: no, Total: 12, Count: 2}},
		"in another order, with more about": {p: full,
			body:  ` { "count":3, "meta" : {"x":[{"has_more":true}], "after_cursor":null,"has_more":false}, "other":{"tickets":[9]}, "tickets" : [ {"id" : 3 } ] } `,
			items: []ticket{{ID: 3}}, told: Told{More: no, Total: 3, Count: 1}},
		"the number of pages":      {p: paged, body: `{"files":[],"paging":{"pages":3,"total":5}}`, items: []ticket{}, told: Told{Total: 5, Pages: new(int64(3))}},
		"no number of pages":       {p: paged, body: `{"files":[],"paging":{"pages":"many"}}`, items: []ticket{}, told: Told{Total: -1}},
		"the items alone":          {p: full, body: `{"tickets":[]}`, items: []ticket{}, told: Told{Total: -1}},
		"null items":               {p: full, body: `{"tickets":null,"count":0}`, items: []ticket{}, told: Told{}},
		"a null for an object":     {p: full, body: `{"tickets":[],"meta":null}`, items: []ticket{}, told: Told{Total: -1}},
		"a list for an object":     {p: full, body: `{"tickets":[],"meta":[{"has_more":true}]}`, items: []ticket{}, told: Told{Total: -1}},
		"a bare list":              {p: bare, body: `[{"id":1},{"id":2}]`, items: []ticket{{ID: 1}, {ID: 2}}, told: Told{Total: -1, Count: 2}},
		"a bare null":              {p: bare, body: `null`, items: []ticket{}, told: Told{Total: -1}},
		"a null item":              {p: bare, body: `[null]`, items: []ticket{{}}, told: Told{Total: -1, Count: 1}},
		"the last id":              {p: keyset, body: `{"data":[{"id":1,"ref":{"id":"a"}},{"id":2,"ref":{"id":"b"}}]}`, items: []ticket{{ID: 1}, {ID: 2}}, told: Told{Total: -1, Count: 2, LastID: "b"}},
		"the last id is a number":  {p: keyset, body: `{"data":[{"ref":{"id":907}}]}`, items: []ticket{{}}, told: Told{Total: -1, Count: 1, LastID: "907"}},
		"no items, no id":          {p: keyset, body: `{"data":[]}`, items: []ticket{}, told: Told{Total: -1}},
		"a number for a cursor":    {p: next, body: `{"data":[],"next":1374004777531007833}`, items: []ticket{}, told: Told{Next: "1374004777531007833", Total: -1}},
		"zero for a cursor":        {p: next, body: `{"data":[],"next":0}`, items: []ticket{}, told: Told{Total: -1}},
		"false for a cursor":       {p: next, body: `{"data":[],"next":false}`, items: []ticket{}, told: Told{Total: -1}},
		"empty cursor":             {p: next, body: `{"data":[],"next":""}`, items: []ticket{}, told: Told{Total: -1}},
		"the first of two members": {p: next, body: `{"data":[{"id":1}],"data":[],"next":"a","next":"b"}`, items: []ticket{{ID: 1}}, told: Told{Next: "a", Total: -1, Count: 1}},
		"total as a text":          {p: full, body: `{"tickets":[],"count":"7"}`, items: []ticket{}, told: Told{Total: 7}},
		"total that is no number":  {p: full, body: `{"tickets":[],"count":"many"}`, items: []ticket{}, told: Told{Total: -1}},
		"total below zero":         {p: full, body: `{"tickets":[],"count":-1}`, items: []ticket{}, told: Told{Total: -1}},
		"booleans as text":         {p: full, body: `{"tickets":[],"meta":{"has_more":"false"}}`, items: []ticket{}, told: Told{More: no, Total: -1}},

		"empty":                   {p: full, body: ``, err: ErrNotJSON, at: "$: "},
		"white space":             {p: full, body: "  \n", err: ErrCutShort},
		"HTML":                    {p: full, body: `<html>`, err: ErrNotJSON},
		"cut short in an item":    {p: full, body: `{"tickets":[{"id":1},{"id":`, err: ErrCutShort, at: "27 bytes"},
		"cut short after the end": {p: full, body: `{"tickets":[{"id":1}]`, err: ErrCutShort},
		"more after the end":      {p: full, body: `{"tickets":[]} {}`, err: ErrNotJSON},
		"garbage after the end":   {p: full, body: `{"tickets":[]}}`, err: ErrNotJSON},
		"no items":                {p: full, body: `{"meta":{}}`, err: ErrNoItems, at: "$.tickets: "},
		"a list without wrapping": {p: full, body: `[{"id":1}]`, err: ErrNoItems, at: "$.tickets: "},
		"wrapped unexpectedly":    {p: bare, body: `{"id":1}`, err: ErrNotList, at: "$: "},
		"items are an object":     {p: full, body: `{"tickets":{"id":1}}`, err: ErrNotList, at: "$.tickets: "},
		"items hide the cursor":   {p: nested, body: `{"data":{"next":"x"}}`, err: ErrNotList, at: "$.data: "},
		"cursor is an object":     {p: next, body: `{"data":[],"next":{"a":1}}`, err: ErrBadCursor, at: "$.next: "},
		"cursor is true":          {p: next, body: `{"data":[],"next":true}`, err: ErrBadCursor},
		"more is a text":          {p: full, body: `{"tickets":[],"meta":{"has_more":"perhaps"}}`, err: ErrNotBool, at: "$.meta.has_more: "},
		"end is a number":         {p: full, body: `{"tickets":[],"end_of_stream":1}`, err: ErrNotBool, at: "$.end_of_stream: "},
		"one path for two":        {p: twice, body: `{"data":[],"paging":{"next":"x"}}`, err: ErrNotBool},
		"items without id":        {p: keyset, body: `{"data":[{"ref":{}}]}`, err: ErrNoID, at: "$.ref.id: "},
		"a null id":               {p: keyset, body: `{"data":[{"ref":{"id":null}}]}`, err: ErrNoID},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			page, told, err := Decode[ticket]([]byte(tt.body), tt.p)
			if tt.err != nil {
				var wrong *BodyError
				if !errors.As(err, &wrong) || !errors.Is(err, tt.err) || !strings.Contains(err.Error(), tt.at) {
					t.Errorf("error %v; want %v at %s", err, tt.err, tt.at)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.items, page.Items) + cmp.Diff(tt.told, told); diff != "" {
				t.Error(diff)
			}
			if page.Total != tt.told.Total || len(page.Failed) != 0 {
				t.Errorf("total %d, failed %v", page.Total, page.Failed)
			}
		})
	}
}

// One path may serve as several parts.
func TestDecodeOneValueAsSeveralParts(t *testing.T) {
	p := &api.Pagination{Items: api.Path{"data"}, Next: api.Path{"next"}, More: api.Path{"next", "more"}, Total: api.Path{"next", "total"}}
	_, told, err := Decode[ticket]([]byte(`{"data":[],"next":null}`), p)
	if err != nil || told.Next != "" || told.Total != -1 {
		t.Errorf("%+v, %v", told, err)
	}
	both := &api.Pagination{Items: api.Path{"data"}, Next: api.Path{"n"}, Total: api.Path{"n"}}
	if _, told, err := Decode[ticket]([]byte(`{"data":[],"n":7}`), both); err != nil || told.Next != "7" || told.Total != 7 {
		t.Errorf("%+v, %v", told, err)
	}
	inside := &api.Pagination{Items: api.Path{"data"}, Next: api.Path{"data", "id"}}
	page, told, err := Decode[ticket]([]byte(`{"x":[], "data": [ {"id":1} , {"id":2} ] , "y":[]}`), inside)
	if err != nil || !cmp.Equal(page.Items, []ticket{{ID: 1}, {ID: 2}}) || told.Next != "1" {
		t.Errorf("%+v, %+v, %v", page, told, err)
	}
	odd := &api.Pagination{Items: api.Path{"data"}, Next: api.Path{"data"}}
	if _, _, err := Decode[ticket]([]byte(`{"data":[{"id":1}]}`), odd); !errors.Is(err, ErrBadCursor) {
		t.Errorf("error %v", err)
	}
}

func TestDecodeKeepsTheRestOfAPage(t *testing.T) {
	body := []byte(`{"tickets":[{"id":1},{"id":"two","subject":"misfit"},{"id":3},[],{"id":5}],"count":5}`)
	page, told, err := Decode[ticket](body, full)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]ticket{{ID: 1}, {ID: 3}, {ID: 5}}, page.Items); diff != "" {
		t.Error(diff)
	}
	var raws []string
	for _, raw := range page.Raw {
		raws = append(raws, string(raw))
	}
	if diff := cmp.Diff([]string{`{"id":1}`, `{"id":3}`, `{"id":5}`}, raws); diff != "" {
		t.Error(diff)
	}
	if told.Count != 5 || len(page.Failed) != 2 {
		t.Fatalf("count %d, failed %v", told.Count, page.Failed)
	}
	first, second := page.Failed[0], page.Failed[1]
	if first.Index != 1 || string(first.Raw) != `{"id":"two","subject":"misfit"}` || second.Index != 3 || string(second.Raw) != `[]` {
		t.Errorf("failed: %v %s, %v %s", first.Index, first.Raw, second.Index, second.Raw)
	}
	var misfit *json.UnmarshalTypeError
	if !errors.As(first, &misfit) {
		t.Errorf("error %v does not wrap encoding/json's", first)
	}
}

// Raw are slices of the one buffer, and appending to one does not write over the next.
func TestRawIsPartOfTheBody(t *testing.T) {
	body := []byte(`[{"id":1},{"id":2}]`)
	page, _, err := Decode[ticket](body, &api.Pagination{})
	if err != nil {
		t.Fatal(err)
	}
	if &page.Raw[0][0] != &body[1] {
		t.Error("Raw is a copy")
	}
	_ = append(page.Raw[0], "XXXX"...)
	if string(page.Raw[1]) != `{"id":2}` {
		t.Errorf("Raw[1] is now %s", page.Raw[1])
	}
}

// upper decodes itself.
type upper string

func (u *upper) UnmarshalJSON(raw []byte) error {
	*u = upper(strings.ToUpper(string(raw)))
	return nil
}

func TestDecodeTypesThatDecodeThemselves(t *testing.T) {
	page, _, err := Decode[upper]([]byte(`["a", null]`), &api.Pagination{})
	if err != nil || !cmp.Equal(page.Items, []upper{`"A"`, `NULL`}) {
		t.Errorf("%v, %v", page.Items, err)
	}
	raws, _, err := Decode[json.RawMessage]([]byte(`[{"a": 1}, 2]`), &api.Pagination{})
	if err != nil || string(raws.Items[0]) != `{"a": 1}` || string(raws.Items[1]) != `2` {
		t.Errorf("%s, %v", raws.Items, err)
	}
}

// No item is nil, so that a loop need not ask; and one that does not fit leaves
// nothing behind in those after it.
func TestDecodeIntoPointers(t *testing.T) {
	for _, tt := range []struct {
		body   string
		want   []*ticket
		failed int
	}{
		{`[{"id":1}, null]`, []*ticket{{ID: 1}, {}}, 0},
		{`[{"id":1}, {"id":"no"}, null, {"subject":"c"}]`, []*ticket{{ID: 1}, {}, {Subject: "c"}}, 1},
	} {
		page, _, err := Decode[*ticket]([]byte(tt.body), &api.Pagination{})
		if err != nil || len(page.Failed) != tt.failed {
			t.Fatalf("%s: %d failed, %v", tt.body, len(page.Failed), err)
		}
		if diff := cmp.Diff(tt.want, page.Items); diff != "" {
			t.Errorf("%s: %s", tt.body, diff)
		}
	}
	words, _, err := Decode[*upper]([]byte(`["a"]`), &api.Pagination{})
	if err != nil || *words.Items[0] != `"A"` {
		t.Errorf("%v, %v", words.Items, err)
	}
}

// What a page says to lack is an error behind its items, and those come.
func TestDecodePartial(t *testing.T) {
	p := &api.Pagination{Items: api.Path{"items"}, Partial: api.Path{"partial"}}
	for body, want := range map[string]int{
		`{"partial":true,"items":[{"id":1},{"id":"no"}]}`: 2,
		`{"partial":false,"items":[{"id":1}]}`:            0,
		`{"partial":null,"items":[{"id":1}]}`:             0,
		`{"items":[{"id":1}]}`:                            0,
	} {
		page, _, err := Decode[ticket]([]byte(body), p)
		if err != nil || len(page.Items) != 1 || len(page.Failed) != want {
			t.Fatalf("%s: %d failed, %v", body, len(page.Failed), err)
		}
		if last := len(page.Failed) - 1; want > 0 && (!errors.Is(page.Failed[last], ErrPartial) || page.Failed[last].Index != 2) {
			t.Errorf("%s: %v", body, page.Failed[last])
		}
	}
	if _, _, err := Decode[ticket]([]byte(`{"partial":"perhaps","items":[]}`), p); !errors.Is(err, ErrNotBool) {
		t.Errorf("error %v", err)
	}
}

// FuzzDecode: whatever the body, there is no panic; and a page that is accepted
// is one that encoding/json accepts, with the same items.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		`{"tickets":[{"id":1,"subject":"a"}],"meta":{"has_more":true,"after_cursor":"x"},"count":2}`,
		`{"tickets":null}`, `{"tickets":[{"id":"x"},{"id":2}]}`, `{"tickets":[`, `[]`, `{}`, ``, `{"tickets":[]}{`,
		`{"meta":{"after_cursor":{}},"tickets":[]}`, "{\"tickets\":[\"\xff\"]}", `{"tickets":[1e999]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		page, told, err := Decode[ticket](body, full)
		if err != nil {
			var wrong *BodyError
			if !errors.As(err, &wrong) || page != nil {
				t.Errorf("page %v, error %T %v", page, err, err)
			}
			return
		}
		if !json.Valid(body) {
			t.Fatalf("accepted %q, which is not JSON", body)
		}
		if len(page.Items) != len(page.Raw) || len(page.Items)+len(page.Failed) != told.Count {
			t.Fatalf("%d items, %d raw, %d failed of %d", len(page.Items), len(page.Raw), len(page.Failed), told.Count)
		}
		for i, raw := range page.Raw {
			var want ticket
			if err := json.Unmarshal(raw, &want); err != nil || want != page.Items[i] {
				t.Errorf("item %d is %+v; encoding/json says %+v, %v", i, page.Items[i], want, err)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	body := []byte(`{"tickets":[` + strings.Repeat(`{"id":123456,"subject":"a subject of common length","x":{"y":[1,2,3]}},`, 99) + `{"id":1}],"meta":{"has_more":true,"after_cursor":"x"}}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Decode[ticket](body, full); err != nil {
			b.Fatal(err)
		}
	}
}
