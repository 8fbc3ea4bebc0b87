package github

// This file reaches what Repos.GetContent answers without a path, which stands in
// the sentences of GitHub's document and not among its operations.

import (
	"context"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
)

// GetRootContent lists the files and folders of a repository's root, for which
// GetContent has no path: one that is empty is refused, as everywhere.
// https://docs.github.com/rest/repos/contents#get-repository-content
func (s *ReposService) GetRootContent(ctx context.Context, owner, repo string, params *ReposGetContentParams, opts ...runtime.Option) ([]ReposGetContentResultContentDirectory, error) {
	return runtime.Do[[]ReposGetContentResultContentDirectory](ctx, s.client, rootContent(), runtime.Args{Path: []any{owner, repo}, Params: params}, opts...)
}

// rootContent costs what GetContent does, and is counted with it.
func rootContent() *api.Operation {
	op := reposGetContent
	op.Path = "/repos/{owner}/{repo}/contents"
	return &op
}
