// Command go-github lists an organization's repositories.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/google/go-github/v89/github"
)

func main() {
	client, err := github.NewClient(github.WithAuthToken(os.Getenv("GITHUB_TOKEN")))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for repo, err := range client.Repositories.ListByOrgIter(context.Background(), "golang", nil) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(repo.GetFullName())
	}
}
