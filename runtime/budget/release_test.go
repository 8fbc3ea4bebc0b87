package budget_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// A snapshot tells when what is used comes free, in few parts however much it is.
func TestReleases(t *testing.T) {
	for _, test := range []struct {
		name  string
		shape api.Shape
		calls int // a second apart
		parts int
	}{
		{"window", api.Window{Limit: 1000, Per: 10 * time.Minute}, 5, 5},
		{"many", api.Window{Limit: 1000, Per: 10 * time.Minute}, 300, 30},
		{"bucket", api.Bucket{Burst: 10, Refill: 1, Per: time.Minute}, 5, 0},
		{"concurrency", api.Concurrency{Max: 10}, 5, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ledger := newLedger(t)
				r := request(charge("", test.shape))
				start := time.Now()
				for range test.calls {
					finish(admit(t, ledger, r))
					time.Sleep(time.Second)
				}
				admit(t, ledger, r) // in flight
				releases := ledger.Snapshot().Counters[0].Releases
				if len(releases) != test.parts {
					t.Fatalf("%d parts, want %d", len(releases), test.parts)
				}
				sum := 0
				for i, part := range releases {
					sum += part.Cost
					if want := start.Add(time.Duration(sum-1)*time.Second + 10*time.Minute + ms); !part.At.Equal(want) {
						t.Errorf("part %d comes free at %v, want %v", i, part.At.Sub(start), want.Sub(start))
					}
				}
				if test.parts > 0 && sum != test.calls {
					t.Errorf("%d come free, want %d", sum, test.calls)
				}
			})
		})
	}
}

// With an end that is told everything comes free then.
func TestReleasesAtAToldEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := newLedger(t)
		end := time.Now().Add(40 * time.Second)
		ticket := admit(t, ledger, request(named("limit", "", api.Window{Limit: 100, Per: time.Minute}, 3)))
		ticket.Answer(budget.Answer{Observations: []budget.Observation{{Limit: "limit", Max: -1, Remaining: -1, Reset: end}}})
		ticket.Done()
		got := ledger.Snapshot().Counters[0].Releases
		if len(got) != 1 || got[0].Cost != 3 || !got[0].At.Equal(end.Add(ms)) {
			t.Errorf("releases %+v, want 3 at %v", got, end)
		}
	})
}
