package runtime_test

// This file looks for a planted secret in everything that a client says.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

const planted = "s3cr3t-9f8e7d6c"

// leaks reports where the secret shows in an error or in what it wraps.
func leaks(err error) string {
	if err == nil {
		return ""
	}
	for _, format := range []string{"%v", "%+v", "%q"} {
		if text := fmt.Sprintf(format, err); strings.Contains(text, planted) {
			return text
		}
	}
	switch wraps := err.(type) {
	case interface{ Unwrap() error }:
		return leaks(wraps.Unwrap())
	case interface{ Unwrap() []error }:
		for _, e := range wraps.Unwrap() {
			if s := leaks(e); s != "" {
				return s
			}
		}
	}
	return ""
}

func TestNoErrorHasASecret(t *testing.T) {
	credentials := map[string]runtime.ClientOption{
		"bearer": runtime.WithBearer(planted),
		"basic":  runtime.WithBasic("user", planted),
		"query":  runtime.WithAPIKey("query", "api_key", planted),
		"header": runtime.WithAPIKey("header", "X-Api-Key", planted),
		"cookie": runtime.WithAPIKey("cookie", "session", planted),
	}
	// What a provider may do with a request that it does not like.
	next := "https://acme.desk.example/v2/link?after=1&api_key=" + planted
	providers := map[string]func() (*http.Response, error){
		"400":              giving(400, `{"error":"bad"}`),
		"401":              giving(401, ``),
		"429":              giving(429, ``, "Retry-After", "1"),
		"429 for long":     giving(429, ``, "Retry-After", "9999"),
		"500":              giving(500, `<html>`),
		"HTML":             giving(200, `<html>`),
		"a misfit":         giving(200, `{"ticket":[],"items":[[]]}`),
		"cut":              cut(200, `{"ti`),
		"too large":        giving(200, strings.Repeat(" ", 5000)),
		"a lost exchange":  failing(errConnection),
		"a foreign host":   giving(302, "", "Location", "https://evil.example/?api_key="+planted),
		"a redirect":       giving(302, "", "Location", "/v2/tickets/1?api_key="+planted),
		"no address":       giving(302, "", "Location", "https://%zz/?api_key="+planted),
		"a repeated link":  giving(200, `{"items":[{"id":1}]}`, "Link", "<"+next+`>; rel="next"`),
		"a foreign link":   giving(200, `{"items":[]}`, "Link", "<"+strings.Replace(next, "acme", "evil", 1)+`>; rel="next"`),
		"a link's misfit":  giving(200, `{"items":[]}`, "Link", "<https://%zz/?api_key="+planted+`>; rel="next"`),
		"never an answer":  func() (*http.Response, error) { return nil, context.DeadlineExceeded },
		"nothing whatever": func() (*http.Response, error) { return nil, nil },
	}
	calls := map[string]func(ctx context.Context, c *runtime.Client) error{
		"Do": func(ctx context.Context, c *runtime.Client) error {
			_, err := runtime.Do[ticket](ctx, c, drawing(show, "support"), runtime.Args{Path: []any{1}})
			return err
		},
		"Exec": func(ctx context.Context, c *runtime.Client) error {
			return runtime.Exec(ctx, c, create, runtime.Args{Body: ticket{}})
		},
		"List": func(ctx context.Context, c *runtime.Client) error {
			var errs []error
			for _, err := range runtime.List[ticket](ctx, c, byLink, runtime.Args{}) {
				errs = append(errs, err)
			}
			return errors.Join(errs...)
		},
		"List on": func(ctx context.Context, c *runtime.Client) error {
			for _, err := range runtime.List[ticket](ctx, c, byLink, runtime.Args{}, runtime.WithCursor(strings.Replace(next, "acme", "evil", 1))) {
				if e, ok := errors.AsType[*runtime.Error](err); ok {
					e.Cursor = "" // the caller's own
				}
				return err
			}
			return nil
		},
	}
	for name, credential := range credentials {
		for answer, provide := range providers {
			for how, call := range calls {
				t.Run(name+", "+answer+", "+how, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						var events strings.Builder
						listen := runtime.WithEvents(func(e budget.Event) { fmt.Fprintf(&events, "%+v\n", e) })
						c := connect(t, limited(perMinute("support", 2, api.ScopeCredential)), inTurn(provide), credential, listen, runtime.WithMaxBody(1000))
						for range 2 {
							ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
							err := call(ctx, c)
							cancel()
							if where := leaks(err); where != "" {
								t.Errorf("the error tells the secret: %s", where)
							}
							// Only the key that was sent in the query can come back in a cursor.
							if e, ok := errors.AsType[*runtime.Error](err); ok && name == "query" && strings.Contains(e.Cursor, planted) {
								t.Errorf("the cursor tells the secret: %s", e.Cursor)
							}
						}
						said := events.String() + fmt.Sprintf("%v %+v %#v %+v", c, c, c, c.Ledger().Snapshot())
						if strings.Contains(said, planted) {
							t.Errorf("the client tells the secret: %s", said)
						}
					})
				})
			}
		}
	}
}

// A transport may be an http.Client, whose errors have the URL in them.
type throughClient struct{ client *http.Client }

func (t throughClient) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	return t.client.Do(r)
}

func TestURLsOfTransportErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := inTurn(failing(errConnection))
		c := connect(t, desk(), throughClient{&http.Client{Transport: p}}, runtime.WithAPIKey("query", "api_key", planted))
		_, err := showing(c, show)
		if where := leaks(err); where != "" || !errors.Is(err, errConnection) {
			t.Errorf("error = %v", err)
		}
		if !strings.Contains(err.Error(), "gave up after 5 attempts") {
			t.Errorf("error = %v, which does not tell how often it was tried", err)
		}
	})
}

// A provider may write the key that it was given into the next page's link. A
// cursor is kept, and so must not have it.
func TestCursorsHaveNoKey(t *testing.T) {
	b := newBook(30)
	p := b.serve()
	inner := p.answer
	p.answer = func(n int, r *http.Request) (*http.Response, error) {
		resp, err := inner(n, r)
		body, _ := io.ReadAll(resp.Body)
		changed := strings.ReplaceAll(string(body), "?after=", "?api_key="+r.URL.Query().Get("api_key")+"\\u0026after=")
		changed = strings.ReplaceAll(changed, `\\u0026`, `\u0026`)
		link := strings.ReplaceAll(resp.Header.Get("Link"), "?after=", "?api_key="+r.URL.Query().Get("api_key")+"&after=")
		return reply(200, changed, "Link", link), err
	}
	for _, op := range []*api.Operation{byLink, byURL} {
		c := connect(t, desk(), p, runtime.WithAPIKey("query", "api_key", planted))
		pages := 0
		for pg, err := range runtime.ListPages[ticket](t.Context(), c, op, runtime.Args{}, runtime.WithPageSize(10)) {
			if err != nil {
				t.Fatal(err)
			}
			pages++
			if strings.Contains(pg.Cursor, planted) || pages < 3 && !strings.Contains(pg.Cursor, "after=") {
				t.Errorf("%s: cursor %q", op.Name, pg.Cursor)
			}
		}
		if pages != 3 {
			t.Errorf("%s: %d pages", op.Name, pages)
		}
	}
	for _, s := range p.requests() {
		if strings.Count(s.url, planted) != 1 {
			t.Errorf("request %s", s.url)
		}
	}
}

// Options that are refused do not tell what they were given.
func TestRefusedOptionsAreDiscreet(t *testing.T) {
	broken := planted + "\n"
	for _, o := range []runtime.ClientOption{
		runtime.WithBearer(broken), runtime.WithBasic("u", broken), runtime.WithBasic("u:", planted),
		runtime.WithAPIKey("header", "X-Key", broken), runtime.WithAPIKey("header", "", planted),
		runtime.WithAPIKey("cookie", "a b", planted), runtime.WithAPIKey("cookie", "a", planted+";"),
		runtime.WithAPIKey("query", "", planted), runtime.WithAPIKey("body", "k", planted),
		runtime.WithHeader("X-Secret", broken), runtime.WithUserAgent(broken),
		runtime.WithBaseURL("https://user:" + planted + "@host.example"),
		runtime.WithBaseURL("https://host.example/?key=" + planted),
		runtime.WithBaseURL("https://host.example/#" + planted),
		runtime.WithBaseURL("https://user:" + planted + "%zz@host.example"),
		runtime.WithBaseURL("https://user:" + planted + " x@host.example"),
		runtime.WithBaseURL("ftp://user:" + planted + "@host.example"),
	} {
		_, err := runtime.NewClient(desk(), acme, o)
		if err == nil {
			t.Errorf("an option was taken that should not be")
		}
		if where := leaks(err); where != "" {
			t.Errorf("the error tells the secret: %s", where)
		}
	}
}

// Nor has a client that somebody prints, whatever the verb.
func TestNoPrintedClientHasASecret(t *testing.T) {
	for name, option := range map[string]runtime.ClientOption{
		"bearer": runtime.WithBearer(planted),
		"basic":  runtime.WithBasic("user", planted),
		"query":  runtime.WithAPIKey("query", "api_key", planted),
		"header": runtime.WithAPIKey("header", "X-Api-Key", planted),
		"cookie": runtime.WithAPIKey("cookie", "session", planted),
	} {
		c := connect(t, desk(), always(200, aTicket), option)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%t"} {
			shown := fmt.Sprintf(verb, c) + fmt.Sprintf(verb, struct{ c *runtime.Client }{c})
			for _, secret := range []string{planted, fmt.Sprintf("%x", planted), fmt.Sprintf("%X", planted), "dXNlcjpzM2NyM3Q"} {
				if strings.Contains(shown, secret) {
					t.Errorf("%s: a client printed by %s shows it", name, verb)
				}
			}
		}
	}
}
