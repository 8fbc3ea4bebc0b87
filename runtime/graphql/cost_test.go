package graphql

import (
	"errors"
	"strings"
	"testing"

	"github.com/weirkit/weir/runtime/api"
)

// gitHub is GitHub's rules, of its page on the limits of its GraphQL API
// (docs.github.com/graphql/overview/resource-limitations, read 2026-11-21).
var gitHub = Rules{MaxPage: 100, MaxNodes: 500_000, RequestsPerPoint: 100, Lists: map[string]string{"nodes": "ids"}}

func operation(name string) *api.Operation {
	return &api.Operation{Name: "GraphQL." + name, Method: "POST", Path: "/graphql", Draws: []api.Draw{{Limit: "graphql"}, {Limit: "at-once"}}}
}

// The first two are the figures of the vendor's page: 1 + 100 + 100 × 50 requests
// make 51 points; and 50 repositories with 20 pull requests, 20 issues, 10
// comments each, beside 10 followers, are 22,060 nodes.
func TestEstimate(t *testing.T) {
	tests := map[string]struct {
		query     string
		variables map[string]any
		want      Estimate
	}{
		"three levels": {`{viewer{repositories(first:100){edges{node{issues(first:50){edges{node{labels(first:60){edges{node{name}}}}}}}}}}}`, nil,
			Estimate{Points: 51, Requests: 5_101, Nodes: 305_100}},
		"several branches": {`{viewer{repositories(first:50){edges{node{
			pullRequests(first:20){edges{node{comments(first:10){edges{node{body}}}}}}
			issues(first:20){totalCount edges{node{comments(first:10){edges{node{body}}}}}}
		}}} followers(first:10){edges{node{login}}}}}`, nil, Estimate{Points: 21, Requests: 1 + 50 + 1000 + 50 + 1000 + 1, Nodes: 22_060}},
		"nothing to page":       {`{viewer{login}}`, nil, Estimate{Points: 1}},
		"half is rounded up":    {`{viewer{repositories(first:100){nodes{a:issues(first:1){nodes{id}}}} b:repositories(first:48){nodes{issues(last:1){nodes{id}}}}}}`, nil, Estimate{2, 150, 296}},
		"below half, down":      {`{viewer{repositories(first:100){nodes{a:issues(first:1){nodes{id}}}} b:repositories(first:47){nodes{issues(last:1){nodes{id}}}}}}`, nil, Estimate{1, 149, 294}},
		"aliases count each":    {`{a:viewer{repositories(first:3){nodes{id}}} b:viewer{repositories(first:4){nodes{id}}}}`, nil, Estimate{1, 2, 7}},
		"by a variable":         {`query($n:Int!){viewer{repositories(first:$n){nodes{issues(first:$n){nodes{id}}}}}}`, map[string]any{"n": 30}, Estimate{1, 31, 930}},
		"by a decoded variable": {`query($n:Int!){viewer{repositories(first:$n){nodes{id}}}}`, map[string]any{"n": 30.0}, Estimate{1, 1, 30}},
		"by a default":          {`query($n:Int=20){viewer{repositories(first:$n){nodes{id}}}}`, nil, Estimate{1, 1, 20}},
		"not told":              {`query($n:Int!){viewer{repositories(first:$n){nodes{id}}}}`, nil, Estimate{1, 1, 100}},
		"through fragments":     {`{viewer{...r}} fragment r on User{repositories(first:10){...c}} fragment c on RepositoryConnection{nodes{... on Repository{issues(first:5){nodes{id}}}}}`, nil, Estimate{1, 11, 60}},
		"only counted":          {`{viewer{repositories{totalCount}}}`, nil, Estimate{Points: 1}},
		"ids":                   {`query($ids:[ID!]!){nodes(ids:$ids){... on Repository{issues(first:2){nodes{id}}}}}`, map[string]any{"ids": []any{"a", "b", "c"}}, Estimate{1, 3, 9}},
		"written ids":           {`{nodes(ids:["a","b"]){... on Repository{issues(first:2){nodes{id}}}}}`, nil, Estimate{1, 2, 6}},
		"null is not given":     {`{viewer{repositories(first:null,last:5){nodes{id}}}}`, nil, Estimate{1, 1, 5}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := parse(t, tt.query)
			got, err := gitHub.Estimate(d, d.Operations[0], tt.variables)
			if err != nil || got != tt.want {
				t.Errorf("%+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
}

func TestEstimateRefuses(t *testing.T) {
	tests := map[string]struct {
		query, connection, message string
		costly                     bool
	}{
		"too many at once":   {`{viewer{repos:repositories(first:101){nodes{id}}}}`, "viewer.repos", "first: 101, which has to be from 1 to 100", false},
		"none":               {`{viewer{repositories(last:0){nodes{id}}}}`, "viewer.repositories", "last: 0", false},
		"nodes without size": {`{viewer{repositories{nodes{id}}}}`, "viewer.repositories", "without first or last", false},
		"pages without size": {`query($n:Int){viewer{repositories(first:$n){...p}}} fragment p on C{pageInfo{endCursor}}`, "viewer.repositories", "without first or last", false},
		"too many nodes": {`{viewer{repositories(first:100){nodes{issues(first:100){nodes{labels(first:50){nodes{id}}}}}}}}`,
			"viewer.repositories.nodes.issues.nodes.labels", "brings it to 510100 nodes, and a query may have 500000", true},
		"beyond numbers": {`{a(first:100){nodes{a(first:100){nodes{a(first:100){nodes{a(first:100){nodes{id}}}}}}}}}`, "a.nodes.a.nodes.a", "1010100 nodes", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := parse(t, tt.query)
			got, err := gitHub.Estimate(d, d.Operations[0], nil)
			broken, ok := errors.AsType[*RuleError](err)
			if !ok || broken.Connection != tt.connection || !strings.Contains(err.Error(), tt.message) || errors.Is(err, ErrTooCostly) != tt.costly || got.Points != 1 {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestEstimateWithoutRules(t *testing.T) {
	d := parse(t, `{a(first:1000){nodes{id}}}`)
	if got, err := (Rules{}).Estimate(d, d.Operations[0], nil); err != nil || got != (Estimate{Points: 1}) {
		t.Errorf("%+v, %v", got, err)
	}
}
