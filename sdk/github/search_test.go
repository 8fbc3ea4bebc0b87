package github_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/page"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/github"
)

// A search that finds more than GitHub shows yields what it shows, and then says
// that there is more. One that finds as much as that ends well.
func TestSearchesDoNotEndUnnoticed(t *testing.T) {
	for found, more := range map[int]bool{1000: false, 1001: true} {
		synctest.Test(t, func(t *testing.T) {
			p, err := providertest.New(&github.API, providertest.Options{Plan: github.PlanToken})
			if err != nil {
				t.Fatal(err)
			}
			p.Items("Search.Repos", func(*providertest.Call) []json.RawMessage {
				all := make([]json.RawMessage, found)
				for i := range all {
					all[i] = json.RawMessage(fmt.Sprintf(`{"id": %d}`, i+1))
				}
				return all
			})
			gh, err := github.New(github.Token("t"), runtime.WithTransport(p.Direct()))
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			var end error
			for repo, err := range gh.Search.Repos(t.Context(), &github.SearchReposParams{Q: "weir"}) {
				if err != nil {
					end = err
					continue
				}
				if n++; repo.ID != int64(n) {
					t.Fatalf("repository %d came as number %d", repo.ID, n)
				}
			}
			if n != 1000 || errors.Is(end, page.ErrTooDeep) != more || (end != nil) != more {
				t.Errorf("of %d found %d came, and then %v", found, n, end)
			}
			if r := p.Report(); r.Refused != 0 || r.Requests != 10 {
				t.Errorf("%d requests, %d refused", r.Requests, r.Refused)
			}
		})
	}
}

// A search that ran out of time says so behind the page that lacks items, and the
// rest of the pages still comes.
func TestSearchesDoNotLackItemsUnnoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := providertest.New(&github.API, providertest.Options{Plan: github.PlanToken})
		if err != nil {
			t.Fatal(err)
		}
		p.Handle("Search.Repos", func(c *providertest.Call) providertest.Answer {
			if c.Query("page") == "2" {
				return providertest.Answer{Body: []byte(`{"total_count": 3, "incomplete_results": false, "items": [{"id": 3}]}`)}
			}
			next := `<https://api.github.com/search/repositories?q=weir&per_page=100&page=2>; rel="next"`
			return providertest.Answer{
				Header: http.Header{"Link": {next}},
				Body:   []byte(`{"total_count": 3, "incomplete_results": true, "items": [{"id": 1}, {"id": 2}]}`),
			}
		})
		gh, err := github.New(github.Token("t"), runtime.WithTransport(p.Direct()))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for repo, err := range gh.Search.Repos(t.Context(), &github.SearchReposParams{Q: "weir"}) {
			if err != nil {
				got = append(got, fmt.Sprint(errors.Is(err, page.ErrPartial)))
				continue
			}
			got = append(got, fmt.Sprint(repo.ID))
		}
		if want := []string{"1", "2", "true", "3"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
