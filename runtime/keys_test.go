package runtime_test

// This file tests operations that are asked for many things at once.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
)

type userParams struct {
	IDs     []int    `query:"ids,join"`
	Names   []string `query:"names"`
	Deleted bool     `query:"include_deleted"`
}

func getUsers(ctx context.Context, c *runtime.Client, params userParams, opts ...runtime.Option) ([]user, error) {
	return runtime.Do[[]user](ctx, c, showMany, runtime.Args{Params: &params}, opts...)
}

func idsOf(users []user) string {
	var ids []string
	for _, u := range users {
		ids = append(ids, u.ID.String())
	}
	return strings.Join(ids, " ")
}

func firstIDs(n int) (ids []int) {
	for i := range n {
		ids = append(ids, i+1)
	}
	return ids
}

// TestBatchOfManyKeys: whatever the number of keys, the result has them in order.
func TestBatchOfManyKeys(t *testing.T) {
	backwards := func(ids []string) []string { slices.Reverse(ids); return ids }
	tests := map[string]struct {
		ids      []int
		change   func(ids []string) []string
		want     string
		requests int
	}{
		"none":                 {nil, func([]string) []string { return nil }, "", 1},
		"as many as may be":    {firstIDs(10), nil, "1 2 3 4 5 6 7 8 9 10", 1},
		"one more":             {firstIDs(11), nil, "1 2 3 4 5 6 7 8 9 10 11", 2},
		"in another order":     {firstIDs(13), backwards, "1 2 3 4 5 6 7 8 9 10 11 12 13", 2},
		"few in another order": {firstIDs(4), backwards, "1 2 3 4", 1},
		"their own order":      {[]int{9, 2, 7, 11, 4, 6, 8, 1, 10, 5, 3}, backwards, "9 2 7 11 4 6 8 1 10 5 3", 2},
		"some are not found":   {[]int{1, 404, 3, 4, 5, 6, 7, 8, 9, 10, 404, 12}, nil, "1 3 4 5 6 7 8 9 10 12", 2},
		"some twice":           {[]int{1, 2, 3, 1, 2, 3, 1, 2, 3, 4, 5, 6}, nil, "1 2 3 4 5 6", 1},
		"extra":                {firstIDs(11), func(ids []string) []string { return append([]string{"99" + ids[0]}, ids...) }, "1 2 3 4 5 6 7 8 9 10 11 991 9911", 2},
		"several of a key":     {firstIDs(11), func(ids []string) []string { return append(ids, ids...) }, "1 1 2 2 3 3 4 4 5 5 6 6 7 7 8 8 9 9 10 10 11 11", 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := users(tt.change)
				var response runtime.Response
				var raw json.RawMessage
				got, err := getUsers(t.Context(), connect(t, crowd(), p), userParams{IDs: tt.ids, Deleted: true}, runtime.WithRaw(&raw), runtime.WithResponse(&response))
				if err != nil || idsOf(got) != tt.want || len(p.requests()) != tt.requests {
					t.Errorf("got %s, %v by %q\nwant %s", idsOf(got), err, p.urls(), tt.want)
				}
				var again []user
				if err := json.Unmarshal(raw, &again); err != nil || idsOf(again) != tt.want {
					t.Errorf("raw is %s", raw)
				}
				if response.StatusCode != 200 || response.Attempts != tt.requests || response.Header.Get("X-Of") != "many" {
					t.Errorf("response %d, %d attempts", response.StatusCode, response.Attempts)
				}
				for _, u := range p.urls() {
					if !strings.Contains(u, "include_deleted=true") {
						t.Errorf("request %s", u)
					}
				}
			})
		})
	}
}

// TestBatchOfManyKeysAtOnce: the parts of a call are under way at the same time, as
// far as the budget has room.
func TestBatchOfManyKeysAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desc := crowd(perMinute("requests", 5))
		op := drawing(showMany, "requests")
		desc.Operations = []*api.Operation{op}
		p := users(nil)
		before := time.Now()
		got, err := runtime.Do[[]user](t.Context(), connect(t, desc, p), op, runtime.Args{Params: &userParams{IDs: firstIDs(100)}})
		if err != nil || len(got) != 100 {
			t.Fatalf("%d users: %v", len(got), err)
		}
		if took := time.Since(before); took < time.Minute || took > 63*time.Second || len(p.requests()) != 10 {
			t.Errorf("10 requests at 5 a minute took %v and %d", took, len(p.requests()))
		}
	})
}

// TestBatchOfManyKeysByOther parameters: repeated ones, and several, which only the
// provider knows to tell apart.
func TestBatchOfManyKeysByOther(t *testing.T) {
	p := always(200, `{"users":[{"id":2,"name":"b"},{"id":1,"name":"a"}]}`)
	c := connect(t, crowd(), p)
	got, err := getUsers(t.Context(), c, userParams{Names: []string{"a", "b"}})
	if err != nil || idsOf(got) != "1 2" {
		t.Errorf("got %s, %v", idsOf(got), err)
	}
	got, err = getUsers(t.Context(), c, userParams{Names: []string{"A", "b"}})
	if err != nil || idsOf(got) != "1 2" {
		t.Errorf("names in another case: got %s, %v", idsOf(got), err)
	}
	got, err = getUsers(t.Context(), c, userParams{Names: []string{"a", "b"}, IDs: firstIDs(12)})
	if err != nil || idsOf(got) != "2 1" || len(p.requests()) != 3 {
		t.Errorf("got %s, %v by %q", idsOf(got), err, p.urls())
	}
	_, err = getUsers(t.Context(), c, userParams{Names: []string{"a", ""}})
	if !errors.Is(err, runtime.ErrInvalidArgument) || !strings.Contains(err.Error(), "parameter names: number 2 of 2 is empty") {
		t.Errorf("error %v", err)
	}
}

// TestBatchOfLongKeys keeps URLs within what providers take.
func TestBatchOfLongKeys(t *testing.T) {
	p := always(200, `{"users":[]}`)
	var names []string
	for i := range 10 {
		names = append(names, strings.Repeat("ü", 400)+fmt.Sprint(i)) // 2,401 bytes each in a URL
	}
	if _, err := getUsers(t.Context(), connect(t, crowd(), p), userParams{Names: names}); err != nil {
		t.Fatal(err)
	}
	if len(p.requests()) != 4 {
		t.Errorf("%d requests", len(p.requests()))
	}
	for _, r := range p.requests() {
		if len(r.url) > 8000+len("GET ") {
			t.Errorf("a URL of %d bytes", len(r.url))
		}
	}
}

// TestBatchOfManyKeysFails with the error of a part, and halves what is too large.
func TestBatchOfManyKeysFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := users(nil)
		refuse := 0
		p := answering(func(n int, r *http.Request) (*http.Response, error) {
			ids := strings.Split(r.URL.Query().Get("ids"), ",")
			if len(ids) > 3 {
				return reply(414, ``), nil
			}
			if slices.Contains(ids, "14") && refuse > 0 {
				return reply(refuse, `{"error":"No"}`), nil
			}
			return good.answer(n, r)
		})
		c := connect(t, crowd(), p)
		if got, err := getUsers(t.Context(), c, userParams{IDs: firstIDs(20)}); err != nil || len(got) != 20 || got[13].Name != "user 14" {
			t.Errorf("%d users: %v", len(got), err)
		}
		refuse = 403
		got, err := getUsers(t.Context(), c, userParams{IDs: firstIDs(20)})
		if e := failure(t, err); got != nil || !errors.Is(err, runtime.ErrForbidden) || e.Operation != "Users.ShowMany" || e.Code != "No" {
			t.Errorf("%d users: %v", len(got), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		refuse = 0
		if _, err := getUsers(ctx, c, userParams{IDs: firstIDs(20)}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
	for _, body := range []string{`{}`, `{"users":5}`, `<html>`} {
		_, err := getUsers(t.Context(), connect(t, crowd(), always(200, body)), userParams{IDs: firstIDs(20)})
		if _, ok := errors.AsType[*runtime.DecodeError](err); !ok || failure(t, err).Operation != "Users.ShowMany" {
			t.Errorf("of the body %s: %v", body, err)
		}
	}
}
