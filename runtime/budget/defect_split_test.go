package budget_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// java-slack-sdk splits a tier by the number of nodes: of one call a minute each
// of two nodes gets 0, and waits without end. Whatever a limit of one is split
// by, its calls go, one a minute.
func TestDefectOneIsNeverSplitToNone(t *testing.T) {
	for name, test := range map[string]struct {
		opts  []budget.LedgerOption
		kinds []*kind
		state bool // the flows state demands
	}{
		"two flows":         {nil, []*kind{{flow: "a"}, {flow: "b"}}, false},
		"three classes":     {nil, []*kind{{class: budget.Urgent}, {class: budget.Normal}, {class: budget.Background}}, false},
		"a half for others": {[]budget.LedgerOption{budget.WithLeave(0.5)}, []*kind{{flow: "a"}, {flow: "b"}}, false},
		"nearly all for others": {[]budget.LedgerOption{budget.WithLeave(0.99)},
			[]*kind{{class: budget.Background, flow: "a"}, {class: budget.Urgent, flow: "b"}}, false},
		"two demands": {nil, []*kind{{flow: "a"}, {flow: "b"}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shape := api.Window{Limit: 1, Per: time.Minute}
				c := newCrowd(t, 1, shape, exact, 0, test.opts...)
				const minutes = 60
				ctx, cancel := context.WithTimeout(t.Context(), minutes*time.Minute)
				defer cancel()
				for rank, k := range test.kinds {
					if test.state {
						if _, err := c.ledger.Demand(demand(k.flow, rank, 1, shape)); err != nil {
							t.Fatal(err)
						}
					}
					c.saturate(ctx, k, 2)
				}
				c.wg.Wait()
				if all := sum(c.begin, 0, minutes*time.Minute, test.kinds...); all != minutes || len(c.refused) > 0 {
					t.Errorf("%d calls in %d minutes, %d refused", all, minutes, len(c.refused))
				}
				for i, k := range test.kinds {
					if least := minutes / 10; len(k.sent) < least && !test.state {
						t.Errorf("the kind %d: %d calls in %d minutes", i, len(k.sent), minutes)
					}
				}
			})
		})
	}
}
