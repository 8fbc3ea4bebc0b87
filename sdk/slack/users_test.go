package slack_test

// This file tests what it costs to ask for many users one by one.

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/cache"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/slack"
)

// peopled has n users, and one stranger whom no list tells of. It says of
// caches what Slack says.
func peopled(t *testing.T, n int) *providertest.Provider {
	t.Helper()
	p, err := providertest.New(&slack.API, providertest.Options{Latency: providertest.Between(100*time.Millisecond, 300*time.Millisecond)})
	if err != nil {
		t.Fatal(err)
	}
	users, all := map[string]json.RawMessage{}, make([]json.RawMessage, n)
	for i := range all {
		id := fmt.Sprintf("U%05d", i)
		all[i] = fmt.Appendf(nil, `{"id":%q,"name":"user %d"}`, id, i)
		users[id] = all[i]
	}
	users["W0"] = json.RawMessage(`{"id":"W0","name":"stranger"}`)
	p.Items("Users.List", func(*providertest.Call) []json.RawMessage { return all })
	p.Handle("Users.Info", func(c *providertest.Call) providertest.Answer {
		a := p.Error(200, "user_not_found", "")
		if u := users[c.Query("user")]; u != nil {
			a.Body = fmt.Appendf(nil, `{"ok":true,"user":%s}`, u)
		}
		a.Header = map[string][]string{"Cache-Control": {"private, no-cache, no-store, must-revalidate"}}
		return a
	})
	return p
}

// askFor has 50 goroutines ask for users, each for the next.
func askFor(t *testing.T, c *slack.Client, ids []string) {
	t.Helper()
	next := make(chan string)
	var done sync.WaitGroup
	for range 50 {
		done.Go(func() {
			for id := range next {
				user, err := c.Users.Info(t.Context(), &slack.UsersInfoParams{User: id})
				switch {
				case id == "nobody":
					if !errors.Is(err, runtime.ErrNotFound) {
						t.Errorf("nobody: error = %v", err)
					}
				case err != nil:
					t.Errorf("%s: %v", id, err)
				case user.ID != id:
					t.Errorf("%s: got %s", id, user.ID)
				}
			}
		})
	}
	for _, id := range ids {
		next <- id
	}
	close(next)
	done.Wait()
}

func ids(from, to int) []string {
	var list []string
	for i := from; i < to; i++ {
		list = append(list, fmt.Sprintf("U%05d", i))
	}
	return list
}

func TestCacheOfManyUsersTakesAScan(t *testing.T) {
	for name, tt := range map[string]struct {
		users        int
		ids          []string
		twice        bool
		infos, lists int // requests at the most
		within       time.Duration
	}{
		"a few":                 {5000, ids(0, 4), true, 4, 0, time.Second},
		"all of a small one":    {900, ids(0, 900), true, 3, 1, 5 * time.Second},
		"all of a large one":    {5000, ids(0, 5000), true, 60, 6, time.Minute},
		"with those not listed": {900, append(ids(0, 100), "W0", "nobody"), false, 3, 1, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := peopled(t, tt.users)
				defer p.Close()
				c, err := slack.New(runtime.WithBearer("xoxb-secret"), runtime.WithIdentity(runtime.Identity{App: "A", Account: "T"}),
					runtime.WithTransport(p.Transport()), runtime.WithCache(cache.Memory(64<<20)))
				if err != nil {
					t.Fatal(err)
				}
				defer c.Runtime().Close()
				start := time.Now()
				askFor(t, c, tt.ids)
				took := time.Since(start)
				first := p.Report()
				if tt.twice {
					askFor(t, c, tt.ids)
				}
				r := p.Report()
				infos, lists := r.Operations["Users.Info"].Requests, r.Operations["Users.List"].Requests
				if infos > tt.infos || lists > tt.lists || r.Refused > 0 || took > tt.within || tt.twice && r.Requests != first.Requests {
					t.Errorf("%d of users.info and %d of users.list in %v, %d refused; %d requests at first", infos, lists, took, r.Refused, first.Requests)
				}
				// A user who has changed is asked for again.
				time.Sleep(6 * time.Minute)
				askFor(t, c, []string{"U00000"})
				if n := p.Report().Requests; n != r.Requests+1 {
					t.Errorf("%d requests for one user later", n-r.Requests)
				}
			})
		})
	}
}
