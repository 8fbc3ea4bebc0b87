// This file has the jobs as users of google/go-github do them.

package callsites

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/google/go-github/v89/github"
)

func goGithubGetOne(ctx context.Context, w io.Writer, client *github.Client) error {
	issue, _, err := client.Issues.Get(ctx, "golang", "go", 1)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, issue.GetTitle())
	return nil
}

func goGithubListAll(ctx context.Context, w io.Writer, client *github.Client) error {
	opts := &github.IssueListByRepoOptions{State: "all", ListOptions: github.ListOptions{PerPage: 100}}
	for issue, err := range client.Issues.ListByRepoIter(ctx, "golang", "go", opts) {
		if err != nil {
			return err
		}
		fmt.Fprintln(w, issue.GetNumber(), issue.GetTitle())
	}
	return nil
}

func goGithubListUnrefused(ctx context.Context, w io.Writer, client *github.Client) error {
	ctx = context.WithValue(ctx, github.SleepUntilPrimaryRateLimitResetWhenRateLimited, true)
	opts := &github.IssueListByRepoOptions{State: "all", ListOptions: github.ListOptions{PerPage: 100}}
	for {
		issues, response, err := client.Issues.ListByRepo(ctx, "golang", "go", opts)
		if refused, ok := errors.AsType[*github.AbuseRateLimitError](err); ok {
			select {
			case <-time.After(cmp.Or(refused.GetRetryAfter(), time.Minute)):
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err != nil {
			return err
		}
		for _, issue := range issues {
			fmt.Fprintln(w, issue.GetNumber(), issue.GetTitle())
		}
		if response.After == "" && response.NextPage == 0 {
			return nil
		}
		opts.ListCursorOptions.After, opts.ListOptions.Page = response.After, response.NextPage
	}
}

func goGithubCreate(ctx context.Context, w io.Writer, client *github.Client) error {
	issue, _, err := client.Issues.Create(ctx, "golang", "go", &github.IssueRequest{
		Title:  github.Ptr("It breaks"),
		Body:   github.Ptr("Each time."),
		Labels: &[]string{"bug"},
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(w, issue.GetNumber())
	return nil
}

func goGithubErrors(ctx context.Context, w io.Writer, client *github.Client) error {
	_, _, err := client.Issues.Get(ctx, "golang", "go", 404)
	if e, ok := errors.AsType[*github.ErrorResponse](err); ok && e.Response.StatusCode == http.StatusNotFound {
		fmt.Fprintln(w, "gone")
		return nil
	}
	return err
}

func goGithubTimeout(ctx context.Context, w io.Writer, client *github.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	issue, _, err := client.Issues.Get(ctx, "golang", "go", 1)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, issue.GetTitle())
	return nil
}
