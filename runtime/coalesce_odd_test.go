package runtime_test

// This file tests what becomes of answers for many that are odd, broken or errors.

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
)

// TestBatchOfOddAnswers has answers with items that are missing, too many, twice, in
// any order, without an id, or with one written another way.
func TestBatchOfOddAnswers(t *testing.T) {
	tests := map[string]struct {
		change  func(ids []string) []string
		missing []int
	}{
		"reordered":       {func(ids []string) []string { slices.Reverse(ids); return ids }, nil},
		"extra":           {func(ids []string) []string { return slices.Concat([]string{"77", "78"}, ids, []string{"79"}) }, nil},
		"missing":         {func(ids []string) []string { return ids[1:] }, []int{2}},
		"all missing":     {func([]string) []string { return nil }, []int{2, 3, 4, 5}},
		"extra for one":   {func(ids []string) []string { return append(ids[:2:2], "88", "89") }, []int{4, 5}},
		"twice":           {func(ids []string) []string { return append(ids, ids...) }, nil},
		"the first holds": {func(ids []string) []string { return append(ids, `{"id":2,"name":"another"}`) }, nil},
		"no id":           {func(ids []string) []string { return append(ids, `{"name":"nobody"}`, `{"id":null}`, `{}`) }, nil},
		"ids as texts": {func(ids []string) []string {
			for i, id := range ids {
				ids[i] = fmt.Sprintf(`{"id":%q,"name":"user %s"}`, id, id)
			}
			return ids
		}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := connect(t, crowd(), users(tt.change))
				ids := []int{1, 2, 3, 4, 5}
				got, errs := crowded(t, c, ids, nil)
				for i, id := range ids {
					if slices.Contains(tt.missing, id) {
						if !errors.Is(errs[i], runtime.ErrNotFound) {
							t.Errorf("user %d: %+v, %v", id, got[i], errs[i])
						}
					} else if errs[i] != nil || got[i].Name != fmt.Sprint("user ", id) {
						t.Errorf("user %d: %+v, %v", id, got[i], errs[i])
					}
				}
			})
		})
	}
}

// TestBatchOfBrokenAnswers: one item that does not fit is its caller's error, a body
// that is no list is everybody's.
func TestBatchOfBrokenAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, crowd(), users(func(ids []string) []string { return append(ids[1:], `{"id":2,"name":false}`) }))
		ids := []int{1, 2, 3}
		got, errs := crowded(t, c, ids, nil)
		if broken, ok := errors.AsType[*runtime.DecodeError](errs[1]); !ok || string(broken.Raw) != `{"id":2,"name":false}` || failure(t, errs[1]).Operation != "Users.Show" {
			t.Errorf("error %v", errs[1])
		}
		if errs[2] != nil || got[2].Name != "user 3" {
			t.Errorf("user 3: %+v, %v", got[2], errs[2])
		}
	})
	for _, body := range []string{`{}`, `<html>`, `{"users":{}}`, `{"users":[{"id":2}`, ``, `{"users":7}`} {
		synctest.Test(t, func(t *testing.T) {
			p := answering(func(n int, _ *http.Request) (*http.Response, error) {
				time.Sleep(time.Second)
				if n == 1 {
					return reply(200, `{"user":`+userOf("1")+`}`), nil
				}
				return reply(200, body), nil
			})
			_, errs := crowded(t, connect(t, crowd(), p), []int{1, 2, 3}, nil)
			for _, err := range errs[1:] {
				if _, ok := errors.AsType[*runtime.DecodeError](err); !ok || failure(t, err).Operation != "Users.Show" {
					t.Errorf("of the body %s: %v", body, err)
				}
			}
		})
	}
}

// TestBatchFailures splits a request that fails for what is in it, and tells each
// caller its own error.
func TestBatchFailures(t *testing.T) {
	failing := func(status int, body string, fails func(ids []string) bool) *provider {
		good := users(nil)
		return answering(func(n int, r *http.Request) (*http.Response, error) {
			ids := r.URL.Query().Get("ids")
			if ids == "" {
				ids = strings.TrimPrefix(r.URL.Path, "/v2/users/")
			}
			if fails(strings.Split(ids, ",")) {
				time.Sleep(time.Second)
				return reply(status, body), nil
			}
			return good.answer(n, r)
		})
	}
	three := func(ids []string) bool { return slices.Contains(ids, "3") }
	crowdy := func(ids []string) bool { return len(ids) > 3 }
	tests := map[string]struct {
		status   int
		body     string
		fails    func(ids []string) bool
		wrong    []int // the users whose callers get the error
		requests int
	}{
		"one key is bad":       {422, `{"error":"InvalidId"}`, three, []int{3}, 7},
		"one key is not found": {404, ``, three, []int{3}, 7},
		"too many":             {400, `{"error":"TooManyIds"}`, crowdy, nil, 4},
		"too long a URL":       {414, ``, crowdy, nil, 4},
		"too large":            {413, ``, crowdy, nil, 4},
		"nobody's fault":       {403, `{"error":"Forbidden"}`, func(ids []string) bool { return len(ids) > 1 }, []int{2, 3, 4, 5, 6, 7}, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := failing(tt.status, tt.body, tt.fails)
				ids := []int{1, 2, 3, 4, 5, 6, 7}
				got, errs := crowded(t, connect(t, crowd(), p), ids, nil)
				for i, id := range ids {
					if slices.Contains(tt.wrong, id) {
						if e := failure(t, errs[i]); e.StatusCode != tt.status || e.Operation != "Users.Show" {
							t.Errorf("user %d: %v", id, errs[i])
						}
					} else if errs[i] != nil || got[i].Name != fmt.Sprint("user ", id) {
						t.Errorf("user %d: %+v, %v", id, got[i], errs[i])
					}
				}
				if n := len(p.requests()); n > tt.requests {
					t.Errorf("%d requests: %q", n, p.urls())
				}
			})
		})
	}
}

// TestBatchOfNamesInOddCase: a provider that takes names in any case answers once for
// two that are the same to it, and tells them as their owners write them.
func TestBatchOfNamesInOddCase(t *testing.T) {
	proper := func(name string) string { return strings.ToUpper(name[:1]) + name[1:] }
	byName := api.Keys{Param: api.Param{In: api.InQuery, Name: "usernames"}, Join: ",", ID: api.Path{"id"}, Max: 10}
	several := &api.Operation{Name: "Users.ByNames", Method: "GET", Path: "/users/by", Result: api.Path{"data"}, Keys: []api.Keys{byName}}
	one := &api.Operation{Name: "Users.ByName", Method: "GET", Path: "/users/by/{username}", Result: api.Path{"data"}, Batch: &api.Batch{
		With: several.Name, Key: api.Param{In: api.InPath, Name: "username"}, Keys: byName, Items: api.Path{"data"},
	}}
	for name, tt := range map[string]struct {
		anyCase bool
		missing string
	}{
		"in any case": {true, ""},
		"as it is":    {false, "ann"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				has := func(asked string) bool {
					return slices.ContainsFunc([]string{"Zoe", "Ann", "Bob"}, func(name string) bool {
						return name == asked || tt.anyCase && strings.EqualFold(name, asked)
					})
				}
				p := answering(func(_ int, r *http.Request) (*http.Response, error) {
					time.Sleep(time.Second)
					if asked, ok := strings.CutPrefix(r.URL.Path, "/v2/users/by/"); ok {
						if !has(asked) {
							return reply(404, `{}`), nil
						}
						return reply(200, fmt.Sprintf(`{"data":{"id":%q}}`, proper(asked))), nil
					}
					var items []string
					for asked := range strings.SplitSeq(r.URL.Query().Get("usernames"), ",") {
						if item := fmt.Sprintf(`{"id":%q}`, proper(asked)); has(asked) && !slices.Contains(items, item) {
							items = append(items, item)
						}
					}
					return reply(200, `{"data":[`+strings.Join(items, ",")+`]}`), nil
				})
				desc := limited()
				desc.Operations = []*api.Operation{one, several}
				c := connect(t, desc, p)
				var wg sync.WaitGroup
				for _, asked := range []string{"Zoe", "ann", "Ann", "Bob"} {
					wg.Go(func() {
						got, err := runtime.Do[map[string]string](t.Context(), c, one, runtime.Args{Path: []any{asked}})
						switch {
						case asked == tt.missing && !errors.Is(err, runtime.ErrNotFound):
							t.Errorf("%s: %v, %v", asked, got, err)
						case asked != tt.missing && (err != nil || got["id"] != proper(asked)):
							t.Errorf("%s: %v, %v", asked, got, err)
						}
					})
					synctest.Wait()
				}
				wg.Wait()
				if n := len(p.requests()); n != 3 {
					t.Errorf("requests %q", p.urls())
				}
			})
		})
	}
}
