package github_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/github"
)

// A list has no parameter for the page, which its links choose; to begin at one
// is a cursor.
func TestListsBeginAtAPagesNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := providertest.New(&github.API, providertest.Options{Plan: github.PlanToken})
		if err != nil {
			t.Fatal(err)
		}
		p.Items("Repos.ListTags", func(*providertest.Call) []json.RawMessage {
			all := make([]json.RawMessage, 350)
			for i := range all {
				all[i] = json.RawMessage(fmt.Sprintf(`{"name": "v%d"}`, i))
			}
			return all
		})
		gh, err := github.New(github.Token("t"), runtime.WithTransport(p.Direct()))
		if err != nil {
			t.Fatal(err)
		}
		n := 200
		for tag, err := range gh.Repos.ListTags(t.Context(), "golang", "go", runtime.WithCursor("3")) {
			if err != nil {
				t.Fatal(err)
			}
			if tag.Name != fmt.Sprintf("v%d", n) {
				t.Fatalf("tag %s came as v%d", tag.Name, n)
			}
			n++
		}
		if r := p.Report(); n != 350 || r.Requests != 2 || r.Refused != 0 {
			t.Errorf("tags up to v%d in %d requests, %d refused", n, r.Requests, r.Refused)
		}
	})
}
