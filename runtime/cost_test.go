package runtime_test

import (
	"strings"
	"testing"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
)

// A cost is read wherever it stands in a body: behind all of the data, too.
func TestCostBehindALargeBody(t *testing.T) {
	desc := &api.API{
		Name:        "shop",
		Limits:      []api.Limit{{Name: "points", Shape: api.Window{Limit: 1000, Per: time.Minute}}},
		QuotaBodies: []api.QuotaBody{{Cost: api.Path{"extensions", "cost"}, Of: []string{"points"}}},
	}
	op := &api.Operation{Name: "Things.Query", Method: "GET", Path: "/q", Draws: []api.Draw{{Limit: "points", Cost: 500}}}
	body := `{"data":"` + strings.Repeat("x", 1<<20) + `","extensions":{"cost":7}}`
	c, err := runtime.NewClient(desc, nil, runtime.WithBaseURL("https://shop.example"), runtime.WithTransport(alwaysAnswer(body)))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := runtime.Exec(t.Context(), c, op, runtime.Args{}); err != nil {
		t.Fatal(err)
	}
	if used := c.Ledger().Snapshot().Counters[0].Used; used != 7 {
		t.Errorf("%d points are charged, not 7", used)
	}
}
