package github_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/cache"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/github"
)

// A second sync of what has not changed takes nothing of the 5,000 requests an
// hour: each page is asked for by its ETag, and GitHub does not count an answer
// that it is the same. cache.Folder keeps answers from one run of a program to the
// next. Here a stand-in takes GitHub's place.
func Example_cache() {
	p, err := providertest.New(&github.API, providertest.Options{Plan: github.PlanToken, ETags: true, UnchangedIsFree: []string{"core"}})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	p.Items("Issues.ListForRepo", func(*providertest.Call) []json.RawMessage {
		return []json.RawMessage{json.RawMessage(`{"number": 2, "title": "Build it faster"}`), json.RawMessage(`{"number": 1, "title": "Make it work"}`)}
	})
	ctx, opts := context.Background(), []runtime.ClientOption{github.Token("secret"), runtime.WithTransport(p.Transport())}

	gh, err := github.New(append(opts, runtime.WithCache(cache.Memory(64<<20)))...)
	if err != nil {
		log.Fatal(err)
	}
	for range 2 {
		for issue, err := range gh.Issues.ListForRepo(ctx, "golang", "go", nil) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(issue.Number, issue.Title)
		}
		for _, used := range p.Used("core") {
			fmt.Println("used:", used)
		}
	}
	// Output:
	// 2 Build it faster
	// 1 Make it work
	// used: 1
	// 2 Build it faster
	// 1 Make it work
	// used: 1
}
