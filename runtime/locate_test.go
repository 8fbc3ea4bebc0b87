package runtime_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
)

var archive = &api.Operation{Name: "Tickets.Archive", Method: "GET", Path: "/tickets/{id}/archive"}

// An address is told, and nobody goes there; a place that has moved is asked again.
func TestLocate(t *testing.T) {
	tests := map[string]struct {
		answers  []func() (*http.Response, error)
		want     string
		requests []string
	}{
		"another host":           {[]func() (*http.Response, error){giving(302, "", "Location", "https://blobs.example/a.zip?sig=1")}, "https://blobs.example/a.zip?sig=1", []string{"GET /tickets/1/archive"}},
		"see other":              {[]func() (*http.Response, error){giving(303, "", "Location", "https://blobs.example/a.zip")}, "https://blobs.example/a.zip", []string{"GET /tickets/1/archive"}},
		"its own host, relative": {[]func() (*http.Response, error){giving(302, "", "Location", "../../files/a.zip")}, "https://acme.desk.example/v2/files/a.zip", []string{"GET /tickets/1/archive"}},
		"moved": {
			[]func() (*http.Response, error){giving(301, "", "Location", "/v2/tickets/2/archive"), giving(302, "", "Location", "a.zip")},
			"https://acme.desk.example/v2/tickets/2/a.zip", []string{"GET /tickets/1/archive", "GET /tickets/2/archive"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := inTurn(tt.answers...)
			var meta runtime.Response
			got, err := runtime.Locate(t.Context(), connect(t, desk(), p, runtime.WithBearer("secret")), archive, runtime.Args{Path: []any{1}}, runtime.WithResponse(&meta))
			if err != nil || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
			if diff := cmp.Diff(tt.requests, p.urls()); diff != "" {
				t.Error(diff)
			}
			if meta.StatusCode/100 != 3 {
				t.Errorf("response = %+v", meta)
			}
		})
	}
}

// What names no address is an error, and no error tells one.
func TestLocateFails(t *testing.T) {
	for name, tt := range map[string]struct {
		answer func() (*http.Response, error)
		want   error // nil for any
	}{
		"not found":         {giving(404, `{}`), runtime.ErrNotFound},
		"a body":            {giving(200, `"here"`), nil},
		"no address":        {giving(302, ""), nil},
		"an unreadable one": {giving(302, "", "Location", "https://%zz/secret"), nil},
		"moved elsewhere":   {giving(301, "", "Location", "https://evil.example/secret"), runtime.ErrRedirect},
	} {
		t.Run(name, func(t *testing.T) {
			p := inTurn(tt.answer)
			var raw json.RawMessage
			got, err := runtime.Locate(t.Context(), connect(t, desk(), p), archive, runtime.Args{Path: []any{1}}, runtime.WithRaw(&raw))
			if got != "" || err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Fatalf("got %q, %v", got, err)
			}
			if failure(t, err).Operation != "Tickets.Archive" || strings.Contains(err.Error(), "secret") {
				t.Errorf("error = %v", err)
			}
			if name == "a body" && string(raw) != `"here"` {
				t.Errorf("raw = %s", raw)
			}
		})
	}
}

// Other calls go on following what stays on the host.
func TestLocateIsForWhoAsks(t *testing.T) {
	p := inTurn(giving(302, "", "Location", "/v2/tickets/2"), giving(200, `{"ticket": {"id": 2}}`))
	if _, err := runtime.Do[json.RawMessage](t.Context(), connect(t, desk(), p), show, runtime.Args{Path: []any{1}}); err != nil {
		t.Error(err)
	}
}
