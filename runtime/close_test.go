package runtime_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// Whoever waits for the budget of a client that is closed is let go.
func TestCloseEndsWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		op := &api.Operation{Name: "Things.Count", Method: "GET", Path: "/count", Draws: []api.Draw{{Limit: "one"}}}
		desc := &api.API{Name: "things", Limits: []api.Limit{{Name: "one", Shape: api.Window{Limit: 1, Per: time.Hour}}}}
		c, err := runtime.NewClient(desc, nil, runtime.WithBaseURL("https://things.example"), runtime.WithTransport(alwaysAnswer("1")))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := runtime.Do[int](t.Context(), c, op, runtime.Args{}); err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() { done <- runtime.Exec(t.Context(), c, op, runtime.Args{}) }()
		synctest.Wait()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, budget.ErrClosed) {
			t.Errorf("the wait ended with %v", err)
		}
	})
}

// A wait that the deadline does not allow for is what callers of deadlines look for.
func TestDeadlineIsTheContexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		op := &api.Operation{Name: "Things.Count", Method: "GET", Path: "/count", Draws: []api.Draw{{Limit: "one"}}}
		desc := &api.API{Name: "things", Limits: []api.Limit{{Name: "one", Shape: api.Window{Limit: 1, Per: time.Hour, Kind: api.Sliding}}}}
		c, err := runtime.NewClient(desc, nil, runtime.WithBaseURL("https://things.example"), runtime.WithTransport(alwaysAnswer("1")))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := runtime.Exec(ctx, c, op, runtime.Args{}); err != nil {
			t.Fatal(err)
		}
		err = runtime.Exec(ctx, c, op, runtime.Args{})
		if !errors.Is(err, runtime.ErrDeadline) || !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			t.Errorf("error = %v", err)
		}
		if errors.Is(err, context.Canceled) {
			t.Error("it is taken for a cancellation")
		}
	})
}

// A result of bytes may be of any type.
func TestBytesAcceptAnything(t *testing.T) {
	var accept string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		accept = r.Header.Get("Accept")
		w.Write([]byte("%PDF"))
	}))
	defer server.Close()
	c, err := runtime.NewClient(&api.API{Name: "things"}, nil, runtime.WithBaseURL(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	op := &api.Operation{Name: "Things.Download", Method: "GET", Path: "/file"}
	got, err := runtime.Do[[]byte](t.Context(), c, op, runtime.Args{})
	if err != nil || string(got) != "%PDF" || accept != "*/*" {
		t.Errorf("got %q, %v; asked for %q", got, err, accept)
	}
	if _, err := runtime.Do[[]byte](t.Context(), c, op, runtime.Args{}, runtime.WithHeader("Accept", "application/pdf")); err != nil || accept != "application/pdf" {
		t.Errorf("%v; asked for %q", err, accept)
	}
}

// alwaysAnswer is a transport that answers everything with a body.
type alwaysAnswer string

func (a alwaysAnswer) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	w.WriteString(string(a))
	resp := w.Result()
	resp.Request = r
	return resp, nil
}
