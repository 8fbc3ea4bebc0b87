package page

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/weirkit/weir/runtime/api"
)

func mustParse(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

var base = mustParse("https://acme.example.com/api/tickets")

func size(name string) *api.PageSize {
	return &api.PageSize{Param: api.Param{In: api.InQuery, Name: name}, Max: 100}
}

func query(name string) api.Param { return api.Param{In: api.InQuery, Name: name} }

// sent writes a request as its query, or as its URL.
func sent(r Request) string {
	if r.URL != nil {
		return r.URL.String()
	}
	var parts []string
	for _, p := range r.Params {
		parts = append(parts, p.Name+"="+p.Value)
	}
	return strings.Join(parts, "&")
}

func TestRequest(t *testing.T) {
	cursor := &api.Pagination{Style: api.CursorStyle, Size: size("limit"), Cursor: query("cursor")}
	number := &api.Pagination{Style: api.PageNumberStyle, Size: size("per_page"), Cursor: query("page"), First: 1}
	sizeless := &api.Pagination{Style: api.PageNumberStyle, Cursor: query("page")}
	offset := &api.Pagination{Style: api.OffsetStyle, Size: size("limit"), Cursor: query("offset")}
	keyset := &api.Pagination{Style: api.KeysetStyle, Size: size("limit"), Cursor: query("starting_after")}
	link := &api.Pagination{Style: api.LinkStyle, Size: size("per_page")}
	resumable := &api.Pagination{Style: api.URLStyle, Size: size("per_page"), Cursor: query("cursor")}
	tests := map[string]struct {
		p      *api.Pagination
		cursor string
		size   int
		want   string
		asked  int
		err    error
	}{
		"cursor, first":                    {cursor, "", 100, "limit=100", 100, nil},
		"cursor, next":                     {cursor, "a b", 100, "limit=100&cursor=a b", 100, nil},
		"cursor, no size":                  {cursor, "x", 0, "cursor=x", 0, nil},
		"number, first":                    {number, "", 100, "per_page=100", 100, nil},
		"number, next":                     {number, "3@100", 100, "per_page=100&page=3", 100, nil},
		"number, by hand":                  {number, "3", 50, "per_page=50&page=3", 50, nil},
		"number, halved":                   {number, "3@100", 50, "per_page=50&page=5", 50, nil},
		"number, halved again":             {number, "5@50/100", 25, "per_page=25&page=9", 25, nil},
		"number, grown":                    {number, "5@50/100", 100, "per_page=100&page=3", 100, nil},
		"number, not yet grown":            {number, "6@50/100", 100, "per_page=50&page=6", 50, nil},
		"number, no larger than the first": {number, "5@50", 100, "per_page=50&page=5", 50, nil},
		"number, back to the first":        {number, "1@50", 100, "per_page=50", 50, nil},
		"number, no size":                  {sizeless, "4", 100, "page=4", 0, nil},
		"number, sized for no size":        {sizeless, "4@10", 100, "page=4", 0, nil},
		"number, none":                     {number, "abc", 100, "", 0, ErrCursorForm},
		"number, before the first":         {number, "0@100", 100, "", 0, ErrCursorForm},
		"number, size none":                {number, "2@x", 100, "", 0, ErrCursorForm},
		"number, size zero":                {number, "2@0", 100, "", 0, ErrCursorForm},
		"number, full size none":           {number, "2@50/", 100, "", 0, ErrCursorForm},
		"number, full size less":           {number, "2@50/10", 100, "", 0, ErrCursorForm},
		"number, out of range":             {number, "9223372036854775807@100", 100, "", 0, ErrCursorForm},
		"offset, first":                    {offset, "", 100, "limit=100", 100, nil},
		"offset, next":                     {offset, "250", 50, "limit=50&offset=250", 50, nil},
		"offset, none":                     {offset, "-1", 50, "", 0, ErrCursorForm},
		"keyset":                           {keyset, "cus_9", 100, "limit=100&starting_after=cus_9", 100, nil},
		"link, first":                      {link, "", 100, "per_page=100", 100, nil},
		"link, next":                       {link, "https://acme.example.com/repositories/1?after=x&per_page=100", 100, "https://acme.example.com/repositories/1?after=x&per_page=100", 100, nil},
		"link, halved by cursor":           {link, "https://acme.example.com/r?after=x&per_page=100", 50, "https://acme.example.com/r?after=x&per_page=50", 50, nil},
		"link, halved by page":             {link, "https://acme.example.com/r?page=3&per_page=100", 50, "https://acme.example.com/r?page=5&per_page=50", 50, nil},
		"link, grown by page":              {link, "https://acme.example.com/r?page=5&per_page=50", 100, "https://acme.example.com/r?page=3&per_page=100", 100, nil},
		"link, grown too soon":             {link, "https://acme.example.com/r?page=6&per_page=50", 100, "https://acme.example.com/r?page=6&per_page=50", 50, nil},
		"link, counted otherwise":          {link, "https://acme.example.com/r?since=46&per_page=100", 50, "https://acme.example.com/r?since=46&per_page=100", 100, nil},
		"link, size not in it":             {link, "https://acme.example.com/r?after=x", 50, "https://acme.example.com/r?after=x", 0, nil},
		"link, relative":                   {link, "/r?after=x", 100, "https://acme.example.com/r?after=x", 0, nil},
		"link, to another host":            {link, "https://evil.example.com/r", 100, "", 0, ErrForeignLink},
		"URL, resumed by parameter":        {resumable, "MTc1", 100, "per_page=100&cursor=MTc1", 100, nil},
		"URL, resumed by URL":              {resumable, "https://acme.example.com/r?cursor=x", 100, "https://acme.example.com/r?cursor=x", 0, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := Walker{tt.p, base}.Request(tt.cursor, tt.size)
			if !errors.Is(err, tt.err) || err == nil && (sent(r) != tt.want || r.Size != tt.asked) {
				t.Errorf("Request(%q, %d) = %s, asking for %d, %v; want %s, %d, %v", tt.cursor, tt.size, sent(r), r.Size, err, tt.want, tt.asked, tt.err)
			}
		})
	}
}

func TestNext(t *testing.T) {
	style := func(s api.PageStyle) *api.Pagination {
		return &api.Pagination{Style: s, Size: size("size"), Cursor: query("at"), First: 1}
	}
	cursor, number, offset, keyset := style(api.CursorStyle), style(api.PageNumberStyle), style(api.OffsetStyle), style(api.KeysetStyle)
	link, inBody := style(api.LinkStyle), style(api.URLStyle)
	deep := style(api.PageNumberStyle)
	deep.Last = 9
	capped := func(p *api.Pagination) *api.Pagination {
		with := *p
		with.Cap = 900
		return &with
	}
	yes, no := new(true), new(false)
	const none = -1
	tests := map[string]struct {
		p      *api.Pagination
		at     string
		size   int
		told   Told
		header string
		want   string
		last   bool
		err    error
	}{
		"cursor":                                 {p: cursor, size: 100, told: Told{Next: "b", Total: none, Count: 3}, want: "b"},
		"cursor, a page of none":                 {p: cursor, size: 100, told: Told{Next: "b", Total: none}, want: "b"},
		"cursor, missing":                        {p: cursor, size: 100, told: Told{Total: none, Count: 100}, last: true},
		"cursor, no more":                        {p: cursor, size: 100, told: Told{Next: "b", More: no, Total: none, Count: 100}, last: true},
		"cursor, more":                           {p: cursor, size: 100, told: Told{Next: "b", More: yes, Total: none, Count: 1}, want: "b"},
		"cursor, at the end, to go on from":      {p: cursor, size: 100, told: Told{Next: "b", End: yes, Total: none, Count: 1}, want: "b", last: true},
		"cursor, not at the end":                 {p: cursor, size: 100, told: Told{Next: "b", End: no, Total: none}, want: "b"},
		"number, full":                           {p: number, at: "2@100", size: 100, told: Told{Total: none, Count: 100}, want: "3@100"},
		"number, short":                          {p: number, at: "2@100", size: 100, told: Told{Total: none, Count: 99}, last: true},
		"number, short, but more":                {p: number, at: "2@100", size: 100, told: Told{More: yes, Total: none, Count: 99}, want: "3@100"},
		"number, none, but more":                 {p: number, at: "2@100", size: 100, told: Told{More: yes, Total: none}, want: "3@100"},
		"number, full, but no more":              {p: number, at: "2@100", size: 100, told: Told{More: no, Total: none, Count: 100}, last: true},
		"number, total reached":                  {p: number, at: "2@100", size: 100, told: Told{Total: 200, Count: 100}, last: true},
		"number, short, total not reached":       {p: number, at: "2@100", size: 100, told: Told{Total: 201, Count: 99}, want: "3@100"},
		"number, none, total not reached":        {p: number, at: "2@100", size: 100, told: Told{Total: 201}, last: true},
		"number, none, pages not reached":        {p: number, at: "2@100", size: 100, told: Told{Total: 201, Pages: new(int64(3))}, want: "3@100"},
		"number, short first, pages not reached": {p: number, size: 100, told: Told{Total: 250, Pages: new(int64(3)), Count: 99}, want: "2@100"},
		"number, pages reached":                  {p: number, at: "3@100", size: 100, told: Told{Total: 250, Pages: new(int64(3)), Count: 49}, last: true},
		"number, no pages":                       {p: number, size: 100, told: Told{Pages: new(int64(0))}, last: true},
		"number, halved":                         {p: number, at: "2@100", size: 50, told: Told{Total: none, Count: 50}, want: "4@50/100"},
		"number, grown":                          {p: number, at: "5@50/100", size: 100, told: Told{Total: none, Count: 100}, want: "4@100"},
		"number, the largest is smaller":         {p: number, size: 100, told: Told{Total: 120, Count: 50}, want: "2@50"},
		"number, the last one, but more":         {p: deep, at: "9@100", size: 100, told: Told{Total: 901, Count: 100}, err: ErrTooDeep},
		"number, before the last one":            {p: deep, at: "8@100", size: 100, told: Told{Total: 901, Count: 100}, want: "9@100"},
		"number, the last one, and no more":      {p: deep, at: "9@100", size: 100, told: Told{Total: 900, Count: 100}, last: true},
		"number, capped, all shown, and more":    {p: capped(number), at: "9@100", size: 100, told: Told{Total: 901, Count: 100}, err: ErrTooDeep},
		"number, capped, before it":              {p: capped(number), at: "8@100", size: 100, told: Told{Total: 901, Count: 100}, want: "9@100"},
		"number, capped, and no more":            {p: capped(number), at: "9@100", size: 100, told: Told{Total: 900, Count: 100}, last: true},
		"offset, capped, all shown, and more":    {p: capped(offset), at: "800", size: 100, told: Told{Total: 901, Count: 100}, err: ErrTooDeep},
		"cursor, capped, the last, and more":     {p: capped(cursor), size: 100, told: Told{Total: 901, Count: 100}, err: ErrTooDeep},
		"cursor, capped, before it":              {p: capped(cursor), size: 100, told: Told{Next: "b", Total: 901, Count: 100}, want: "b"},
		"cursor, capped, of unknown length":      {p: capped(cursor), size: 100, told: Told{Total: none, Count: 100}, last: true},
		"link, capped, the last, and more":       {p: capped(link), header: `<https://acme.example.com/r?page=8>; rel="prev"`, told: Told{Total: 901, Count: 100}, err: ErrTooDeep},
		"link, capped, all shown, and more":      {p: capped(link), header: `<https://acme.example.com/r?page=10&size=100>; rel="next"`, told: Told{Total: 901, Count: 100}, err: ErrTooDeep},
		"link, capped, before it":                {p: capped(link), header: `<https://acme.example.com/r?page=9&size=100>; rel="next"`, told: Told{Total: 901, Count: 100}, want: "https://acme.example.com/r?page=9&size=100"},
		"number, no size, items":                 {p: number, at: "2", told: Told{Total: none, Count: 1}, want: "3"},
		"number, no size, none":                  {p: number, at: "2", told: Told{Total: none}, last: true},
		"offset":                                 {p: offset, at: "200", size: 100, told: Told{Total: none, Count: 100}, want: "300"},
		"offset, short":                          {p: offset, at: "200", size: 100, told: Told{Total: none, Count: 1}, last: true},
		"offset, the largest is smaller":         {p: offset, at: "200", size: 100, told: Told{Total: 500, Count: 50}, want: "250"},
		"offset, total reached":                  {p: offset, at: "200", size: 100, told: Told{Total: 250, Count: 50}, last: true},
		"offset, none, but more":                 {p: offset, at: "200", size: 100, told: Told{More: yes, Total: none}, want: "300"},
		"offset, none, total not reached":        {p: offset, at: "200", size: 100, told: Told{Total: 500}, last: true},
		"keyset":                                 {p: keyset, at: "a", size: 100, told: Told{Total: none, Count: 100, LastID: "z"}, want: "z"},
		"keyset, short":                          {p: keyset, at: "a", size: 100, told: Told{Total: none, Count: 99, LastID: "z"}, last: true},
		"keyset, short, but more":                {p: keyset, at: "a", size: 100, told: Told{More: yes, Total: none, Count: 99, LastID: "z"}, want: "z"},
		"keyset, none":                           {p: keyset, at: "a", size: 100, told: Told{Total: none}, last: true},
		"link":                                   {p: link, header: `<https://acme.example.com/r?page=2>; rel="next"`, told: Told{Total: none}, want: "https://acme.example.com/r?page=2"},
		"link, relative to what was asked":       {p: link, at: "https://acme.example.com/v2/r?page=2", header: `<?page=3>; rel=next`, told: Told{Total: none}, want: "https://acme.example.com/v2/r?page=3"},
		"link, none":                             {p: link, header: `<https://acme.example.com/r?page=1>; rel="prev"`, told: Told{Total: none, Count: 100}, last: true},
		"link, same host otherwise spelt":        {p: link, header: `<HTTPS://ACME.Example.com:443/r?page=2>; rel="next"`, told: Told{Total: none}, want: "https://ACME.Example.com:443/r?page=2"},
		"link, another host":                     {p: link, header: `<https://evil.com/r?token=secret>; rel="next"`, err: ErrForeignLink},
		"link, another port":                     {p: link, header: `<https://acme.example.com:8443/r?token=secret>; rel="next"`, err: ErrForeignLink},
		"link, another scheme":                   {p: link, header: `<http://acme.example.com/r?token=secret>; rel="next"`, err: ErrForeignLink},
		"link, by the network":                   {p: link, header: `<//evil.com/r?token=secret>; rel="next"`, err: ErrForeignLink},
		"link, with a user":                      {p: link, header: `<https://secret:secret@acme.example.com/r>; rel="next"`, err: ErrForeignLink},
		"link, with a host that looks like ours": {p: link, header: `<https://acme.example.com.evil.com/r>; rel="next"`, err: ErrForeignLink},
		"link, with backslashes":                 {p: link, header: `<https:\\evil.com>; rel="next"`, err: ErrForeignLink},
		"link, to a script":                      {p: link, header: `<javascript:alert(1)>; rel="next"`, err: ErrForeignLink},
		"link, not a URL":                        {p: link, header: `<https://acme.example.com:x/%zz?secret>; rel="next"`, err: ErrCursorForm},
		"URL":                                    {p: inBody, told: Told{Next: "https://acme.example.com/r?c=1#top", Total: none}, want: "https://acme.example.com/r?c=1"},
		"URL, another host":                      {p: inBody, told: Told{Next: "https://evil.com/r", Total: none}, err: ErrForeignLink},
		"URL, at the end, to go on from":         {p: inBody, told: Told{Next: "/r?c=9", End: yes, Total: none}, want: "https://acme.example.com/r?c=9", last: true},
		"URL, no more":                           {p: inBody, told: Told{Next: "/r?c=9", More: no, Total: none}, last: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := Walker{tt.p, base}
			r, err := w.Request(tt.at, tt.size)
			if err != nil {
				t.Fatal(err)
			}
			got, last, err := w.Next(r, tt.told, http.Header{"Link": {tt.header}})
			if got != tt.want || last != tt.last || !errors.Is(err, tt.err) {
				t.Errorf("Next = %q, %v, %v; want %q, %v, %v", got, last, err, tt.want, tt.last, tt.err)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error shows the URL's secrets: %v", err)
			}
		})
	}
}

func TestNextLink(t *testing.T) {
	tests := map[string]struct {
		header []string
		want   string
	}{
		"GitHub":                 {[]string{`<https://api.github.com/x?page=2>; rel="next", <https://api.github.com/x?page=9>; rel="last"`}, "https://api.github.com/x?page=2"},
		"last first":             {[]string{`<https://a/9>; rel="last", <https://a/2>; rel="next"`}, "https://a/2"},
		"two headers":            {[]string{`<https://a/1>; rel="prev"`, `<https://a/2>; rel="next"`}, "https://a/2"},
		"commas in the URL":      {[]string{`<https://a/?fields=id,name,x&page=2>; rel="next"`}, "https://a/?fields=id,name,x&page=2"},
		"semicolons in the URL":  {[]string{`<https://a/;v=1?page=2>; rel="next"`}, "https://a/;v=1?page=2"},
		"not quoted":             {[]string{`<https://a/2>; rel=next, <https://a/9>; rel=last`}, "https://a/2"},
		"no space":               {[]string{`<https://a/1>;rel="prev",<https://a/2>;rel="next"`}, "https://a/2"},
		"in capitals":            {[]string{`<https://a/2>; REL="Next"`}, "https://a/2"},
		"several relations":      {[]string{`<https://a/2>; rel="last next"`}, "https://a/2"},
		"other parameters":       {[]string{`<https://a/2>; title="a; \"b\", rel=prev"; rel="next"`}, "https://a/2"},
		"the first rel counts":   {[]string{`<https://a/2>; rel="prev"; rel="next"`}, ""},
		"none":                   {[]string{`<https://a/2>; rel="prev"`}, ""},
		"no header":              {nil, ""},
		"no brackets":            {[]string{`https://a/2; rel="next"`}, ""},
		"not closed":             {[]string{`<https://a/2; rel="next"`}, ""},
		"quotes not closed":      {[]string{`<https://a/2>; rel="next`}, "https://a/2"},
		"escape at the very end": {[]string{`<https://a/2>; title="\`}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := nextLink(http.Header{"Link": tt.header}); got != tt.want {
				t.Errorf("nextLink = %q; want %q", got, tt.want)
			}
		})
	}
}

func FuzzLink(f *testing.F) {
	f.Add(`<https://a/2>; rel="next", <https://a/9>; rel="last"`)
	f.Add(`<>;;;,,"\`)
	f.Fuzz(func(t *testing.T, value string) {
		if next := nextLink(http.Header{"Link": {value}}); next != "" && !strings.Contains(value, "<"+next+">") {
			t.Errorf("%q found in %q", next, value)
		}
		p := &api.Pagination{Style: api.LinkStyle, Size: size("per_page")}
		w := Walker{p, base}
		cursor, _, err := w.Next(Request{}, Told{Total: -1}, http.Header{"Link": {value}})
		if err != nil || cursor == "" {
			return
		}
		if u := mustParse(cursor); !strings.EqualFold(u.Hostname(), "acme.example.com") || u.Scheme != "https" || u.User != nil {
			t.Errorf("%q leads to %q", value, cursor)
		}
	})
}

// However the size changes on the way, and whatever the provider's own largest
// size, a walk over a counted list delivers each item, in order; and each once
// if the largest size is the one that was asked for.
func TestCountedWalksMissNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		style := rapid.SampledFrom([]api.PageStyle{api.PageNumberStyle, api.OffsetStyle}).Draw(t, "style")
		p := &api.Pagination{Style: style, Size: size("size"), Cursor: query("at"), First: rapid.IntRange(0, 1).Draw(t, "first")}
		items := rapid.IntRange(0, 60).Draw(t, "items")
		most := rapid.IntRange(1, 12).Draw(t, "the provider's largest size")
		asked := rapid.IntRange(1, 12).Draw(t, "the largest size asked for")
		if asked > most {
			p.Total = api.Path{"total"} // without it a short page is the end, as documented
		}
		w := Walker{p, base}
		sizer := NewSizer(asked)
		cursor, next := "", 0
		for range 1000 {
			switch rapid.IntRange(0, 3).Draw(t, "then") {
			case 0:
				sizer.Shrink(sizer.Size())
			case 1:
				sizer.size = min(sizer.size*2, asked)
			}
			r, err := w.Request(cursor, sizer.Size())
			if err != nil {
				t.Fatal(err)
			}
			start, count := serve(p, r, items, most)
			if start > next || asked <= most && start != next {
				t.Fatalf("%s begins at item %d; want %d", sent(r), start, next)
			}
			next = max(next, start+count)
			told := Told{Total: -1, Count: count}
			if len(p.Total) > 0 {
				told.Total = int64(items)
			}
			var last bool
			if cursor, last, err = w.Next(r, told, nil); err != nil {
				t.Fatal(err)
			}
			if last {
				if next != items {
					t.Fatalf("ended after %d of %d items", next, items)
				}
				return
			}
		}
		t.Fatal("no end")
	})
}

// serve is a provider of a counted list: it returns the index of the page's
// first item and how many there are.
func serve(p *api.Pagination, r Request, items, most int) (start, count int) {
	n, at := most, -1
	for _, param := range r.Params {
		value, _ := strconv.Atoi(param.Value)
		if param.Name == "size" {
			n = min(value, most)
		} else {
			at = value
		}
	}
	switch {
	case at < 0:
	case p.Style == api.OffsetStyle:
		start = at
	default:
		start = (at - p.First) * n
	}
	return start, max(0, min(n, items-start))
}

func TestSizer(t *testing.T) {
	s := NewSizer(100)
	var got []int
	note := func() { got = append(got, s.Size()) }
	shrink := func() { s.Shrink(s.Size()); note() }
	grow := func(n int) {
		for range n {
			s.Grow(s.Size())
		}
		note()
	}
	shrink()
	shrink()
	grow(7)
	grow(1)
	grow(8)
	grow(100)
	if want := []int{50, 25, 25, 50, 100, 100}; !cmp.Equal(got, want) {
		t.Errorf("sizes %v; want %v", got, want)
	}
	s = NewSizer(3)
	if !s.Shrink(3) || s.Size() != 1 || s.Shrink(1) {
		t.Errorf("size %d", s.Size())
	}
	if none := NewSizer(0); none.Shrink(0) || none.Size() != 0 {
		t.Errorf("size %d", none.Size())
	}
}
