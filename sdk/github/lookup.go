package github

// This file looks up repositories, issues and so on by GraphQL, many in a query.

import (
	"context"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/graphql"
)

// The keys of what can be looked up.
type (
	// RepositoryKey is a repository: golang/go.
	RepositoryKey struct{ Owner, Name string }
	// IssueKey is an issue or a pull request of a repository.
	IssueKey struct {
		Owner, Name string
		Number      int64
	}
	// CommitKey is a commit of a repository. Ref is what git rev-parse knows it by: a
	// whole or shortened SHA, a branch, a tag that is no object of its own, HEAD~3.
	CommitKey struct{ Owner, Name, Ref string }
)

// RepositoryLookup looks up repositories: see [LookupRepositories].
type RepositoryLookup[T any] struct {
	runtime.Lookup[RepositoryKey, T]
}

// LookupRepositories looks up repositories by owner and name. What is asked of each
// are the fields of T, a struct (graphql.SelectionOf tells how its fields are read):
//
//	type repo struct {
//		NameWithOwner  string
//		StargazerCount int
//		Open           struct{ TotalCount int } `graphql:"issues(states: OPEN)"`
//	}
//	r, err := github.LookupRepositories[repo](gh).Get(ctx, "golang", "go")
//	for _, r := range github.LookupRepositories[repo](gh).Many(ctx, keys) { … }
//
// Repositories that are looked up at the same time are asked for by one query, each
// under an alias, and nobody has to see to that: those that goroutines get one by one
// gather while a query is under way. GitHub charges a point for each query at least,
// so 100 repositories take one or two points of the hour's, and REST's 100 of its own.
// A query has up to 100, fewer where the fields of T are such that these would cost
// more than one; and it is split where GitHub finds it too costly, or takes too long.
//
// What GitHub says of one repository is the error of that alone: errors.Is knows
// runtime.ErrNotFound and runtime.ErrForbidden. Where only a part of it failed, as a
// field that the token may not see, the value has the rest.
func LookupRepositories[T any](gh *Client) RepositoryLookup[T] {
	return RepositoryLookup[T]{runtime.NewLookup[RepositoryKey, T](gh.runtime, &graphQL, &repositoryLookup, func(k RepositoryKey) []any {
		return []any{k.Owner, k.Name}
	})}
}

// Get looks up one repository.
func (l RepositoryLookup[T]) Get(ctx context.Context, owner, name string, opts ...runtime.Option) (T, error) {
	return l.Lookup.Get(ctx, RepositoryKey{owner, name}, opts...)
}

// IssueLookup looks up issues, or pull requests: see [LookupIssues].
type IssueLookup[T any] struct{ runtime.Lookup[IssueKey, T] }

// LookupIssues looks up issues by their numbers, as [LookupRepositories] does
// repositories. The number of a pull request is not found: it is for
// [LookupPullRequests].
func LookupIssues[T any](gh *Client) IssueLookup[T] { return lookupByNumber[T](gh, &issueLookup) }

// LookupPullRequests looks up pull requests by their numbers, as [LookupRepositories]
// does repositories.
func LookupPullRequests[T any](gh *Client) IssueLookup[T] {
	return lookupByNumber[T](gh, &pullRequestLookup)
}

func lookupByNumber[T any](gh *Client, what *graphql.Lookup) IssueLookup[T] {
	return IssueLookup[T]{runtime.NewLookup[IssueKey, T](gh.runtime, &graphQL, what, func(k IssueKey) []any {
		return []any{k.Owner, k.Name, k.Number}
	})}
}

// Get looks up one issue or pull request.
func (l IssueLookup[T]) Get(ctx context.Context, owner, name string, number int64, opts ...runtime.Option) (T, error) {
	return l.Lookup.Get(ctx, IssueKey{owner, name, number}, opts...)
}

// CommitLookup looks up commits: see [LookupCommits].
type CommitLookup[T any] struct{ runtime.Lookup[CommitKey, T] }

// LookupCommits looks up commits, as [LookupRepositories] does repositories. What is
// no commit, as a file, is not found, and neither is a tag with a message of its own:
// the commit that it is for is v1.0^{commit} to git.
func LookupCommits[T any](gh *Client) CommitLookup[T] {
	return CommitLookup[T]{runtime.NewLookup[CommitKey, T](gh.runtime, &graphQL, &commitLookup, func(k CommitKey) []any {
		return []any{k.Owner, k.Name, k.Ref}
	})}
}

// Get looks up one commit.
func (l CommitLookup[T]) Get(ctx context.Context, owner, name, ref string, opts ...runtime.Option) (T, error) {
	return l.Lookup.Get(ctx, CommitKey{owner, name, ref}, opts...)
}

// UserLookup looks up users: see [LookupUsers].
type UserLookup[T any] struct{ runtime.Lookup[string, T] }

// LookupUsers looks up people by their logins, as [LookupRepositories] does
// repositories. Organizations are not among them.
func LookupUsers[T any](gh *Client) UserLookup[T] {
	return UserLookup[T]{runtime.NewLookup[string, T](gh.runtime, &graphQL, &userLookup, func(login string) []any {
		return []any{login}
	})}
}

// Get looks up one user.
func (l UserLookup[T]) Get(ctx context.Context, login string, opts ...runtime.Option) (T, error) {
	return l.Lookup.Get(ctx, login, opts...)
}

// What can be looked up, by the fields of docs.github.com/graphql/reference/queries
// and /objects#repository, in the schema of 2026-08 (documented).
var (
	ofRepository = graphql.Step{Field: "repository", Args: []graphql.Variable{{Name: "owner", Type: "String!"}, {Name: "name", Type: "String!"}}}
	ofNumber     = []graphql.Variable{{Name: "number", Type: "Int!"}}

	repositoryLookup  = graphql.Lookup{Name: "Repositories", Type: "Repository", Path: []graphql.Step{ofRepository}}
	issueLookup       = graphql.Lookup{Name: "Issues", Type: "Issue", Path: []graphql.Step{ofRepository, {Field: "issue", Args: ofNumber}}}
	pullRequestLookup = graphql.Lookup{Name: "PullRequests", Type: "PullRequest", Path: []graphql.Step{ofRepository, {Field: "pullRequest", Args: ofNumber}}}
	commitLookup      = graphql.Lookup{Name: "Commits", Type: "Commit", Narrow: true, Path: []graphql.Step{
		ofRepository, {Field: "object", Args: []graphql.Variable{{Name: "expression", Type: "String"}}},
	}}
	userLookup = graphql.Lookup{Name: "Users", Type: "User", Path: []graphql.Step{{Field: "user", Args: []graphql.Variable{{Name: "login", Type: "String!"}}}}}
)
