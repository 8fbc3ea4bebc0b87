package providertest

import (
	"net/http"
	"testing"

	"github.com/weirkit/weir/runtime/api"
)

// An operation that has a server of its own is found there, and the others are not.
func TestHosts(t *testing.T) {
	a := &api.API{
		Name:    "files",
		Servers: []api.Server{{URL: "https://api.files.example/v1"}},
		Operations: []*api.Operation{
			{Name: "list", Method: "GET", Path: "/files"},
			{Name: "store", Method: "POST", Path: "/files", Server: "https://up.files.example/in"},
		},
	}
	p := mustNew(t, a, Options{BasePath: "/moved"})
	for _, tt := range []struct {
		method, url string
		found       bool
	}{
		{"GET", "https://api.files.example/v1/files", true},
		{"POST", "https://up.files.example/in/files", true},
		{"POST", "https://UP.files.example/in/files", true},
		{"POST", "https://api.files.example/v1/files", false},
		{"GET", "https://up.files.example/in/files", false},
		{"GET", "http://127.0.0.1:8080/files", true}, // moved, with everything
		{"POST", "http://127.0.0.1:8080/moved/files", true},
	} {
		r, err := http.NewRequestWithContext(t.Context(), tt.method, tt.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := p.Direct().RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if found := resp.StatusCode != http.StatusNotFound; found != tt.found {
			t.Errorf("%s %s is answered with %s", tt.method, tt.url, resp.Status)
		}
	}
}
