package github_test

import (
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/weirkit/weir/sdk/github"
)

// Any http.Client keeps to GitHub's limits on this transport, and so does what calls
// through one, such as google/go-github. Here a stand-in takes GitHub's place;
// without a base the transport makes connections of its own.
func ExampleTransport() {
	p := standIn()
	defer p.Close()
	base := p.Transport()

	transport, err := github.Transport(base, github.OnPlan(github.PlanToken))
	if err != nil {
		log.Fatal(err)
	}
	client := &http.Client{Transport: transport}

	resp, err := client.Get("https://api.github.com/repos/golang/go")
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.StatusCode, string(body))
	for _, counter := range transport.Ledger().Snapshot().Counters {
		if counter.Key.Limit == "points" {
			fmt.Println("points used:", counter.Used)
		}
	}
	// Output:
	// 200 {"id": 1, "full_name": "golang/go", "stargazers_count": 130000}
	// points used: 1
}
