package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
)

// acmeAPI is what a generated SDK has ready: the provider's facts as data.
var acmeAPI = api.API{
	Name:    "acme",
	Account: "subdomain",
	Servers: []api.Server{{URL: "https://{subdomain}.acme.example", Variables: []api.ServerVariable{{Name: "subdomain"}}}},
	Limits: []api.Limit{
		{Name: "requests", Shape: api.Window{Limit: 700, Per: time.Minute}, Scope: []api.Scope{api.ScopeAccount}},
	},
	Errors: api.Errors{Code: []api.Path{{"error"}}, Message: []api.Path{{"description"}}, RequestID: "X-Request-Id"},
}

var articlesList = api.Operation{
	Name:   "Articles.List",
	Method: "GET",
	Path:   "/api/articles",
	Draws:  []api.Draw{{Limit: "requests"}},
	Pagination: &api.Pagination{
		Style:  api.CursorStyle,
		Items:  api.Path{"articles"},
		Size:   &api.PageSize{Param: api.Param{In: api.InQuery, Name: "per_page"}, Max: 100},
		Cursor: api.Param{In: api.InQuery, Name: "after"},
		Next:   api.Path{"meta", "after"},
	},
}

type article struct {
	ID    int64  `json:"id"`
	Title string `json:"title"`
}

// acmeHelp stands in for the provider.
func acmeHelp() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path + "?" + r.URL.Query().Get("after") {
		case "/api/articles?":
			fmt.Fprint(w, `{"articles":[{"id":1,"title":"Opening hours"},{"id":2,"title":"Returns"}],"meta":{"after":"b"}}`)
		case "/api/articles?b":
			fmt.Fprint(w, `{"articles":[{"id":3,"title":"Contact"}],"meta":{"after":null}}`)
		case "/api/articles/7/votes?":
			fmt.Fprint(w, `{"votes":{"up":12,"down":3}}`)
		default:
			w.Header().Set("X-Request-Id", "f81d4fae")
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"error":"RecordNotFound","description":"Not found"}`)
		}
	}))
}

// What an SDK lacks can be called by describing it.
func ExampleDo() {
	provider := acmeHelp()
	defer provider.Close()
	client, err := runtime.NewClient(&acmeAPI, map[string]string{"subdomain": "demo"}, runtime.WithBearer("token"), runtime.WithBaseURL(provider.URL))
	if err != nil {
		log.Fatal(err)
	}

	votes := api.Operation{
		Name:   "Articles.Votes",
		Method: "GET",
		Path:   "/api/articles/{article_id}/votes",
		Draws:  []api.Draw{{Limit: "requests"}}, // it counts as all other calls do
		Result: api.Path{"votes"},
	}
	result, err := runtime.Do[struct{ Up, Down int }](context.Background(), client, &votes, runtime.Args{Path: []any{7}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Up, "up,", result.Down, "down")
	// Output: 12 up, 3 down
}

func ExampleList() {
	provider := acmeHelp()
	defer provider.Close()
	client, err := runtime.NewClient(&acmeAPI, map[string]string{"subdomain": "demo"}, runtime.WithBearer("token"), runtime.WithBaseURL(provider.URL))
	if err != nil {
		log.Fatal(err)
	}

	for article, err := range runtime.List[article](context.Background(), client, &articlesList, runtime.Args{}) {
		if misfit, ok := errors.AsType[*runtime.DecodeError](err); ok && misfit.Index >= 0 {
			log.Printf("skipping %s: %v", misfit.Raw, err)
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(article.ID, article.Title)
	}
	// Output:
	// 1 Opening hours
	// 2 Returns
	// 3 Contact
}

// A list that stopped goes on after the last page that was kept.
func ExampleListPages() {
	provider := acmeHelp()
	defer provider.Close()
	client, err := runtime.NewClient(&acmeAPI, map[string]string{"subdomain": "demo"}, runtime.WithBearer("token"), runtime.WithBaseURL(provider.URL))
	if err != nil {
		log.Fatal(err)
	}

	saved := ""
	for page, err := range runtime.ListPages[article](context.Background(), client, &articlesList, runtime.Args{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(page.Items), "articles")
		saved = page.Cursor
		break // as if the program was stopped here
	}
	for page, err := range runtime.ListPages[article](context.Background(), client, &articlesList, runtime.Args{}, runtime.WithCursor(saved)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(page.Items), "more, last:", page.Last)
	}
	// Output:
	// 2 articles
	// 1 more, last: true
}

func ExampleError() {
	provider := acmeHelp()
	defer provider.Close()
	client, err := runtime.NewClient(&acmeAPI, map[string]string{"subdomain": "demo"}, runtime.WithBearer("token"), runtime.WithBaseURL(provider.URL))
	if err != nil {
		log.Fatal(err)
	}

	show := api.Operation{Name: "Articles.Show", Method: "GET", Path: "/api/articles/{article_id}", Draws: []api.Draw{{Limit: "requests"}}}
	_, err = runtime.Do[article](context.Background(), client, &show, runtime.Args{Path: []any{4711}})
	if errors.Is(err, runtime.ErrNotFound) {
		fmt.Println("no such article")
	}
	if e, ok := errors.AsType[*runtime.Error](err); ok {
		fmt.Println(e.StatusCode, e.Code, e.RequestID)
	}
	fmt.Println(err)
	// Output:
	// no such article
	// 404 RecordNotFound f81d4fae
	// Articles.Show: 404 Not Found: RecordNotFound: Not found (request f81d4fae)
}
