package budget_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// What one can get at best, alone and with a constant round trip, is got to 99 %.
func TestRateIsWhatIsAttainable(t *testing.T) {
	const roundTrip = 100 * time.Millisecond
	for name, test := range map[string]struct {
		shape   api.Shape
		reset   rounding
		left    bool
		body    time.Duration
		each    time.Duration // what is attainable: calls of them each
		calls   int
		forTime time.Duration
	}{
		"fixed, phase unknown":       {api.Window{Limit: 50, Per: 10 * time.Second}, untold, false, 0, 10*time.Second + roundTrip, 50, 1010 * time.Second},
		"fixed, unknown, one":        {api.Window{Limit: 1, Per: 10 * time.Second}, untold, false, 0, 10*time.Second + roundTrip, 1, 1010 * time.Second},
		"sliding":                    {api.Window{Limit: 50, Per: 10 * time.Second, Kind: api.Sliding}, untold, true, 0, 10*time.Second + roundTrip, 50, 1010 * time.Second},
		"sliding approximate":        {api.Window{Limit: 50, Per: 10 * time.Second, Kind: api.SlidingApproximate}, untold, false, 0, 20*time.Second + roundTrip, 50, 2010 * time.Second},
		"fixed, end told exactly":    {api.Window{Limit: 50, Per: 10 * time.Second}, exact, true, 0, 10 * time.Second, 50, 1000 * time.Second},
		"fixed, whole seconds":       {api.Window{Limit: 700, Per: time.Minute}, ceil, true, 0, time.Minute, 700, 1200 * time.Second},
		"fixed, whole seconds, down": {api.Window{Limit: 700, Per: time.Minute}, floor, true, 0, time.Minute, 700, 1200 * time.Second},
		"bucket of one":              {api.Bucket{Burst: 1, Refill: 1, Per: 4 * time.Second}, untold, false, 0, 4*time.Second + roundTrip, 1, 400 * time.Second},
		"bucket":                     {api.Bucket{Burst: 40, Refill: 4, Per: time.Second}, untold, true, 0, time.Second, 4, 400 * time.Second},
		"bucket, Celigo":             {api.Bucket{Burst: 1000, Refill: 300, Per: time.Second}, untold, false, 0, time.Second, 300, 30 * time.Second},
		"concurrency":                {api.Concurrency{Max: 10}, untold, false, 200 * time.Millisecond, 300 * time.Millisecond, 10, 100 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ledger := newLedger(t)
				w := &world{
					random:  rand.New(rand.NewPCG(1, 1)),
					latency: [2]time.Duration{roundTrip / 2, roundTrip / 2},
					limits: []*limit{{name: "limit", shape: test.shape, reset: test.reset, left: test.left,
						rule: enforce(test.shape, time.Now(), false)}},
				}
				ctx, cancel := context.WithTimeout(t.Context(), test.forTime)
				defer cancel()
				var wg sync.WaitGroup
				for range 128 {
					wg.Go(func() {
						for ctx.Err() == nil {
							if w.call(ctx, ledger, []draw{{w.limits[0], 1}}, fate{body: test.body}) != nil {
								return
							}
						}
					})
				}
				wg.Wait()
				best := float64(test.calls) * float64(test.forTime) / float64(test.each)
				if got := float64(w.answered) / best; got < 0.99 || len(w.refused) > 0 {
					t.Errorf("%d calls in %v: %.4f of what is attainable; %d refused", w.answered, test.forTime, got, len(w.refused))
				}
			})
		})
	}
}
