package graphql

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// What it costs to read a query, reckon it and add to it.
func BenchmarkPrepare(b *testing.B) {
	const query = `query Issues($owner: String!, $name: String!, $first: Int!, $after: String) {
		repository(owner: $owner, name: $name) {
			issues(first: $first, after: $after, states: [OPEN, CLOSED], orderBy: {field: UPDATED_AT, direction: DESC}) {
				nodes { id number title url createdAt author { login } labels(first: 20) { nodes { name color } } }
				pageInfo { hasNextPage endCursor }
			}
		}
	}`
	variables := map[string]any{"owner": "golang", "name": "go", "first": 100}
	b.ReportAllocs()
	for b.Loop() {
		p, err := endpoint.Prepare(Request{Query: query, Variables: variables}, false)
		if err != nil {
			b.Fatal(err)
		}
		if p.Estimate.Points != 1 || p.Estimate.Nodes != 2100 {
			b.Fatal(p.Estimate)
		}
	}
}

// What it costs to look up a hundred things by one query, and to read the answer.
func BenchmarkLookup(b *testing.B) {
	e := &Endpoint{Query: endpoint.Query, Rules: endpoint.Rules, Report: endpoint.Report, MaxAliases: 100}
	s := Leaves("id", "nameWithOwner", "stargazerCount", "pushedAt")
	keys := make([][]any, 100)
	for i := range keys {
		keys[i] = []any{json.RawMessage(fmt.Sprintf(`"owner-%d"`, i))}
	}
	var data []string
	for i := range keys {
		data = append(data, fmt.Sprintf(`"k%d":{"id":"R_%d","nameWithOwner":"owner-%d/repo","stargazerCount":7,"pushedAt":"2026-01-01T00:00:00Z"}`, i, i, i))
	}
	answer := Answer{Data: json.RawMessage("{" + strings.Join(data, ",") + "}")}
	b.ReportAllocs()
	for b.Loop() {
		r, places := repoLookup.Ask(s, keys)
		if _, err := e.Prepare(r, false); err != nil {
			b.Fatal(err)
		}
		if found := repoLookup.Read(e, answer, places); found[99].Value == nil {
			b.Fatal("nothing is found")
		}
	}
}
