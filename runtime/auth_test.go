package runtime_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/weirkit/weir/runtime"
)

func TestCredentials(t *testing.T) {
	get := func(name string) func(sent) string { return func(s sent) string { return s.header.Get(name) } }
	tests := map[string]struct {
		option runtime.ClientOption
		read   func(sent) string
		want   string
	}{
		"bearer":    {runtime.WithBearer("t0k3n"), get("Authorization"), "Bearer t0k3n"},
		"basic":     {runtime.WithBasic("me@acme.example/token", "p:ß"), get("Authorization"), "Basic bWVAYWNtZS5leGFtcGxlL3Rva2VuOnA6w58="},
		"no secret": {runtime.WithBasic("key", ""), get("Authorization"), "Basic a2V5Og=="},
		"header":    {runtime.WithAPIKey("header", "x-api-key", "k 1"), get("X-Api-Key"), "k 1"},
		"cookie":    {runtime.WithAPIKey("cookie", "session", "abc"), get("Cookie"), "theme=dark; session=abc"},
		"query":     {runtime.WithAPIKey("query", "key", "a&b=c"), func(s sent) string { return s.url }, "GET https://acme.desk.example/v2/tickets/1?key=a%26b%3Dc"},
		"own":       {runtime.WithCredential(digest{}), get("Authorization"), "Digest GET"},
		"none":      {nil, get("Authorization"), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := inTurn(giving(429, ""), giving(200, aTicket))
				c := connect(t, desk(), p, tt.option)
				if _, err := showing(c, show, runtime.WithHeader("Cookie", "theme=dark")); err != nil {
					t.Fatal(err)
				}
				for i, s := range p.requests() { // no repetition adds to it
					if got := tt.read(s); got != tt.want {
						t.Errorf("request %d has %q, want %q", i+1, got, tt.want)
					}
				}
			})
		})
	}
}

type digest struct{}

func (digest) Sign(r *http.Request) error {
	r.Header.Set("Authorization", "Digest "+r.Method)
	return nil
}
func (digest) Secret() string { return "s" }

type noToken struct{ asked int }

var errNoToken = errors.New("the token endpoint is down")

func (n *noToken) Sign(*http.Request) error {
	n.asked++
	return errNoToken
}
func (*noToken) Secret() string { return "s" }

// A request that cannot be signed is not sent, and costs nothing.
func TestSigningFails(t *testing.T) {
	p := always(200, aTicket)
	credential := &noToken{}
	c := connect(t, limited(perMinute("support", 5)), p, runtime.WithCredential(credential))
	_, err := showing(c, drawing(show, "support"))
	if !errors.Is(err, errNoToken) || len(p.requests()) != 0 || used(c, "support") != 0 || credential.asked != 1 {
		t.Errorf("error %v, %d requests, %d charged, asked %d times", err, len(p.requests()), used(c, "support"), credential.asked)
	}
	failure(t, err)
}

// No operation, nor what its path is filled with, leads to another host.
func TestNoCredentialForAnotherHost(t *testing.T) {
	paths := map[string]string{
		"a template without a slash": ".evil.example/{id}",
		"a template with a user":     "@evil.example/{id}",
		"a template with a port":     ":8443/{id}",
		"a template with a host":     "//evil.example/{id}",
		"a value":                    "/tickets/{id}",
	}
	for name, path := range paths {
		t.Run(name, func(t *testing.T) {
			p := always(200, `{}`)
			op := *show
			op.Path = path
			_, err := runtime.Do[ticket](t.Context(), connect(t, desk(), p, runtime.WithBearer("t"), runtime.WithBaseURL("https://api.desk.example")), &op,
				runtime.Args{Path: []any{"../../@evil.example/?x#y"}})
			for _, s := range p.requests() {
				if !strings.HasPrefix(s.url, "GET https://api.desk.example/") {
					t.Errorf("sent %s", s.url)
				}
			}
			if path[0] != '/' && !errors.Is(err, runtime.ErrInvalidArgument) {
				t.Errorf("error = %v", err)
			}
		})
	}
}

// A secret that cannot be right is refused as the client is made, by an error
// that does not have it.
func TestSecretsThatCannotBe(t *testing.T) {
	options := map[string]struct {
		make func(secret string) runtime.ClientOption
		ok   []string // what others do not take
	}{
		"bearer":        {make: runtime.WithBearer},
		"basic":         {make: func(s string) runtime.ClientOption { return runtime.WithBasic(s, "x") }, ok: []string{"a b", " a", "a "}},
		"basic, secret": {make: func(s string) runtime.ClientOption { return runtime.WithBasic("me", s) }, ok: []string{"", " ", "a b", " a", "a "}},
		"header":        {make: func(s string) runtime.ClientOption { return runtime.WithAPIKey("header", "X-Key", s) }, ok: []string{"a b"}},
		"query":         {make: func(s string) runtime.ClientOption { return runtime.WithAPIKey("query", "key", s) }, ok: []string{"a b"}},
		"cookie":        {make: func(s string) runtime.ClientOption { return runtime.WithAPIKey("cookie", "session", s) }},
	}
	for name, o := range options {
		for _, form := range []string{"", " ", "a b", " a", "a ", "a\n", "\na", "a\r\nEvil: b", "a\x00", "a\tb\n"} {
			secret := strings.ReplaceAll(form, "a", planted)
			_, err := runtime.NewClient(desk(), acme, o.make(secret))
			if ok := slices.Contains(o.ok, form) || name == "basic" && form == " "; (err == nil) != ok {
				t.Errorf("%s: %q: error = %v", name, form, err)
			}
			if s := leaks(err); s != "" {
				t.Errorf("%s: %q: the error has the secret: %s", name, form, s)
			}
		}
	}
}
