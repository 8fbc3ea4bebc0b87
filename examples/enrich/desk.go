package main

// This file is the stand-in: a Zendesk with 10,000 users, on the Enterprise plan.

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/zendesk"
)

const (
	ticketCount = 10_000
	firstUser   = 500_000
	mostAtOnce  = 100 // users of one request: the stand-in refuses more
)

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
		Latency: providertest.Between(80*time.Millisecond, 120*time.Millisecond),
	})
	if err != nil {
		return nil, err
	}
	provider.Single("Users.Show", func(c *providertest.Call) (json.RawMessage, bool) { return user(c.Path("user_id")) })
	provider.Handle("Users.ShowMany", func(c *providertest.Call) providertest.Answer {
		ids := strings.Split(c.Query("ids"), ",")
		if len(ids) > mostAtOnce {
			return provider.Error(http.StatusBadRequest, "TooManyValues", "Too many ids")
		}
		var list [][]byte
		for _, id := range ids {
			if u, ok := user(id); ok {
				list = append(list, u)
			}
		}
		return providertest.Answer{Body: fmt.Appendf(nil, `{"users":[%s],"count":%d}`, bytes.Join(list, []byte(",")), len(list))}
	})
	return &desk{provider: provider, clock: cl}, nil
}

// user is the user of an id, as the provider tells it.
func user(id string) (json.RawMessage, bool) {
	n, err := strconv.Atoi(id)
	if err != nil || n < firstUser || n >= firstUser+ticketCount {
		return nil, false
	}
	return providertest.JSON(map[string]any{
		"id": n, "name": userName(n), "email": fmt.Sprintf("user%d@example.com", n), "role": "end-user", "active": true,
		"created_at": time.Date(2026, 1, 1, 0, 0, n-firstUser, 0, time.UTC),
	}), true
}

func userName(id int) string { return fmt.Sprintf("User %d", id) }

// exported are the tickets to enrich, each of another requester.
func exported() []ticket {
	tickets := make([]ticket, ticketCount)
	for i := range tickets {
		tickets[i] = ticket{ID: int64(i) + 1, RequesterID: firstUser + int64(i)}
	}
	return tickets
}

// client is one that calls the stand-in; where tells how to reach it.
func (d *desk) client(f flags, where runtime.ClientOption) (*zendesk.Client, error) {
	opts := []runtime.ClientOption{
		zendesk.APIToken("agent@example.com", "not-a-secret"), zendesk.OnPlan(zendesk.PlanEnterprise), runtime.WithClock(d.clock), where,
		// This machine does not run faster than life, so an attempt gets a minute of its time.
		runtime.WithAttemptTimeout(time.Duration(float64(time.Minute) * max(f.speed, 1))),
	}
	if f.direct {
		opts = append(opts, runtime.WithoutBatch())
	}
	return zendesk.New("example", opts...)
}

// enrich names the requesters of all tickets and reports by the stand-in's counting.
func (d *desk) enrich(ctx context.Context, f flags, where runtime.ClientOption) (outcome, error) {
	zd, err := d.client(f, where)
	if err != nil {
		return outcome{}, err
	}
	tickets := exported()
	if err := nameRequesters(ctx, zd, tickets, f.goroutines); err != nil {
		return outcome{}, err
	}
	report := d.provider.Report()
	result := outcome{
		Calls: len(tickets), Requests: report.Requests, Refused: report.Refused,
		Seconds: math.Round(report.Last.Sub(report.First).Seconds()*1e3) / 1e3,
	}
	for _, t := range tickets {
		if t.Requester != userName(int(t.RequesterID)) {
			result.Lost++
		}
	}
	return result, nil
}
