package runtime_test

// This file tests a Transport over net/http's own: bodies while they come,
// redirects, answers without a body, connections that switch protocols.

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
)

// serving puts a server behind a Transport of an API that has a show operation
// with two limits: of calls a minute, and of one call at once.
func serving(t *testing.T, handler http.HandlerFunc, opts ...runtime.ClientOption) (*http.Client, *runtime.Transport, string) {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	desc := transported([]*api.Operation{drawing(show, "support", "at once")}, perMinute("support", 100),
		api.Limit{Name: "at once", Shape: api.Concurrency{Max: 1}, Scope: []api.Scope{api.ScopeAccount}})
	c, rt := under(t, desc, nil, append([]runtime.ClientOption{runtime.WithBaseURL(server.URL)}, opts...)...)
	t.Cleanup(func() { rt.Close() })
	return c, rt, server.URL + "/tickets/"
}

// usedOf is how much of a limit is in use.
func usedOf(rt *runtime.Transport, limit string) int {
	sum := 0
	for _, s := range rt.Ledger().Snapshot().Counters {
		if s.Key.Limit == limit {
			sum += s.Used
		}
	}
	return sum
}

// TestTransportStreams: the caller reads what has come before the answer is whole,
// and the place of calls at once is taken until it is.
func TestTransportStreams(t *testing.T) {
	more := make(chan bool)
	c, rt, url := serving(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "first")
		w.(http.Flusher).Flush()
		<-more
		io.WriteString(w, "second")
	})
	resp, err := c.Get(url + "1")
	if err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 5)
	if _, err := io.ReadFull(resp.Body, first); err != nil || string(first) != "first" {
		t.Fatalf("read %q, %v", first, err)
	}
	if n := usedOf(rt, "at once"); n != 1 {
		t.Errorf("%d calls at once while the body is read, want 1", n)
	}
	close(more)
	rest, err := io.ReadAll(resp.Body)
	if err != nil || string(rest) != "second" {
		t.Errorf("the rest is %q, %v", rest, err)
	}
	if n := usedOf(rt, "at once"); n != 0 {
		t.Errorf("%d calls at once after the body has ended, want none", n)
	}
	resp.Body.Close()
}

// TestTransportFreesWithoutABody: an answer that has no body need not be closed.
func TestTransportFreesWithoutABody(t *testing.T) {
	c, rt, url := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Length", "12")
	})
	for _, method := range []string{"HEAD", "GET", "HEAD"} {
		req, _ := http.NewRequest(method, url+"1", nil)
		if method == "GET" {
			req.Header.Set("If-None-Match", `"x"`)
		}
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if method == "HEAD" && resp.ContentLength != 12 || method == "GET" && resp.StatusCode != http.StatusNotModified {
			t.Errorf("%s: %d with length %d", method, resp.StatusCode, resp.ContentLength)
		}
		if n := usedOf(rt, "at once"); n != 0 {
			t.Errorf("%s: %d calls at once after it, want none", method, n)
		}
	}
}

func TestTransportChargesRedirects(t *testing.T) {
	c, rt, url := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/1") {
			http.Redirect(w, r, "/tickets/2", http.StatusFound)
			return
		}
		io.WriteString(w, "found")
	})
	if status, body := get(t, c, url+"1"); status != 200 || body != "found" {
		t.Errorf("answer %d %q", status, body)
	}
	if n := usedOf(rt, "support"); n != 2 {
		t.Errorf("%d charged, want both hops", n)
	}
}

// TestTransportSwitchesProtocols: the body of status 101 is the connection, both
// ways.
func TestTransportSwitchesProtocols(t *testing.T) {
	c, rt, url := serving(t, func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprint(rw, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		rw.Flush()
		line, _ := rw.ReadString('\n')
		fmt.Fprint(rw, line)
		rw.Flush()
	}, runtime.WithAttemptTimeout(time.Minute), runtime.WithObserver(&notes{}))
	req, _ := http.NewRequest("GET", url+"1", nil)
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "echo")
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	w, ok := resp.Body.(io.Writer)
	if !ok {
		t.Fatalf("the body of status %d is a %T, which cannot be written to", resp.StatusCode, resp.Body)
	}
	fmt.Fprint(w, "hello\n")
	if line, err := bufio.NewReader(resp.Body).ReadString('\n'); line != "hello\n" {
		t.Errorf("read %q, %v", line, err)
	}
	resp.Body.Close()
	if n := usedOf(rt, "at once"); n != 0 {
		t.Errorf("%d calls at once after the connection was closed, want none", n)
	}
}

// TestTransportIsObserved: the end of a request, and of a call, is that of its body.
func TestTransportIsObserved(t *testing.T) {
	const call = "call Tickets.Show of desk at https://acme.desk.example:443"
	for name, tt := range map[string]struct {
		provider *provider
		want     []string
	}{
		"an answer": {always(200, aTicket), []string{
			"request {Number:1 Retry:0 Redirected:false} in Tickets.Show", "the caller has it", "answer 200 in 2s: <nil>",
			"end 200, 1 requests, 0 retries: <nil>",
		}},
		"a repetition": {inTurn(giving(503, ""), giving(404, `{"error":"gone"}`)), []string{
			"request {Number:1 Retry:0 Redirected:false} in Tickets.Show", "answer 503 in 0s: <nil>",
			"request {Number:2 Retry:1 Redirected:false} in Tickets.Show", "the caller has it", "answer 404 in 2s: <nil>",
			"end 404, 2 requests, 1 retries: Tickets.Show: 404 Not Found",
		}},
		"a body that breaks off": {inTurn(cut(200, "{")), []string{
			"request {Number:1 Retry:0 Redirected:false} in Tickets.Show", "the caller has it", "answer 200 in 2s: unexpected EOF",
			"end 200, 1 requests, 0 retries: Tickets.Show: 200 OK: unexpected EOF",
		}},
		"no body": {answering(func(int, *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 302, Header: http.Header{"Location": {"/x"}}}, nil
		}), []string{
			"request {Number:1 Retry:0 Redirected:false} in Tickets.Show", "answer 302 in 0s: <nil>",
			"end 302, 1 requests, 0 retries: <nil>", "the caller has it",
		}},
		"no answer": {inTurn(failing(io.ErrUnexpectedEOF), failing(io.ErrUnexpectedEOF), failing(errConnection)), []string{
			"request {Number:1 Retry:0 Redirected:false} in Tickets.Show", "answer 0 in 0s: unexpected EOF",
			"request {Number:2 Retry:1 Redirected:false} in Tickets.Show", "answer 0 in 0s: unexpected EOF",
			"request {Number:3 Retry:2 Redirected:false} in Tickets.Show", "answer 0 in 0s: connection reset by peer",
			"end 0, 3 requests, 2 retries: connection reset by peer",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &notes{begun: time.Now()}
				_, rt := under(t, transported([]*api.Operation{drawing(show, "support")}, perMinute("support", 9)), tt.provider, runtime.WithObserver(n), quick)
				req, _ := http.NewRequest("GET", deskURL+"/tickets/7", nil)
				if resp, err := rt.RoundTrip(req); err == nil {
					n.note("the caller has it")
					time.Sleep(2 * time.Second)
					io.ReadAll(resp.Body)
					resp.Body.Close()
				}
				if diff := cmp.Diff(append([]string{"attached to desk", call}, tt.want...), n.said()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// TestTransportLooksAtAnswersWithinBounds: where limits stand in bodies, no more
// than WithMaxBody is read before the caller reads.
func TestTransportLooksAtAnswersWithinBounds(t *testing.T) {
	read := 0
	p := answering(func(int, *http.Request) (*http.Response, error) {
		resp := reply(429, "")
		resp.Body = io.NopCloser(countingReader{&read})
		return resp, nil
	})
	desc := transported([]*api.Operation{drawing(show, "support")}, perMinute("support", 9))
	desc.QuotaBodies = []api.QuotaBody{{Remaining: api.Path{"left"}}}
	_, rt := under(t, desc, p, runtime.WithMaxBody(5000))
	req, _ := http.NewRequest("POST", deskURL+"/tickets/7", io.NopCloser(strings.NewReader("x")))
	resp, err := rt.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if read != 5000 {
		t.Errorf("%d bytes were read, want 5000", read)
	}
	head := make([]byte, 8000)
	if n, err := io.ReadFull(resp.Body, head); err != nil || strings.Trim(string(head), "x") != "" {
		t.Errorf("the caller reads %d bytes, %v", n, err)
	}
	resp.Body.Close()
}

// countingReader is a body without an end.
type countingReader struct{ read *int }

func (r countingReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	*r.read += len(p)
	return len(p), nil
}
