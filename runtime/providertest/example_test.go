package providertest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/providertest"
)

var library = api.API{
	Name: "library",
	Limits: []api.Limit{
		{Name: "reads", Shape: api.Window{Limit: 2, Per: time.Minute}, Scope: []api.Scope{api.ScopeAccount}},
	},
	QuotaHeaders: []api.QuotaHeaders{{Limit: "X-RateLimit-Limit", Remaining: "X-RateLimit-Remaining"}},
	Operations: []*api.Operation{{
		Name: "Books.List", Method: "GET", Path: "/books", Draws: []api.Draw{{Limit: "reads"}},
		Pagination: &api.Pagination{
			Style: api.CursorStyle, Items: api.Path{"books"}, Next: api.Path{"next"},
			Size:   &api.PageSize{Param: api.Param{In: api.InQuery, Name: "limit"}, Max: 100},
			Cursor: api.Param{In: api.InQuery, Name: "cursor"},
		},
	}},
}

func Example() {
	p, err := providertest.New(&library, providertest.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	p.Items("Books.List", func(*providertest.Call) []json.RawMessage {
		return []json.RawMessage{providertest.JSON("Walden"), providertest.JSON("Emma"), providertest.JSON("Ulysses")}
	})
	p.Inject(providertest.Fault{Nth: 2, Effect: providertest.Status(http.StatusBadGateway)})

	client := &http.Client{Transport: p.Transport()}
	for range 3 {
		r, err := client.Get("https://library.example/books?limit=2")
		if err != nil {
			fmt.Println(err)
			return
		}
		body, _ := io.ReadAll(r.Body)
		r.Body.Close()
		fmt.Println(r.StatusCode, r.Header.Get("X-RateLimit-Remaining"), string(body))
	}
	report := p.Report()
	fmt.Println(report.Requests, "requests,", report.Refused, "refused")
	fmt.Printf("%+v\n", report.Counters[0])

	// Output:
	// 200 1 {"books":["Walden","Emma"],"next":"YWZ0ZXI6Mg"}
	// 502 0 {"description":"Bad Gateway","error":"ServiceUnavailable"}
	// 429 0 {"description":"Rate limit exceeded","error":"TooManyRequests"}
	// 3 requests, 1 refused
	// {Limit:reads Scope:account=library.example Max:2 Highest:2 Admitted:2 Refused:1}
}
