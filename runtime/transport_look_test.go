package runtime_test

// This file tests by what a Transport counts: what it looks at of a request.

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/retry"
)

// scopesOf are the counters' scopes, sorted.
func scopesOf(rt *runtime.Transport) []string {
	var list []string
	for _, s := range rt.Ledger().Snapshot().Counters {
		list = append(list, s.Key.Scope)
	}
	slices.Sort(list)
	return list
}

const form = "application/x-www-form-urlencoded"

func TestTransportCountsByCallers(t *testing.T) {
	type request struct{ url, header, value, contentType, body string }
	scopes := func(t *testing.T, r request, opts ...runtime.ClientOption) []string {
		post := &api.Operation{Name: "Chat.Post", Method: "POST", Path: "/chat", Draws: []api.Draw{{Limit: "l"}}}
		desc := transported([]*api.Operation{post}, perMinute("l", 9, api.ScopeAccount, api.ScopeCredential))
		_, rt := under(t, desc, always(200, ""), opts...)
		req, _ := http.NewRequest("POST", deskURL+"/chat"+r.url, strings.NewReader(r.body))
		req.Header.Set("Content-Type", r.contentType)
		if r.header != "" {
			req.Header.Set(r.header, r.value)
		}
		resp, err := rt.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return scopesOf(rt)
	}
	hash := strings.TrimPrefix(scopes(t, request{header: "Authorization", value: "Bearer a"})[0], "account=acme credential=")
	if hash == "anonymous" || strings.Contains(hash, "Bearer") {
		t.Fatalf("the credential's scope is %q, want a hash", hash)
	}
	same := "account=acme credential=" + hash
	for name, tt := range map[string]struct {
		request request
		opts    []runtime.ClientOption
		want    string // empty: another than same
	}{
		"none":                    {request{}, nil, "account=acme credential=anonymous"},
		"another token":           {request{header: "Authorization", value: "Bearer b"}, nil, ""},
		"in a form":               {request{contentType: form, body: "x=1&token=a"}, nil, same},
		"in a form with charset":  {request{contentType: form + "; charset=utf-8", body: "x=1&token=a"}, nil, same},
		"in the query":            {request{url: "?access_token=a"}, nil, same},
		"not in JSON":             {request{contentType: "application/json", body: `{"token":"a"}`}, nil, "account=acme credential=anonymous"},
		"the header goes first":   {request{header: "Authorization", value: "Bearer a", contentType: form, body: "token=b"}, nil, same},
		"an API key":              {request{header: "X-Api-Key", value: "Bearer a"}, nil, same},
		"the account is given":    {request{header: "Authorization", value: "Bearer a"}, []runtime.ClientOption{runtime.WithIdentity(runtime.Identity{Account: "w1"})}, "account=w1 credential=" + hash},
		"the host names no other": {request{header: "Authorization", value: "Bearer a"}, []runtime.ClientOption{runtime.WithBaseURL(deskURL)}, "account=" + hash + " credential=" + hash},
	} {
		t.Run(name, func(t *testing.T) {
			got := scopes(t, tt.request, tt.opts...)
			if len(got) != 1 || tt.want != "" && got[0] != tt.want || tt.want == "" && got[0] == same {
				t.Errorf("counted by %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTransportCountsByParameters(t *testing.T) {
	op := &api.Operation{Name: "Chat.Post", Method: "POST", Path: "/rooms/{room}/chat", Draws: []api.Draw{{Limit: "l"}}}
	large := strings.Repeat("x", 300<<10)
	for name, tt := range map[string]struct {
		scope             api.Scope
		contentType, body string
		query             string
		want              string
	}{
		"JSON":                     {"body:channel", "application/json", `{"text":"hello","channel":"C1"}`, "", `body:channel="C1"`},
		"JSON, no type":            {"body:channel", "", `{"channel":"C1"}`, "", `body:channel="C1"`},
		"form":                     {"body:channel", form, "text=hello&channel=C+1", "", `body:channel="C 1"`},
		"form, cut short":          {"body:channel", form, "channel=C1&text=" + large, "", `body:channel="C1"`},
		"JSON, cut short":          {"body:channel", "application/json", `{"channel":"C1","text":"` + large + `"}`, "", `body:channel="C1"`},
		"behind what is looked at": {"body:channel", form, "text=" + large + "&channel=C1", "", `body:channel=""`},
		"in the query, no body":    {"body:channel", form, "", "channel=C1", `body:channel="C1"`},
		"other content":            {"body:channel", "multipart/form-data; boundary=x", "--x--", "", `body:channel=""`},
		"path":                     {"path:room", "application/json", "{}", "", `path:room="a/b"`},
		"query":                    {"query:view", "application/json", "{}", "view=v", `query:view="v"`},
	} {
		for _, rewinds := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, rewinds %v", name, rewinds), func(t *testing.T) {
				p := always(200, "")
				_, rt := under(t, transported([]*api.Operation{op}, perMinute("l", 9, tt.scope)), p)
				body := io.Reader(strings.NewReader(tt.body))
				if !rewinds && tt.body != "" {
					body = io.NopCloser(body)
				}
				req, _ := http.NewRequest("POST", deskURL+"/rooms/a%2Fb/chat?"+tt.query, body)
				req.Header.Set("Content-Type", tt.contentType)
				resp, err := rt.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if diff := cmp.Diff([]string{tt.want}, scopesOf(rt)); diff != "" {
					t.Error(diff)
				}
				if got := p.requests()[0].body; got != tt.body {
					t.Errorf("sent %d bytes, want the %d as they came", len(got), len(tt.body))
				}
			})
		}
	}
}

func TestTransportKeepsConditionsOfDraws(t *testing.T) {
	list := &api.Operation{Name: "Tickets.List", Method: "GET", Path: "/tickets", Draws: []api.Draw{
		{Limit: "l"}, {Limit: "deep", When: &api.When{Param: api.Param{In: api.InQuery, Name: "page"}, Above: 5}},
	}}
	_, rt := under(t, transported([]*api.Operation{list}, perMinute("l", 9), perMinute("deep", 9)), always(200, ""))
	for page, want := range []int{1: 1, 5: 1, 6: 2} {
		if want == 0 {
			continue
		}
		req, _ := http.NewRequest("GET", fmt.Sprintf("%s/tickets?page=%d", deskURL, page), nil)
		resp, err := rt.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := len(scopesOf(rt)); got != want {
			t.Errorf("page %d: %d counters, want %d", page, got, want)
		}
	}
}

// methods is an API that names its operations by path alone.
func methods() *api.API {
	var ops []*api.Operation
	for i := range 10 {
		ops = append(ops, &api.Operation{Name: fmt.Sprintf("Things.List%d", i), Method: "GET", Path: fmt.Sprintf("/things.list%d", i), Draws: []api.Draw{{Limit: "tier"}}})
	}
	ops = append(ops, &api.Operation{Name: "Things.Add", Method: "POST", Path: "/things.add", Draws: []api.Draw{{Limit: "tier"}}})
	desc := transported(ops, perMinute("tier", 20, api.ScopeAccount, api.ScopeOperation))
	desc.Throttling = []api.Throttling{{Status: 200, When: &api.BodyRule{Path: api.Path{"error"}, In: []string{"ratelimited"}}, RetryAfter: api.RetryAfterHeader}}
	desc.Errors = api.Errors{
		Code: []api.Path{{"error"}}, When: &api.BodyRule{Path: api.Path{"ok"}, In: []string{"false"}},
		Codes: []api.ErrorCodes{{Means: api.Unavailable, In: []string{"fatal"}}},
	}
	return desc
}

// TestTransportTakesEitherMethodOfAPath: where paths alone name operations, a POST
// that reads is one that reads.
func TestTransportTakesEitherMethodOfAPath(t *testing.T) {
	const good, fatal, full = `{"ok":true}`, `{"ok":false,"error":"fatal"}`, `{"ok":false,"error":"ratelimited"}`
	for name, tt := range map[string]struct {
		path, first string
		want        []time.Duration
	}{
		"reads, failed":   {"/things.list1", fatal, []time.Duration{0, time.Second}},
		"writes, failed":  {"/things.add", fatal, []time.Duration{0}},
		"reads, refused":  {"/things.list1", full, []time.Duration{0, 7 * time.Second}},
		"writes, refused": {"/things.add", full, []time.Duration{0, 7 * time.Second}},
		"unlisted":        {"/things.other", fatal, []time.Duration{0}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := answering(func(n int, r *http.Request) (*http.Response, error) {
					if n > 1 {
						return reply(200, good), nil
					}
					if tt.first == full {
						return reply(200, full, "Retry-After", "7"), nil
					}
					return reply(200, fatal), nil
				})
				c, rt := under(t, methods(), p, runtime.WithRetry(retry.Policy{Attempts: 3, MinBackoff: time.Second, MaxBackoff: time.Second, Jitter: -1}))
				resp, err := c.Post(deskURL+tt.path, form, strings.NewReader("token=x"))
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				body, _ := io.ReadAll(resp.Body)
				if len(tt.want) == 1 && string(body) != fatal || len(tt.want) == 2 && string(body) != good {
					t.Errorf("the answer's body is %s", body)
				}
				var times []time.Duration
				for _, at := range p.times() {
					times = append(times, at.Truncate(time.Second))
				}
				if len(times) == 2 && tt.first == fatal {
					times[1] = time.Second // the backoff is half random
				}
				if diff := cmp.Diff(tt.want, times); diff != "" {
					t.Error(diff)
				}
				if n := len(scopesOf(rt)); name != "unlisted" && n != 1 {
					t.Errorf("%d counters, want the operation's", n)
				}
			})
		})
	}
}

func TestTransportTellsOnceWhatItGuesses(t *testing.T) {
	var guessed []budget.Event
	op := drawing(show, "l")
	_, rt := under(t, transported([]*api.Operation{op}, perMinute("l", 9, api.ScopeUser)), always(200, ""), runtime.WithEvents(func(e budget.Event) {
		if e.Kind == runtime.IdentityGuessed {
			guessed = append(guessed, e)
		}
	}))
	for _, token := range []string{"a", "b"} {
		req, _ := http.NewRequest("GET", deskURL+"/tickets/7", nil)
		req.Header.Set("Authorization", token)
		resp, err := rt.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	if len(guessed) != 1 || guessed[0].Key.Limit != "l" {
		t.Errorf("told %v, want once that the user of l is guessed", guessed)
	}
	if n := len(scopesOf(rt)); n != 2 {
		t.Errorf("%d counters, want one for each token", n)
	}
}

func TestTransportFailsWhereABodyCannotBeOpened(t *testing.T) {
	broken := errors.New("no such file")
	op := &api.Operation{Name: "Chat.Post", Method: "POST", Path: "/chat", Draws: []api.Draw{{Limit: "l"}}}
	_, rt := under(t, transported([]*api.Operation{op}, perMinute("l", 9, "body:channel")), always(200, ""))
	body := &closing{Reader: strings.NewReader("{}")}
	req, _ := http.NewRequest("POST", deskURL+"/chat", body)
	req.GetBody = func() (io.ReadCloser, error) { return nil, broken }
	if _, err := rt.RoundTrip(req); !errors.Is(err, broken) || !body.closed {
		t.Errorf("error = %v, body closed: %v", err, body.closed)
	}
}

var _ http.RoundTripper = (*runtime.Transport)(nil)
