package retry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime/clock"
)

var (
	errReset = &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}
	errDial  = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	errOwn   = errors.New("no room now")
)

func TestDo(t *testing.T) {
	const s, ms = time.Second, time.Millisecond
	tests := map[string]struct {
		script  []any
		unsafe  bool // the call may not be executed twice
		policy  Policy
		timeout time.Duration
		random  float64
		times   []time.Duration // of the attempts, since the first
		status  int
		err     error  // wrapped
		gaveUp  Bound  // if any
		text    string // the error's
	}{
		"success":               {script: []any{200}, times: []time.Duration{0}, status: 200},
		"client's fault":        {script: []any{404}, times: []time.Duration{0}, status: 404},
		"not implemented":       {script: []any{501}, times: []time.Duration{0}, status: 501},
		"version not supported": {script: []any{505}, times: []time.Duration{0}, status: 505},
		"redirect":              {script: []any{302}, times: []time.Duration{0}, status: 302},
		"refused with a wait": {script: []any{answer{429, 30 * s}, answer{429, 7 * s}, 200}, random: 0.5,
			times: []time.Duration{0, 30*s + 125*ms, 37*s + 250*ms}, status: 200},
		"refused with a wait, unsafe": {script: []any{answer{429, 30 * s}, 200}, unsafe: true, times: []time.Duration{0, 30 * s}, status: 200},
		"refused without jitter":      {script: []any{answer{429, s}, 200}, policy: Policy{Jitter: -1}, random: 0.9, times: []time.Duration{0, s}, status: 200},
		"refused, told nothing":       {script: []any{429, 429, 200}, unsafe: true, times: []time.Duration{0, 250 * ms, 750 * ms}, status: 200},
		"exponential, least":          {script: []any{503, 500, 502, 504, 200}, times: []time.Duration{0, 250 * ms, 750 * ms, 1750 * ms, 3750 * ms}, status: 200},
		"exponential, most": {script: []any{503, 500, 502, 504, 200}, random: 1,
			times: []time.Duration{0, 500 * ms, 1500 * ms, 3500 * ms, 7500 * ms}, status: 200},
		"exponential up to a bound": {script: []any{529}, random: 1, policy: Policy{Attempts: 6, MinBackoff: s, MaxBackoff: 3 * s},
			times: []time.Duration{0, s, 3 * s, 6 * s, 9 * s, 12 * s}, status: 529, gaveUp: ByAttempts},
		"never exponential beside a told wait": {script: []any{answer{429, s}, answer{429, s}, answer{429, s}, answer{429, s}, 200},
			times: []time.Duration{0, s, 2 * s, 3 * s, 4 * s}, status: 200},
		"503 with a wait":           {script: []any{answer{503, 20 * s}, 200}, times: []time.Duration{0, 20 * s}, status: 200},
		"a wait of less than none":  {script: []any{answer{429, -5 * s}, 200}, times: []time.Duration{0, 0}, status: 200},
		"failure of an unsafe call": {script: []any{503}, unsafe: true, times: []time.Duration{0}, status: 503},
		"too early, unsafe":         {script: []any{425, 200}, unsafe: true, times: []time.Duration{0, 250 * ms}, status: 200},
		"request timeout":           {script: []any{408, 200}, times: []time.Duration{0, 250 * ms}, status: 200},
		"request timeout, unsafe":   {script: []any{408}, unsafe: true, times: []time.Duration{0}, status: 408},
		"attempts used up": {script: []any{503}, times: []time.Duration{0, 250 * ms, 750 * ms, 1750 * ms, 3750 * ms}, status: 503,
			gaveUp: ByAttempts, text: "gave up after 5 attempts in 3.75s"},
		"one attempt": {script: []any{answer{429, s}}, policy: Policy{Attempts: 1}, times: []time.Duration{0}, status: 429,
			gaveUp: ByAttempts, text: "gave up after the only attempt"},
		"a wait past the deadline": {script: []any{answer{429, 30 * s}}, timeout: 10 * s, times: []time.Duration{0}, status: 429,
			gaveUp: ByDeadline, text: "gave up after 1 attempt: the next is due in 30s, which is past the context's deadline"},
		"a wait just within the deadline": {script: []any{answer{429, 9 * s}, 200}, timeout: 10 * s, times: []time.Duration{0, 9 * s}, status: 200},
		"a wait past the longest time": {script: []any{answer{429, 6 * s}}, policy: Policy{MaxElapsed: 10 * s}, times: []time.Duration{0, 6 * s}, status: 429,
			gaveUp: ByElapsed, text: "gave up after 2 attempts: the next is due in 6s, which is past the policy's longest time"},
		"a wait of a day": {script: []any{answer{429, 24 * time.Hour}}, times: []time.Duration{0}, status: 429,
			gaveUp: ByMaxRetryAfter, text: "gave up after 1 attempt: the next is due in 24h0m0s, which is past the policy's longest Retry-After"},
		// go-retryablehttp by itself sleeps for 482,500 h when told an epoch.
		"an epoch taken for a span": {script: []any{answer{429, 1737000000 * s}}, times: []time.Duration{0}, status: 429, gaveUp: ByMaxRetryAfter},
		"connection failed":         {script: []any{errReset, 200}, times: []time.Duration{0, 250 * ms}, status: 200},
		"connection failed, unsafe": {script: []any{errReset}, unsafe: true, times: []time.Duration{0}, err: errReset},
		"never dialled, unsafe":     {script: []any{errDial, 200}, unsafe: true, times: []time.Duration{0, 250 * ms}, status: 200},
		"never written, unsafe":     {script: []any{Unsent(errOwn), 200}, unsafe: true, times: []time.Duration{0, 250 * ms}, status: 200},
		"connection keeps failing": {script: []any{errReset}, policy: Policy{Attempts: 2}, times: []time.Duration{0, 250 * ms}, err: errReset,
			gaveUp: ByAttempts, text: "gave up after 2 attempts in 250ms: read tcp: connection reset by peer"},
		"permanent":             {script: []any{Permanent(errOwn)}, times: []time.Duration{0}, err: errOwn, text: "no room now"},
		"permanent, wrapped":    {script: []any{fmt.Errorf("admit: %w", Permanent(errOwn))}, times: []time.Duration{0}, err: errOwn, text: "admit: no room now"},
		"permanent and unsent":  {script: []any{Unsent(Permanent(errOwn))}, times: []time.Duration{0}, err: errOwn, text: "no room now"},
		"cancelled below":       {script: []any{context.Canceled}, times: []time.Duration{0}, err: context.Canceled},
		"an attempt's timeout":  {script: []any{context.DeadlineExceeded, 200}, times: []time.Duration{0, 250 * ms}, status: 200},
		"scheme not supported":  {script: []any{errors.New("unsupported protocol scheme")}, times: []time.Duration{0}, text: "unsupported protocol scheme"},
		"answer after an error": {script: []any{errReset, 503, errReset, 200}, times: []time.Duration{0, 250 * ms, 750 * ms, 1750 * ms}, status: 200},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if tt.timeout > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.timeout)
					defer cancel()
				}
				p := &provider{script: tt.script}
				transport := &Transport{Next: p, Rand: func() float64 { return tt.random }}
				req, _ := http.NewRequestWithContext(ctx, "GET", "https://api.example.com/tickets?token=secret", nil)
				resp, err := transport.Do(req, Call{Policy: tt.policy, Repeatable: !tt.unsafe, Classify: classify})
				if !cmp.Equal(p.times, tt.times) {
					t.Errorf("attempts at %v; want %v", p.times, tt.times)
				}
				checkAnswer(t, p, resp, tt.status)
				checkError(t, err, tt.err, tt.gaveUp, tt.text, len(tt.times))
			})
		})
	}
}

// checkAnswer checks that the last answer is handed on unread, and all others closed.
func checkAnswer(t *testing.T, p *provider, resp *http.Response, status int) {
	t.Helper()
	if resp == nil {
		if status != 0 || p.open != 0 {
			t.Errorf("no answer, and %d bodies left open; want status %d", p.open, status)
		}
		return
	}
	body, _ := io.ReadAll(resp.Body)
	if want := fmt.Sprintf("answer %d", len(p.times)); resp.StatusCode != status || string(body) != want {
		t.Errorf("status %d, body %q; want %d, %q", resp.StatusCode, body, status, want)
	}
	resp.Body.Close()
	if p.open != 0 {
		t.Errorf("%d bodies left open", p.open)
	}
}

func checkError(t *testing.T, err, want error, gaveUp Bound, text string, attempts int) {
	t.Helper()
	failed := want != nil || gaveUp != "" || text != ""
	if failed != (err != nil) || want != nil && !errors.Is(err, want) {
		t.Fatalf("error %v; want %v %v", err, want, gaveUp)
	}
	if text != "" && err.Error() != text {
		t.Errorf("error %q; want %q", err, text)
	}
	g, ok := errors.AsType[*GaveUp](err)
	if ok != (gaveUp != "") || ok && (g.Why != gaveUp || g.Attempts != attempts) {
		t.Errorf("gave up: %+v; want by %q after %d", g, gaveUp, attempts)
	}
	if err != nil && strings.Contains(err.Error(), "secret") {
		t.Errorf("the error shows the URL's query: %v", err)
	}
}

func TestBodies(t *testing.T) {
	tests := map[string]struct {
		body   io.Reader
		rewind bool
		want   []string
		gaveUp Bound
	}{
		"rewound":       {strings.NewReader("hello"), true, []string{"hello", "hello", "hello"}, ""},
		"read once":     {strings.NewReader("hello"), false, []string{"hello"}, ByBody},
		"explicit none": {http.NoBody, false, []string{"", "", ""}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &provider{script: []any{429, errReset, 200}}
				req, _ := http.NewRequestWithContext(t.Context(), "PUT", "https://api.example.com/", tt.body)
				if !tt.rewind {
					req.GetBody = nil
				}
				resp, err := (&Transport{Next: p}).Do(req, Call{Repeatable: true})
				if !cmp.Equal(p.bodies, tt.want) {
					t.Errorf("bodies %q; want %q", p.bodies, tt.want)
				}
				g, ok := errors.AsType[*GaveUp](err)
				if ok != (tt.gaveUp != "") || ok && g.Why != tt.gaveUp {
					t.Errorf("error %v; want %v", err, tt.gaveUp)
				}
				resp.Body.Close()
			})
		})
	}
}

func TestBodyThatFailsToRewind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &provider{script: []any{429}}
		req, _ := http.NewRequestWithContext(t.Context(), "PUT", "https://api.example.com/?secret", strings.NewReader("x"))
		req.GetBody = func() (io.ReadCloser, error) { return nil, errOwn }
		resp, err := (&Transport{Next: p}).Do(req, Call{})
		if resp != nil || !errors.Is(err, errOwn) || len(p.times) != 1 || p.open != 0 {
			t.Errorf("%v, %v after %d attempts, %d bodies open", resp, err, len(p.times), p.open)
		}
	})
}

func TestContextEndsWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		p := &provider{script: []any{answer{429, time.Minute}}}
		start := time.Now()
		req, _ := http.NewRequestWithContext(ctx, "GET", "https://api.example.com/", nil)
		resp, err := (&Transport{Next: p}).Do(req, Call{Classify: classify})
		if resp != nil || !errors.Is(err, context.Canceled) || time.Since(start) != 3*time.Second || p.open != 0 {
			t.Errorf("%v, %v after %v, %d bodies open", resp, err, time.Since(start), p.open)
		}
	})
}

func TestRequestNotFitToBeSent(t *testing.T) {
	p := &provider{script: []any{200}}
	req, _ := http.NewRequest("GET", "https://api.example.com/?token=secret", nil)
	req.RequestURI = "/?token=secret" // as a server's requests have
	resp, err := (&Transport{Next: p}).Do(req, Call{})
	if resp != nil || err == nil || strings.Contains(err.Error(), "secret") || len(p.times) != 0 {
		t.Errorf("%v, %v", resp, err)
	}
}

// Over net/http: what its Client would do about redirects is left alone, even
// where the address is one that it does not parse.
func TestOverHTTP(t *testing.T) {
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls++; calls == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Location", "%zz://nowhere")
		w.WriteHeader(http.StatusTemporaryRedirect)
		w.Write(body)
	}))
	defer server.Close()
	req, _ := http.NewRequestWithContext(t.Context(), "PUT", server.URL, strings.NewReader("hello"))
	transport := &Transport{Next: server.Client().Transport}
	resp, err := transport.Do(req, Call{Repeatable: true, Policy: Policy{MinBackoff: time.Nanosecond, MaxBackoff: time.Nanosecond}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); calls != 2 || resp.StatusCode != 307 || string(body) != "hello" {
		t.Errorf("%d calls, status %d, body %q", calls, resp.StatusCode, body)
	}
}

func TestTransportWithoutAnswerOrError(t *testing.T) {
	nothing := roundTripper(func(*http.Request) (*http.Response, error) { return nil, nil })
	req, _ := http.NewRequest("GET", "https://api.example.com/", nil)
	if resp, err := (&Transport{Next: nothing}).Do(req, Call{Repeatable: true}); resp != nil || err == nil {
		t.Errorf("%v, %v", resp, err)
	}
}

func TestOnRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &provider{script: []any{answer{429, time.Second}, errReset, 200}}
		start := time.Now()
		var got []Attempt
		transport := &Transport{Next: p, Rand: func() float64 { return 0 }}
		req, _ := http.NewRequestWithContext(t.Context(), "GET", "https://api.example.com/", nil)
		resp, err := transport.Do(req, Call{Repeatable: true, Classify: classify, OnRetry: func(a Attempt) { got = append(got, a) }})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		want := []Attempt{
			{Number: 1, Status: 429, Refused: true, Wait: time.Second, Until: start.Add(time.Second)},
			{Number: 2, Err: errReset, Wait: 500 * time.Millisecond, Until: start.Add(1500 * time.Millisecond)},
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b error) bool { return a == b })); diff != "" {
			t.Error(diff)
		}
	})
}

// One client's failed calls must not close the connections of others, as
// go-retryablehttp by itself does.
func TestIdleConnectionsStayOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &closing{provider: provider{script: []any{503}}}
		req, _ := http.NewRequestWithContext(t.Context(), "GET", "https://api.example.com/", nil)
		resp, err := (&Transport{Next: next}).Do(req, Call{Repeatable: true})
		if err == nil || next.closed {
			t.Errorf("error %v, idle connections closed: %v", err, next.closed)
		}
		resp.Body.Close()
	})
}

type closing struct {
	provider
	closed bool
}

func (c *closing) CloseIdleConnections() { c.closed = true }

// Every wait is by the given clock: an hour of a provider that runs 3,600 times
// as fast is a second, and a context's deadline is translated.
func TestScaledClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		start := time.Now()
		p := &provider{script: []any{answer{429, time.Hour}, 200}}
		transport := &Transport{Next: p, Clock: clock.Scaled(3600)}
		req, _ := http.NewRequestWithContext(ctx, "GET", "https://api.example.com/", nil)
		resp, err := transport.Do(req, Call{Policy: Policy{Jitter: -1}, Classify: classify})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if took := time.Since(start); took < time.Second || took > time.Second+time.Millisecond {
			t.Errorf("took %v", took)
		}
		p = &provider{script: []any{answer{429, 3 * time.Hour}}}
		resp, err = (&Transport{Next: p, Clock: clock.Scaled(3600)}).Do(req, Call{Policy: Policy{MaxRetryAfter: 24 * time.Hour}, Classify: classify})
		resp.Body.Close()
		if g, ok := errors.AsType[*GaveUp](err); !ok || g.Why != ByDeadline {
			t.Errorf("three hours in the second that is left: %v", err)
		}
	})
}

// The waits of callers who failed together spread out.
func TestJitterSpreads(t *testing.T) {
	seen := map[time.Duration]bool{}
	p := Policy{}.withDefaults()
	transport := &Transport{}
	for range 100 {
		d := p.backoff(3, transport.random())
		if d < time.Second || d > 2*time.Second {
			t.Fatalf("backoff %v", d)
		}
		seen[d] = true
	}
	if len(seen) < 50 {
		t.Errorf("%d different waits of 100", len(seen))
	}
}

func TestDefaults(t *testing.T) {
	want := Policy{Attempts: 5, MinBackoff: 500 * time.Millisecond, MaxBackoff: 30 * time.Second, Jitter: 250 * time.Millisecond, MaxRetryAfter: 2 * time.Hour}
	if got := (Policy{}).withDefaults(); got != want {
		t.Errorf("%+v", got)
	}
	if got := (Policy{}).RetryAfterCap(); got != 2*time.Hour {
		t.Errorf("RetryAfterCap() = %v", got)
	}
	if got := (Policy{MinBackoff: time.Minute}).withDefaults(); got.MaxBackoff != time.Minute {
		t.Errorf("MaxBackoff %v is below MinBackoff", got.MaxBackoff)
	}
}
