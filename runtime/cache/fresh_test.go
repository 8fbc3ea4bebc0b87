package cache

import (
	"net/http"
	"testing"
	"time"
)

// headers are given as name, value, name, value.
func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func TestCacheLifetime(t *testing.T) {
	const date = "Sat, 21 Nov 2026 12:00:00 GMT"
	type told struct {
		d    time.Duration
		told bool
		must bool
	}
	for name, tt := range map[string]struct {
		header http.Header
		want   told
	}{
		"nothing":             {headers(), told{}},
		"max-age":             {headers("Cache-Control", "private, max-age=60, s-maxage=90"), told{time.Minute, true, false}},
		"in two lines":        {headers("Cache-Control", "private", "Cache-Control", "MAX-AGE=60"), told{time.Minute, true, false}},
		"the first counts":    {headers("Cache-Control", "max-age=60, max-age=5"), told{time.Minute, true, false}},
		"in quotes":           {headers("Cache-Control", `max-age="60"`), told{time.Minute, true, false}},
		"comma in quotes":     {headers("Cache-Control", `x="a, max-age=1", max-age=60`), told{time.Minute, true, false}},
		"no number":           {headers("Cache-Control", "max-age=soon"), told{0, true, false}},
		"negative":            {headers("Cache-Control", "max-age=-60"), told{0, true, false}},
		"enormous":            {headers("Cache-Control", "max-age=99999999999999999999999"), told{(1 << 31) * time.Second, true, false}},
		"no-cache":            {headers("Cache-Control", "no-cache, max-age=60"), told{0, true, true}},
		"no-cache of a field": {headers("Cache-Control", `no-cache="set-cookie", max-age=60`), told{0, true, true}},
		"must-revalidate":     {headers("Cache-Control", "max-age=60, must-revalidate"), told{time.Minute, true, true}},
		"pragma":              {headers("Pragma", "no-cache"), told{0, true, false}},
		"pragma beside":       {headers("Pragma", "no-cache", "Cache-Control", "max-age=60"), told{time.Minute, true, false}},
		"expires":             {headers("Expires", "Sat, 21 Nov 2026 12:05:00 GMT", "Date", date), told{5 * time.Minute, true, false}},
		"expired":             {headers("Expires", "Mon, 26 Jul 1997 05:00:00 GMT", "Date", date), told{0, true, false}},
		"expires, no date":    {headers("Expires", "Sat, 21 Nov 2026 12:05:00 GMT"), told{0, true, false}},
		"expires 0":           {headers("Expires", "0", "Date", date), told{0, true, false}},
		"max-age and expires": {headers("Cache-Control", "max-age=60", "Expires", "0", "Date", date), told{time.Minute, true, false}},
	} {
		e := &Entry{Header: tt.header}
		d, ok := e.Lifetime()
		if got := (told{d, ok, e.MustRevalidate()}); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}

func TestCacheAge(t *testing.T) {
	for name, tt := range map[string]struct {
		header http.Header
		now    time.Time
		want   time.Duration
	}{
		"since it was asked for":   {headers(), noon.Add(time.Minute), time.Minute},
		"with a cache on the way":  {headers("Age", "30"), noon.Add(time.Minute), 90 * time.Second},
		"with nonsense on the way": {headers("Age", "-30"), noon.Add(time.Minute), time.Minute},
		"another clock's date":     {headers("Date", "Sat, 21 Nov 2020 12:00:00 GMT"), noon, 0},
		"from the future":          {headers(), noon.Add(-time.Second), Forever},
	} {
		e := &Entry{Header: tt.header, Asked: noon}
		if got := e.Age(tt.now); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestCacheStorable(t *testing.T) {
	for name, tt := range map[string]struct {
		status   int
		header   http.Header
		ignoring bool
		want     bool
	}{
		"good":               {200, headers(), false, true},
		"private":            {200, headers("Cache-Control", "private"), false, true},
		"no-store":           {200, headers("Cache-Control", "private, no-cache, No-Store"), false, false},
		"no-store, ignored":  {200, headers("Cache-Control", "no-store"), true, true},
		"error":              {404, headers("Cache-Control", "max-age=60"), false, false},
		"part":               {206, headers("Etag", `"a"`), false, false},
		"varies by anything": {200, headers("Vary", "Accept, *"), true, false},
	} {
		if got := Storable(tt.status, tt.header, tt.ignoring); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestCacheVary(t *testing.T) {
	answer := headers("Vary", "Accept, x-team", "Vary", "Authorization, Cookie")
	e := New(200, answer, nil, headers("Accept", "application/json", "X-Team", "1", "Authorization", "Bearer secret", "X-Other", "a"), noon)
	for name, tt := range map[string]struct {
		request http.Header
		want    bool
	}{
		"the same":            {headers("Accept", "application/json", "X-Team", "1", "Authorization", "Bearer secret"), true},
		"what does not count": {headers("Accept", "application/json", "X-Team", "1", "X-Other", "b"), true},
		"another type":        {headers("Accept", "text/html", "X-Team", "1"), false},
		"one missing":         {headers("Accept", "application/json"), false},
		"one twice":           {headers("Accept", "application/json", "X-Team", "1", "X-Team", "1"), false},
	} {
		if got := e.Matches(tt.request); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if len(e.Vary) != 2 {
		t.Errorf("it depends on %v", e.Vary)
	}
}

func TestCacheKeepsNoCookies(t *testing.T) {
	e := New(200, headers("Set-Cookie", "session=secret", "Connection", "X-Hop", "X-Hop", "1", "Keep-Alive", "5", "Etag", `"a"`), nil, nil, noon)
	if len(e.Header) != 1 || e.Header.Get("Etag") != `"a"` {
		t.Errorf("kept %v", e.Header)
	}
}

func TestCacheConditions(t *testing.T) {
	e := &Entry{Header: headers("Etag", `W/"a"`, "Last-Modified", "Sat, 21 Nov 2026 12:00:00 GMT")}
	c := e.Conditions()
	if c.Get("If-None-Match") != `W/"a"` || c.Get("If-Modified-Since") != "Sat, 21 Nov 2026 12:00:00 GMT" {
		t.Errorf("asks by %v", c)
	}
	if c := (&Entry{Header: headers("Date", "x")}).Conditions(); c != nil {
		t.Errorf("asks by %v", c)
	}
}

func TestCacheConfirmed(t *testing.T) {
	e := &Entry{Status: 200, Header: headers("Etag", `"a"`, "Content-Length", "8", "X-Left", "5", "Age", "70"), Body: []byte("{}"), Asked: noon}
	later := noon.Add(time.Hour)
	got, ok := e.Confirmed(headers("Etag", `W/"a"`, "X-Left", "4", "Content-Length", "0", "Set-Cookie", "a"), later)
	if !ok || got.Header.Get("X-Left") != "4" || got.Header.Get("Content-Length") != "8" || got.Header.Get("Set-Cookie") != "" || got.Age(later) != 0 || string(got.Body) != "{}" {
		t.Errorf("confirmed: %+v, %v", got, ok)
	}
	if e.Header.Get("X-Left") != "5" || e.Asked != noon {
		t.Error("the entry itself has changed")
	}
	if _, ok := e.Confirmed(headers("Etag", `"b"`), later); ok {
		t.Error("confirmed by the tag of another version")
	}
}

func FuzzCacheControl(f *testing.F) {
	f.Add(`private, max-age=60, x="a,b"`)
	f.Add(`max-age=,,="`)
	f.Fuzz(func(t *testing.T, line string) {
		d := Control(http.Header{"Cache-Control": {line}})
		if _, ok := d[""]; ok {
			t.Error("a directive without a name")
		}
		if age, ok := d.Seconds("max-age"); age < 0 || age > 0 && !ok {
			t.Errorf("max-age %v", age)
		}
	})
}
