package github

import (
	"context"

	"github.com/weirkit/weir/runtime"
)

// This file asks for the content of what GitHub describes by default: the same
// operations, asked for another media type, answer where it is.

// LocateReleaseAsset returns the address of an asset's content, which
// GetReleaseAsset describes. It is good for a few minutes, needs no credential and
// is for an http.Client of one's own; it belongs in no log. Every error is a
// *runtime.Error.
func (s *ReposService) LocateReleaseAsset(ctx context.Context, owner, repo string, assetID int64, opts ...runtime.Option) (string, error) {
	return runtime.Locate(ctx, s.client, &reposGetReleaseAsset,
		runtime.Args{Path: []any{owner, repo, assetID}}, asking("application/octet-stream", opts)...)
}

// LocateCodeqlDatabase returns the address of a CodeQL database, a zip file, which
// GetCodeqlDatabase describes. The rest is as with [ReposService.LocateReleaseAsset].
func (s *CodeScanningService) LocateCodeqlDatabase(ctx context.Context, owner, repo, language string, opts ...runtime.Option) (string, error) {
	return runtime.Locate(ctx, s.client, &codeScanningGetCodeqlDatabase,
		runtime.Args{Path: []any{owner, repo, language}}, asking("application/zip", opts)...)
}

// asking asks for a media type before the caller's own options.
func asking(mediaType string, opts []runtime.Option) []runtime.Option {
	return append([]runtime.Option{runtime.WithHeader("Accept", mediaType)}, opts...)
}
