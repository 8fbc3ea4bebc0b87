package slack_test

// This file has the Slack that the tests call: a stand-in for the API, and a
// host for uploads beside it.

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/slack"
)

// workspace is a Slack in memory. Its tokens are xoxb-<workspace>-<anything>.
type workspace struct {
	*providertest.Provider
	mu       sync.Mutex
	uploaded []string // what came to the upload host: bodies
	refusing []int    // statuses that the upload host answers with at first
	leaked   []string // requests to it that had a credential
}

func newWorkspace(t testing.TB, options providertest.Options) *workspace {
	t.Helper()
	options.Identify = func(r *http.Request, id *providertest.Identity) {
		id.App, id.Account = "A1", teamOf(r)
	}
	p, err := providertest.New(&slack.API, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	w := &workspace{Provider: p}
	p.Single("Auth.Test", func(c *providertest.Call) (json.RawMessage, bool) {
		return json.RawMessage(`{"ok":true,"url":"https://acme.slack.com/","team":"Acme","user":"bot","team_id":"` + teamOf(c.Request) + `","user_id":"U1","bot_id":"B1"}`), true
	})
	var mu sync.Mutex
	files := 0
	p.Handle("Files.GetUploadURLExternal", func(c *providertest.Call) providertest.Answer {
		mu.Lock()
		defer mu.Unlock()
		files++
		return providertest.Answer{Body: fmt.Appendf(nil, `{"ok":true,"file_id":"F%d","upload_url":"https://files.slack.com/upload/v1/secret-%d"}`, files, files)}
	})
	p.Handle("Files.CompleteUploadExternal", func(c *providertest.Call) providertest.Answer {
		var body struct {
			Files json.RawMessage `json:"files"`
		}
		if err := json.Unmarshal(c.Body(), &body); err != nil {
			return p.Error(http.StatusOK, "invalid_json", err.Error())
		}
		return providertest.Answer{Body: []byte(`{"ok":true,"files":` + string(body.Files) + `}`)}
	})
	return w
}

func teamOf(r *http.Request) string {
	_, rest, _ := strings.Cut(r.Header.Get("Authorization"), "xoxb-")
	team, _, _ := strings.Cut(rest, "-")
	return team
}

// RoundTrip takes the bytes of uploads by itself, and hands on the rest.
func (w *workspace) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "files.slack.com" {
		return w.Provider.Transport().RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "" {
		w.leaked = append(w.leaked, r.Host)
	}
	w.uploaded = append(w.uploaded, string(body))
	status := http.StatusOK
	if len(w.refusing) > 0 {
		status, w.refusing = w.refusing[0], w.refusing[1:]
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("OK - " + fmt.Sprint(len(body))))}, nil
}

// connect makes a client of the workspace T1.
func (w *workspace) connect(t testing.TB, opts ...runtime.ClientOption) *slack.Client {
	t.Helper()
	sl, err := slack.New(append([]runtime.ClientOption{slack.Token("xoxb-T1-secret"), runtime.WithTransport(w)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sl.Runtime().Close() })
	return sl
}
