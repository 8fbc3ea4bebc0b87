package runtime_test

// This file tests what an observer is told, and in which order.

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/retry"
)

// notes is an observer that writes down what it is told.
type notes struct {
	mu     sync.Mutex
	lines  []string
	begun  time.Time
	ignore bool
	header http.Header // added to each request
}

func (n *notes) note(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, fmt.Sprintf(format, args...))
}

func (n *notes) said() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.lines
}

func (n *notes) Attach(c *runtime.Client) { n.note("attached to %s", c.API().Name) }

type noteKey string

func (n *notes) Start(ctx context.Context, s runtime.CallStart) (context.Context, runtime.CallObserver) {
	ahead := ""
	if s.Ahead {
		ahead = ", ahead"
	}
	n.note("call %s of %s at %s://%s:%d%s", s.Operation.Name, s.API.Name, s.Scheme, s.Host, s.Port, ahead)
	if n.ignore {
		return ctx, nil
	}
	return context.WithValue(ctx, noteKey("call"), s.Operation.Name), noteCall{n}
}

type noteCall struct{ *notes }

func (n noteCall) Waits(ctx context.Context, w runtime.Wait) {
	n.note("waits for %s (%s) for %v, in %v", w.Key.Limit, w.Key.Scope, w.Until.Sub(n.begun).Round(time.Millisecond), ctx.Value(noteKey("call")))
}

func (n noteCall) WaitEnded(waited time.Duration, err error) {
	n.note("waited %v: %v", waited.Round(time.Millisecond), errors.Is(err, runtime.ErrDeadline))
}

func (n noteCall) AttemptStarts(ctx context.Context, a runtime.AttemptStart) (context.Context, http.Header) {
	n.note("request %+v in %v", a, ctx.Value(noteKey("call")))
	return context.WithValue(ctx, noteKey("attempt"), a.Number), n.header
}

func (n noteCall) AttemptEnded(a runtime.AttemptEnd) {
	refused := ""
	if a.Refusal != nil {
		refused = ", refused"
	}
	n.note("answer %d in %v%s: %v", a.StatusCode, a.Duration, refused, a.Err)
}

func (n noteCall) Ended(e runtime.CallEnd) {
	n.note("end %d, %d requests, %d retries: %v", e.StatusCode, e.Attempts, e.Retries, e.Err)
}

// quick repeats after a second, without jitter.
var quick = runtime.WithRetry(retry.Policy{Attempts: 3, MinBackoff: time.Second, MaxBackoff: time.Second})

func TestObserver(t *testing.T) {
	const attached, begun = "attached to desk", "call Tickets.Show of desk at https://acme.desk.example:443"
	tests := map[string]struct {
		provider *provider
		limit    int
		want     []string
	}{
		"a call": {always(200, aTicket), 9, []string{
			"request {Number:1 Retry:0 Redirected:false} in Tickets.Show", "answer 200 in 0s: <nil>",
			"end 200, 1 requests, 0 retries: <nil>",
		}},
		"a refusal": {inTurn(giving(429, "", "Retry-After", "7"), giving(200, aTicket)), 9, []string{
			"request {Number:1 Retry:0 Redirected:false} in Tickets.Show", "answer 429 in 0s, refused: <nil>",
			"request {Number:2 Retry:1 Redirected:false} in Tickets.Show", "answer 200 in 0s: <nil>",
			"end 200, 2 requests, 1 retries: <nil>",
		}},
		"a redirect": {inTurn(giving(302, "", "Location", "/v2/tickets/2"), giving(200, aTicket)), 9, []string{
			"request {Number:1 Retry:0 Redirected:false} in Tickets.Show", "answer 302 in 0s: <nil>",
			"request {Number:2 Retry:0 Redirected:true} in Tickets.Show", "answer 200 in 0s: <nil>",
			"end 200, 2 requests, 0 retries: <nil>",
		}},
		"a cut body": {inTurn(cut(200, `{"tick`), giving(200, aTicket)), 9, []string{
			"request {Number:1 Retry:0 Redirected:false} in Tickets.Show", "answer 200 in 0s: read the answer: unexpected EOF",
			"request {Number:2 Retry:1 Redirected:false} in Tickets.Show", "answer 200 in 0s: <nil>",
			"end 200, 2 requests, 1 retries: <nil>",
		}},
		"a misfit": {always(200, `{}`), 9, []string{
			"request {Number:1 Retry:0 Redirected:false} in Tickets.Show", "answer 200 in 0s: <nil>",
			"end 200, 1 requests, 0 retries: Tickets.Show: 200 OK: decode the response body: the body has no $.ticket",
		}},
		"an error": {always(404, `{"error":"gone"}`), 9, []string{
			"request {Number:1 Retry:0 Redirected:false} in Tickets.Show", "answer 404 in 0s: <nil>",
			"end 404, 1 requests, 0 retries: Tickets.Show: 404 Not Found: gone",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &notes{begun: time.Now()}
				c := connect(t, limited(perMinute("support", tt.limit)), tt.provider, runtime.WithObserver(n), runtime.WithBearer("t"))
				_, err := showing(c, drawing(show, "support"), quick)
				if (err != nil) != strings.Contains(tt.want[len(tt.want)-1], "Tickets.Show:") {
					t.Errorf("error = %v", err)
				}
				if diff := cmp.Diff(append([]string{attached, begun}, tt.want...), n.said()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// A wait is told as it begins, and does not count as a request's time. One that
// is in vain is told too, since it tells why the call fails.
func TestObserverOfWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &notes{begun: time.Now()}
		c := connect(t, limited(perMinute("support", 1)), always(200, aTicket), runtime.WithObserver(n))
		op := drawing(show, "support")
		for range 2 {
			if _, err := showing(c, op); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if _, err := runtime.Do[ticket](ctx, c, op, runtime.Args{Path: []any{1}}); !errors.Is(err, runtime.ErrDeadline) {
			t.Errorf("error = %v", err)
		}
		said := n.said()
		wait := "waits for support (account=acme) for 1m0.001s, in Tickets.Show"
		if diff := cmp.Diff([]string{wait, "waited 1m0.001s: false", "request {Number:1 Retry:0 Redirected:false} in Tickets.Show"}, said[6:9]); diff != "" {
			t.Error(diff)
		}
		last := said[len(said)-3:]
		if !strings.HasPrefix(last[0], "waits for support") || last[1] != "waited 0s: true" || !strings.HasPrefix(last[2], "end 0, 0 requests") {
			t.Errorf("the call that cannot wait: %q", last)
		}
	})
}

// A page that is fetched ahead is a call only if it is made.
func TestObserverOfPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &notes{begun: time.Now()}
		b := newBook(40)
		c := connect(t, limited(perMinute("support", 3)), b.serve(), runtime.WithObserver(n))
		if _, err := b.walk(t, c, drawing(byCursor, "support"), runtime.WithPageSize(10)); err != nil {
			t.Fatal(err)
		}
		var calls, ends []string
		for _, line := range n.said() {
			switch {
			case strings.HasPrefix(line, "call "):
				calls = append(calls, strings.TrimPrefix(line, "call "+byCursor.Name+" of desk at https://acme.desk.example:443"))
			case strings.HasPrefix(line, "end "):
				ends = append(ends, line)
			}
		}
		if diff := cmp.Diff([]string{"", ", ahead", ", ahead", ""}, calls); diff != "" {
			t.Errorf("the fourth page has to wait: %s", diff)
		}
		for _, end := range ends {
			if end != "end 200, 1 requests, 0 retries: <nil>" {
				t.Error(end)
			}
		}
		if len(ends) != len(calls) {
			t.Errorf("%d ends of %d calls", len(ends), len(calls))
		}
	})
}

// A call ends once, however it ends.
func TestObserverOfBrokenPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, p := range map[string]*provider{
			"an error":   always(404, ""),
			"no items":   always(200, `{}`),
			"no cursor":  always(200, `{"items":[{"id":1}],"meta":{"after":7,"more":true}}`),
			"cut":        inTurn(cut(200, `{`)),
			"lost":       inTurn(failing(errConnection)),
			"ends ahead": inTurn(giving(200, `{"items":[{"id":1},{"id":2}],"meta":{"after":"2"}}`), giving(404, "")),
		} {
			n := &notes{begun: time.Now()}
			c := connect(t, desk(), p, runtime.WithObserver(n))
			for range runtime.List[ticket](t.Context(), c, byCursor, runtime.Args{}) {
			}
			calls, ends := 0, 0
			for _, line := range n.said() {
				switch {
				case strings.HasPrefix(line, "call "):
					calls++
				case strings.HasPrefix(line, "end "):
					ends++
				}
			}
			if calls == 0 || calls != ends {
				t.Errorf("%s: %d calls, %d ends", name, calls, ends)
			}
		}
	})
}

func TestObserverAddsHeaders(t *testing.T) {
	p := inTurn(giving(503, ""), giving(200, aTicket))
	first, second := &notes{header: http.Header{"traceparent": {"00-1"}}}, &notes{header: http.Header{"X-Other": {"2"}}}
	ignoring := &notes{ignore: true}
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, desk(), p, runtime.WithObserver(first), runtime.WithObserver(ignoring), runtime.WithObserver(second))
		if _, err := showing(c, show); err != nil {
			t.Fatal(err)
		}
	})
	for _, r := range p.requests() {
		if r.header.Get("Traceparent") != "00-1" || r.header.Get("X-Other") != "2" {
			t.Errorf("headers %v", r.header)
		}
	}
	if diff := cmp.Diff(first.said(), second.said()); diff != "" {
		t.Errorf("two observers are told different things: %s", diff)
	}
	if said := ignoring.said(); len(said) != 2 {
		t.Errorf("one that ignores the call is told %q", said)
	}
}

func TestNoObserver(t *testing.T) {
	if _, err := runtime.NewClient(desk(), acme, runtime.WithObserver(nil)); err == nil {
		t.Error("an observer of nil was taken")
	}
}
