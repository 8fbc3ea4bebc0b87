package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/credential"
	"github.com/weirkit/weir/runtime/credential/oauth"
)

const secret = "s3cr3t"

// endpoint is a provider in memory: it gives tokens by refresh tokens, each good
// for one time, and answers calls that have the newest.
type endpoint struct {
	refresh string
	issued  int
	good    string
	fails   *http.Response // instead of a token
	calls   int
}

func answer(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Status: fmt.Sprint(status, " ", http.StatusText(status)), Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body))}
}

func (e *endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "login.example" {
		e.calls++
		if r.Header.Get("Authorization") != "Bearer "+e.good {
			return answer(401, ""), nil
		}
		return answer(200, "{}"), nil
	}
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	switch {
	case e.fails != nil:
		return e.fails, nil
	case form.Get("refresh_token") != e.refresh:
		return answer(400, `{"error":"invalid_grant","error_description":"no refresh token `+form.Get("refresh_token")+`"}`), nil
	}
	e.issued++
	e.good, e.refresh = fmt.Sprint(secret, e.issued), fmt.Sprint(secret, "-refresh", e.issued)
	return answer(200, fmt.Sprintf(`{"access_token":"%s","token_type":"bearer","expires_in":3600,"refresh_token":"%s"}`, e.good, e.refresh)), nil
}

// forgetful is a transport whose memory is where printing does not look.
type forgetful func(*http.Request) (*http.Response, error)

func (f forgetful) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func config() *oauth2.Config {
	return &oauth2.Config{ClientID: "id", ClientSecret: secret + "-client", Endpoint: oauth2.Endpoint{TokenURL: "https://login.example/token", AuthStyle: oauth2.AuthStyleInParams}}
}

var ping = &api.Operation{Name: "Ping", Method: "GET", Path: "/ping"}

// client calls the endpoint's API by the tokens of a source.
func client(t *testing.T, e *endpoint, source credential.Source) func() error {
	t.Helper()
	desc := &api.API{Name: "made-up", Servers: []api.Server{{URL: "https://api.example"}}}
	c, err := runtime.NewClient(desc, nil, runtime.WithTransport(forgetful(e.RoundTrip)), runtime.WithCredential(credential.FromSource("acme", source)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			if s := fmt.Sprintf(verb, c) + fmt.Sprintf(verb, source); strings.Contains(s, secret) || strings.Contains(s, fmt.Sprintf("%x", secret)) {
				t.Errorf("%s shows a secret: %s", verb, s)
			}
		}
	})
	return func() error { return runtime.Exec(t.Context(), c, ping, runtime.Args{}) }
}

// The token that one has is used while it is good; the next ones come by the
// newest refresh token, before the end or when the provider wants another.
func TestCredentialRefreshing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{refresh: "r0", good: "a0"}
		var saved []string
		call := client(t, e, oauth.Refreshing(config(), &oauth2.Token{AccessToken: "a0", RefreshToken: "r0", Expiry: time.Now().Add(time.Hour)},
			oauth.OnRefresh(func(t *oauth2.Token) { saved = append(saved, t.RefreshToken) }), oauth.WithHTTPClient(&http.Client{Transport: e})))
		for i, step := range []struct {
			before func()
			issued int
		}{
			{func() {}, 0},
			{func() { time.Sleep(59 * time.Minute) }, 1},
			{func() { e.good = "another" }, 2},
			{func() { time.Sleep(2 * time.Hour) }, 3},
		} {
			step.before()
			if err := call(); err != nil || e.issued != step.issued || len(saved) != step.issued {
				t.Errorf("step %d: %v, %d issued, saved %v", i, err, e.issued, saved)
			}
		}
		if saved[2] != e.refresh {
			t.Errorf("saved %v", saved)
		}
	})
}

func TestCredentialRefreshingFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, tt := range map[string]struct {
			token *oauth2.Token
			fails *http.Response
			want  string
		}{
			"a refresh token that is used up": {&oauth2.Token{RefreshToken: secret + "-old"}, nil, "invalid_grant"},
			"no refresh token":                {&oauth2.Token{AccessToken: "a", Expiry: time.Now().Add(-time.Hour)}, nil, "sign in again"},
			"no JSON":                         {&oauth2.Token{RefreshToken: "r0"}, answer(200, "<html>"), "cannot parse"},
			"no token":                        {&oauth2.Token{RefreshToken: "r0"}, answer(200, "{}"), "missing access_token"},
			"expired":                         {&oauth2.Token{RefreshToken: "r0"}, answer(200, `{"access_token":"x","expires_in":-5}`), "expired"},
			"a line break":                    {&oauth2.Token{RefreshToken: "r0"}, answer(200, `{"access_token":"x\n"}`), "cannot be sent"},
		} {
			e := &endpoint{refresh: "r0", fails: tt.fails}
			err := client(t, e, oauth.Refreshing(config(), tt.token, oauth.WithHTTPClient(&http.Client{Transport: e})))()
			if err == nil || !strings.Contains(err.Error(), tt.want) || e.calls != 0 {
				t.Errorf("%s: error = %v, %d calls", name, err, e.calls)
				continue
			}
			for ; err != nil; err = errors.Unwrap(err) {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%s: the error has a secret: %v", name, err)
				}
			}
		}
	})
}

// A source that keeps its token is asked as it is; the caller hears of a refusal.
func TestCredentialOfATokenSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{good: "a0"}
		call := client(t, e, oauth.Source(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "a0"})))
		if err := call(); err != nil {
			t.Fatal(err)
		}
		e.good = "another"
		if err := call(); !errors.Is(err, credential.ErrSameToken) || !errors.Is(err, runtime.ErrUnauthorized) || e.calls != 2 {
			t.Errorf("error = %v, %d calls", err, e.calls)
		}
	})
}

func TestCredentialWithoutASource(t *testing.T) {
	for _, source := range []credential.Source{oauth.Source(nil), oauth.Refreshing(nil, nil)} {
		if err := credential.Check(credential.FromSource("acme", source)); err == nil {
			t.Error("nothing was taken for a source")
		}
	}
	if got := oauth.Token(context.Background(), nil).String(); got != "no token" {
		t.Errorf("no token is %s", got)
	}
}

func Example() {
	e := &endpoint{refresh: "r0"}
	api := &api.API{Name: "made-up", Servers: []api.Server{{URL: "https://api.example"}}}

	// The token is what the user's sign-in has brought, and what was kept of it.
	kept := &oauth2.Token{RefreshToken: "r0"}
	source := oauth.Refreshing(config(), kept, oauth.WithHTTPClient(&http.Client{Transport: e}),
		oauth.OnRefresh(func(*oauth2.Token) { fmt.Println("keep the new refresh token") }))
	client, err := runtime.NewClient(api, nil, runtime.WithTransport(e),
		runtime.WithCredential(credential.FromSource("customer 42", source)))
	if err != nil {
		panic(err)
	}
	fmt.Println(runtime.Exec(context.Background(), client, ping, runtime.Args{}))
	// Output:
	// keep the new refresh token
	// <nil>
}
