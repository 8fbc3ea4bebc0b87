package runtime_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/cache"
)

// BenchmarkCache is what a call of 2 kB takes by the cache, and without one.
func BenchmarkCache(b *testing.B) {
	body := `{"ticket":{"id":1,"subject":"` + strings.Repeat("x", 2000) + `"}}`
	p := roundTrip(func(*http.Request) (*http.Response, error) { return reply(200, body), nil })
	for name, opts := range map[string][]runtime.ClientOption{
		"without": {runtime.WithTransport(p)},
		"hit":     {runtime.WithTransport(p), runtime.WithCache(cache.Memory(1 << 20))},
		"miss":    {runtime.WithTransport(p), runtime.WithCache(cache.Memory(1 << 20)), runtime.WithMaxAge(0)},
	} {
		b.Run(name, func(b *testing.B) {
			c, err := runtime.NewClient(desk(), acme, append(opts, runtime.WithBearer("secret"))...)
			if err != nil {
				b.Fatal(err)
			}
			op := kept(show, api.Cache{TTL: time.Hour, Revalidate: true})
			b.ReportAllocs()
			for b.Loop() {
				if _, err := showing(c, op); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
