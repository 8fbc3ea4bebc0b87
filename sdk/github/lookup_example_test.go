package github_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"slices"
	"sync"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/github"
)

// newStars is a GitHub whose repositories acme/r1, acme/r2 and so on have as many
// stars as their names say, but for acme/gone, which is not there.
func newStars() *providertest.Provider {
	graph := &providertest.Graph{Limit: "graphql", Root: providertest.Object{
		"repository": providertest.Field(func(args map[string]any) any {
			var stars int
			if _, err := fmt.Sscanf(args["name"].(string), "r%d", &stars); err != nil {
				return &providertest.GraphError{Type: "NOT_FOUND", Message: fmt.Sprintf("Could not resolve to a Repository with the name '%v/%v'.", args["owner"], args["name"])}
			}
			return providertest.Object{"nameWithOwner": fmt.Sprint(args["owner"], "/", args["name"]), "stargazerCount": stars}
		}),
	}}
	desc := github.API
	desc.Operations = append(slices.Clone(desc.Operations), &api.Operation{
		Name: "GraphQL", Method: "POST", Path: "/graphql",
		Draws: []api.Draw{{Limit: "graphql"}, {Limit: "graphql_points"}, {Limit: "concurrent"}},
	})
	p, err := providertest.New(&desc, providertest.Options{Plan: github.PlanToken, Cost: graph.Cost})
	if err != nil {
		log.Fatal(err)
	}
	p.Handle("GraphQL", graph.Answer)
	return p
}

// Many goroutines look up a repository each, by its own call. The first goes at
// once, and the others gather while it is under way.
func ExampleLookupRepositories() {
	standIn := newStars() // takes GitHub's place
	defer standIn.Close()
	gh, err := github.New(github.Token("secret"), github.OnPlan(github.PlanToken), runtime.WithTransport(standIn.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	type repo struct {
		NameWithOwner  string
		StargazerCount int
	}
	repos := github.LookupRepositories[repo](gh)

	var work sync.WaitGroup
	stars := make([]int, 100)
	for i := range stars {
		work.Go(func() {
			r, err := repos.Get(context.Background(), "acme", fmt.Sprint("r", i))
			if err != nil {
				log.Print(err)
				return
			}
			stars[i] = r.StargazerCount
		})
	}
	work.Wait()
	fmt.Println(stars[0], stars[42], stars[99])

	_, err = repos.Get(context.Background(), "acme", "gone")
	fmt.Println(errors.Is(err, runtime.ErrNotFound))
	// Output:
	// 0 42 99
	// true
}

// Where the keys are known, all of them are one call, and each has what came of it.
func ExampleLookupRepositories_many() {
	standIn := newStars()
	defer standIn.Close()
	gh, err := github.New(github.Token("secret"), runtime.WithTransport(standIn.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	type repo struct{ StargazerCount int }
	keys := []github.RepositoryKey{{Owner: "acme", Name: "r7"}, {Owner: "acme", Name: "gone"}, {Owner: "acme", Name: "r11"}}
	for _, r := range github.LookupRepositories[repo](gh).Many(context.Background(), keys) {
		fmt.Println(r.Key.Name, r.Value.StargazerCount, errors.Is(r.Err, runtime.ErrNotFound))
	}
	fmt.Println(standIn.Report().Requests, "request")
	// Output:
	// r7 7 false
	// gone 0 true
	// r11 11 false
	// 1 request
}
