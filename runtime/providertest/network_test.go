package providertest

import (
	"encoding/json"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/weirkit/weir/runtime/api"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// get fetches a URL and returns the status, or fails the test.
func get(t testing.TB, client *http.Client, url string) int {
	t.Helper()
	r, err := client.Get(url)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer r.Body.Close()
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		t.Error(err)
	}
	return r.StatusCode
}

// The same sequence of calls is judged alike however they travel.
func TestNetworks(t *testing.T) {
	serve := map[string]func(p *Provider) (http.RoundTripper, string){
		"in memory": func(p *Provider) (http.RoundTripper, string) { return p.Transport(), "https://acme.shop.example/v1" },
		"direct":    func(p *Provider) (http.RoundTripper, string) { return p.Direct(), "https://acme.shop.example/v1" },
		"loopback": func(p *Provider) (http.RoundTripper, string) {
			s, err := p.Listen()
			if err != nil {
				t.Fatal(err)
			}
			tr := &http.Transport{}
			t.Cleanup(tr.CloseIdleConnections)
			return tr, s.URL
		},
	}
	for name, how := range serve {
		t.Run(name, func(t *testing.T) {
			p := mustNew(t, shop(), Options{})
			p.Items("link", func(*Call) []json.RawMessage { return things(2) })
			transport, base := how(p)
			client := &http.Client{Transport: transport}
			r, err := client.Get(base + "/link?per_page=1")
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			if got := body(t, r); got != `[{"id":1,"name":"thing 1"}]` {
				t.Errorf("body %s", got)
			}
			next := "<" + base + "/link?page=2&per_page=1>; rel=\"next\""
			if got := r.Header.Get("Link"); got != next {
				t.Errorf("Link %s, want %s", got, next)
			}
			if got := r.Request.URL.String(); got != base+"/link?per_page=1" {
				t.Errorf("the response's request is of %s", got)
			}
			want := []int{200, 200, 429}
			for i, method := range []string{"GET", "DELETE", "GET"} {
				request, err := http.NewRequestWithContext(t.Context(), method, base+"/things/7", strings.NewReader("x"))
				if err != nil {
					t.Fatal(err)
				}
				r, err := client.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				r.Body.Close()
				if method == "DELETE" {
					want[i] = 204
				}
				if r.StatusCode != want[i] {
					t.Errorf("%s: %d, want %d", method, r.StatusCode, want[i])
				}
			}
			if r := p.Report(); r.Requests != 4 || r.Refused != 1 || r.Counters[0].Highest != 3 {
				t.Errorf("report: %+v", r)
			}
		})
	}
}

// A drop on a kept connection is sent again by net/http, and counted again; a
// direct call just fails.
func TestDropsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := mustNew(t, shop(), Options{})
		p.Inject(Fault{Nth: 2, Effect: Drop()})
		client := &http.Client{Transport: p.Transport()}
		for range 2 {
			if got := get(t, client, "http://shop.example/things/7"); got != 200 {
				t.Errorf("status %d", got)
			}
		}
		if r := p.Report(); r.Requests != 3 || r.Counters[0].Admitted != 3 {
			t.Errorf("report: %+v", r)
		}

		p.Inject(Fault{Effect: Drop()})
		request, _ := http.NewRequestWithContext(t.Context(), "GET", "http://shop.example/things/search", nil)
		if r, err := p.Direct().RoundTrip(request); err == nil {
			r.Body.Close()
			t.Error("a dropped call was answered")
		}
	})
}

// A call made directly tells a trace of its way, as a connection would.
func TestDirectTraces(t *testing.T) {
	p := mustNew(t, shop(), Options{})
	p.Inject(Fault{Operation: "show", Effect: Cut(3)})
	var steps []string
	trace := &httptrace.ClientTrace{
		WroteHeaders:         func() { steps = append(steps, "headers") },
		WroteRequest:         func(httptrace.WroteRequestInfo) { steps = append(steps, "request") },
		GotFirstResponseByte: func() { steps = append(steps, "answer") },
	}
	request, _ := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), "GET", "http://shop.example/things/7", nil)
	r, err := p.Direct().RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if got, err := io.ReadAll(r.Body); string(got) != `{"t` || err != io.ErrUnexpectedEOF {
		t.Errorf("cut: %q, %v", got, err)
	}
	if got := strings.Join(steps, " "); got != "headers request answer" {
		t.Errorf("steps: %s", got)
	}
}

// Many clients, limits and faults at once, for the race detector; the numbers
// must still add up.
func TestUnderLoad(t *testing.T) {
	a := shop()
	a.Limits[0].Shape = api.Bucket{Burst: 300, Refill: 100, Per: time.Hour}
	p := mustNew(t, a, Options{Latency: Between(0, time.Millisecond), CountAt: (*rand.Rand).Float64, Headers: HeadersWrong(1)})
	p.Items("cursor", func(*Call) []json.RawMessage { return things(10) })
	p.Inject(Fault{Every: 10, Effect: Status(500)})
	client := &http.Client{Transport: p.Transport()}
	var answers sync.Map
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for i := range 50 {
				target := "http://shop.example/things/7"
				if i%2 == 0 {
					target = "http://shop.example/cursor?per_page=3"
				}
				n, _ := answers.LoadOrStore(get(t, client, target), new(atomic.Int64))
				n.(*atomic.Int64).Add(1)
				p.Report()
			}
		})
	}
	wg.Wait()
	count := func(status int) int {
		n, ok := answers.Load(status)
		if !ok {
			return 0
		}
		return int(n.(*atomic.Int64).Load())
	}
	r := p.Report()
	c := r.Counters[0]
	if count(200)+count(500) != c.Admitted || count(429) != r.Refused || c.Admitted+c.Refused != 800 || c.Highest > 300 || c.Admitted < 300 {
		t.Errorf("%d good, %d bad, %d refused; report %+v", count(200), count(500), count(429), r)
	}
}

// The connections in memory keep their deadlines, their order and their end.
func TestPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := newPipe("c:1", "s:1")
		if err := client.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Read(make([]byte, 1)); err != os.ErrDeadlineExceeded {
			t.Errorf("read past the deadline: %v", err)
		}
		if err := client.SetDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if n, err := client.Write(make([]byte, pipeBuffer+1)); n != pipeBuffer || err != os.ErrDeadlineExceeded {
			t.Errorf("wrote %d, %v", n, err)
		}
		if err := client.SetDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		go func() {
			client.Write([]byte("end"))
			client.Close()
		}()
		got, err := io.ReadAll(server)
		if len(got) != pipeBuffer+3 || !strings.HasSuffix(string(got), "\x00end") || err != nil {
			t.Errorf("read %d, %v", len(got), err)
		}
		if _, err := server.Write([]byte("x")); err != io.ErrClosedPipe {
			t.Errorf("write to one who has gone: %v", err)
		}
		if _, err := client.Read(make([]byte, 1)); err != net.ErrClosed {
			t.Errorf("read of what is closed: %v", err)
		}
		server.Close()
	})
}
