package main

// This file is the stand-in: a GitHub with 100 repositories, by REST and by GraphQL.

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/github"
)

const (
	owner        = "acme"
	repositories = 100
)

func name(n int) string { return "repository-" + strconv.Itoa(n) }

// known are the numbers that a repository has.
func known(n int) repository {
	r := repository{NameWithOwner: owner + "/" + name(n), StargazerCount: 7 * n}
	r.OpenIssues.TotalCount = n % 10
	return r
}

// hub is a stand-in with its clock.
type hub struct {
	provider *providertest.Provider
	clock    clock.Clock
	gone     int // so many of the repositories, from the first on, are not there
}

func newHub(cl clock.Clock, f flags) (*hub, error) {
	h := &hub{clock: cl, gone: f.gone}
	graph := &providertest.Graph{Limit: "graphql", Work: f.work, Root: providertest.Object{"repository": providertest.Field(h.graphRepository)}}
	// GitHub's document describes REST alone.
	described := github.API
	described.Operations = append(slices.Clone(described.Operations), &api.Operation{
		Name: "GraphQL", Method: "POST", Path: "/graphql",
		Draws: []api.Draw{{Limit: "graphql"}, {Limit: "graphql_points"}, {Limit: "concurrent"}},
	})
	var err error
	h.provider, err = providertest.New(&described, providertest.Options{
		Plan:    github.PlanToken,
		Clock:   cl,
		Latency: providertest.Between(200*time.Millisecond, 300*time.Millisecond),
		Cost:    graph.Cost,
	})
	if err != nil {
		return nil, err
	}
	h.provider.Handle("GraphQL", graph.Answer)
	h.provider.Single("Repos.Get", h.restRepository)
	return h, nil
}

func (h *hub) find(name string) (repository, bool) {
	text, _ := strings.CutPrefix(name, "repository-")
	n, err := strconv.Atoi(text)
	if err != nil || n < h.gone || n >= repositories {
		return repository{}, false
	}
	return known(n), true
}

func (h *hub) restRepository(c *providertest.Call) (json.RawMessage, bool) {
	r, ok := h.find(c.Path("repo"))
	return providertest.JSON(map[string]any{
		"full_name": r.NameWithOwner, "stargazers_count": r.StargazerCount, "open_issues_count": r.OpenIssues.TotalCount,
	}), ok
}

func (h *hub) graphRepository(args map[string]any) any {
	r, ok := h.find(fmt.Sprint(args["name"]))
	if !ok {
		return &providertest.GraphError{Type: "NOT_FOUND", Message: fmt.Sprintf("Could not resolve to a Repository with the name '%v/%v'.", args["owner"], args["name"])}
	}
	return providertest.Object{
		"nameWithOwner": r.NameWithOwner, "stargazerCount": r.StargazerCount,
		"issues": providertest.Object{"totalCount": r.OpenIssues.TotalCount},
	}
}

// outcome reports by the stand-in's own counting.
func (h *hub) outcome(found []repository, failures []error) *outcome {
	report := h.provider.Report()
	o := &outcome{
		Calls:    len(found),
		Requests: report.Requests,
		Refused:  report.Refused,
		Seconds:  math.Round(report.Last.Sub(report.First).Seconds()*1e3) / 1e3,
	}
	for n, r := range found {
		there := n >= h.gone
		switch {
		case failures[n] == nil && there && r == known(n):
		case failures[n] != nil && !there:
			o.Missing++
		default:
			o.Lost++
		}
	}
	for _, limit := range []string{"core", "graphql"} {
		for _, points := range h.provider.Used(limit) {
			o.Points += points
		}
	}
	return o
}

func (h *hub) Close() error { return h.provider.Close() }
