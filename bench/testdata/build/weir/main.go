// Command weir lists an organization's repositories.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/sdk/github"
)

func main() {
	client, err := github.New(runtime.WithBearer(os.Getenv("GITHUB_TOKEN")))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for repo, err := range client.Repos.ListForOrg(context.Background(), "golang", nil) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(repo.FullName)
	}
}
