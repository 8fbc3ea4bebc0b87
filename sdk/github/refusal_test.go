package github_test

// This file has the answers by which GitHub refuses calls, and one that looks so.

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/sdk/github"
)

// inTurn gives answers in turn, and then good ones.
type inTurn struct {
	answers []func() *http.Response
	seen    []*http.Request
}

func (p *inTurn) RoundTrip(r *http.Request) (*http.Response, error) {
	p.seen = append(p.seen, r)
	if n := len(p.seen); n <= len(p.answers) {
		return p.answers[n-1](), nil
	}
	return reply(200, `{"id": 1, "name": "weir"}`, nil), nil
}

func reply(status int, body string, header map[string]string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}, "X-Ratelimit-Limit": {"5000"}, "X-Ratelimit-Remaining": {"4000"}, "X-Ratelimit-Resource": {"core"}}
	for name, value := range header {
		h.Set(name, value)
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

const secondary = `{"message": "You have exceeded a secondary rate limit.", "documentation_url": "https://docs.github.com/en/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`

func TestRefusals(t *testing.T) {
	in := func(d time.Duration) string { return fmt.Sprint(time.Now().Add(d).Unix()) }
	for name, tt := range map[string]struct {
		answer   func() *http.Response
		from, to time.Duration // how long the call takes; zero for a failure at once
	}{
		"primary, 403": {func() *http.Response {
			return reply(403, `{"message": "API rate limit exceeded"}`, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in(90 * time.Second)})
		}, 90 * time.Second, 95 * time.Second},
		"primary, 429": {func() *http.Response {
			return reply(429, `{}`, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in(10 * time.Minute)})
		}, 10 * time.Minute, 10*time.Minute + 5*time.Second},
		"retry-after, 403": {func() *http.Response {
			return reply(403, secondary, map[string]string{"Retry-After": "30"})
		}, 30 * time.Second, 31 * time.Second},
		"retry-after, 429": {func() *http.Response {
			return reply(429, secondary, map[string]string{"Retry-After": "7"})
		}, 7 * time.Second, 8 * time.Second},
		"secondary, untold, 403": {func() *http.Response { return reply(403, secondary, nil) }, time.Minute, 3 * time.Minute},
		"secondary, untold, 429": {func() *http.Response { return reply(429, secondary, nil) }, time.Minute, 3 * time.Minute},
		"no permission": {func() *http.Response {
			return reply(403, `{"message": "Resource not accessible by integration", "documentation_url": "https://docs.github.com/rest/repos/repos#get-a-repository"}`, nil)
		}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &inTurn{answers: []func() *http.Response{tt.answer}}
				gh, err := github.New(github.Token("t"), github.OnPlan(github.PlanToken), runtime.WithTransport(p))
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				_, err = gh.Repos.Get(t.Context(), "weirkit", "weir")
				took := time.Since(began)
				if tt.from == 0 {
					if !errors.Is(err, runtime.ErrForbidden) || errors.Is(err, runtime.ErrRateLimited) || took > 0 || len(p.seen) != 1 {
						t.Errorf("%v after %v and %d requests", err, took, len(p.seen))
					}
					return
				}
				if err != nil || took < tt.from || took > tt.to || len(p.seen) != 2 {
					t.Errorf("%v after %v and %d requests, want from %v to %v and 2", err, took, len(p.seen), tt.from, tt.to)
				}
			})
		})
	}
}

// A secondary limit that does not tell how long it lasts is waited out for a
// minute at least, and longer each time.
func TestUntoldRefusalsWaitLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		untold := func() *http.Response { return reply(403, secondary, nil) }
		p := &inTurn{answers: []func() *http.Response{untold, untold, untold}}
		gh, err := github.New(github.Token("t"), github.OnPlan(github.PlanToken), runtime.WithTransport(p))
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, err = gh.Repos.Get(t.Context(), "weirkit", "weir")
		if took := time.Since(began); err != nil || len(p.seen) != 4 || took < 7*time.Minute || took > 7*time.Minute+5*time.Second {
			t.Errorf("%v after %v and %d requests, want 7 minutes (1, 2 and 4) and 4", err, took, len(p.seen))
		}
	})
}

func TestEveryRequestSaysItsVersion(t *testing.T) {
	p := &inTurn{}
	gh, err := github.New(github.Token("t0k3n"), github.EnterpriseServer("https://github.acme.example/"), runtime.WithTransport(p))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gh.Repos.Get(t.Context(), "weirkit", "weir"); err != nil {
		t.Fatal(err)
	}
	r := p.seen[0]
	got := []string{r.URL.String(), r.Header.Get("Accept"), r.Header.Get("X-GitHub-Api-Version"), r.Header.Get("Authorization")}
	want := "https://github.acme.example/api/v3/repos/weirkit/weir application/vnd.github+json 2022-11-28 Bearer t0k3n"
	if strings.Join(got, " ") != want {
		t.Errorf("sent %s, want %s", got, want)
	}
}

func TestTokensThatCannotBe(t *testing.T) {
	for _, token := range []string{"", " ", "gho_a b", "gho_a\n", "gho_a\r\nEvil: 1", "\tgho_a"} {
		_, err := github.New(github.Token(token))
		if err == nil {
			t.Errorf("the token %q was taken", token)
		} else if strings.Contains(err.Error(), "gho_a") {
			t.Errorf("the error has the token: %v", err)
		}
	}
}
