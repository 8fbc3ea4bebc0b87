package github_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/sdk/github"
)

// Files of releases go to a host of their own, as what they are.
func TestUploadReleaseAsset(t *testing.T) {
	for name, tt := range map[string]struct {
		server runtime.ClientOption
		want   string
	}{
		"GitHub":   {nil, "https://uploads.github.com/repos/weirkit/weir/releases/7/assets?name=a+b.zip"},
		"a server": {github.EnterpriseServer("https://github.acme.example/"), "https://github.acme.example/api/uploads/repos/weirkit/weir/releases/7/assets?name=a+b.zip"},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			transport := transportFunc(func(r *http.Request) (*http.Response, error) {
				calls++
				body, err := io.ReadAll(r.Body)
				if err != nil || string(body) != "files" || r.ContentLength != 5 || r.URL.String() != tt.want {
					t.Errorf("%s: %q of %d bytes, %v", r.URL, body, r.ContentLength, err)
				}
				if got := r.Header.Get("Content-Type") + ", " + r.Header.Get("Authorization"); got != "application/zip, Bearer t0k3n" {
					t.Errorf("sent with %s", got)
				}
				return &http.Response{StatusCode: http.StatusCreated, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"id": 3, "name": "a b.zip"}`))}, nil
			})
			gh, err := github.New(github.Token("t0k3n"), tt.server, runtime.WithTransport(transport))
			if err != nil {
				t.Fatal(err)
			}
			asset, err := gh.Repos.UploadReleaseAsset(t.Context(), "weirkit", "weir", 7, bytes.NewReader([]byte("files")),
				&github.ReposUploadReleaseAssetParams{Name: "a b.zip"}, runtime.WithHeader("Content-Type", "application/zip"))
			if err != nil || asset.ID != 3 || calls != 1 {
				t.Errorf("asset %d after %d calls, %v", asset.ID, calls, err)
			}
		})
	}
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
