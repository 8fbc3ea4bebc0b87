package retry

// This file has the provider that these tests call.

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// provider answers attempt after attempt from a script; the last entry stands
// for all that follow. It notes when each attempt came, and its body.
type provider struct {
	script []any // a status, an answer or an error
	start  time.Time
	times  []time.Duration
	bodies []string
	open   int // bodies of answers that are not closed
}

// answer is a scripted answer with a wait.
type answer struct {
	status int
	after  time.Duration
}

func (p *provider) RoundTrip(req *http.Request) (*http.Response, error) {
	if p.start.IsZero() {
		p.start = time.Now()
	}
	step := p.script[min(len(p.times), len(p.script)-1)]
	p.times = append(p.times, time.Since(p.start))
	if req.Body != nil {
		sent, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		req.Body.Close()
		p.bodies = append(p.bodies, string(sent))
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	switch step := step.(type) {
	case error:
		return nil, step
	case answer:
		return p.respond(step.status, http.Header{"Wait": {step.after.String()}}), nil
	case int:
		return p.respond(step, http.Header{}), nil
	}
	panic("bad script")
}

func (p *provider) respond(status int, h http.Header) *http.Response {
	p.open++
	body := &openBody{Reader: strings.NewReader(fmt.Sprintf("answer %d", len(p.times))), provider: p}
	return &http.Response{StatusCode: status, Header: h, Body: body}
}

type openBody struct {
	io.Reader
	provider *provider
}

func (b *openBody) Close() error { b.provider.open--; return nil }

// classify reads the wait that an answer of the script tells.
func classify(resp *http.Response) Verdict {
	wait, err := time.ParseDuration(resp.Header.Get("Wait"))
	return Verdict{Refused: resp.StatusCode == http.StatusTooManyRequests, RetryAfter: wait, HasRetryAfter: err == nil}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
