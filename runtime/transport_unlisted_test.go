package runtime_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/retry"
)

// fewAMinute serves n requests in each minute, and refuses the rest until it ends.
func fewAMinute(n int) (p *provider, refused func() int) {
	var mu sync.Mutex
	var minute time.Time
	served, turnedAway := 0, 0
	p = answering(func(int, *http.Request) (*http.Response, error) {
		time.Sleep(100 * time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		if now.Sub(minute) >= time.Minute {
			minute, served = now, 0
		}
		if served++; served > n {
			turnedAway++
			return reply(429, "", "Retry-After", fmt.Sprint(int(time.Minute-now.Sub(minute))/int(time.Second)+1)), nil
		}
		return reply(200, "{}"), nil
	})
	return p, func() int { mu.Lock(); defer mu.Unlock(); return turnedAway }
}

// Where nothing is known of a route, not even what others of its kind draw on, a
// refusal is nevertheless heard by all who use such routes.
func TestTransportLearnsOfUnlistedRoutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, refused := fewAMinute(10)
		own := perMinute("own", 100, api.ScopeAccount, api.ScopeOperation)
		c, _ := under(t, transported([]*api.Operation{drawing(show, "own")}, own), p, runtime.WithRetry(retry.Policy{Attempts: 20}))
		start := time.Now()
		var work sync.WaitGroup
		for range 50 {
			work.Go(func() {
				for range 2 {
					if status, _ := get(t, c, deskURL+"/unheard"); status != 200 {
						t.Errorf("status %d", status)
					}
				}
			})
		}
		work.Wait()
		// The 50 that go at once have 40 refused; by themselves each would hear of it
		// anew in each minute, 264 times in all.
		if n, took := refused(), time.Since(start); n < 40 || n > 80 || took > 10*time.Minute {
			t.Errorf("%d of %d requests were refused in %v", n, len(p.requests()), took)
		}
	})
}
