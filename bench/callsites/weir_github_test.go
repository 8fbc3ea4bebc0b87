// This file has the jobs as users of weir's sdk/github do them.

package callsites

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/retry"
	"github.com/weirkit/weir/sdk/github"
)

func weirGithubGetOne(ctx context.Context, w io.Writer, gh *github.Client) error {
	issue, err := gh.Issues.Get(ctx, "golang", "go", 1)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, issue.Title)
	return nil
}

func weirGithubListAll(ctx context.Context, w io.Writer, gh *github.Client) error {
	params := &github.IssuesListForRepoParams{State: github.IssuesListStateAll}
	for issue, err := range gh.Issues.ListForRepo(ctx, "golang", "go", params) {
		if err != nil {
			return err
		}
		fmt.Fprintln(w, issue.Number, issue.Title)
	}
	return nil
}

func weirGithubCreate(ctx context.Context, w io.Writer, gh *github.Client) error {
	issue, err := gh.Issues.Create(ctx, "golang", "go", github.IssuesCreateBody{
		Title:  "It breaks",
		Body:   new("Each time."),
		Labels: []string{"bug"},
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(w, issue.Number)
	return nil
}

func weirGithubErrors(ctx context.Context, w io.Writer, gh *github.Client) error {
	_, err := gh.Issues.Get(ctx, "golang", "go", 404)
	if errors.Is(err, runtime.ErrNotFound) {
		fmt.Fprintln(w, "gone")
		return nil
	}
	return err
}

func weirGithubTimeout(ctx context.Context, w io.Writer, gh *github.Client) error {
	issue, err := gh.Issues.Get(ctx, "golang", "go", 1, runtime.WithAttemptTimeout(10*time.Second))
	if err != nil {
		return err
	}
	fmt.Fprintln(w, issue.Title)
	return nil
}

func weirGithubRetries(ctx context.Context, w io.Writer, gh *github.Client) error {
	issue, err := gh.Issues.Get(ctx, "golang", "go", 1, runtime.WithRetry(retry.Policy{Attempts: 3}))
	if err != nil {
		return err
	}
	fmt.Fprintln(w, issue.Title)
	return nil
}

func weirGithubPriority(ctx context.Context, w io.Writer, gh *github.Client) error {
	issue, err := gh.Issues.Get(ctx, "golang", "go", 1, runtime.WithPriority(budget.Urgent))
	if err != nil {
		return err
	}
	fmt.Fprintln(w, issue.Title)
	return nil
}
