package runtime_test

import (
	"encoding/json"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/providertest"
)

// java-slack-sdk has the history of a channel in one tier for all, though apps
// that are not listed get one page of 15 in a minute, and splits what is left by
// the number of its nodes, to 0. Here both numbers hang on the plan, the lowest
// hold for who says none, and two clients have turns of the same counter.
func TestDefectLowestPlanAndTwoNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desc := limited(perMinute("history", 50))
		desc.Operations = []*api.Operation{drawing(byCursor, "history")}
		desc.Plans = []api.Plan{
			{Name: "listed"},
			{Name: "unlisted", Limits: []api.PlanLimit{{Limit: "history", Shape: api.Window{Limit: 1, Per: time.Minute}}}, MaxPage: map[string]int{"cursor": 15}},
		}
		p, err := providertest.New(desc, providertest.Options{Plan: "unlisted", Headers: providertest.HeadersNone, Latency: providertest.Between(10*time.Millisecond, 10*time.Millisecond)})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		p.Items("cursor", func(*providertest.Call) []json.RawMessage { return numbered(60) })
		ledger, err := budget.NewLedger()
		if err != nil {
			t.Fatal(err)
		}
		var work sync.WaitGroup
		for range 2 {
			c := connect(t, desc, p.Transport(), runtime.WithLedger(ledger))
			work.Go(func() {
				n := 0
				for _, err := range runtime.List[ticket](t.Context(), c, desc.Operations[0], runtime.Args{}) {
					if err != nil {
						t.Error(err)
						return
					}
					n++
				}
				if n != 60 {
					t.Errorf("%d of 60 items", n)
				}
			})
		}
		work.Wait()
		report := p.Report()
		if took := report.Last.Sub(report.First); report.Refused > 0 || report.Requests != 8 || took > 7*time.Minute+10*time.Second {
			t.Errorf("%d requests in %v, %d refused: want 8 pages of 15, one a minute", report.Requests, took, report.Refused)
		}
	})
}
