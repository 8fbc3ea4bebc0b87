package slack_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/slack"
)

// Slack's numbered pages tell how many there are, so that several at once cost no
// request more, within the tier.
func TestParallelPagesOfFiles(t *testing.T) {
	for n, want := range map[int]time.Duration{1: time.Minute, 8: 10 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			p, err := providertest.New(&slack.API, providertest.Options{Latency: providertest.Between(2*time.Second, 2*time.Second)})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			files := make([]json.RawMessage, 3000)
			for i := range files {
				files[i] = fmt.Appendf(nil, `{"id":"F%d"}`, i)
			}
			p.Items("Files.List", func(*providertest.Call) []json.RawMessage { return files })
			sl, err := slack.New(slack.Token("xoxb-not-a-secret"), runtime.WithTransport(p.Transport()),
				runtime.WithIdentity(runtime.Identity{App: "A1", Account: "T1"}), runtime.WithParallelPages(n))
			if err != nil {
				t.Fatal(err)
			}
			start, read := time.Now(), 0
			for file, err := range sl.Files.List(t.Context(), nil) {
				if err != nil {
					t.Fatal(err)
				}
				if file.ID != fmt.Sprint("F", read) {
					t.Fatalf("file %d is %s", read, file.ID)
				}
				read++
			}
			if r, took := p.Report(), time.Since(start); read != 3000 || r.Requests != 30 || r.Refused != 0 || took != want {
				t.Errorf("%d at once: %d files by %d requests in %v, %d refused; want %v", n, read, r.Requests, took, r.Refused, want)
			}
		})
	}
}
