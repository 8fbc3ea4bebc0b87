package providertest

import (
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// The job that the stand-in is made for: 2,055 requests at 700 a minute. One
// who knows when the window ends needs two turns less the phase; one who fires
// 50 at once and rests a minute at each refusal needs more, from the middle of
// a window far more. (The latter's numbers were measured with another
// stand-in; see them as a check on this one.)
func TestSyncUnderALimit(t *testing.T) {
	const requests, workers = 2055, 50
	tests := []struct {
		name        string
		phase       float64
		knows       bool
		least, most time.Duration
		refused     bool
	}{
		{"knows, from the beginning", 0, true, 120 * time.Second, 123 * time.Second, false},
		{"knows, from the middle", 0.5, true, 90 * time.Second, 93 * time.Second, false},
		{"naive, from the beginning", 0, false, 122 * time.Second, 132 * time.Second, true},
		{"naive, from the middle", 0.5, false, 120 * time.Second, 132 * time.Second, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := mustNew(t, shop(), Options{
					Phase: tt.phase, Shapes: map[string]api.Shape{"account": api.Window{Limit: 700, Per: time.Minute}},
					Latency: Between(50*time.Millisecond, 150*time.Millisecond),
				})
				c := syncer{client: &http.Client{Transport: p.Direct()}, knows: tt.knows, left: 700}
				var wg sync.WaitGroup
				for w := range workers {
					wg.Go(func() {
						for range (requests + workers - 1 - w) / workers {
							c.fetch(t)
						}
					})
				}
				wg.Wait()
				r := p.Report()
				if took := r.Last.Sub(r.First); took < tt.least || took > tt.most {
					t.Errorf("took %v", took)
				}
				if account := r.Counters[0]; account.Admitted != requests || account.Highest > 700 || (r.Refused > 0) != tt.refused {
					t.Errorf("%+v", account)
				}
			})
		})
	}
}

// syncer is a client that either trusts in what the provider tells of its
// window, or knows nothing and rests a minute when refused.
type syncer struct {
	client *http.Client
	knows  bool

	mu   sync.Mutex
	left int
	end  time.Time
}

func (c *syncer) fetch(t *testing.T) {
	for {
		if c.knows {
			c.take()
		}
		r, err := c.client.Get("http://shop.example/things/7")
		if err != nil {
			t.Error(err)
			return
		}
		r.Body.Close()
		if r.StatusCode == http.StatusOK {
			c.learn(r.Header)
			return
		}
		<-time.After(time.Minute)
	}
}

// take waits until the window has room: the first end told holds, and the
// windows follow one another.
func (c *syncer) take() {
	for {
		c.mu.Lock()
		now := time.Now()
		if !c.end.IsZero() && !now.Before(c.end) {
			c.left, c.end = 700, c.end.Add(time.Minute)
		}
		if c.left > 0 {
			c.left--
			c.mu.Unlock()
			return
		}
		end := c.end
		c.mu.Unlock()
		<-time.After(end.Sub(now))
	}
}

func (c *syncer) learn(h http.Header) {
	seconds, err := strconv.Atoi(h.Get("X-Rate-Limit-Reset"))
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && c.end.IsZero() {
		c.end = time.Now().Add(time.Duration(seconds) * time.Second)
	}
}
