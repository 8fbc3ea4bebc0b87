package github_test

// This file tests what a second sync costs when nothing has changed.

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/cache"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/github"
)

// issues are n issues of about the size that GitHub's are of.
func issues(n int) []json.RawMessage {
	list := make([]json.RawMessage, n)
	body := strings.Repeat("It does not work. ", 100)
	for i := range list {
		list[i] = fmt.Appendf(nil, `{"id":%d,"number":%d,"title":"Issue %d","state":"open","body":%q}`, 1000+i, i+1, i+1, body)
	}
	return list
}

func conditional(t *testing.T, items *[]json.RawMessage) *providertest.Provider {
	t.Helper()
	p, err := providertest.New(&github.API, providertest.Options{
		Plan: github.PlanToken, ETags: true, UnchangedIsFree: []string{"core"},
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Items("Issues.ListForRepo", func(*providertest.Call) []json.RawMessage { return *items })
	return p
}

func sum(used map[string]int) int {
	n := 0
	for _, u := range used {
		n += u
	}
	return n
}

// syncIssues reads all issues and returns the highest number, having looked at each.
func syncIssues(t *testing.T, gh *github.Client, opts ...runtime.Option) (got int) {
	t.Helper()
	for issue, err := range gh.Issues.ListForRepo(t.Context(), "golang", "go", nil, opts...) {
		if err != nil {
			t.Fatal(err)
		}
		if got++; issue.Number != int64(got) || issue.Title != fmt.Sprintf("Issue %d", got) {
			t.Fatalf("item %d is issue %d, %q", got, issue.Number, issue.Title)
		}
	}
	return got
}

func TestCacheMakesAnUnchangedSyncFree(t *testing.T) {
	for name, store := range map[string]func() (cache.Store, error){
		"memory": func() (cache.Store, error) { return cache.Memory(64 << 20), nil },
		"folder": func() (cache.Store, error) { return cache.Folder(t.TempDir(), 64<<20) },
	} {
		t.Run(name, func(t *testing.T) {
			s, err := store()
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				items := issues(5000)
				p := conditional(t, &items)
				defer p.Close()
				gh, err := github.New(github.Token("secret"), github.OnPlan(github.PlanToken), runtime.WithTransport(p.Transport()), runtime.WithCache(s))
				if err != nil {
					t.Fatal(err)
				}
				defer gh.Runtime().Close()
				if got := syncIssues(t, gh); got != 5000 {
					t.Fatalf("the first sync has %d issues", got)
				}
				first := p.Report()
				if used := sum(p.Used("core")); used != 50 || first.Requests != 50 || first.Unchanged != 0 {
					t.Fatalf("the first sync: %d points, %d requests, %d of them unchanged", used, first.Requests, first.Unchanged)
				}
				time.Sleep(10 * time.Minute)
				if got := syncIssues(t, gh); got != 5000 {
					t.Errorf("the second sync has %d issues", got)
				}
				second := p.Report()
				if used := sum(p.Used("core")); used != 50 {
					t.Errorf("the second sync took %d points of the primary limit", used-50)
				}
				if n := second.Unchanged; n != 50 || second.Requests != 100 || second.Refused != 0 {
					t.Errorf("the second sync: %d requests, %d of them unchanged, %d refused", second.Requests-50, n, second.Refused)
				}
				for _, c := range gh.Runtime().Ledger().Snapshot().Counters {
					if want := map[string]int{"core": 50, "points": 50}[c.Key.Limit]; c.Key.Limit != "concurrent" && c.Used != want {
						t.Errorf("the budget holds %d of %s to be used, want %d", c.Used, c.Key.Limit, want)
					}
				}

				// One issue has changed: its page alone is sent again, and counts.
				items[1234] = json.RawMessage(`{"id":1,"number":1235,"title":"Issue 1235","state":"closed"}`)
				if got := syncIssues(t, gh); got != 5000 || sum(p.Used("core")) != 51 {
					t.Errorf("after one change: %d issues, %d points", got, sum(p.Used("core"))-50)
				}
			})
		})
	}
}
