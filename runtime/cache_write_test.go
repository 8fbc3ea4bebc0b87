package runtime_test

// This file tests what a write makes old: what is stored, and what is on its way.

import (
	"context"
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
	"github.com/weirkit/weir/runtime/retry"
)

func TestCacheOfWhatWasWritten(t *testing.T) {
	list := kept(&api.Operation{Name: "Tickets.List", Method: "GET", Path: "/tickets"}, forFive)
	others := kept(&api.Operation{Name: "Users.List", Method: "GET", Path: "/users"}, forFive)
	single := kept(show, forFive)
	asks := func(c *runtime.Client, op *api.Operation, opts ...runtime.Option) error {
		args := runtime.Args{}
		if strings.Contains(op.Path, "{") {
			args.Path = []any{1}
		}
		_, err := runtime.Do[[]byte](context.Background(), c, op, args, opts...)
		return err
	}
	for name, tt := range map[string]struct {
		write  *api.Operation
		answer func() (*http.Response, error)
		want   []string // asked for again
	}{
		"its path":            {replace, giving(200, aTicket), []string{"Tickets.Show"}},
		"its path, deleted":   {&api.Operation{Name: "Tickets.Delete", Method: "DELETE", Path: "/tickets/{ticket_id}"}, giving(204, ""), []string{"Tickets.Show"}},
		"a list's":            {create, giving(201, aTicket), []string{"Tickets.List"}},
		"and where it stands": {create, giving(201, aTicket, "Location", "/v2/tickets/1"), []string{"Tickets.List", "Tickets.Show"}},
		"not elsewhere":       {create, giving(201, aTicket, "Location", "https://evil.example/v2/tickets/1"), []string{"Tickets.List"}},
		"annotated":           {kept(replace, api.Cache{Invalidates: []string{"Users.List", "Tickets.List"}}), giving(200, aTicket), []string{"Tickets.List", "Tickets.Show", "Users.List"}},
		"rejected":            {kept(replace, api.Cache{Invalidates: []string{"Users.List"}}), giving(422, "{}"), nil},
		"failed":              {replace, giving(500, ""), []string{"Tickets.Show"}},
		"unanswered":          {replace, failing(errConnection), []string{"Tickets.Show"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := answering(func(_ int, r *http.Request) (*http.Response, error) {
					if r.Method != "GET" {
						return tt.answer()
					}
					return reply(200, "[]"), nil
				})
				c := cached(t, p, runtime.WithRetry(retry.Policy{Attempts: 1}))
				reads := []*api.Operation{list, single, others}
				for range 2 {
					for _, op := range reads {
						asks(c, op)
					}
				}
				asks(c, tt.write)
				if n := len(p.requests()); n != 4 {
					t.Fatalf("%d requests, want 4", n)
				}
				var again []string
				for _, op := range reads {
					before := len(p.requests())
					if err := asks(c, op); err != nil {
						t.Error(err)
					}
					if len(p.requests()) > before {
						again = append(again, op.Name)
					}
				}
				if diff := cmp.Diff(tt.want, again); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// TestCacheOfAReadBeforeAWrite: an answer that was on its way while something was
// written does not hold.
func TestCacheOfAReadBeforeAWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := answering(func(n int, r *http.Request) (*http.Response, error) {
			if n == 1 {
				time.Sleep(10 * time.Second)
			}
			return reply(200, `{"ticket":{"id":`+strconv.Itoa(n)+`}}`), nil
		})
		c := cached(t, p)
		op := kept(show, forFive)
		var done sync.WaitGroup
		done.Go(func() { showing(c, op) })
		synctest.Wait()
		if _, err := showing(c, replace); err != nil {
			t.Fatal(err)
		}
		done.Wait()
		if got, err := showing(c, op); err != nil || got.ID != 3 {
			t.Errorf("got %+v, %v, want what was asked for after the write", got, err)
		}
	})
}

// TestCacheAfterAWriteJoinsNoReadBeforeIt: who has written asks anew, and those who
// asked before have one answer still.
func TestCacheAfterAWriteJoinsNoReadBeforeIt(t *testing.T) {
	elsewhere := *replace
	elsewhere.Path = "/elsewhere/{ticket_id}"
	for name, write := range map[string]*api.Operation{
		"its path":  replace,
		"annotated": kept(&elsewhere, api.Cache{Invalidates: []string{show.Name}}),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := answering(func(n int, r *http.Request) (*http.Response, error) {
					if r.Method == http.MethodGet {
						time.Sleep(10 * time.Second)
					}
					return reply(200, `{"ticket":{"id":`+strconv.Itoa(n)+`}}`), nil
				})
				c := cached(t, p)
				op := kept(show, forFive)
				var done sync.WaitGroup
				asks := func(want int) {
					done.Go(func() {
						if got, err := showing(c, op); err != nil || got.ID != want {
							t.Errorf("got %+v, %v, want answer %d", got, err, want)
						}
					})
					synctest.Wait()
				}
				asks(1)
				asks(1)
				if _, err := showing(c, write); err != nil {
					t.Fatal(err)
				}
				asks(3)
				asks(3)
				done.Wait()
				if n := len(p.requests()); n != 3 {
					t.Errorf("%d requests", n)
				}
			})
		})
	}
}
