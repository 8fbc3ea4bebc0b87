package providertest

import (
	"net/http"
	"testing"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

func TestConditionalRequests(t *testing.T) {
	p, err := New(shop(), Options{
		ETags: true, UnchangedIsFree: []string{"account"}, Shapes: map[string]api.Shape{"account": api.Window{Limit: 100, Per: time.Hour}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	body, modified := `{"id":1}`, "Sat, 21 Nov 2026 12:00:00 GMT"
	p.Handle("show", func(*Call) Answer {
		return Answer{Body: []byte(body), Header: http.Header{"Last-Modified": {modified}}}
	})
	ask := func(header ...string) (status int, tag string) {
		t.Helper()
		req, err := http.NewRequest("GET", "http://shop.example/things/1", nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := p.Transport().RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode, resp.Header.Get("Etag")
	}
	_, tag := ask("Authorization", "mine")
	signed := []string{"Authorization", "mine"}
	for name, tt := range map[string]struct {
		header []string
		status int
		used   int // more
	}{
		"its tag":               {append(signed, "If-None-Match", tag), 304, 0},
		"its tag among others":  {append(signed, "If-None-Match", `"x", W/`+tag), 304, 0},
		"any":                   {append(signed, "If-None-Match", "*"), 304, 0},
		"another tag":           {append(signed, "If-None-Match", `"x"`), 200, 1},
		"its date":              {append(signed, "If-Modified-Since", modified), 304, 0},
		"an earlier date":       {append(signed, "If-Modified-Since", "Fri, 20 Nov 2026 12:00:00 GMT"), 200, 1},
		"another tag, its date": {append(signed, "If-None-Match", `"x"`, "If-Modified-Since", modified), 200, 1},
		"unsigned":              {[]string{"If-None-Match", tag}, 304, 1},
	} {
		before := total(p.Used("account"))
		if status, told := ask(tt.header...); status != tt.status || told != tag || total(p.Used("account"))-before != tt.used {
			t.Errorf("%s: status %d, tag %s, %d used", name, status, told, total(p.Used("account"))-before)
		}
	}
	unchanged := p.Report().Unchanged
	body = `{"id":2}`
	if status, told := ask(append(signed, "If-None-Match", tag)...); status != 200 || told == tag || p.Report().Unchanged != unchanged || unchanged != 5 {
		t.Errorf("after a change: status %d, tag %s; %d unchanged", status, told, unchanged)
	}
	if _, err := New(shop(), Options{UnchangedIsFree: []string{"nothing"}}); err == nil {
		t.Error("a limit that there is none of is taken")
	}
}

func total(used map[string]int) (n int) {
	for _, u := range used {
		n += u
	}
	return n
}
