package github_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/graphql"
	"github.com/weirkit/weir/sdk/github"
)

// graphQLAnswers takes GitHub's place: it answers each query by its variable after.
type graphQLAnswers map[string]string

func (a graphQLAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent struct{ Variables struct{ After string } }
	if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
		return nil, err
	}
	body := io.NopCloser(strings.NewReader(a[sent.Variables.After]))
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}, nil
}

// A query is a text, its variables and the type of its data. Here a stand-in takes
// GitHub's place; without WithTransport it would be GitHub itself.
func ExampleQuery() {
	standIn := graphQLAnswers{"": `{"data": {"repository": {"stargazerCount": 7, "issues": {"totalCount": 2}}}}`}
	gh, err := github.New(github.Token("secret"), github.OnPlan(github.PlanToken), runtime.WithTransport(standIn))
	if err != nil {
		log.Fatal(err)
	}
	type data struct {
		Repository struct {
			StargazerCount int
			Issues         struct{ TotalCount int }
		}
	}
	got, err := github.Query[data](context.Background(), gh, `
		query ($owner: String!, $name: String!) {
			repository(owner: $owner, name: $name) { stargazerCount issues { totalCount } }
		}`, map[string]any{"owner": "acme", "name": "rockets"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(got.Repository.StargazerCount, "stars,", got.Repository.Issues.TotalCount, "issues")
	// Output: 7 stars, 2 issues
}

// Where only a part of a query failed, the data has the rest, and the error tells
// what is missing.
func ExampleQuery_partial() {
	standIn := graphQLAnswers{"": `{
		"data": {"one": {"stargazerCount": 7}, "two": null},
		"errors": [{"type": "NOT_FOUND", "path": ["two"], "message": "Could not resolve to a Repository."}]}`}
	gh, err := github.New(github.Token("secret"), runtime.WithTransport(standIn))
	if err != nil {
		log.Fatal(err)
	}
	type repository struct{ StargazerCount int }
	got, err := github.Query[map[string]*repository](context.Background(), gh, `{
		one: repository(owner: "acme", name: "rockets") { stargazerCount }
		two: repository(owner: "acme", name: "gone") { stargazerCount }
	}`, nil)
	if told, ok := errors.AsType[*graphql.Errors](err); ok && told.Partial {
		for _, e := range told.List {
			fmt.Println(e.Path, e.Type)
		}
	} else if err != nil {
		log.Fatal(err)
	}
	fmt.Println("one:", got["one"].StargazerCount, "stars")
	fmt.Println("not found:", errors.Is(err, runtime.ErrNotFound))
	// Output:
	// two NOT_FOUND
	// one: 7 stars
	// not found: true
}

// The nodes of a connection are a loop over all of its pages. The query asks for
// pageInfo, and takes the page's size and cursor as variables.
func ExampleQueryList() {
	standIn := graphQLAnswers{
		"":   `{"data": {"repository": {"issues": {"nodes": [{"number": 1, "title": "Too loud"}, {"number": 2, "title": "Too hot"}], "pageInfo": {"hasNextPage": true, "endCursor": "c2"}}}}}`,
		"c2": `{"data": {"repository": {"issues": {"nodes": [{"number": 3, "title": "Too fast"}], "pageInfo": {"hasNextPage": false, "endCursor": "c3"}}}}}`,
	}
	gh, err := github.New(github.Token("secret"), runtime.WithTransport(standIn))
	if err != nil {
		log.Fatal(err)
	}
	type issue struct {
		Number int
		Title  string
	}
	for issue, err := range github.QueryList[issue](context.Background(), gh, `
		query Issues($first: Int!, $after: String) {
			repository(owner: "acme", name: "rockets") {
				issues(first: $first, after: $after) { nodes { number title } pageInfo { hasNextPage endCursor } }
			}
		}`, nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(issue.Number, issue.Title)
	}
	// Output:
	// 1 Too loud
	// 2 Too hot
	// 3 Too fast
}

// A query can be built, as one that asks for many things by aliases. Texts are
// escaped, and what breaks GitHub's rules is not sent.
func ExampleQueryDocument() {
	standIn := graphQLAnswers{"": `{"data": {"r0": {"stargazerCount": 7}, "r1": {"stargazerCount": 11}}}`}
	gh, err := github.New(github.Token("secret"), runtime.WithTransport(standIn))
	if err != nil {
		log.Fatal(err)
	}
	var fields graphql.Selection
	for i, name := range []string{"rockets", "anvils"} {
		fields = append(fields, graphql.Field{
			Alias: fmt.Sprint("r", i), Name: "repository",
			Args:   []graphql.Arg{{Name: "owner", Value: "acme"}, {Name: "name", Value: name}},
			Fields: graphql.Leaves("stargazerCount"),
		})
	}
	query := &graphql.Document{Operations: []*graphql.Operation{{Name: "Stars", Fields: fields}}}
	text, err := query.Text()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(text)
	got, err := github.QueryDocument[map[string]struct{ StargazerCount int }](context.Background(), gh, query, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(got["r0"].StargazerCount, got["r1"].StargazerCount)
	// Output:
	// query Stars { r0: repository(owner: "acme", name: "rockets") { stargazerCount } r1: repository(owner: "acme", name: "anvils") { stargazerCount } }
	// 7 11
}
