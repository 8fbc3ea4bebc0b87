package runtime_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

func minute(n int) api.Shape { return api.Window{Limit: n, Per: time.Minute} }

// plansOfDesk is a desk with three plans, which tells its limit.
func plansOfDesk() *api.API {
	desc := limited(perMinute("calls", 100))
	desc.QuotaHeaders = []api.QuotaHeaders{{Limit: "X-Limit", Remaining: "X-Left"}}
	for _, p := range []struct {
		name string
		n    int
	}{{"team", 100}, {"growth", 400}, {"business", 400}, {"enterprise", 700}} {
		desc.Plans = append(desc.Plans, api.Plan{Name: p.name, Limits: []api.PlanLimit{{Limit: "calls", Shape: minute(p.n)}}})
	}
	return desc
}

// What answers tell of a limit is adopted, a better one and a worse one too, and
// the plans that have it are named.
func TestPlanIsLearntFromAnswers(t *testing.T) {
	for _, tt := range []struct {
		name, plan string
		told       []int // by one answer after the other
		limit      int   // in the end
		want       []string
	}{
		{"as held", "team", []int{100, 100}, 100, nil},
		{"better", "team", []int{700, 700}, 700, []string{"limit changed: 100 to 700", "plan changed: enterprise"}},
		{"worse", "enterprise", []int{100}, 100, []string{"limit changed: 700 to 100", "plan changed: team"}},
		{"several plans", "team", []int{400}, 400, []string{"limit changed: 100 to 400", "plan changed: growth, business"}},
		{"no plan's", "team", []int{250}, 250, []string{"limit changed: 100 to 250"}},
		{"none chosen", "", []int{400}, 400, []string{"limit changed: 100 to 400", "plan changed: growth, business"}},
		{"there and back", "team", []int{700, 100}, 100, []string{"limit changed: 100 to 700", "plan changed: enterprise", "limit changed: 700 to 100"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			p := answering(func(n int, _ *http.Request) (*http.Response, error) {
				return reply(200, aTicket, "X-Limit", fmt.Sprint(tt.told[min(n, len(tt.told))-1]), "X-Left", "50"), nil
			})
			c := connect(t, plansOfDesk(), p, runtime.OnPlan(tt.plan), runtime.WithEvents(func(e budget.Event) {
				switch e.Kind {
				case budget.LimitChanged:
					got = append(got, fmt.Sprintf("%s: %d to %d", e.Kind, e.Was, e.Limit))
				case runtime.PlanChanged:
					got = append(got, fmt.Sprintf("%s: %s", e.Kind, e.Plan))
					if e.Key.Limit != "calls" || e.Key.API != "desk" || e.Operation != "Tickets.Show" || e.Time.IsZero() || e.Limit != tt.told[0] {
						t.Errorf("event %+v", e)
					}
				}
			}))
			for range tt.told {
				if _, err := showing(c, drawing(show, "calls")); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if got := c.Ledger().Snapshot().Counters[0].Shape; got != minute(tt.limit) {
				t.Errorf("the limit is %+v, want %d", got, tt.limit)
			}
		})
	}
}

// An adopted limit is used to the full, and a worse one is not exceeded.
func TestAdoptedLimitIsUsed(t *testing.T) {
	for _, tt := range []struct {
		plan    string
		told    int
		atFirst int // calls in the first half minute
	}{{"team", 700, 700}, {"enterprise", 100, 100}} {
		synctest.Test(t, func(t *testing.T) {
			p := always(200, aTicket, "X-Limit", fmt.Sprint(tt.told))
			c := connect(t, plansOfDesk(), p, runtime.OnPlan(tt.plan))
			if _, err := showing(c, drawing(show, "calls")); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for range tt.told {
				wg.Go(func() {
					if _, err := showing(c, drawing(show, "calls")); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			soon := 0
			for _, at := range p.times() {
				if at < 30*time.Second {
					soon++
				}
			}
			if soon != tt.atFirst {
				t.Errorf("%d calls went at once, want %d", soon, tt.atFirst)
			}
		})
	}
}

func TestWithLimit(t *testing.T) {
	c := connect(t, plansOfDesk(), always(200, aTicket), runtime.OnPlan("team"), runtime.WithLimit("calls", minute(300)))
	if _, err := showing(c, drawing(show, "calls")); err != nil {
		t.Fatal(err)
	}
	if got := c.Ledger().Snapshot().Counters[0].Shape; got != minute(300) {
		t.Errorf("the limit is %+v", got)
	}
	for name, tt := range map[string]struct {
		option runtime.ClientOption
		is     error
		says   string
	}{
		"unknown":  {runtime.WithLimit("cals", minute(300)), runtime.ErrUnknownLimit, `"cals": desk has calls`},
		"zero":     {runtime.WithLimit("calls", minute(0)), nil, "calls: a window of 0 per 1m0s: both must be positive"},
		"negative": {runtime.WithLimit("calls", api.Concurrency{Max: -1}), nil, "calls: a concurrency of -1: it must be positive"},
		"nothing":  {runtime.WithLimit("calls", nil), nil, "calls: there is no shape"},
	} {
		_, err := runtime.NewClient(plansOfDesk(), acme, tt.option)
		if err == nil || !strings.Contains(err.Error(), tt.says) || tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("%s: error = %v", name, err)
		}
	}
	if _, err := runtime.NewClient(desk(), acme, runtime.WithLimit("calls", minute(1))); err == nil || !strings.Contains(err.Error(), "has no limits") {
		t.Errorf("error = %v", err)
	}
}
