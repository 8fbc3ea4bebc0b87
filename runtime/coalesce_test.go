package runtime_test

// This file tests how calls share requests, at a desk whose users can be asked for
// one by one, many at once, or by name.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

type user struct {
	ID   json.Number `json:"id"`
	Name string      `json:"name"`
}

var (
	byIDs    = api.Keys{Param: api.Param{In: api.InQuery, Name: "ids"}, Join: ",", ID: api.Path{"id"}, Max: 10}
	byNames  = api.Keys{Param: api.Param{In: api.InQuery, Name: "names"}, ID: api.Path{"name"}, Max: 10}
	showMany = &api.Operation{Name: "Users.ShowMany", Method: "GET", Path: "/users/show_many", Result: api.Path{"users"}, Keys: []api.Keys{byIDs, byNames}}
	showUser = &api.Operation{Name: "Users.Show", Method: "GET", Path: "/users/{user_id}", Result: api.Path{"user"}, Batch: &api.Batch{
		With: "Users.ShowMany", Key: api.Param{In: api.InPath, Name: "user_id"}, Keys: byIDs, Items: api.Path{"users"},
		Adds: []api.Header{{Name: "include_deleted", Value: "true"}}, Shared: []string{"include"},
	}}
)

// crowd is a desk with these operations.
func crowd(limits ...api.Limit) *api.API {
	desc := limited(limits...)
	desc.Operations = []*api.Operation{showUser, showMany}
	return desc
}

// users answers after a second; change, where given, changes the ids asked for into
// the items that are told.
func users(change func(ids []string) []string) *provider {
	return answering(func(_ int, r *http.Request) (*http.Response, error) {
		timer := time.NewTimer(time.Second)
		select {
		case <-timer.C:
		case <-r.Context().Done():
			timer.Stop()
			return nil, r.Context().Err()
		}
		if id, ok := strings.CutPrefix(r.URL.Path, "/v2/users/"); ok && id != "show_many" {
			if id == "404" {
				return reply(404, `{"error":"RecordNotFound"}`), nil
			}
			return reply(200, `{"user":`+userOf(id)+`}`, "X-Of", "one"), nil
		}
		ids := strings.Split(r.URL.Query().Get("ids"), ",")
		var items []string
		if change != nil {
			ids = change(ids)
		}
		for _, id := range ids {
			if id != "404" {
				items = append(items, userOf(id))
			}
		}
		return reply(200, `{"users":[`+strings.Join(items, ",")+`],"count":1}`, "X-Of", "many"), nil
	})
}

func userOf(id string) string {
	if strings.HasPrefix(id, "{") {
		return id
	}
	return fmt.Sprintf(`{"id":%s,"name":"user %s"}`, id, id)
}

func getUser(ctx context.Context, c *runtime.Client, id any, opts ...runtime.Option) (user, error) {
	return runtime.Do[user](ctx, c, showUser, runtime.Args{Path: []any{id}}, opts...)
}

// crowded calls for all ids at once and tells what came of each.
func crowded(t *testing.T, c *runtime.Client, ids []int, opts func(i int) []runtime.Option) (got []user, errs []error) {
	t.Helper()
	got, errs = make([]user, len(ids)), make([]error, len(ids))
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Go(func() {
			var o []runtime.Option
			if opts != nil {
				o = opts(i)
			}
			got[i], errs[i] = getUser(t.Context(), c, id, o...)
		})
		synctest.Wait()
	}
	wg.Wait()
	return got, errs
}

func rightUsers(t *testing.T, ids []int, got []user, errs []error) {
	t.Helper()
	for i, id := range ids {
		if errs[i] != nil || got[i].Name != fmt.Sprint("user ", id) {
			t.Errorf("user %d is %+v: %v", id, got[i], errs[i])
		}
	}
}

func wantURLs(t *testing.T, p *provider, want ...string) {
	t.Helper()
	got := p.urls()
	for i := range got {
		got[i], _ = url.QueryUnescape(strings.TrimPrefix(got[i], "GET "))
	}
	if !slices.Equal(got, want) {
		t.Errorf("requests = %q\nwant %q", got, want)
	}
}

const many = "/users/show_many?ids="

func TestBatchOfCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := users(func(ids []string) []string { slices.Reverse(ids); return ids })
		c := connect(t, crowd(), p)
		ids := []int{1, 2, 3, 4, 3}
		got, errs := crowded(t, c, ids, nil)
		rightUsers(t, ids, got, errs)
		wantURLs(t, p, "/users/1", many+"2,3,4&include_deleted=true")
	})
}

// TestBatchAlone: a call that nobody else makes goes as ever, and takes no longer.
func TestBatchAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := users(nil)
		c := connect(t, crowd(), p)
		for id := 1; id < 4; id++ {
			before := time.Now()
			var response runtime.Response
			var raw json.RawMessage
			got, err := getUser(t.Context(), c, id, runtime.WithResponse(&response), runtime.WithRaw(&raw))
			if err != nil || got.Name != fmt.Sprint("user ", id) || time.Since(before) != time.Second {
				t.Errorf("%+v, %v after %v", got, err, time.Since(before))
			}
			if response.StatusCode != 200 || response.Header.Get("X-Of") != "one" || response.Attempts != 1 || string(response.Body) != `{"user":`+string(raw)+`}` {
				t.Errorf("response %+v, raw %s", response, raw)
			}
		}
		wantURLs(t, p, "/users/1", "/users/2", "/users/3")
	})
}

// TestBatchAnswersEachItsOwn: value, bytes and response are the caller's to change.
func TestBatchAnswersEachItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, crowd(), users(nil))
		raws, responses := make([]json.RawMessage, 5), make([]runtime.Response, 5)
		ids := []int{1, 2, 7, 7, 404}
		_, errs := crowded(t, c, ids, func(i int) []runtime.Option {
			return []runtime.Option{runtime.WithRaw(&raws[i]), runtime.WithResponse(&responses[i])}
		})
		raws[2][7], responses[2].Header["X-Of"][0] = '9', "changed"
		if string(raws[3]) != userOf("7") || responses[3].Header.Get("X-Of") != "many" || responses[3].Attempts != 1 {
			t.Errorf("raw %s, response %+v", raws[3], responses[3])
		}
		if string(raws[0]) != userOf("1") || responses[0].Header.Get("X-Of") != "one" || raws[4] != nil {
			t.Errorf("raw %s and %s, response %+v", raws[0], raws[4], responses[0])
		}
		e := failure(t, errs[4])
		if !errors.Is(errs[4], runtime.ErrNotFound) || e.Operation != "Users.Show" || e.StatusCode != 404 || responses[4].StatusCode != 200 {
			t.Errorf("error %v of %+v", errs[4], responses[4])
		}
		if want := `Users.Show: 404 Not Found: Users.ShowMany has nothing for "404"`; e.Error() != want {
			t.Errorf("error %q, want %q", e, want)
		}
	})
}

// TestBatchCancellation: who leaves, leaves alone.
func TestBatchCancellation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := users(nil)
		c := connect(t, crowd(), p)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for id := 1; id <= 4; id++ {
			wg.Go(func() {
				mine := t.Context()
				if id == 3 {
					mine = ctx
				}
				got, err := getUser(mine, c, id)
				if mine == ctx {
					if !errors.Is(err, context.Canceled) || failure(t, err).Operation != "Users.Show" {
						t.Errorf("user %d: %+v, %v", id, got, err)
					}
				} else if err != nil || got.Name != fmt.Sprint("user ", id) {
					t.Errorf("user %d: %+v, %v", id, got, err)
				}
			})
			synctest.Wait()
		}
		time.Sleep(time.Second / 2)
		cancel()
		wg.Wait()
		wantURLs(t, p, "/users/1", many+"2,4&include_deleted=true")
	})
}

// TestBatchPriorities: an urgent call takes those along that wait, and does not wait
// for a request that is less urgent.
func TestBatchPriorities(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := users(nil)
		c := connect(t, crowd(), p)
		ids := []int{1, 2, 3}
		before := time.Now()
		var ended [3]time.Duration
		var wg sync.WaitGroup
		for i, class := range []budget.Class{budget.Background, budget.Background, budget.Urgent} {
			wg.Go(func() {
				if _, err := getUser(t.Context(), c, ids[i], runtime.WithPriority(class)); err != nil {
					t.Error(err)
				}
				ended[i] = time.Since(before)
			})
			synctest.Wait()
		}
		wg.Wait()
		if ended != [3]time.Duration{time.Second, time.Second, time.Second} {
			t.Errorf("ended after %v", ended)
		}
		wantURLs(t, p, "/users/1", many+"2,3&include_deleted=true")
	})
}

// TestBatchDelay bounds the wait for others.
func TestBatchDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := users(nil)
		c := connect(t, crowd(), p, runtime.WithBatchDelay(100*time.Millisecond))
		crowded(t, c, []int{1, 2, 3}, nil)
		if got := p.times(); !slices.Equal(got, []time.Duration{0, 100 * time.Millisecond}) {
			t.Errorf("sent at %v", got)
		}
		if _, err := getUser(t.Context(), c, 4, runtime.WithBatchDelay(-1)); err == nil {
			t.Error("a negative delay is no error")
		}
	})
}

// TestBatchWithoutItsOperation is of an operation by hand.
func TestBatchWithoutItsOperation(t *testing.T) {
	p := users(nil)
	desc := crowd()
	desc.Operations = nil
	_, err := getUser(t.Context(), connect(t, desc, p), 1)
	if !errors.Is(err, runtime.ErrInvalidArgument) || len(p.requests()) > 0 || !strings.Contains(err.Error(), "Users.ShowMany, which desk does not have") {
		t.Errorf("error %v", err)
	}
}

// TestBatchForgetsGroups: headers that are new with each call leave nothing behind
// that grows.
func TestBatchForgetsGroups(t *testing.T) {
	c := connect(t, crowd(), always(200, `{"user":{"id":1,"name":"user 1"}}`))
	for i := range 1000 {
		if _, err := getUser(t.Context(), c, 1, runtime.WithHeader("X-Trace", fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if n := runtime.Groups(c); n > 64 {
		t.Errorf("%d groups are kept", n)
	}
}
