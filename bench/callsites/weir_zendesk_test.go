// This file has the jobs as users of weir's sdk/zendesk do them.

package callsites

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/retry"
	"github.com/weirkit/weir/sdk/zendesk"
)

func weirZendeskGetOne(ctx context.Context, w io.Writer, zd *zendesk.Client) error {
	org, err := zd.Organizations.Show(ctx, 1, nil)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, org.Name)
	return nil
}

func weirZendeskListAll(ctx context.Context, w io.Writer, zd *zendesk.Client) error {
	for org, err := range zd.Organizations.List(ctx, nil) {
		if err != nil {
			return err
		}
		fmt.Fprintln(w, org.Name)
	}
	return nil
}

func weirZendeskCreate(ctx context.Context, w io.Writer, zd *zendesk.Client) error {
	org, err := zd.Organizations.Create(ctx, zendesk.OrganizationInput{
		Name:    new("Ada"),
		Details: runtime.Value("Came by the front door"),
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(w, org.Name)
	return nil
}

func weirZendeskErrors(ctx context.Context, w io.Writer, zd *zendesk.Client) error {
	_, err := zd.Organizations.Show(ctx, 404, nil)
	if errors.Is(err, runtime.ErrNotFound) {
		fmt.Fprintln(w, "gone")
		return nil
	}
	return err
}

func weirZendeskTimeout(ctx context.Context, w io.Writer, zd *zendesk.Client) error {
	org, err := zd.Organizations.Show(ctx, 1, nil, runtime.WithAttemptTimeout(10*time.Second))
	if err != nil {
		return err
	}
	fmt.Fprintln(w, org.Name)
	return nil
}

func weirZendeskRetries(ctx context.Context, w io.Writer, zd *zendesk.Client) error {
	org, err := zd.Organizations.Show(ctx, 1, nil, runtime.WithRetry(retry.Policy{Attempts: 3}))
	if err != nil {
		return err
	}
	fmt.Fprintln(w, org.Name)
	return nil
}
