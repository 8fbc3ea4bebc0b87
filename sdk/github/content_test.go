package github_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"testing"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/github"
)

// What is at a path may be a file, a folder's list, a link or a submodule.
func ExampleContentFile_Bytes() {
	p, err := providertest.New(&github.API, providertest.Options{Plan: github.PlanToken})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	p.Single("Repos.GetContent", func(*providertest.Call) (json.RawMessage, bool) {
		return json.RawMessage(`{"type": "file", "path": "README.md", "encoding": "base64", "content": "SGVs\nbG8=\n"}`), true
	})
	gh, err := github.New(github.Token("secret"), github.OnPlan(github.PlanToken), runtime.WithTransport(p.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	there, err := gh.Repos.GetContent(context.Background(), "golang", "go", "README.md", nil)
	if err != nil {
		log.Fatal(err)
	}
	file, err := there.AsContentFile()
	if err != nil {
		log.Fatal(err)
	}
	text, err := file.Bytes()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", text)
	// Output: Hello
}

func TestContentFileBytes(t *testing.T) {
	for name, test := range map[string]struct {
		file github.ContentFile
		want string
		ok   bool
	}{
		"base64":       {github.ContentFile{Encoding: "base64", Content: "SGVs\nbG8="}, "Hello", true},
		"empty":        {github.ContentFile{}, "", true},
		"no base64":    {github.ContentFile{Encoding: "base64", Content: "#"}, "", false},
		"too large":    {github.ContentFile{Encoding: "none"}, "", false},
		"another form": {github.ContentFile{Encoding: "utf-7", Content: "x"}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.file.Bytes()
			if string(got) != test.want || (err == nil) != test.ok {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}
