package github_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/github"
)

// Content is told by its address, and nothing is sent there.
func TestLocate(t *testing.T) {
	const address = "https://objects.example/asset?signature=s"
	for name, tt := range map[string]struct {
		accept string
		locate func(context.Context, *github.Client) (string, error)
	}{
		"Repos.GetReleaseAsset": {"application/octet-stream", func(ctx context.Context, gh *github.Client) (string, error) {
			return gh.Repos.LocateReleaseAsset(ctx, "golang", "go", 7)
		}},
		"CodeScanning.GetCodeqlDatabase": {"application/zip", func(ctx context.Context, gh *github.Client) (string, error) {
			return gh.CodeScanning.LocateCodeqlDatabase(ctx, "golang", "go", "go")
		}},
		"DependencyGraph.FetchSBOMReport": {"application/vnd.github+json", func(ctx context.Context, gh *github.Client) (string, error) {
			return gh.DependencyGraph.FetchSBOMReport(ctx, "golang", "go", "5e3a")
		}},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, err := providertest.New(&github.API, providertest.Options{Plan: github.PlanToken})
			if err != nil {
				t.Fatal(err)
			}
			accept := ""
			answer := providertest.Answer{Status: 302, Header: http.Header{"Location": {address}}}
			p.Handle(name, func(c *providertest.Call) providertest.Answer {
				accept = c.Request.Header.Get("Accept")
				return answer
			})
			gh, err := github.New(github.Token("t"), runtime.WithTransport(p.Direct()))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := tt.locate(t.Context(), gh); err != nil || got != address || accept != tt.accept {
				t.Errorf("%s, asked for %s, is at %q, %v", name, accept, got, err)
			}
			answer = providertest.Answer{Status: 202}
			got, err := tt.locate(t.Context(), gh)
			if e, ok := errors.AsType[*runtime.Error](err); !ok || e.StatusCode != 202 || got != "" {
				t.Errorf("%s, which is not ready yet, is at %q, %v", name, got, err)
			}
			if r := p.Report(); r.Requests != 2 {
				t.Errorf("%s: %d requests", name, r.Requests)
			}
		})
	}
}
