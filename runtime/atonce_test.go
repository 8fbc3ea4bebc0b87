package runtime_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/parallel"
	"github.com/weirkit/weir/runtime/providertest"
)

func atOnce(n int, scopes ...api.Scope) api.Limit {
	return api.Limit{Name: "at once", Shape: api.Concurrency{Max: n}, Scope: append(scopes, api.ScopeAccount)}
}

func TestAtOnce(t *testing.T) {
	bucket := api.Limit{Name: "bucket", Shape: api.Bucket{Burst: 8, Refill: 2, Per: time.Second}, Scope: []api.Scope{api.ScopeAccount}}
	draw := func(limit string, cost int) api.Draw { return api.Draw{Limit: limit, Cost: cost} }
	deep := api.Draw{Limit: "at once", When: &api.When{Param: inQuery("page"), Above: 5}}
	tests := map[string]struct {
		limits []api.Limit
		draws  []api.Draw
		opts   []runtime.ClientOption
		want   int
	}{
		"no limit":                        {nil, nil, nil, 100},
		"places":                          {[]api.Limit{atOnce(30)}, []api.Draw{draw("at once", 0)}, nil, 30},
		"many places":                     {[]api.Limit{atOnce(250)}, []api.Draw{draw("at once", 0)}, nil, 250},
		"many places, much of a rate":     {[]api.Limit{atOnce(250), perMinute("rate", 5000)}, []api.Draw{draw("at once", 0), draw("rate", 0)}, nil, 250},
		"many places, little of a rate":   {[]api.Limit{atOnce(250), perMinute("rate", 20)}, []api.Draw{draw("at once", 0), draw("rate", 0)}, nil, 20},
		"a rate":                          {[]api.Limit{perMinute("rate", 700)}, []api.Draw{draw("rate", 0)}, nil, 100},
		"a small rate":                    {[]api.Limit{perMinute("rate", 20)}, []api.Draw{draw("rate", 0)}, nil, 20},
		"a small rate and costly":         {[]api.Limit{perMinute("rate", 20)}, []api.Draw{draw("rate", 5)}, nil, 4},
		"costs more than there is":        {[]api.Limit{perMinute("rate", 20)}, []api.Draw{draw("rate", 50)}, nil, 1},
		"a bucket":                        {[]api.Limit{bucket}, []api.Draw{draw("bucket", 0)}, nil, 8},
		"leaving some to others":          {[]api.Limit{atOnce(30)}, []api.Draw{draw("at once", 0)}, []runtime.ClientOption{runtime.WithLeave(0.5)}, 15},
		"another number for the account":  {[]api.Limit{atOnce(30)}, []api.Draw{draw("at once", 0)}, []runtime.ClientOption{runtime.WithLimit("at once", api.Concurrency{Max: 7})}, 7},
		"each object has its own counter": {[]api.Limit{atOnce(3, "path:ticket_id")}, []api.Draw{draw("at once", 0)}, nil, 100},
		"where a parameter asks for it":   {[]api.Limit{atOnce(3)}, []api.Draw{deep}, nil, 100},
		"nobody knows how many":           {[]api.Limit{{Name: "rate", Shape: api.Adaptive{Ceiling: 5, Per: time.Second}}}, []api.Draw{draw("rate", 0)}, nil, 100},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			desc := limited(tt.limits...)
			op := *show
			op.Draws = tt.draws
			desc.Operations = []*api.Operation{&op}
			c := connect(t, desc, always(200, ""), tt.opts...)
			if n, err := c.AtOnce("Tickets.Show"); n != tt.want || err != nil {
				t.Errorf("%d, %v; want %d", n, err, tt.want)
			}
		})
	}
	c := connect(t, desk(), always(200, ""))
	if _, err := c.AtOnce("Tickets.Shwo"); err == nil || !strings.Contains(err.Error(), `desk: at once: there is no operation "Tickets.Shwo"`) {
		t.Errorf("error = %v", err)
	}
}

// However many there are to do, as many go at once as the provider serves, by
// its number or by the budget alone, and it refuses none.
func TestFanOutGoesAsFastAsTheProviderServes(t *testing.T) {
	for name, by := range map[string]func(c *runtime.Client) int{
		"by budget": func(*runtime.Client) int { return parallel.ByBudget },
		"at once": func(c *runtime.Client) int {
			n, err := c.AtOnce("Tickets.Show")
			if n != 20 || err != nil {
				t.Errorf("%d at once, %v", n, err)
			}
			return n
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				desc := limited(atOnce(20), perMinute("rate", 300))
				desc.Operations = []*api.Operation{drawing(show, "at once", "rate")}
				p, err := providertest.New(desc, providertest.Options{Latency: providertest.Between(time.Second, time.Second), Headers: providertest.HeadersNone})
				if err != nil {
					t.Fatal(err)
				}
				defer p.Close()
				c := connect(t, desc, p.Transport())
				ids := slices.Repeat([]int{1}, 500)
				start := time.Now()
				err = parallel.Each(t.Context(), by(c), slices.Values(ids), func(ctx context.Context, id int) error {
					return runtime.Exec(ctx, c, desc.Operations[0], runtime.Args{Path: []any{id}})
				})
				// 300 in 15 s, 20 at once; the other 200 when the first places of the minute
				// are free again: a minute after each of those was answered.
				took := time.Since(start)
				if report := p.Report(); err != nil || report.Refused != 0 || report.Requests != 500 || took > 72*time.Second {
					t.Errorf("%d requests in %v, %d refused, %v", report.Requests, took, report.Refused, err)
				}
			})
		})
	}
}
