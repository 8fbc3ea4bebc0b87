package providertest

import (
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/weirkit/weir/runtime/api"
)

// BenchmarkRequests serves single gets to 64 clients, over each way there is.
// The clients' share is in the numbers too.
func BenchmarkRequests(b *testing.B) {
	article := JSON(map[string]any{"id": 7, "title": "How to measure a river", "body": string(make([]byte, 100))})
	run := func(name string, how func(p *Provider) (http.RoundTripper, string)) {
		b.Run(name, func(b *testing.B) {
			a := zendesk()
			a.Limits[0].Shape = api.Window{Limit: 1 << 40, Per: 1 << 40}
			p := mustNew(b, a, Options{})
			p.Single("Tickets.Show", func(*Call) (json.RawMessage, bool) { return article, true })
			transport, base := how(p)
			b.ReportAllocs()
			b.ResetTimer()
			var wg sync.WaitGroup
			for w := range 64 {
				wg.Go(func() {
					request, _ := http.NewRequest("GET", base+"/api/v2/tickets/7", nil)
					for range (b.N + 63 - w) / 64 {
						r, err := transport.RoundTrip(request)
						if err != nil {
							b.Error(err)
							return
						}
						io.Copy(io.Discard, r.Body)
						r.Body.Close()
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
			if r := p.Report(); r.Requests != b.N || r.Refused > 0 {
				b.Errorf("%d requests, %d refused", r.Requests, r.Refused)
			}
		})
	}
	run("loopback", func(p *Provider) (http.RoundTripper, string) {
		s, err := p.Listen()
		if err != nil {
			b.Fatal(err)
		}
		t := &http.Transport{MaxIdleConnsPerHost: 64}
		b.Cleanup(t.CloseIdleConnections)
		return t, s.URL
	})
	run("memory", func(p *Provider) (http.RoundTripper, string) { return p.Transport(), "http://acme.example" })
	run("direct", func(p *Provider) (http.RoundTripper, string) { return p.Direct(), "http://acme.example" })
}

// BenchmarkHandler is the stand-in alone, without a client.
func BenchmarkHandler(b *testing.B) {
	a := zendesk()
	a.Limits[0].Shape = api.Window{Limit: 1 << 40, Per: 1 << 40}
	p := mustNew(b, a, Options{})
	request, _ := http.NewRequest("GET", "http://acme.example/api/v2/tickets/7", nil)
	w := discard{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		p.ServeHTTP(w, request)
	}
}

// discard is a response that goes nowhere.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) WriteHeader(int)             {}
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
