package runtime_test

// This file has what the tests of the package share: a small API and a
// provider that is a function.

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
)

// ticket is what the test API's operations answer.
type ticket struct {
	ID      int    `json:"id"`
	Subject string `json:"subject"`
}

var (
	show     = &api.Operation{Name: "Tickets.Show", Method: "GET", Path: "/tickets/{ticket_id}", Result: api.Path{"ticket"}}
	create   = &api.Operation{Name: "Tickets.Create", Method: "POST", Path: "/tickets", Result: api.Path{"ticket"}, Body: api.Path{"ticket"}}
	replace  = &api.Operation{Name: "Tickets.Replace", Method: "PUT", Path: "/tickets/{ticket_id}", Result: api.Path{"ticket"}}
	upload   = &api.Operation{Name: "Files.Upload", Method: "POST", Path: "/files", ContentType: "application/octet-stream"}
	download = &api.Operation{Name: "Files.Download", Method: "GET", Path: "/files/{name}"}
)

// desk is an API with these operations, without limits.
func desk() *api.API {
	return &api.API{
		Name:    "desk",
		Account: "subdomain",
		Servers: []api.Server{{URL: "https://{subdomain}.desk.example/v2", Variables: []api.ServerVariable{{Name: "subdomain"}}}},
		Errors:  api.Errors{Code: []api.Path{{"error", "code"}, {"error"}}, Message: []api.Path{{"error", "message"}, {"message"}}, RequestID: "X-Request-Id"},
	}
}

// limited is desk with limits, which every operation that drawing makes draws on.
func limited(limits ...api.Limit) *api.API {
	desc := desk()
	desc.Limits = limits
	return desc
}

// drawing is an operation that draws on limits.
func drawing(op *api.Operation, limits ...string) *api.Operation {
	copied := *op
	for _, name := range limits {
		copied.Draws = append(copied.Draws, api.Draw{Limit: name})
	}
	return &copied
}

// perMinute is a window of n calls a minute, by account unless scopes are given.
func perMinute(name string, n int, scopes ...api.Scope) api.Limit {
	if scopes == nil {
		scopes = []api.Scope{api.ScopeAccount}
	}
	return api.Limit{Name: name, Shape: api.Window{Limit: n, Per: time.Minute}, Scope: scopes}
}

// provider is an http.RoundTripper that answers in memory, and remembers.
type provider struct {
	mu     sync.Mutex
	start  time.Time
	seen   []sent
	answer func(n int, r *http.Request) (*http.Response, error) // n counts from 1
}

// sent is one request, as the provider saw it.
type sent struct {
	at     time.Duration // since the provider was made
	url    string
	header http.Header
	body   string
}

// answering makes a provider.
func answering(answer func(n int, r *http.Request) (*http.Response, error)) *provider {
	return &provider{start: time.Now(), answer: answer}
}

// always makes a provider that gives one answer.
func always(status int, body string, header ...string) *provider {
	return answering(func(int, *http.Request) (*http.Response, error) { return reply(status, body, header...), nil })
}

// inTurn makes a provider that gives its answers in turn, and the last for ever.
func inTurn(answers ...func() (*http.Response, error)) *provider {
	return answering(func(n int, _ *http.Request) (*http.Response, error) { return answers[min(n, len(answers))-1]() })
}

// giving is an answer for inTurn.
func giving(status int, body string, header ...string) func() (*http.Response, error) {
	return func() (*http.Response, error) { return reply(status, body, header...), nil }
}

// failing is a failed exchange for inTurn.
func failing(err error) func() (*http.Response, error) {
	return func() (*http.Response, error) { return nil, err }
}

var errConnection = errors.New("connection reset by peer")

// cut is an answer whose body breaks off.
func cut(status int, body string, header ...string) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		r := reply(status, "", header...)
		r.ContentLength = int64(len(body)) + 100
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader(body), brokenBody{}))
		return r, nil
	}
}

type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// reply is an answer with headers given as name, value, name, value.
func reply(status int, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i < len(header); i += 2 {
		h.Add(header[i], header[i+1])
	}
	return &http.Response{
		StatusCode: status, Header: h, ContentLength: int64(len(body)),
		Body: io.NopCloser(strings.NewReader(body)),
	}
}

const aTicket = `{"ticket":{"id":1,"subject":"Hello"}}`

func (p *provider) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	s := sent{at: time.Since(p.start), url: r.Method + " " + r.URL.String(), header: r.Header.Clone()}
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body.Close()
		s.body = string(b)
	}
	p.mu.Lock()
	p.seen = append(p.seen, s)
	n := len(p.seen)
	p.mu.Unlock()
	return p.answer(n, r)
}

func (p *provider) requests() []sent {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen
}

// urls are the requests' methods and URLs, without scheme and host.
func (p *provider) urls() []string {
	var list []string
	for _, s := range p.requests() {
		list = append(list, strings.Replace(s.url, "https://acme.desk.example/v2", "", 1))
	}
	return list
}

// times are when the requests were sent, rounded to milliseconds.
func (p *provider) times() []time.Duration {
	var list []time.Duration
	for _, s := range p.requests() {
		list = append(list, s.at.Round(time.Millisecond))
	}
	return list
}

var acme = map[string]string{"subdomain": "acme"}

// connect makes a client of acme's at the provider.
func connect(t testing.TB, desc *api.API, p http.RoundTripper, opts ...runtime.ClientOption) *runtime.Client {
	t.Helper()
	c, err := runtime.NewClient(desc, acme, append([]runtime.ClientOption{runtime.WithTransport(p)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// showing calls op for ticket 1.
func showing(c *runtime.Client, op *api.Operation, opts ...runtime.Option) (ticket, error) {
	return runtime.Do[ticket](context.Background(), c, op, runtime.Args{Path: []any{1}}, opts...)
}

// failure is the *runtime.Error of a call that must fail.
func failure(t testing.TB, err error) *runtime.Error {
	t.Helper()
	e, ok := errors.AsType[*runtime.Error](err)
	if !ok {
		t.Fatalf("error = %v (%T), want a *runtime.Error", err, err)
	}
	return e
}

// used is what a client's counter of a limit has occupied, over all scopes.
func used(c *runtime.Client, limit string) int {
	sum := 0
	for _, s := range c.Ledger().Snapshot().Counters {
		if s.Key.Limit == limit {
			sum += s.Used
		}
	}
	return sum
}

// numbered are items with ids from 1.
func numbered(n int) []json.RawMessage {
	items := make([]json.RawMessage, n)
	for i := range items {
		items[i] = fmt.Appendf(nil, `{"id":%d,"subject":"item %d"}`, i+1, i+1)
	}
	return items
}

// array joins items to a JSON array.
func array(items []json.RawMessage) string {
	list := make([][]byte, len(items))
	for i, item := range items {
		list[i] = item
	}
	return "[" + string(bytes.Join(list, []byte(","))) + "]"
}
