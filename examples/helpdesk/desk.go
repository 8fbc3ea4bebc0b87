package main

// This file is the stand-in: a Zendesk with a help center of 50 categories of
// 40 articles, on the Enterprise plan.

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/zendesk"
)

const (
	categoryCount       = 50
	articlesPerCategory = 40
	articleCount        = categoryCount * articlesPerCategory
	helpCenterLimit     = 700 // requests a minute on the Enterprise plan
)

var headerModes = map[string]providertest.HeaderMode{
	"default":    providertest.HeadersDefault,
	"documented": providertest.HeadersZendeskDocumented,
	"none":       providertest.HeadersNone,
	"wrong":      providertest.HeadersWrong(1),
}

// desk is a stand-in with its data.
type desk struct {
	provider *providertest.Provider
	clock    clock.Clock
}

func newDesk(cl clock.Clock, f flags) (*desk, error) {
	provider, err := providertest.New(&zendesk.API, providertest.Options{
		Plan:    zendesk.PlanEnterprise,
		Clock:   cl,
		Phase:   f.phase,
		Headers: headerModes[f.headers],
	})
	if err != nil {
		return nil, err
	}
	fill(provider)
	return &desk{provider: provider, clock: cl}, nil
}

// sync reads the desk's articles with weir. where tells how to reach the desk.
func (d *desk) sync(ctx context.Context, f flags, where runtime.ClientOption, out *store, bar *progress) error {
	zd, err := zendesk.New("example", zendesk.APIToken("agent@example.com", "not-a-secret"), zendesk.OnPlan(zendesk.PlanEnterprise),
		runtime.WithClock(d.clock), runtime.WithLeave(f.leave), where,
		// This machine does not run faster than life, so an attempt gets a minute of its time.
		runtime.WithAttemptTimeout(time.Duration(float64(time.Minute)*max(f.speed, 1))))
	if err != nil {
		return err
	}
	return syncArticles(ctx, zd, f.pages, out, bar)
}

// fill gives the stand-in its articles.
func fill(p *providertest.Provider) {
	const firstCategory, firstArticle = 1000, 100000
	categories := make([]json.RawMessage, categoryCount)
	articles := make([]json.RawMessage, articleCount)
	for c := range categories {
		id := firstCategory + int64(c)
		categories[c] = providertest.JSON(map[string]any{"id": id, "name": fmt.Sprintf("Category %d", c+1), "position": c})
		for a := range articlesPerCategory {
			n := c*articlesPerCategory + a
			articles[n] = providertest.JSON(map[string]any{
				"id": firstArticle + int64(n), "section_id": id, "locale": "en-us", "draft": false,
				"title":      fmt.Sprintf("Article %d", n+1),
				"body":       fmt.Sprintf("<p>How to do thing %d of category %d.</p>", a+1, c+1),
				"created_at": time.Date(2026, 1, 1, 0, n, 0, 0, time.UTC),
				"updated_at": time.Date(2026, 6, 1, 0, n, 0, 0, time.UTC),
			})
		}
	}
	p.Items("Categories.List", func(*providertest.Call) []json.RawMessage { return categories })
	p.Items("Articles.List", func(*providertest.Call) []json.RawMessage { return articles })
	p.Items("Articles.ListByCategory", func(c *providertest.Call) []json.RawMessage {
		n, ok := index(c.Path("category_id"), firstCategory, categoryCount)
		if !ok {
			return nil
		}
		return articles[n*articlesPerCategory : (n+1)*articlesPerCategory]
	})
	p.Single("Articles.Show", func(c *providertest.Call) (json.RawMessage, bool) {
		n, ok := index(c.Path("article_id"), firstArticle, articleCount)
		if !ok {
			return nil, false
		}
		return articles[n], true
	})
}

// index is the place of an id among count ids that begin at first.
func index(id string, first, count int) (int, bool) {
	n, err := strconv.Atoi(id)
	return n - first, err == nil && n >= first && n < first+count
}

// outcome reports by the stand-in's own counting.
func (d *desk) outcome(out *store, f flags) *outcome {
	report := d.provider.Report()
	o := &outcome{
		Requests: report.Requests,
		Refused:  report.Refused,
		Articles: out.count(),
		Lost:     articleCount - out.count(),
		Twice:    out.twice,
		Resumed:  out.found,
		Seconds:  math.Round(report.Last.Sub(report.First).Seconds()*1e3) / 1e3,
	}
	limit := helpCenterLimit - int(math.Ceil(f.leave*helpCenterLimit))
	o.against(minimumTime(report.Requests-report.Refused, limit, time.Minute, f.phase))
	return o
}

func (d *desk) Close() error { return d.provider.Close() }

func naiveHTTP() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = naiveWorkers
	return &http.Client{Transport: transport}
}
