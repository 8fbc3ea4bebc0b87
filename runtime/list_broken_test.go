package runtime_test

// This file tests lists whose provider is broken, or worse.

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/page"
)

func TestForeignCursors(t *testing.T) {
	tests := map[string]struct {
		op     *api.Operation
		cursor string
		want   error
	}{
		"another host":   {byURL, "https://evil.example/v2/url?after=1", page.ErrForeignLink},
		"another port":   {byLink, "https://acme.desk.example:444/v2/link", page.ErrForeignLink},
		"another scheme": {byLink, "http://acme.desk.example/v2/link", page.ErrForeignLink},
		"no host":        {byLink, "//evil.example/v2/link", page.ErrForeignLink},
		"a user":         {byLink, "https://a:b@acme.desk.example/v2/link", page.ErrForeignLink},
		"no URL":         {byLink, "https://%zz/", page.ErrCursorForm},
		"no page number": {byPage, "three", page.ErrCursorForm},
		"no offset":      {byOffset, "-1", page.ErrCursorForm},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBook(10)
			ids, err := b.walk(t, connect(t, desk(), b.serve(), runtime.WithBearer("t")), tt.op, runtime.WithCursor(tt.cursor))
			if !errors.Is(err, tt.want) || len(ids) != 0 || len(b.provider.requests()) != 0 {
				t.Errorf("requests %q, %v", b.provider.urls(), err)
			}
			failure(t, err)
		})
	}
}

// A link that leads elsewhere is not followed, whatever else it says.
func TestForeignLinks(t *testing.T) {
	for _, foreign := range []string{
		"https://evil.example/v2/link", "http://acme.desk.example/v2/link", "https://acme.desk.example:444/v2/link",
		"//evil.example/v2/link", "https://a:b@acme.desk.example/", "https://acme.desk.example.evil.example/",
		"https://acme.desk.example@evil.example/", `https:\\evil.example\`, "javascript:alert(1)", "file:///etc/passwd",
	} {
		for _, op := range []*api.Operation{byLink, byURL} {
			t.Run(op.Name+" "+foreign, func(t *testing.T) {
				b := newBook(10)
				b.spoil = func(_ int, page map[string]any) { page["next"] = foreign }
				p := b.serve()
				inner := p.answer
				p.answer = func(n int, r *http.Request) (*http.Response, error) {
					resp, err := inner(n, r)
					resp.Header.Set("Link", "<"+foreign+`>; rel="next"`)
					return resp, err
				}
				ids, err := b.walk(t, connect(t, desk(), p, runtime.WithBearer("t")), op, runtime.WithPageSize(4))
				if !errors.Is(err, page.ErrForeignLink) && !errors.Is(err, page.ErrCursorForm) {
					t.Errorf("error = %v", err)
				}
				if len(ids) != 4 || len(p.requests()) != 1 {
					t.Errorf("items %v, requests %q", ids, p.urls())
				}
				if e := failure(t, err); e.StatusCode != 200 || e.Operation != op.Name {
					t.Errorf("error = %+v", *e)
				}
			})
		}
	}
}

func TestRepeatedCursor(t *testing.T) {
	for name, lead := range map[string]func(n int) string{
		"to itself":         func(int) string { return "20" },
		"two pages back":    func(n int) string { return []string{"", "10", "20", "10", "20"}[min(n, 4)] },
		"to the first page": func(n int) string { return []string{"", "10", "20", "30", "10"}[min(n, 4)] },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBook(100)
			b.spoil = func(n int, page map[string]any) { page["meta"] = map[string]string{"next": lead(n)} }
			_, err := b.walk(t, connect(t, desk(), b.serve()), byCursor, runtime.WithPageSize(10), runtime.WithoutPrefetch())
			if !errors.Is(err, page.ErrRepeatedCursor) || len(b.provider.requests()) > 5 {
				t.Errorf("%d requests, %v", len(b.provider.requests()), err)
			}
			failure(t, err)
		})
	}
}

// An item that does not fit is an error in its place; the rest comes as ever.
func TestMisfits(t *testing.T) {
	b := newBook(30)
	b.items[4] = []byte(`{"id":"five"}`)
	b.items[9] = []byte(`[]`)
	b.items[10] = []byte(`{"id":11.5}`)
	c := connect(t, desk(), b.serve())
	var got []string
	for item, err := range runtime.List[ticket](t.Context(), c, byCursor, runtime.Args{}, runtime.WithPageSize(10)) {
		misfit, ok := errors.AsType[*runtime.DecodeError](err)
		switch {
		case ok:
			got = append(got, fmt.Sprintf("%d:%s", misfit.Index, misfit.Raw))
			failure(t, err)
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, fmt.Sprint(item.ID))
		}
	}
	want := append(append([]string{"1", "2", "3", "4", `4:{"id":"five"}`, "6", "7", "8", "9", "9:[]", `0:{"id":11.5}`}, "12"), texts(13, 30)...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	pages, misfits := 0, 0
	for pg, err := range runtime.ListPages[ticket](t.Context(), c, byCursor, runtime.Args{}, runtime.WithPageSize(10)) {
		if err != nil {
			misfits++
			continue
		}
		pages++
		if len(pg.Items) != len(pg.Raw) {
			t.Errorf("%d items, %d raw", len(pg.Items), len(pg.Raw))
		}
	}
	if pages != 3 || misfits != 3 {
		t.Errorf("%d pages, %d misfits", pages, misfits)
	}
}

func texts(first, last int) []string {
	var list []string
	for _, id := range upTo(first, last) {
		list = append(list, fmt.Sprint(id))
	}
	return list
}

func TestBodiesThatAreNoPages(t *testing.T) {
	for name, body := range map[string]string{
		"HTML": `<html>`, "empty": ``, "cut short": `{"items":[{"id":1},`, "no items": `{"things":[]}`,
		"items that are no list": `{"items":{}}`, "a list": `[]`, "a cursor that is none": `{"items":[],"meta":{"next":{}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			p := always(200, body, "X-Request-Id", "r1")
			for _, err := range runtime.List[ticket](t.Context(), connect(t, desk(), p), byCursor, runtime.Args{}) {
				misfit, ok := errors.AsType[*runtime.DecodeError](err)
				if !ok || misfit.Index != -1 || string(misfit.Raw) != body {
					t.Fatalf("error = %v", err)
				}
				if e := failure(t, err); e.StatusCode != 200 || e.RequestID != "r1" || len(p.requests()) != 1 {
					t.Errorf("%d requests, error %+v", len(p.requests()), *e)
				}
				return
			}
			t.Error("the list is empty")
		})
	}
}
