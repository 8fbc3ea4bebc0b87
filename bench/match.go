package main

// This file measures how a request's operation is found: weir's router beside
// net/http's ServeMux, both with all of GitHub's templates, and paths of each in
// turn. ServeMux has no segments with text and a parameter, and refuses templates
// where neither of two is more specific; these it does without. What counts is this
// process's CPU time, since nothing is waited for.

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/route"
	"github.com/weirkit/weir/sdk/github"
)

func init() { register("match", matches) }

func matches(m *meter) error {
	operations := github.API.Operations
	return m.compare(comparison{
		name: fmt.Sprintf("match/%d-templates", len(operations)),
		ours: matchOurs(operations), peer: "net/http ServeMux", theirs: matchMux(operations), cost: processTime,
	})
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// pathOf is a path of a template, its values about as long as real ones are.
func pathOf(op *api.Operation) string { return parameter.ReplaceAllString(op.Path, "some-value") }

func matchOurs(operations []*api.Operation) side {
	return func() (operation, func(), error) {
		router, err := route.New(operations)
		if err != nil {
			return nil, nil, err
		}
		paths := make([]string, len(operations))
		for i, op := range operations {
			paths[i] = pathOf(op)
		}
		return func(_, i int) error {
			i %= len(operations)
			if router.Match(operations[i].Method, paths[i]) == nil {
				return fmt.Errorf("%s %s is not found", operations[i].Method, paths[i])
			}
			return nil
		}, func() {}, nil
	}
}

func matchMux(operations []*api.Operation) side {
	return func() (operation, func(), error) {
		mux := http.NewServeMux()
		var requests []*http.Request
		for _, op := range operations {
			if handles(mux, op) {
				requests = append(requests, &http.Request{Method: op.Method, Host: "api.github.com", URL: &url.URL{Path: pathOf(op)}})
			}
		}
		return func(_, i int) error {
			r := requests[i%len(requests)]
			if _, pattern := mux.Handler(r); pattern == "" {
				return fmt.Errorf("%s %s is not found", r.Method, r.URL.Path)
			}
			return nil
		}, func() {}, nil
	}
}

// handles adds an operation, and reports whether ServeMux takes it.
func handles(mux *http.ServeMux, op *api.Operation) (taken bool) {
	defer func() {
		if recover() != nil {
			taken = false
		}
	}()
	segments := strings.Split(op.Path, "/")
	for i, segment := range segments {
		if strings.Contains(segment, "{") {
			segments[i] = fmt.Sprintf("{p%d}", i)
		}
	}
	mux.Handle(op.Method+" "+strings.Join(segments, "/"), http.NotFoundHandler())
	return true
}
