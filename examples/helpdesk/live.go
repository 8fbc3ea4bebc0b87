package main

// This file syncs a real account.

import (
	"context"
	"errors"
	"os"
	"sync/atomic"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/sdk/zendesk"
)

// syncLive reads the articles of the account that the environment names. It
// chooses no plan: the lowest limits hold until the account's headers say more.
func syncLive(ctx context.Context, f flags, out *store, stderr *os.File) (*outcome, error) {
	subdomain, email, token := os.Getenv("ZENDESK_SUBDOMAIN"), os.Getenv("ZENDESK_EMAIL"), os.Getenv("ZENDESK_TOKEN")
	if subdomain == "" || email == "" || token == "" {
		return nil, errors.New("--live needs ZENDESK_SUBDOMAIN, ZENDESK_EMAIL and ZENDESK_TOKEN in the environment")
	}
	var refused atomic.Int64
	zd, err := zendesk.New(subdomain, zendesk.APIToken(email, token), runtime.WithLeave(f.leave),
		runtime.WithEvents(func(e budget.Event) {
			if e.Kind == budget.Refused {
				refused.Add(1)
			}
		}))
	if err != nil {
		return nil, err
	}
	bar := newProgress(stderr, clock.Real)
	defer bar.finish()
	started := clock.Real.Now()
	if err := syncArticles(ctx, zd, f.pages, out, bar); err != nil {
		return nil, err
	}
	return &outcome{
		Requests: bar.done + int(refused.Load()),
		Refused:  int(refused.Load()),
		Articles: out.count(),
		Twice:    out.twice,
		Resumed:  out.found,
		Seconds:  clock.Real.Now().Sub(started).Seconds(),
	}, nil
}
