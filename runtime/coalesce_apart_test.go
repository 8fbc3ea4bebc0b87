package runtime_test

// This file tests which calls share requests, and when that is worth it.

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/retry"
)

// TestBatchKeepsCallsApart: calls share a request if nothing but the key differs.
func TestBatchKeepsCallsApart(t *testing.T) {
	type params struct {
		Include string `query:"include"`
		Other   string `query:"other"`
	}
	tests := map[string]struct {
		opts   []runtime.Option
		params params
		key    any
		want   string
	}{
		"include":      {params: params{Include: "groups"}, want: many + "3,4&include=groups&include_deleted=true"},
		"headers":      {opts: []runtime.Option{runtime.WithHeader("X-As", "agent")}, want: many + "3,4&include_deleted=true"},
		"retries":      {opts: []runtime.Option{runtime.WithRetry(retry.Policy{Attempts: 1})}, want: many + "3,4&include_deleted=true"},
		"body bound":   {opts: []runtime.Option{runtime.WithMaxBody(1000)}, want: many + "3,4&include_deleted=true"},
		"flow":         {opts: []runtime.Option{runtime.WithFlow("sync", 2)}, want: many + "3,4&include_deleted=true"},
		"alone":        {opts: []runtime.Option{runtime.WithoutBatch()}},
		"conditions":   {opts: []runtime.Option{runtime.WithHeader("If-None-Match", `"a"`)}},
		"another name": {params: params{Other: "x"}},
		"two in one":   {key: "3,4"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := users(nil)
				c := connect(t, crowd(), p)
				var wg sync.WaitGroup
				call := func(id any, params params, opts ...runtime.Option) {
					wg.Go(func() {
						got, err := runtime.Do[user](t.Context(), c, showUser, runtime.Args{Path: []any{id}, Params: &params}, opts...)
						if id != any("3,4") && (err != nil || got.Name != fmt.Sprint("user ", id)) {
							t.Errorf("user %v: %+v, %v", id, got, err)
						}
					})
					synctest.Wait()
				}
				call(1, params{}) // goes alone, so that the others wait
				call(2, tt.params, tt.opts...)
				if tt.key != nil {
					call(tt.key, tt.params, tt.opts...)
				} else {
					call(3, tt.params, tt.opts...)
					call(4, tt.params, tt.opts...)
				}
				call(5, params{})
				call(6, params{})
				wg.Wait()
				got := strings.Join(p.urls(), " ")
				got, _ = url.QueryUnescape(got)
				if tt.want != "" && !strings.Contains(got, tt.want) || !strings.Contains(got, "/users/2") && tt.key == nil || tt.want == "" && tt.key == nil && !strings.Contains(got, "/users/4") {
					t.Errorf("requests %s", got)
				}
				if !strings.Contains(got, "5,6") {
					t.Errorf("requests %s", got)
				}
			})
		})
	}
}

// TestBatchNeverCrossesClients: what one customer asks for is not answered in
// another's name, nor with another credential.
func TestBatchNeverCrossesClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desc, p := crowd(), users(nil)
		clients := []*runtime.Client{connect(t, desc, p, runtime.WithBearer("a")), connect(t, desc, p, runtime.WithBearer("b"))}
		var wg sync.WaitGroup
		for _, c := range clients {
			for id := range 3 {
				wg.Go(func() {
					if _, err := getUser(t.Context(), c, id+1); err != nil {
						t.Error(err)
					}
				})
				synctest.Wait()
			}
		}
		wg.Wait()
		byToken := map[string]int{}
		for _, r := range p.requests() {
			byToken[r.header.Get("Authorization")]++
		}
		if byToken["Bearer a"] != 2 || byToken["Bearer b"] != 2 || len(byToken) != 2 {
			t.Errorf("requests by token: %v", byToken)
		}
	})
}

// TestBatchGoesThroughTheChain: the request for many is retried and charged like any
// other, under the operation's own name.
func TestBatchGoesThroughTheChain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := users(nil)
		failed := false
		p := answering(func(n int, r *http.Request) (*http.Response, error) {
			if strings.Contains(r.URL.Path, "show_many") && !failed {
				failed = true
				return reply(503, ``), nil
			}
			return good.answer(n, r)
		})
		desc := crowd(perMinute("requests", 100))
		desc.Operations = []*api.Operation{drawing(showUser, "requests"), drawing(showMany, "requests")}
		c := connect(t, desc, p)
		one := desc.Operations[0]
		var wg sync.WaitGroup
		for id := 1; id < 6; id++ {
			wg.Go(func() {
				got, err := runtime.Do[user](t.Context(), c, one, runtime.Args{Path: []any{id}})
				if err != nil || got.Name != fmt.Sprint("user ", id) {
					t.Errorf("user %d: %+v, %v", id, got, err)
				}
			})
			synctest.Wait()
		}
		wg.Wait()
		if n := used(c, "requests"); n != 3 || len(p.requests()) != 3 {
			t.Errorf("%d charges for %q", n, p.urls())
		}
	})
}

// TestBatchTakesTheCheaperWay: where the operation for many is allowed so rarely that
// one by one is quicker, or counts each key, calls go one by one.
func TestBatchTakesTheCheaperWay(t *testing.T) {
	perUser := perMinute("each", 5, api.ScopeAccount, "path:user_id")
	tests := map[string]struct {
		limits     []api.Limit
		one, many  []string
		roundTrips bool
		requests   int
	}{
		"the same limit":           {[]api.Limit{perMinute("all", 600)}, []string{"all"}, []string{"all"}, false, 2},
		"no limits":                {nil, nil, nil, false, 2},
		"rarely":                   {[]api.Limit{perMinute("all", 600), perMinute("seldom", 6)}, []string{"all"}, []string{"all", "seldom"}, false, 8},
		"each key has its own":     {[]api.Limit{perMinute("all", 600), perUser, perMinute("seldom", 6)}, []string{"all", "each"}, []string{"all", "seldom"}, false, 8},
		"not that rarely":          {[]api.Limit{perMinute("all", 60), perMinute("seldom", 30)}, []string{"all"}, []string{"all", "seldom"}, false, 2},
		"each key counts":          {[]api.Limit{perMinute("all", 600)}, []string{"all"}, []string{"all"}, true, 8},
		"a bucket, one of many":    {[]api.Limit{{Name: "b", Shape: api.Bucket{Burst: 9, Refill: 1, Per: time.Second}, Scope: []api.Scope{api.ScopeAccount}}}, []string{"b"}, []string{"b"}, false, 2},
		"many has another to take": {[]api.Limit{perMinute("seldom", 1)}, nil, []string{"seldom"}, false, 8},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				desc := crowd(tt.limits...)
				one, several := drawing(showUser, tt.one...), drawing(showMany, tt.many...)
				batch := *one.Batch
				batch.RoundTrips, one.Batch = tt.roundTrips, &batch
				desc.Operations = []*api.Operation{one, several}
				p := users(nil)
				c := connect(t, desc, p)
				var wg sync.WaitGroup
				for id := range 8 {
					wg.Go(func() {
						got, err := runtime.Do[user](t.Context(), c, one, runtime.Args{Path: []any{id}})
						if err != nil || got.Name != fmt.Sprint("user ", id) {
							t.Errorf("user %d: %+v, %v", id, got, err)
						}
					})
					synctest.Wait()
				}
				wg.Wait()
				if n := len(p.requests()); n != tt.requests {
					t.Errorf("%d requests, want %d: %q", n, tt.requests, p.urls())
				}
			})
		})
	}
}
