package quota

import (
	"net/http"
	"testing"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// An answer has other headers too, which reading must not mind.
func realistic(lines ...string) http.Header {
	h := header(lines...)
	for _, name := range []string{"Content-Type", "Content-Length", "Cache-Control", "Etag", "Server", "Strict-Transport-Security", "Vary",
		"X-Content-Type-Options", "X-Frame-Options", "X-Request-Id", "X-Runtime", "Cf-Ray", "Set-Cookie"} {
		h.Set(name, "something")
	}
	h.Set("Date", "Sat, 21 Nov 2026 10:00:00 GMT")
	return h
}

func BenchmarkObservations(b *testing.B) {
	drawing := func(limits ...string) *api.Operation {
		op := &api.Operation{}
		for _, l := range limits {
			op.Draws = append(op.Draws, api.Draw{Limit: l})
		}
		return op
	}
	github := realistic("X-RateLimit-Limit: 5000", "X-RateLimit-Remaining: 4999", "X-RateLimit-Used: 1", "X-RateLimit-Reset: "+epoch(60), "X-RateLimit-Resource: core")
	benchmarks := []struct {
		name   string
		desc   *api.API
		op     *api.Operation
		header http.Header
	}{
		{"nothing", dialects["zendesk"], drawing("support"), realistic()},
		{"GitHub", dialects["github"], drawing("core"), github},
		{"Zendesk", dialects["zendesk"], drawing("support", "tickets"), realistic("X-Rate-Limit: 700", "X-Rate-Limit-Remaining: 699",
			"ratelimit-limit: 700", "ratelimit-remaining: 699", "ratelimit-reset: 41", "zendesk-ratelimit-tickets-index: total=100; remaining=99; resets=41")},
		{"IETF", dialects["cloudflare"], drawing("user", "burst"), realistic(`Ratelimit: "default";r=50;t=30`, `Ratelimit-Policy: "burst";q=100;w=60`)},
		{"inferred", &api.API{Limits: []api.Limit{window("core", 5000, time.Hour)}}, drawing("core"), github},
		{"inferred nothing", &api.API{}, drawing("core"), realistic()},
	}
	for _, bm := range benchmarks {
		b.Run(bm.name, func(b *testing.B) {
			r := NewReader(bm.desc)
			b.ReportAllocs()
			for b.Loop() {
				r.Observations(bm.op, bm.header, nil, now, now)
			}
		})
	}
}
