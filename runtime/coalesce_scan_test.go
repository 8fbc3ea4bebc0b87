package runtime_test

// This file tests how calls for one thing each are answered from a list of all.

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/cache"
	"github.com/weirkit/weir/runtime/retry"
)

var (
	allPeople = &api.Operation{Name: "People.List", Method: "GET", Path: "/people", Draws: []api.Draw{{Limit: "lists"}}, Pagination: &api.Pagination{
		Style: api.CursorStyle, Items: api.Path{"people"}, Next: api.Path{"next"}, Cursor: api.Param{In: api.InQuery, Name: "from"},
	}}
	onePerson = &api.Operation{Name: "People.Show", Method: "GET", Path: "/person", Result: api.Path{"person"}, Draws: []api.Draw{{Limit: "singles"}},
		Batch: &api.Batch{With: "People.List", Scan: true, Key: api.Param{In: api.InQuery, Name: "id"}, Items: api.Path{"people"}, Keys: api.Keys{ID: api.Path{"id"}}}}
)

type townsman struct {
	ID string `json:"id"`
}

// town has pages of 10 people, of whom single calls may ask for 60 a minute, and
// lists for 12.
func town(pages int, list func(page int) *http.Response) *provider {
	return answering(func(_ int, r *http.Request) (*http.Response, error) {
		timer := time.NewTimer(100 * time.Millisecond)
		select {
		case <-timer.C:
		case <-r.Context().Done():
			timer.Stop()
			return nil, r.Context().Err()
		}
		if id := r.URL.Query().Get("id"); id != "" {
			if n, err := strconv.Atoi(id); err != nil || n >= pages*10+5 { // the last five are not listed
				return reply(404, `{"error":"gone"}`), nil
			}
			return reply(200, `{"person":{"id":"`+id+`"}}`), nil
		}
		page, _ := strconv.Atoi(r.URL.Query().Get("from"))
		if list != nil {
			if resp := list(page); resp != nil {
				return resp, nil
			}
		}
		var people []string
		for i := page * 10; i < page*10+10; i++ {
			people = append(people, fmt.Sprintf(`{"id":"%d"}`, i))
		}
		next := ""
		if page+1 < pages {
			next = strconv.Itoa(page + 1)
		}
		return reply(200, `{"people":[`+strings.Join(people, ",")+`],"next":"`+next+`"}`), nil
	})
}

// asksTown asks for people at once, the first a moment before, and tells how many requests of each kind that
// took.
func asksTown(t *testing.T, c *runtime.Client, p *provider, ids []int) (took struct{ Singles, Lists int }) {
	t.Helper()
	before := len(p.requests())
	var done sync.WaitGroup
	for i, id := range ids {
		done.Go(func() {
			got, err := runtime.Do[townsman](t.Context(), c, onePerson, runtime.Args{Params: struct {
				ID string `query:"id"`
			}{strconv.Itoa(id)}})
			if unknown := id >= 1000; unknown != errors.Is(err, runtime.ErrNotFound) || !unknown && (err != nil || got.ID != strconv.Itoa(id)) {
				t.Errorf("person %d: %+v, %v", id, got, err)
			}
		})
		if i == 0 { // which of them goes alone
			synctest.Wait()
		}
	}
	done.Wait()
	for _, s := range p.requests()[before:] {
		if strings.Contains(s.url, "/person?") {
			took.Singles++
		} else {
			took.Lists++
		}
	}
	return took
}

func from(low, high int) []int {
	var ids []int
	for i := low; i < high; i++ {
		ids = append(ids, i)
	}
	return ids
}

func TestCacheScans(t *testing.T) {
	type took = struct{ Singles, Lists int }
	refusing := func(status int, at int) func(int) *http.Response {
		return func(page int) *http.Response {
			if page == at {
				return reply(status, `{"error":"no"}`)
			}
			return nil
		}
	}
	for name, tt := range map[string]struct {
		pages  int
		list   func(int) *http.Response
		cached bool
		rounds [][]int
		want   []took
	}{
		"alone":                          {1, nil, false, [][]int{{1}}, []took{{1, 0}}},
		"too few":                        {1, nil, false, [][]int{from(0, 5)}, []took{{5, 0}}},
		"enough for a page":              {1, nil, false, [][]int{from(0, 7)}, []took{{1, 1}}},
		"until all are found":            {20, nil, false, [][]int{from(0, 18)}, []took{{1, 2}}},
		"without a cache from the start": {4, nil, false, [][]int{from(0, 10), from(0, 40)}, []took{{1, 1}, {1, 4}}},
		"with one it goes on":            {4, nil, true, [][]int{from(0, 10), append([]int{39}, from(0, 39)...), from(0, 40)}, []took{{1, 1}, {1, 3}, {0, 0}}},
		"those not listed":               {1, nil, true, [][]int{append(from(0, 13), 1000), append(from(0, 14), 1000)}, []took{{5, 1}, {2, 0}}},
		"too long a list":                {50, nil, false, [][]int{append([]int{0}, from(480, 490)...), append([]int{0}, from(480, 490)...)}, []took{{11, 2}, {11, 0}}},
		"forbidden":                      {1, refusing(403, 0), false, [][]int{from(0, 10), from(0, 10)}, []took{{10, 1}, {10, 0}}},
		"broken":                         {1, refusing(500, 0), false, [][]int{from(0, 10), from(0, 10)}, []took{{10, 1}, {10, 1}}},
		"broken on the way":              {3, refusing(500, 1), true, [][]int{from(0, 20), from(0, 20)}, []took{{11, 2}, {0, 0}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				desc := limited(perMinute("singles", 60), perMinute("lists", 12))
				desc.Operations = []*api.Operation{allPeople, onePerson}
				p := town(tt.pages, tt.list)
				opts := []runtime.ClientOption{runtime.WithRetry(retry.Policy{Attempts: 1}), runtime.WithBearer("secret")}
				if tt.cached {
					desc.Cache = &api.Cache{TTL: time.Hour, Source: api.Source{Confidence: api.Inferred}}
					opts = append(opts, runtime.WithCache(cache.Memory(1<<20)))
				}
				c := connect(t, desc, p, opts...)
				var got []took
				for _, ids := range tt.rounds {
					got = append(got, asksTown(t, c, p, ids))
					time.Sleep(2 * time.Minute)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// TestCacheScansAnewAfterAWrite: what was written since is asked for, not taken
// from what a scan has stored.
func TestCacheScansAnewAfterAWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desc := limited(perMinute("singles", 60), perMinute("lists", 12))
		desc.Operations = []*api.Operation{allPeople, onePerson}
		desc.Cache = &api.Cache{TTL: time.Hour}
		p := town(2, nil)
		c := connect(t, desc, p, runtime.WithBearer("secret"), runtime.WithCache(cache.Memory(1<<20)))
		asksTown(t, c, p, from(0, 20))
		write := &api.Operation{Name: "People.Rename", Method: "POST", Path: "/rename", Cache: &api.Cache{Invalidates: []string{"People.Show"}}}
		if err := runtime.Exec(t.Context(), c, write, runtime.Args{}); err != nil {
			t.Fatal(err)
		}
		if got := asksTown(t, c, p, from(0, 20)); got.Singles != 1 || got.Lists != 2 {
			t.Errorf("after a write: %+v", got)
		}
	})
}
