package github_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/github"
)

// standIn is a GitHub in memory with one repository and three issues.
func standIn() *providertest.Provider {
	p, err := providertest.New(&github.API, providertest.Options{Plan: github.PlanToken})
	if err != nil {
		log.Fatal(err)
	}
	p.Single("Repos.Get", func(c *providertest.Call) (json.RawMessage, bool) {
		return json.RawMessage(`{"id": 1, "full_name": "golang/go", "stargazers_count": 130000}`), c.Path("repo") == "go"
	})
	p.Items("Issues.ListForRepo", func(*providertest.Call) []json.RawMessage {
		return []json.RawMessage{
			json.RawMessage(`{"number": 3, "title": "Spell it right"}`),
			json.RawMessage(`{"number": 2, "title": "Build it faster"}`),
			json.RawMessage(`{"number": 1, "title": "Make it work"}`),
		}
	})
	return p
}

// Here a stand-in takes GitHub's place; without WithTransport it would be GitHub itself.
func ExampleNew() {
	p := standIn()
	defer p.Close()
	ctx, token := context.Background(), "secret"

	gh, err := github.New(github.Token(token), github.OnPlan(github.PlanToken),
		runtime.WithTransport(p.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	repo, err := gh.Repos.Get(ctx, "golang", "go")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(repo.FullName, repo.StargazersCount)
	// Output: golang/go 130000
}

// Of several tokens each call goes by one that has room in its limits.
func ExampleTokens() {
	p := standIn()
	defer p.Close()
	ctx, first, second, third := context.Background(), "ghp_1", "ghp_2", "ghp_3"
	transport := runtime.WithTransport(p.Transport())

	gh, err := github.New(github.Tokens(first, second, third), github.OnPlan(github.PlanToken), transport)
	if err != nil {
		log.Fatal(err)
	}
	repo, err := gh.Repos.Get(ctx, "golang", "go")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(repo.FullName)
	// Output: golang/go
}

// A list is a loop over the items of all pages.
func ExampleIssuesService_ListForRepo() {
	p := standIn()
	defer p.Close()
	gh, err := github.New(github.Token("secret"), runtime.WithTransport(p.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	for issue, err := range gh.Issues.ListForRepo(context.Background(), "golang", "go", nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(issue.Number, issue.Title)
	}
	// Output:
	// 3 Spell it right
	// 2 Build it faster
	// 1 Make it work
}

// ListForRepoPages yields whole pages. A cursor that is kept resumes the list after its page.
func ExampleIssuesService_ListForRepoPages() {
	p := standIn()
	defer p.Close()
	gh, err := github.New(github.Token("secret"), runtime.WithTransport(p.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	var saved string
	for page, err := range gh.Issues.ListForRepoPages(ctx, "golang", "go", nil, runtime.WithPageSize(2)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(page.Items), "issues, the first as it came:", string(page.Raw[0]))
		saved = page.Cursor
		break
	}
	for page, err := range gh.Issues.ListForRepoPages(ctx, "golang", "go", nil, runtime.WithCursor(saved)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("later:", page.Items[0].Title)
	}
	// Output:
	// 2 issues, the first as it came: {"number": 3, "title": "Spell it right"}
	// later: Make it work
}

// Errors are one type, and sentinels name the usual cases.
func Example_errors() {
	p := standIn()
	defer p.Close()
	gh, err := github.New(github.Token("secret"), runtime.WithTransport(p.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	_, err = gh.Repos.Get(context.Background(), "golang", "gone")
	if errors.Is(err, runtime.ErrNotFound) {
		fmt.Println("no such repository")
	}
	if e, ok := errors.AsType[*runtime.Error](err); ok {
		fmt.Println(e.Operation, e.StatusCode)
	}
	// Output:
	// no such repository
	// Repos.Get 404
}
