package github_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/github"
)

// owner is whose a token is: octocat's are called octocat-….
func owner(r *http.Request) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), "-")
	return name
}

// The tokens of one person share their limits, which the stand-in counts by
// person; those of others have their own.
func TestCredentialTokensOfOnePersonShareLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := providertest.New(&github.API, providertest.Options{
			Plan:     github.PlanToken,
			Shapes:   map[string]api.Shape{"core": api.Window{Limit: 20, Per: time.Hour}},
			Headers:  providertest.HeadersNone,
			Identify: func(r *http.Request, id *providertest.Identity) { id.User = owner(r) },
		})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		p.Handle("Users.GetAuthenticated", func(c *providertest.Call) providertest.Answer {
			return providertest.Answer{Body: []byte(`{"login": "` + owner(c.Request) + `"}`)}
		})
		p.Single("Repos.Get", func(*providertest.Call) (json.RawMessage, bool) { return json.RawMessage(`{"id": 1}`), true })
		gh, err := github.New(github.Tokens("octocat-1", "hubot-1", "octocat-2"), github.OnPlan(github.PlanToken),
			runtime.WithLimit("core", api.Window{Limit: 20, Per: time.Hour}), runtime.WithTransport(p.Direct()))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for range 37 { // beside the three that ask
			if _, err := gh.Repos.Get(t.Context(), "golang", "go"); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("what two people may call took %v", took)
		}
		if _, err := gh.Repos.Get(t.Context(), "golang", "go"); err != nil || time.Since(start) < time.Hour {
			t.Errorf("the 41st call: %v, after %v", err, time.Since(start))
		}
		if report := p.Report(); report.Refused != 0 {
			t.Errorf("%d refused: %v", report.Refused, report.Refusals)
		}
	})
}

// A token that GitHub no longer takes is left out, and no call is lost.
func TestCredentialTokenIsRevoked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := standIn()
		defer p.Close()
		var mu sync.Mutex
		revoked := false
		answer := func(c *providertest.Call, body string) providertest.Answer {
			mu.Lock()
			defer mu.Unlock()
			if revoked && owner(c.Request) == "hubot" {
				return p.Error(http.StatusUnauthorized, "", "Bad credentials")
			}
			return providertest.Answer{Body: []byte(body)}
		}
		p.Handle("Users.GetAuthenticated", func(c *providertest.Call) providertest.Answer {
			if owner(c.Request) == "octocat" { // is asked once all the same
				return p.Error(http.StatusForbidden, "", "Resource not accessible by integration")
			}
			return answer(c, `{"login": "`+owner(c.Request)+`"}`)
		})
		p.Handle("Repos.Get", func(c *providertest.Call) providertest.Answer { return answer(c, `{"id": 1}`) })
		var out []string
		gh, err := github.New(github.Tokens("octocat-1", "hubot-1"), runtime.WithTransport(p.Direct()), runtime.WithEvents(func(e budget.Event) {
			if e.Kind == runtime.CredentialOut {
				out = append(out, e.Credential)
			}
		}))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			if i == 10 {
				mu.Lock()
				revoked = true
				mu.Unlock()
			}
			if _, err := gh.Repos.Get(t.Context(), "golang", "go"); err != nil {
				t.Error(err)
			}
		}
		if len(out) != 1 || out[0] != "2" {
			t.Errorf("out: %v, want the second token", out)
		}
		// 20 calls, one more that was refused, and two that asked whose the tokens are.
		if n := p.Report().Requests; n != 23 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestCredentialTokensThatCannotBe(t *testing.T) {
	for _, tokens := range [][]string{nil, {""}, {"ghp_9f8e", "ghp_9f8e"}, {"ghp_9f8e", "ghp_9f8e\n"}} {
		_, err := github.New(github.Tokens(tokens...))
		if err == nil || strings.Contains(err.Error(), "9f8e") || errors.Is(err, runtime.ErrUnauthorized) {
			t.Errorf("%q: error = %v", tokens, err)
		}
	}
}
