package runtime_test

// This file tests what hangs on net/http itself, on loopback: connections that
// are dropped, bodies that are cut, compressed or slow.

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/retry"
)

const answerOK = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 37\r\n\r\n" + aTicket

// impatient repeats without the waits that a test in real time would feel.
var impatient = runtime.WithRetry(retry.Policy{MinBackoff: time.Microsecond, MaxBackoff: time.Millisecond})

// onWire makes a client of a server that is a function of a connection.
func onWire(t *testing.T, desc *api.API, serve func(n int, in *bufio.Reader, out net.Conn), opts ...runtime.ClientOption) *runtime.Client {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for n := 1; ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(n, bufio.NewReader(conn), conn)
			}()
		}
	}()
	transport := &http.Transport{}
	t.Cleanup(func() {
		listener.Close()
		transport.CloseIdleConnections()
	})
	return connect(t, desc, transport, append(opts, impatient, runtime.WithBaseURL("http://"+listener.Addr().String()))...)
}

// request reads one request with its body.
func request(in *bufio.Reader) bool {
	r, err := http.ReadRequest(in)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, r.Body)
	return err == nil
}

// dropsTheSecond answers the first request of its first connection, and closes
// that without a word at the second, as a server does whose idle time has run out.
func dropsTheSecond(requests *atomic.Int32) func(int, *bufio.Reader, net.Conn) {
	return func(n int, in *bufio.Reader, out net.Conn) {
		for i := 1; request(in); i++ {
			requests.Add(1)
			if n == 1 && i == 2 {
				return
			}
			io.WriteString(out, answerOK)
		}
	}
}

func TestResentRequestsAreCharged(t *testing.T) {
	withKey := *create
	withKey.IdempotencyHeader = "Idempotency-Key" // by which net/http too knows that it may
	for name, op := range map[string]*api.Operation{"GET": show, "POST with an idempotency key": &withKey} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int32
			c := onWire(t, limited(perMinute("support", 100)), dropsTheSecond(&requests))
			args := runtime.Args{Path: []any{1}}
			if op != show {
				args = runtime.Args{Body: ticket{}}
			}
			var meta runtime.Response
			for range 2 {
				if _, err := runtime.Do[ticket](t.Context(), c, drawing(op, "support"), args, runtime.WithResponse(&meta)); err != nil {
					t.Fatal(err)
				}
			}
			if requests.Load() != 3 || meta.Attempts != 2 {
				t.Fatalf("%d requests were received, %d attempts: net/http was to repeat one", requests.Load(), meta.Attempts)
			}
			if got := used(c, "support"); got != 3 {
				t.Errorf("%d charged for 3 requests", got)
			}
		})
	}
}

func TestDroppedPostIsNotRepeated(t *testing.T) {
	var requests atomic.Int32
	c := onWire(t, limited(perMinute("support", 100)), dropsTheSecond(&requests))
	var err error
	for range 2 {
		_, err = runtime.Do[ticket](t.Context(), c, drawing(create, "support"), runtime.Args{Body: ticket{}})
	}
	if err == nil || requests.Load() != 2 || used(c, "support") != 2 {
		t.Errorf("error %v, %d requests, %d charged", err, requests.Load(), used(c, "support"))
	}
}

// Nothing was written: the charge comes back at once, and even a POST may be repeated.
func TestUnwrittenRequestsAreFree(t *testing.T) {
	var dials atomic.Int32
	p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, aTicket) }))
	defer p.Close()
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		if dials.Add(1) <= 3 {
			return nil, errors.New("no route") // not a *net.OpError, by which retry would know
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}}
	defer transport.CloseIdleConnections()
	c := connect(t, limited(perMinute("support", 1)), transport, runtime.WithBaseURL(p.URL), impatient)
	if _, err := runtime.Do[ticket](t.Context(), c, drawing(create, "support"), runtime.Args{Body: ticket{}}); err != nil {
		t.Fatal(err)
	}
	if dials.Load() != 4 || used(c, "support") != 1 {
		t.Errorf("%d dials, %d charged", dials.Load(), used(c, "support"))
	}
}

func TestRefusedConnectionsAreFree(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	c := connect(t, limited(perMinute("support", 1)), &http.Transport{}, runtime.WithBaseURL("http://"+listener.Addr().String()), impatient)
	_, err = showing(c, drawing(show, "support"))
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || op.Op != "dial" || used(c, "support") != 0 {
		t.Errorf("error %v, %d charged", err, used(c, "support"))
	}
}

func TestCutBodies(t *testing.T) {
	tests := map[string]string{
		"shorter than told": "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + aTicket,
		"an open chunk":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n25\r\n" + aTicket + "\r\n",
		"no body at all":    "HTTP/1.1 200 OK\r\nContent-Length: 37\r\n\r\n",
		"cut headers":       "HTTP/1.1 200 OK\r\nContent-Le",
		"not HTTP":          "SSH-2.0-OpenSSH_9.9\r\n",
	}
	for name, bytes := range tests {
		t.Run(name, func(t *testing.T) {
			c := onWire(t, limited(perMinute("support", 100)), func(n int, in *bufio.Reader, out net.Conn) {
				if request(in) {
					if n == 3 {
						bytes = answerOK
					}
					io.WriteString(out, bytes)
				}
			})
			got, err := showing(c, drawing(show, "support"))
			if err != nil || got.ID != 1 {
				t.Fatalf("got %v, %v", got, err)
			}
			if n := used(c, "support"); n != 3 {
				t.Errorf("%d charged for 3 attempts", n)
			}
		})
	}
}

func TestStalledBody(t *testing.T) {
	var gone atomic.Bool
	c := onWire(t, desk(), func(n int, in *bufio.Reader, out net.Conn) {
		if request(in) && n == 1 {
			io.WriteString(out, "HTTP/1.1 200 OK\r\nContent-Length: 37\r\n\r\n{")
			in.ReadByte() // until the client hangs up
			gone.Store(true)
		} else {
			io.WriteString(out, answerOK)
		}
	}, runtime.WithAttemptTimeout(50*time.Millisecond))
	if _, err := showing(c, show); err != nil {
		t.Fatal(err)
	}
	_, err := showing(c, show, runtime.WithAttemptTimeout(time.Nanosecond), runtime.WithRetry(retry.Policy{Attempts: 1}))
	if err == nil || !strings.Contains(err.Error(), "no whole answer within 1ns") {
		t.Errorf("error = %v", err)
	}
}

func TestCompressedAnswer(t *testing.T) {
	p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("Accept-Encoding = %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer z.Close()
		io.WriteString(z, `{"ticket":{"id":1,"subject":"`+strings.Repeat("x", 1<<20)+`"}}`)
	}))
	defer p.Close()
	c := connect(t, desk(), &http.Transport{}, runtime.WithBaseURL(p.URL))
	if got, err := showing(c, show); err != nil || len(got.Subject) != 1<<20 {
		t.Errorf("a subject of %d, %v", len(got.Subject), err)
	}
	// The bound is on what comes out, so that a small answer cannot fill the memory.
	if _, err := showing(c, show, runtime.WithMaxBody(1<<19)); !errors.Is(err, runtime.ErrTooLarge) {
		t.Errorf("error = %v", err)
	}
}

// A refusal may come before the body was sent whole; net/http then still reads
// the stream that the next attempt sends again.
func TestEarlyAnswerToAStream(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<18) // more than socket buffers hold
	file := filepath.Join(t.TempDir(), "upload")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	var got []byte
	c := onWire(t, desk(), func(n int, in *bufio.Reader, out net.Conn) {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if r.ContentLength != int64(len(content)) {
			t.Errorf("Content-Length = %d", r.ContentLength)
		}
		if n <= 3 {
			io.WriteString(out, "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
			io.Copy(io.Discard, r.Body) // all of it, or the connection would be reset
			return
		}
		got, _ = io.ReadAll(r.Body)
		io.WriteString(out, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
	})
	stream, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	policy := runtime.WithRetry(retry.Policy{Jitter: -1})
	if err := runtime.Exec(t.Context(), c, upload, runtime.Args{Body: stream}, policy); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, content) {
		t.Errorf("%d bytes arrived of %d, or others", len(got), len(content))
	}
}

// A client without options has a transport of its own, and respects a program
// that replaced the standard one.
func TestOwnTransport(t *testing.T) {
	p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, aTicket) }))
	defer p.Close()
	for name, standard := range map[string]http.RoundTripper{
		"the standard one": http.DefaultTransport,
		"a replaced one":   always(200, aTicket),
	} {
		t.Run(name, func(t *testing.T) {
			before := http.DefaultTransport
			defer func() { http.DefaultTransport = before }()
			http.DefaultTransport = standard
			c, err := runtime.NewClient(desk(), acme, runtime.WithBaseURL(p.URL))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := showing(c, show); err != nil {
				t.Error(err)
			}
			if double, ok := standard.(*provider); ok && len(double.requests()) != 1 {
				t.Errorf("%d requests went through it", len(double.requests()))
			}
		})
	}
}
