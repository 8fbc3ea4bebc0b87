package slack_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/slack"
)

func TestTokensThatCannotBe(t *testing.T) {
	for _, token := range []string{"", " ", "xoxb-9f8e7d6c\n", " xoxb-9f8e7d6c", "xoxb-9f8e 7d6c", "xoxb\r\nEvil: 9f8e7d6c"} {
		_, err := slack.New(slack.Token(token))
		if err == nil || strings.Contains(err.Error(), "9f8e7d6c") || strings.Contains(err.Error(), "xoxb") {
			t.Errorf("%q: error = %v", token, err)
		}
	}
}

// Clients of one workspace share its counters in a ledger that they share,
// whatever their tokens; another workspace has its own.
func TestClientsOfAWorkspaceShareItsCounters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkspace(t, providertest.Options{Plan: slack.PlanInternal})
		ledger, err := budget.NewLedger()
		if err != nil {
			t.Fatal(err)
		}
		defer ledger.Close()
		for i, token := range []string{"xoxb-T1-a", "xoxb-T1-b", "xoxb-T2-c"} {
			sl := w.connect(t, slack.Token(token), runtime.WithLedger(ledger), slack.OnPlan(slack.PlanInternal))
			for range 3 {
				if _, err := sl.Team.Info(t.Context(), nil); err != nil {
					t.Fatal(err)
				}
			}
			if asked := w.Report().Operations["Auth.Test"].Requests; asked != i+1 {
				t.Errorf("client %d asked: %d requests in all", i, asked)
			}
		}
		used := map[string]int{}
		for _, c := range ledger.Snapshot().Counters {
			if c.Key.Limit != "checks" {
				used[c.Key.Scope] += c.Used
			}
		}
		want := map[string]int{"app=B1 account=T1 operation=Team.Info": 6, "app=B1 account=T2 operation=Team.Info": 3}
		if fmt.Sprint(used) != fmt.Sprint(want) {
			t.Errorf("used %v, want %v", used, want)
		}
	})
}

// Tokens of one workspace share its counters; one that is revoked, as Slack says
// with status 200, is left out, and its calls go by the other.
func TestCredentialTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkspace(t, providertest.Options{Plan: slack.PlanInternal})
		w.Handle("Team.Info", func(c *providertest.Call) providertest.Answer {
			if strings.HasSuffix(c.Request.Header.Get("Authorization"), "-b") {
				return w.Error(200, "token_revoked", "")
			}
			return providertest.Answer{Body: []byte(`{"ok":true,"team":{"id":"T1"}}`)}
		})
		var out []string
		sl := w.connect(t, slack.Tokens("xoxb-T1-a", "xoxb-T1-b"), slack.OnPlan(slack.PlanInternal), runtime.WithEvents(func(e budget.Event) {
			if e.Kind == runtime.CredentialOut {
				out = append(out, e.Credential)
			}
		}))
		for range 6 {
			if _, err := sl.Team.Info(t.Context(), nil); err != nil {
				t.Error(err)
			}
		}
		if fmt.Sprint(out) != "[2]" || w.Report().Operations["Auth.Test"].Requests != 2 || w.Report().Operations["Team.Info"].Requests != 7 {
			t.Errorf("out %v, %+v", out, w.Report().Operations)
		}
		if n := len(w.Report().Counters); n != 2 {
			t.Errorf("the stand-in has %d counters, want one of auth.test and one of team.info", n)
		}
	})
}

// An app that knows who it is need not ask.
func TestIdentityGiven(t *testing.T) {
	w := newWorkspace(t, providertest.Options{})
	sl := w.connect(t, runtime.WithIdentity(runtime.Identity{App: "A1", Account: "T1"}))
	if _, err := sl.Team.Info(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if n := w.Report().Operations["Auth.Test"].Requests; n != 0 {
		t.Errorf("asked %d times", n)
	}
}

func TestErrorsByCode(t *testing.T) {
	kinds := map[string]error{
		"invalid_auth": runtime.ErrUnauthorized, "not_authed": runtime.ErrUnauthorized, "token_revoked": runtime.ErrUnauthorized,
		"account_inactive": runtime.ErrUnauthorized, "missing_scope": runtime.ErrForbidden, "not_allowed_token_type": runtime.ErrForbidden,
		"access_denied": runtime.ErrForbidden, "channel_not_found": runtime.ErrNotFound, "user_not_found": runtime.ErrNotFound,
		"ratelimited": runtime.ErrRateLimited, "internal_error": runtime.ErrUnavailable, "fatal_error": runtime.ErrUnavailable,
		"service_unavailable": runtime.ErrUnavailable, "invalid_arguments": runtime.ErrBadRequest, "name_taken": runtime.ErrConflict,
		"ekm_access_denied": runtime.ErrForbidden, "cant_archive_general": nil,
	}
	for code, kind := range kinds {
		synctest.Test(t, func(t *testing.T) {
			w := newWorkspace(t, providertest.Options{})
			w.Handle("Users.Info", func(*providertest.Call) providertest.Answer { return w.Error(200, code, "[ERROR] why") })
			_, err := w.connect(t).Users.Info(t.Context(), &slack.UsersInfoParams{User: "U1"})
			e, ok := errors.AsType[*runtime.Error](err)
			if !ok || e.Code != code || e.Kind != kind || kind != nil && !errors.Is(err, kind) {
				t.Errorf("%s: %v of the kind %v", code, err, e.Kind)
			}
			want := 1
			if kind == runtime.ErrUnavailable || kind == runtime.ErrRateLimited {
				want = 5
			}
			if n := w.Report().Operations["Users.Info"].Requests; n != want {
				t.Errorf("%s: %d requests", code, n)
			}
		})
	}
}

func TestScopesOf(t *testing.T) {
	w := newWorkspace(t, providertest.Options{})
	w.Handle("Users.Info", func(*providertest.Call) providertest.Answer {
		return providertest.Answer{Body: []byte(`{"ok":false,"error":"missing_scope","needed":"users:read,users:read.email","provided":"chat:write, team:read"}`)}
	})
	_, err := w.connect(t).Users.Info(t.Context(), &slack.UsersInfoParams{User: "U1"})
	s, ok := slack.ScopesOf(err)
	if !ok || !slices.Equal(s.Needed, []string{"users:read", "users:read.email"}) || !slices.Equal(s.Provided, []string{"chat:write", "team:read"}) {
		t.Errorf("scopes %+v, %v", s, ok)
	}
	for _, err := range []error{nil, errors.New("x"), &runtime.Error{Body: []byte(`{"ok":false,"error":"invalid_auth"}`)}} {
		if s, ok := slack.ScopesOf(err); ok {
			t.Errorf("%v has scopes %+v", err, s)
		}
	}
}

func TestWarnings(t *testing.T) {
	w := newWorkspace(t, providertest.Options{})
	w.Handle("Chat.PostMessage", func(c *providertest.Call) providertest.Answer {
		if got := c.Request.Header.Get("Content-Type"); got != "application/json; charset=utf-8" {
			t.Errorf("content type %q", got)
		}
		return providertest.Answer{Body: []byte(`{"ok":true,"channel":"C1","ts":"1.2","warning":"a,b","response_metadata":{"warnings":["a","b"]}}`)}
	})
	var r runtime.Response
	if _, err := w.connect(t).Chat.PostMessage(t.Context(), slack.ChatPostMessageBody{Channel: "C1"}, runtime.WithResponse(&r)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.Warnings, []string{"a", "b"}) {
		t.Errorf("warnings %q", r.Warnings)
	}
}
