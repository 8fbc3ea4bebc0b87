package graphql

import "testing"

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
