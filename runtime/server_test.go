package runtime_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
)

// storing is an operation with a server of its own.
var storing = &api.Operation{Name: "Files.Store", Method: "POST", Server: "https://files.desk.example/", Path: "/v2/files/{name}", ContentType: "application/octet-stream"}

func TestOperationWithAServerOfItsOwn(t *testing.T) {
	stored := desk()
	stored.Operations = []*api.Operation{show, storing}
	tests := map[string]struct {
		opts   []runtime.ClientOption
		want   string
		serves string
	}{
		"its own":                   {nil, "https://files.desk.example/v2/files/a%2Fb", "https://files.desk.example"},
		"all of the API elsewhere":  {[]runtime.ClientOption{runtime.WithBaseURL("http://127.0.0.1:1")}, "http://127.0.0.1:1/v2/files/a%2Fb", "http://127.0.0.1:1"},
		"elsewhere":                 {[]runtime.ClientOption{runtime.WithServer(storing.Server, "https://own.example/up/")}, "https://own.example/up/v2/files/a%2Fb", "https://own.example"},
		"both, each to its address": {[]runtime.ClientOption{runtime.WithBaseURL("https://own.example/v3"), runtime.WithServer(storing.Server, "https://up.own.example")}, "https://up.own.example/v2/files/a%2Fb", "https://up.own.example"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := always(200, `{}`)
			c := connect(t, stored, p, append(tt.opts, runtime.WithBearer("t0k3n"))...)
			err := runtime.Exec(t.Context(), c, storing, runtime.Args{Path: []any{"a/b"}, Body: []byte("abc")})
			if seen := p.requests(); err != nil || len(seen) != 1 || seen[0].url != "POST "+tt.want || seen[0].header.Get("Authorization") != "Bearer t0k3n" {
				t.Errorf("%v, sent %+v", err, seen)
			}
			for address, want := range map[string]bool{tt.serves: true, c.BaseURL().String(): true, "https://evil.example": false, "http://files.desk.example": false} {
				u, err := url.Parse(address)
				if err != nil || c.Serves(u) != want {
					t.Errorf("Serves(%s) = %v, %v", address, c.Serves(u), err)
				}
			}
		})
	}
}

// An operation's server gets the credential of calls that go there, and no other.
func TestServersAreNotMixedUp(t *testing.T) {
	p := always(307, ``, "Location", "https://files.desk.example/v2/x")
	c := connect(t, desk(), p, runtime.WithBearer(planted))
	if _, err := showing(c, show); !errors.Is(err, runtime.ErrRedirect) || len(p.requests()) != 1 {
		t.Errorf("%v after %d requests", err, len(p.requests()))
	}
	for _, bad := range []string{"ftp://files.desk.example", "/files", "https://user@files.desk.example", "https://{where}.desk.example"} {
		op := *storing
		op.Server = bad
		err := runtime.Exec(t.Context(), c, &op, runtime.Args{Path: []any{"a"}, Body: []byte("abc")})
		if !errors.Is(err, runtime.ErrInvalidArgument) || len(p.requests()) != 1 {
			t.Errorf("%s: %v after %d requests", bad, err, len(p.requests()))
		}
		if _, err := runtime.NewClient(desk(), acme, runtime.WithServer(storing.Server, bad)); err == nil {
			t.Errorf("WithServer takes %s", bad)
		}
	}
	if _, err := runtime.NewClient(desk(), acme, runtime.WithServer("", "https://own.example")); err == nil {
		t.Error("WithServer takes no server")
	}
}

// What is sent as it is given may have a type that the caller knows better.
func TestTypeOfABodySentAsGiven(t *testing.T) {
	for name, body := range map[string]any{"bytes": []byte("abc"), "stream": strings.NewReader("abc")} {
		p := always(200, `{}`)
		zip := runtime.WithHeader("Content-Type", "application/zip")
		if err := runtime.Exec(t.Context(), connect(t, desk(), p), upload, runtime.Args{Body: body}, zip); err != nil {
			t.Fatal(name, err)
		}
		if got := p.requests()[0].header.Get("Content-Type"); got != "application/zip" {
			t.Errorf("%s: sent as %q", name, got)
		}
	}
	p := always(200, `{}`)
	xml := runtime.WithHeader("Content-Type", "text/xml")
	if err := runtime.Exec(t.Context(), connect(t, desk(), p), create, runtime.Args{Body: ticket{}}, xml); err != nil {
		t.Fatal(err)
	}
	if got := p.requests()[0].header.Get("Content-Type"); got != "application/json" {
		t.Errorf("JSON was sent as %q", got)
	}
}

// growing is a file that is written to once its length was asked for.
type growing struct {
	*os.File
	more string
}

func (g *growing) Seek(offset int64, whence int) (int64, error) {
	at, err := g.File.Seek(offset, whence)
	if whence == io.SeekEnd && g.more != "" {
		_, err = g.File.WriteString(g.more)
		g.more = ""
	}
	return at, err
}

// sized tells a length that is not its content's.
type sized struct {
	io.Reader
	length int
}

func (s sized) Len() int { return s.length }

func TestUploadThatChangesItsLength(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b, err := io.ReadAll(r.Body); err == nil {
			t.Errorf("the provider got %q, whole", b)
		}
	}))
	defer server.Close()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for name, body := range map[string]io.Reader{
		"a file that grows":       &growing{f, "!"},
		"less than was told":      sized{iotest.OneByteReader(strings.NewReader("tex")), 4},
		"more than was told":      sized{iotest.OneByteReader(strings.NewReader("text!")), 4},
		"something for nothing":   sized{strings.NewReader("t"), 0},
		"unreadable at the start": sized{iotest.ErrReader(runtime.ErrLength), 4},
	} {
		op := *upload
		op.Idempotent = true // it would be repeated, were it the network's fault
		c, err := runtime.NewClient(desk(), acme, runtime.WithBaseURL(server.URL))
		if err != nil {
			t.Fatal(err)
		}
		if err := runtime.Exec(t.Context(), c, &op, runtime.Args{Body: body}); !errors.Is(err, runtime.ErrLength) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
