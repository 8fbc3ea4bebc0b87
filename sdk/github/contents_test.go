package github_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/sdk/github"
)

// Files are addressed by their whole paths, and the root has a method of its own.
func TestContents(t *testing.T) {
	var asked []string
	transport := transportFunc(func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.URL.RequestURI())
		body := `{"type": "file", "path": "docs/a b.md"}`
		if strings.HasSuffix(r.URL.Path, "/contents") {
			body = `[{"type": "dir", "path": "docs", "name": "docs"}]`
		}
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	})
	gh, err := github.New(runtime.WithTransport(transport))
	if err != nil {
		t.Fatal(err)
	}
	content, err := gh.Repos.GetContent(t.Context(), "weirkit", "weir", "docs/a b.md", nil)
	if err != nil {
		t.Fatal(err)
	}
	if file, err := content.AsContentFile(); err != nil || file.Path != "docs/a b.md" {
		t.Errorf("the file is %q, %v", file.Path, err)
	}
	root, err := gh.Repos.GetRootContent(t.Context(), "weirkit", "weir", &github.ReposGetContentParams{Ref: "v1"})
	if err != nil || len(root) != 1 || root[0].Type != github.ReposGetContentResultContentDirectoryTypeDir {
		t.Errorf("the root has %v, %v", root, err)
	}
	if _, err := gh.Repos.GetContent(t.Context(), "weirkit", "weir", "", nil); !errors.Is(err, runtime.ErrInvalidArgument) {
		t.Errorf("without a path: %v", err)
	}
	want := "/repos/weirkit/weir/contents/docs%2Fa%20b.md /repos/weirkit/weir/contents?ref=v1"
	if got := strings.Join(asked, " "); got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
}
