package main

// This file is the stand-in: a Zendesk with many articles, on the Enterprise plan.

import (
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/zendesk"
)

const (
	limit        = 700 // requests in a window, on the Enterprise plan
	window       = time.Minute
	firstArticle = 100_000
)

// desk is a stand-in, and what it has answered in each of its windows.
type desk struct {
	provider *providertest.Provider
	clock    clock.Clock
	url      string

	mu      sync.Mutex
	opened  time.Time   // the first window
	windows map[int]int // requests that were counted, and not refused
}

func newDesk(cl clock.Clock, articles int) (*desk, error) {
	provider, err := providertest.New(&zendesk.API, providertest.Options{Plan: zendesk.PlanEnterprise, Clock: cl})
	if err != nil {
		return nil, err
	}
	d := &desk{provider: provider, clock: cl, windows: map[int]int{}}
	provider.Single("Articles.Show", func(c *providertest.Call) (json.RawMessage, bool) {
		d.count()
		n, err := strconv.Atoi(c.Path("article_id"))
		if n -= firstArticle; err != nil || n < 0 || n >= articles {
			return nil, false
		}
		return providertest.JSON(map[string]any{
			"id": firstArticle + n, "section_id": 1, "locale": "en-us", "draft": false, "title": title(firstArticle + int64(n)),
			"created_at": time.Date(2026, 1, 1, 0, n, 0, 0, time.UTC),
			"updated_at": time.Date(2026, 6, 1, 0, n, 0, 0, time.UTC),
		}), true
	})
	server, err := provider.Listen()
	if err != nil {
		provider.Close()
		return nil, err
	}
	d.url = server.URL
	return d, nil
}

func title(article int64) string { return fmt.Sprintf("How to do thing %d", article) }

// count notes a request that the limit had room for: it is answered at once.
func (d *desk) count() {
	now := d.clock.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.opened.IsZero() {
		d.opened = now
	}
	d.windows[int(now.Sub(d.opened)/window)]++
}

// passed is how long ago the first window opened, at the first request.
func (d *desk) passed() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.opened.IsZero() {
		return 0
	}
	return d.clock.Now().Sub(d.opened)
}

// in is how many requests there were in the n-th window.
func (d *desk) in(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.windows[n]
}

// all is how many requests there were so far.
func (d *desk) all() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	sum := 0
	for _, n := range d.windows {
		sum += n
	}
	return sum
}

// used is the part of the first n windows' limit that was used.
func (d *desk) used(n int) float64 {
	sum := 0
	for i := range n {
		sum += d.in(i)
	}
	return float64(sum) / float64(n*limit)
}
