package providertest

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/clock"
)

// A call is counted at its arrival, or wherever CountAt says, even when its
// client has gone by then.
func TestMomentOfCounting(t *testing.T) {
	latency := func(*rand.Rand) time.Duration { return 10 * time.Second }
	at := func(x float64) func(*rand.Rand) float64 { return func(*rand.Rand) float64 { return x } }
	tests := []struct {
		name    string
		countAt func(*rand.Rand) float64
		gone    time.Duration // when the client goes; zero: never
		want    []int         // used after 1, 4 and 9 s
	}{
		{"at arrival", nil, 0, []int{1, 1, 1}},
		{"half-way", at(0.5), 0, []int{0, 0, 1}},
		{"late", at(0.95), 0, []int{0, 0, 0}},
		{"the client goes before", at(0.5), 3 * time.Second, []int{0, 1, 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := mustNew(t, shop(), Options{Latency: latency, CountAt: tt.countAt})
				client := &http.Client{Transport: p.Transport(), Timeout: tt.gone}
				var wg sync.WaitGroup
				wg.Go(func() {
					if r, err := client.Get("http://shop.example/things/7"); err == nil {
						r.Body.Close()
					} else if tt.gone == 0 {
						t.Error(err)
					}
				})
				start := time.Now()
				for i, after := range []time.Duration{time.Second, 4 * time.Second, 9 * time.Second} {
					<-time.After(time.Until(start.Add(after)))
					synctest.Wait()
					if got := p.Used("account")["account=shop.example"]; got != tt.want[i] {
						t.Errorf("after %v: %d counted, want %d", after, got, tt.want[i])
					}
				}
				wg.Wait()
				if got := p.Report().Counters[0].Admitted; got != 1 {
					t.Errorf("counted %d times in all", got)
				}
			})
		})
	}
}

// Calls at once are counted until their bodies have been sent.
func TestConcurrencyOverHTTP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := mustNew(t, shop(), Options{
			Shapes:  map[string]api.Shape{"account": api.Concurrency{Max: 4}},
			Latency: Between(time.Second, 2*time.Second),
		})
		client := &http.Client{Transport: p.Transport()}
		var refused atomic.Int64
		for range 3 { // 6 at once, thrice: 4 are admitted
			var wg sync.WaitGroup
			for range 6 {
				wg.Go(func() {
					if get(t, client, "http://shop.example/things/7") == 429 {
						refused.Add(1)
					}
				})
			}
			wg.Wait()
		}
		c := p.Report().Counters[0]
		if refused.Load() != 6 || c.Highest != 4 || c.Admitted != 12 || p.Used("account")["account=shop.example"] != 0 {
			t.Errorf("%d refused, %+v", refused.Load(), c)
		}
	})
}

// One who never has more than the limit in flight is never refused: the place
// is given back before the client can know that its answer has ended.
func TestPlacesAreFreeAtTheEnd(t *testing.T) {
	p := mustNew(t, shop(), Options{Shapes: map[string]api.Shape{"account": api.Concurrency{Max: 8}}})
	big := JSON(strings.Repeat("x", 20_000))
	p.Single("show", func(*Call) (json.RawMessage, bool) { return big, true })
	s, err := p.Listen()
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if got := get(t, client, s.URL+"/things/7"); got != 200 {
					t.Errorf("status %d", got)
				}
			}
		})
	}
	wg.Wait()
	if r := p.Report(); r.Requests != 800 || r.Refused != 0 {
		t.Errorf("%d of %d refused", r.Refused, r.Requests)
	}
}

// The phase places the first request in its window, and Retry-After and Date
// are in the clock's time.
func TestPhase(t *testing.T) {
	for phase, rest := range map[float64]time.Duration{0: 60 * time.Second, 0.25: 45 * time.Second, 0.75: 15 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			p := mustNew(t, shop(), Options{Phase: phase})
			<-time.After(7 * time.Second) // the window is the first request's, not the stand-in's
			for range 3 {
				call(p, "GET", "/things/7")
			}
			<-time.After(rest - 1)
			if got := status(p, "GET", "/things/7"); got != 429 {
				t.Errorf("phase %v: %d just before the window's end", phase, got)
			}
			<-time.After(1)
			r := call(p, "GET", "/things/7")
			if r.StatusCode != 200 {
				t.Errorf("phase %v: %d at the window's end", phase, r.StatusCode)
			}
			if got, want := r.Header.Get("Date"), time.Now().UTC().Format(http.TimeFormat); got != want {
				t.Errorf("Date: %s, want %s", got, want)
			}
			if report := p.Report(); !report.First.Equal(time.Now().Add(-rest)) || !report.Last.Equal(time.Now()) {
				t.Errorf("from %v to %v", report.First, report.Last)
			}
		})
	}
}

func TestRandomPhases(t *testing.T) {
	a := shop()
	a.Limits[0].Scope = []api.Scope{"path:thing_id"}
	p := mustNew(t, a, Options{RandomPhases: true, Seed: 7})
	resets := map[string]bool{}
	for _, id := range []string{"1", "2", "3", "4", "5"} {
		resets[call(p, "GET", "/things/"+id).Header.Get("X-Rate-Limit-Reset")] = true
	}
	if len(resets) < 3 {
		t.Errorf("resets of five counters: %v", resets)
	}
}

// Faster than life, everything is in the provider's time.
func TestAcceleratedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := mustNew(t, shop(), Options{Clock: clock.Scaled(20), Latency: Between(10*time.Second, 10*time.Second)})
		start := time.Now()
		for range 3 {
			call(p, "GET", "/things/7")
		}
		if took := time.Since(start).Round(time.Millisecond); took != 1500*time.Millisecond {
			t.Errorf("three calls of 10 s at 20 times the speed took %v", took)
		}
		r := call(p, "GET", "/things/7")
		if r.StatusCode != 429 || r.Header.Get("Retry-After") != "20" || r.Header.Get("X-Rate-Limit-Reset") != "20" {
			t.Errorf("%d, %v", r.StatusCode, r.Header)
		}
		if report := p.Report(); report.Last.Sub(report.First).Round(time.Second) != 40*time.Second {
			t.Errorf("from %v to %v", report.First, report.Last)
		}
	})
}

func TestBetween(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	least, most := time.Hour, time.Duration(0)
	for range 1000 {
		d := Between(time.Second, 2*time.Second)(random)
		least, most = min(least, d), max(most, d)
	}
	if least < time.Second || least > 1100*time.Millisecond || most > 2*time.Second || most < 1900*time.Millisecond {
		t.Errorf("between %v and %v", least, most)
	}
}
