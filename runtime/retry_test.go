package runtime_test

// This file tests what is repeated, after which wait, and until when.

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/retry"
)

const jitter = 250 * time.Millisecond

// A refused call comes again exactly when it was told to, and at most the
// jitter later, in whatever form that was told.
func TestRetryAfterForms(t *testing.T) {
	tests := map[string]struct {
		value       func(now time.Time) string
		least, most time.Duration
	}{
		"seconds":         {func(time.Time) string { return "7" }, 7 * time.Second, 7*time.Second + jitter},
		"decimal":         {func(time.Time) string { return "1.5" }, 1500 * time.Millisecond, 1500*time.Millisecond + jitter},
		"zero":            {func(time.Time) string { return "0" }, 0, jitter},
		"an HTTP date":    {func(now time.Time) string { return now.Add(9 * time.Second).UTC().Format(http.TimeFormat) }, 9 * time.Second, 9*time.Second + jitter},
		"an epoch":        {func(now time.Time) string { return strconv.FormatInt(now.Add(8*time.Second).Unix(), 10) }, 8 * time.Second, 8*time.Second + jitter},
		"an epoch in ms":  {func(now time.Time) string { return strconv.FormatInt(now.Add(8*time.Second).UnixMilli(), 10) }, 8 * time.Second, 8*time.Second + jitter},
		"a date long ago": {func(now time.Time) string { return now.Add(-time.Hour).UTC().Format(http.TimeFormat) }, 0, jitter},
		// Nothing that can be meant: exponential from half a second, half of it random.
		"garbage":         {func(time.Time) string { return "soon" }, 250 * time.Millisecond, 500 * time.Millisecond},
		"negative":        {func(time.Time) string { return "-5" }, 250 * time.Millisecond, 500 * time.Millisecond},
		"52 years":        {func(time.Time) string { return "1642204800" }, 250 * time.Millisecond, 500 * time.Millisecond},
		"missing":         {nil, 250 * time.Millisecond, 500 * time.Millisecond},
		"beyond an int64": {func(time.Time) string { return strings.Repeat("9", 40) }, 250 * time.Millisecond, 500 * time.Millisecond},
	}
	for name, tt := range tests {
		for _, status := range []int{429, 503} {
			t.Run(name+" with "+strconv.Itoa(status), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := answering(func(n int, _ *http.Request) (*http.Response, error) {
						switch {
						case n > 1:
							return reply(200, aTicket), nil
						case tt.value == nil:
							return reply(status, ""), nil
						}
						return reply(status, "", "Retry-After", tt.value(time.Now())), nil
					})
					if _, err := showing(connect(t, desk(), p), show); err != nil {
						t.Fatal(err)
					}
					if at := p.requests()[1].at; at < tt.least || at > tt.most {
						t.Errorf("came again after %v, want %v to %v", at, tt.least, tt.most)
					}
				})
			})
		}
	}
}

// The provider's clock is an hour off: a date is read by its own Date header.
func TestRetryAfterDateBySkewedClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := answering(func(n int, _ *http.Request) (*http.Response, error) {
			theirs := time.Now().Add(time.Hour).UTC()
			if n == 1 {
				return reply(429, "", "Date", theirs.Format(http.TimeFormat), "Retry-After", theirs.Add(6*time.Second).Format(http.TimeFormat)), nil
			}
			return reply(200, aTicket), nil
		})
		if _, err := showing(connect(t, desk(), p), show); err != nil {
			t.Fatal(err)
		}
		if at := p.requests()[1].at; at < 6*time.Second || at > 6*time.Second+jitter {
			t.Errorf("came again after %v, want 6 s", at)
		}
	})
}

func TestRefusalTellsTheWaitInItsBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desc := desk()
		desc.Throttling = []api.Throttling{{Status: 429, RetryAfter: api.RetryAfterBody, Path: api.Path{"error", "details", "retry_after"}}}
		for _, first := range []func() (*http.Response, error){
			giving(429, `{"error":{"details":{"retry_after":12}}}`),
			cut(429, `{"error":{"details":{"retry_after":12},`), // what was read of it says enough
		} {
			p := inTurn(first, giving(200, aTicket))
			// Not idempotent, but refused calls were not executed.
			if _, err := runtime.Do[ticket](t.Context(), connect(t, desc, p), create, runtime.Args{Body: ticket{}}); err != nil {
				t.Fatal(err)
			}
			if at := p.requests()[1].at; at < 12*time.Second || at > 12*time.Second+jitter {
				t.Errorf("came again after %v, want 12 s", at)
			}
		}
	})
}

func TestWhatIsRepeated(t *testing.T) {
	idempotent := *create
	idempotent.IdempotencyHeader = "Idempotency-Key"
	annotated := *create
	annotated.Idempotent = true
	failures := map[string]func() (*http.Response, error){
		"429":              giving(429, ""),
		"429, cut":         cut(429, `{"error":`),
		"425":              giving(425, ""),
		"500":              giving(500, ""),
		"500, cut":         cut(500, `{"error":`),
		"503":              giving(503, ""),
		"cut":              cut(200, `{"ticket":{"id"`),
		"a lost exchange":  failing(errConnection),
		"404":              giving(404, ""),
		"404, cut":         cut(404, `{"error":`),
		"401":              giving(401, ""),
		"501":              giving(501, ""),
		"200 that is HTML": giving(200, "<html>"),
	}
	refused := []string{"429", "429, cut", "425"}
	failed := append([]string{"500", "500, cut", "503", "cut", "a lost exchange"}, refused...)
	tests := map[string]struct {
		op       *api.Operation
		args     runtime.Args
		repeated []string
	}{
		"GET":                      {show, runtime.Args{Path: []any{1}}, failed},
		"PUT":                      {replace, runtime.Args{Path: []any{1}, Body: ticket{}}, failed},
		"POST":                     {create, runtime.Args{Body: ticket{}}, refused},
		"POST that is annotated":   {&annotated, runtime.Args{Body: ticket{}}, failed},
		"POST with an idempotency": {&idempotent, runtime.Args{Body: ticket{}}, failed},
	}
	for method, tt := range tests {
		for name, fails := range failures {
			t.Run(method+" after "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := inTurn(fails, giving(200, aTicket))
					_, err := runtime.Do[ticket](t.Context(), connect(t, desk(), p), tt.op, tt.args)
					repeats := slices.Contains(tt.repeated, name)
					if n := len(p.requests()); (n == 2) != repeats || (err == nil) != repeats {
						t.Errorf("%d requests, error %v; repeated should be %v", n, err, repeats)
					}
					if seen := p.requests(); repeats && (seen[0].body != seen[1].body ||
						seen[0].header.Get("Idempotency-Key") != seen[1].header.Get("Idempotency-Key")) {
						t.Errorf("the second request differs: %+v", seen)
					}
				})
			})
		}
	}
}

func TestFiveAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := always(503, `{"error":{"code":"overloaded","message":"Try later"}}`, "X-Request-Id", "r-17")
		_, err := showing(connect(t, desk(), p), show)
		e := failure(t, err)
		if len(p.requests()) != 5 {
			t.Errorf("%d attempts", len(p.requests()))
		}
		// Half a second, doubled each time, and half of it random.
		for i, at := range p.requests()[1:] {
			wait := at.at - p.requests()[i].at
			if most := 500 * time.Millisecond << i; wait < most/2 || wait > most {
				t.Errorf("wait %d = %v, want %v to %v", i+1, wait, most/2, most)
			}
		}
		if e.StatusCode != 503 || e.Code != "overloaded" || e.Message != "Try later" || e.RequestID != "r-17" || e.Operation != "Tickets.Show" {
			t.Errorf("error = %+v", *e)
		}
		if gaveUp, ok := errors.AsType[*retry.GaveUp](err); !ok || gaveUp.Attempts != 5 || !errors.Is(err, runtime.ErrUnavailable) {
			t.Errorf("error = %v", err)
		}
	})
}

// The final error of a refused call says all that the refusal said.
func TestRefusedToTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := always(429, `{"error":{"code":"rate_limited"}}`, "Retry-After", "30", "X-Request-Id", "r-1")
		_, err := showing(connect(t, desk(), p), show)
		e := failure(t, err)
		if !errors.Is(err, runtime.ErrRateLimited) || !e.Refused || e.StatusCode != 429 || e.Code != "rate_limited" || e.RequestID != "r-1" {
			t.Errorf("error = %+v", *e)
		}
		if e.RetryAfter <= 29*time.Second || e.RetryAfter > 30*time.Second {
			t.Errorf("RetryAfter = %v", e.RetryAfter)
		}
		if n := len(p.requests()); n != 5 {
			t.Errorf("%d attempts", n)
		}
	})
}

// Bounds on the wait are looked at before it begins.
func TestWaitsThatAreNotBegun(t *testing.T) {
	tests := map[string]struct {
		policy  retry.Policy
		timeout time.Duration
		after   string
		status  int
		why     retry.Bound
		is      error
	}{
		"deadline before a retry after a refusal": {timeout: 20 * time.Second, after: "30", status: 429, why: retry.ByDeadline, is: runtime.ErrDeadline},
		"deadline before a retry after a fault":   {timeout: 20 * time.Second, after: "30", status: 503, why: retry.ByDeadline, is: runtime.ErrDeadline},
		"above the cap":                           {after: "7201", status: 429, why: retry.ByMaxRetryAfter, is: runtime.ErrRateLimited},
		"above a cap of one's own":                {policy: retry.Policy{MaxRetryAfter: time.Second}, after: "2", status: 503, why: retry.ByMaxRetryAfter, is: runtime.ErrUnavailable},
		"longest time":                            {policy: retry.Policy{MaxElapsed: 20 * time.Second}, after: "30", status: 429, why: retry.ByElapsed, is: runtime.ErrRateLimited},
		"one attempt":                             {policy: retry.Policy{Attempts: 1}, after: "30", status: 429, why: retry.ByAttempts, is: runtime.ErrRateLimited},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := always(tt.status, `{"error":"busy"}`, "Retry-After", tt.after)
				ctx, cancel := context.WithCancel(t.Context())
				if tt.timeout > 0 {
					ctx, cancel = context.WithTimeout(t.Context(), tt.timeout)
				}
				defer cancel()
				start := time.Now()
				_, err := runtime.Do[ticket](ctx, connect(t, desk(), p), show, runtime.Args{Path: []any{1}}, runtime.WithRetry(tt.policy))
				if waited := time.Since(start); waited != 0 || len(p.requests()) != 1 {
					t.Errorf("%d requests in %v", len(p.requests()), waited)
				}
				gaveUp, ok := errors.AsType[*retry.GaveUp](err)
				if !ok || gaveUp.Why != tt.why || !errors.Is(err, tt.is) {
					t.Fatalf("error = %v", err)
				}
				e := failure(t, err)
				if want, _ := strconv.Atoi(tt.after); e.RetryAfter != time.Duration(want)*time.Second || e.StatusCode != tt.status || e.Code != "busy" {
					t.Errorf("error = %+v", *e)
				}
				if !strings.Contains(err.Error(), "retry after") {
					t.Errorf("the message %q does not tell the wait", err)
				}
			})
		})
	}
}

// A call that was refused is not sent again while its counter is frozen, and
// neither are others: they fail at once if they cannot wait.
func TestAFreezeHoldsTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := inTurn(giving(429, "", "Retry-After", "100"), giving(200, aTicket))
		c := connect(t, limited(perMinute("support", 50)), p)
		op := drawing(show, "support")
		if _, err := showing(c, op, runtime.WithRetry(retry.Policy{Attempts: 1})); !errors.Is(err, runtime.ErrRateLimited) {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := runtime.Do[ticket](ctx, c, op, runtime.Args{Path: []any{1}})
		wait, ok := errors.AsType[*budget.WaitError](err)
		if !errors.Is(err, runtime.ErrDeadline) || !ok || time.Until(wait.Until) < 99*time.Second {
			t.Errorf("error = %v", err)
		}
		if time.Since(p.start) != 0 || len(p.requests()) != 1 {
			t.Errorf("%d requests in %v", len(p.requests()), time.Since(p.start))
		}
		if _, err := showing(c, op); err != nil {
			t.Fatal(err)
		}
		if at := p.requests()[1].at; at < 100*time.Second {
			t.Errorf("sent after %v", at)
		}
	})
}

// A freeze lasts as long as a call would wait for it, and no shorter.
func TestALongFreeze(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := inTurn(giving(429, "", "Retry-After", "7000"), giving(200, aTicket))
		c := connect(t, limited(perMinute("support", 50)), p)
		op := drawing(show, "support")
		if _, err := showing(c, op, runtime.WithRetry(retry.Policy{Attempts: 1})); !errors.Is(err, runtime.ErrRateLimited) {
			t.Fatal(err)
		}
		if _, err := showing(c, op); err != nil {
			t.Fatal(err)
		}
		if at := p.requests()[1].at; at < 7000*time.Second {
			t.Errorf("sent after %v", at)
		}
	})
}

func TestCancelWhileWaitingToRepeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := always(503, "", "Retry-After", "600")
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		_, err := runtime.Do[ticket](ctx, connect(t, desk(), p), show, runtime.Args{Path: []any{1}})
		if !errors.Is(err, context.Canceled) || time.Since(p.start) != 3*time.Second {
			t.Errorf("after %v: %v", time.Since(p.start), err)
		}
		failure(t, err)
	})
}

// An attempt has its own time, which does not run while it waits for the budget.
func TestAttemptTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := answering(func(n int, r *http.Request) (*http.Response, error) {
			if n%2 == 1 {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return reply(200, aTicket), nil
		})
		c := connect(t, limited(perMinute("support", 1)), p, runtime.WithAttemptTimeout(5*time.Second))
		if _, err := showing(c, drawing(show, "support")); err != nil {
			t.Fatal(err)
		}
		if at := p.times(); len(at) != 2 || at[1] < time.Minute {
			t.Errorf("attempts at %v", at)
		}
		_, err := showing(c, drawing(show, "support"), runtime.WithRetry(retry.Policy{Attempts: 1}))
		timeout, ok := errors.AsType[interface {
			error
			Timeout() bool
		}](err)
		if !ok || !timeout.Timeout() || errors.Is(err, context.Canceled) {
			t.Errorf("error = %v", err)
		}
	})
}

// What waits, is refused or comes again can be seen.
func TestEventsOfACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var kinds []string
		p := inTurn(giving(429, "", "Retry-After", "5"), giving(200, aTicket))
		c := connect(t, limited(perMinute("support", 50)), p, runtime.WithEvents(func(e budget.Event) {
			kinds = append(kinds, string(e.Kind)+" "+e.Operation)
			if e.Kind == runtime.Retrying && (e.Until.Sub(e.Time) < 5*time.Second || e.Until.Sub(e.Time) > 5*time.Second+jitter) {
				t.Errorf("event = %+v", e)
			}
		}))
		if _, err := showing(c, drawing(show, "support")); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(kinds, ", "); got != "refused Tickets.Show, frozen Tickets.Show, retrying Tickets.Show" {
			t.Errorf("events: %s", got)
		}
	})
}

// A stream that can be read only once is sent once, and the error says why.
func TestStreamsAreRepeatedIfTheyCanBe(t *testing.T) {
	tests := map[string]struct {
		body     any
		requests int
	}{
		"bytes":          {[]byte("content"), 2},
		"a reader":       {strings.NewReader("content"), 2},
		"a read-once":    {onlyReader{strings.NewReader("content")}, 1},
		"a failing seek": {brokenSeeker{strings.NewReader("content")}, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := inTurn(giving(429, "", "Retry-After", "1"), giving(200, `{}`))
				err := runtime.Exec(t.Context(), connect(t, desk(), p), upload, runtime.Args{Body: tt.body})
				if n := len(p.requests()); n != tt.requests {
					t.Errorf("%d requests, error %v", n, err)
				}
				if tt.requests == 1 {
					gaveUp, ok := errors.AsType[*retry.GaveUp](err)
					if !ok || gaveUp.Why != retry.ByBody || failure(t, err).StatusCode != 429 {
						t.Errorf("error = %v", err)
					}
					return
				}
				if seen := p.requests(); seen[1].body != "content" {
					t.Errorf("the second request's body is %q", seen[1].body)
				}
			})
		})
	}
}

type onlyReader struct{ r *strings.Reader }

func (o onlyReader) Read(p []byte) (int, error) { return o.r.Read(p) }

type brokenSeeker struct{ r *strings.Reader }

func (o brokenSeeker) Read(p []byte) (int, error)     { return o.r.Read(p) }
func (o brokenSeeker) Seek(int64, int) (int64, error) { return 0, errors.New("it is a pipe") }
