package runtime_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
)

// Before a first sync one wants to know how long it will take.
func ExampleClient_Forecast() {
	articlesShow := api.Operation{Name: "Articles.Show", Method: "GET", Path: "/api/articles/{article_id}", Draws: []api.Draw{{Limit: "requests"}}}
	desc := acmeAPI
	desc.Operations = []*api.Operation{&articlesList, &articlesShow}
	client, err := runtime.NewClient(&desc, map[string]string{"subdomain": "demo"})
	if err != nil {
		log.Fatal(err)
	}

	outlook, err := client.Forecast(map[string]int{"Articles.List": 10_000, "Articles.Show": 10_000})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(outlook.Ends.Round(time.Minute), outlook.Binding.Limit)
	for _, w := range outlook.Works {
		fmt.Println(w.Name, w.Requests, w.Ends.Round(time.Minute))
	}
	// Output:
	// 14m0s requests
	// Articles.List 100 0s
	// Articles.Show 10000 14m0s
}

// While a list is read it tells how far it is.
func ExampleWithProgress() {
	provider := acmeHelp()
	defer provider.Close()
	client, err := runtime.NewClient(&acmeAPI, map[string]string{"subdomain": "demo"}, runtime.WithBaseURL(provider.URL))
	if err != nil {
		log.Fatal(err)
	}

	show := func(p runtime.Progress) {
		fmt.Printf("%d of %d, %v left\n", p.Items, p.Total, p.Left.Round(time.Second))
	}
	for _, err := range runtime.List[article](context.Background(), client, &articlesList, runtime.Args{},
		runtime.WithTotal(3), runtime.WithProgress(show)) {
		if err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// 2 of 3, 0s left
	// 3 of 3, 0s left
}
