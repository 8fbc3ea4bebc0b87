package runtime_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/parallel"
)

var votesList = api.Operation{
	Name:   "Votes.List",
	Method: "GET",
	Path:   "/api/votes",
	Draws:  []api.Draw{{Limit: "requests"}},
	Pagination: &api.Pagination{
		Style:  api.PageNumberStyle,
		Items:  api.Path{"votes"},
		Cursor: api.Param{In: api.InQuery, Name: "page"},
		First:  1,
		Pages:  api.Path{"pages"},
	},
}

type vote struct{ Value int }

// acmeVotes stands in for the provider: three pages of two votes.
func acmeVotes() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page := max(number(r.URL.Query().Get("page"), 1), 1)
		fmt.Fprintf(w, `{"votes":[{"value":%d},{"value":%d}],"pages":3}`, 2*page-1, 2*page)
	}))
}

// Numbered pages can be fetched several at once. They come in order.
func ExampleWithParallelPages() {
	provider := acmeVotes()
	defer provider.Close()
	client, err := runtime.NewClient(&acmeAPI, map[string]string{"subdomain": "demo"}, runtime.WithBaseURL(provider.URL))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	for vote, err := range runtime.List[*vote](context.Background(), client, &votesList, runtime.Args{}, runtime.WithParallelPages(8)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(vote.Value, " ")
	}
	// Output: 1 2 3 4 5 6
}

// The annotations tell how many calls of an operation are useful at once.
func ExampleClient_AtOnce() {
	description := acmeAPI
	description.Operations = []*api.Operation{&votesList}
	client, err := runtime.NewClient(&description, map[string]string{"subdomain": "demo"})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	n, err := client.AtOnce("Votes.List")
	if err != nil {
		log.Fatal(err)
	}
	squares, err := parallel.Map(context.Background(), n, []int{1, 2, 3}, func(ctx context.Context, page int) (int, error) {
		return page * page, nil
	})
	fmt.Println(n, squares, err)
	// Output: 100 [1 4 9] <nil>
}
