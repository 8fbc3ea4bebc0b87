package runtime_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
)

// Whatever a path parameter is, it stays one segment of the path of one host.
func FuzzPathValue(f *testing.F) {
	for _, s := range []string{"1", "a b", "..", "../x", "a/b", "%2e%2e", "?x=y", "#x", "@evil.example", "\\", "\x00", "\xff", "é", ":80", ";a", "//"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		var got *url.URL
		p := answering(func(_ int, r *http.Request) (*http.Response, error) {
			got = r.URL
			return reply(204, ""), nil
		})
		c := connect(t, desk(), p, runtime.WithBearer("t"))
		err := runtime.Exec(t.Context(), c, &api.Operation{Name: "X", Method: "GET", Path: "/a/{v}/b"}, runtime.Args{Path: []any{value}})
		if err != nil {
			if !errors.Is(err, runtime.ErrInvalidArgument) || got != nil {
				t.Errorf("%q: %v", value, err)
			}
			return
		}
		again, err := url.Parse(got.String())
		if err != nil {
			t.Fatalf("%q: %v", value, err)
		}
		segments := strings.Split(strings.TrimPrefix(again.EscapedPath(), "/v2/"), "/")
		if again.Host != "acme.desk.example" || again.RawQuery != "" || again.Fragment != "" || len(segments) != 3 {
			t.Fatalf("%q leads to %s", value, again)
		}
		if sent, err := url.PathUnescape(segments[1]); err != nil || sent != value {
			t.Errorf("%q was sent as %q, %v", value, sent, err)
		}
	})
}

// Whatever a provider answers, a call ends in a result or in an error that can
// be printed.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{aTicket, ``, `null`, `{"error":{"code":1}}`, `{"ticket":`, `[[[[`, "\xff", `{"items":[{}],"meta":{"next":"x"}}`, `{"ok":false}`,
		`{"ok":false,"error":"x_not_found","meta":{"messages":["[ERROR] a",{"b":1}]}}`, `{"ok":true,"warning":"a,b","meta":{"warnings":["a",[null]]}}`} {
		for _, status := range []int{200, 204, 302, 304, 404, 429} {
			f.Add(status, body, "x")
		}
	}
	f.Fuzz(func(t *testing.T, status int, body, header string) {
		if status < 100 || status > 999 {
			return
		}
		p := always(status, body, "Location", header, "Retry-After", header, "Link", header, "X-Request-Id", header)
		desc := desk()
		desc.Throttling = []api.Throttling{{Status: 200, When: &api.BodyRule{Path: api.Path{"error"}, In: []string{"slow"}}}}
		c := connect(t, desc, p)
		var raw json.RawMessage
		_, err := showing(c, show, once, runtime.WithRaw(&raw), runtime.WithMaxBody(1<<16))
		if err != nil {
			failure(t, err)
			if text := err.Error(); len(text) > 2000+len(header) || utf8.ValidString(header) && !utf8.ValidString(text) {
				t.Errorf("an error of %d bytes: %.100q", len(text), text)
			}
		} else if len(raw) > 0 && !json.Valid(raw) {
			t.Errorf("raw = %q", raw)
		}
		var r runtime.Response
		if _, err := showing(connect(t, talk(), p), show, once, runtime.WithResponse(&r)); err != nil {
			failure(t, err)
		}
		for _, w := range r.Warnings {
			if w == "" || len(w) > 510 || !utf8.ValidString(w) {
				t.Errorf("warned of %.100q", w)
			}
		}
		n := 0
		for _, err := range runtime.List[ticket](t.Context(), c, byLink, runtime.Args{}, once, runtime.WithoutPrefetch()) {
			if err != nil {
				failure(t, err)
			}
			if n++; n > 100 {
				break
			}
		}
	})
}
