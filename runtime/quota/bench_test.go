package quota

import (
	"testing"

	"github.com/weirkit/weir/runtime/api"
)

func BenchmarkObservations(b *testing.B) {
	r := NewReader(oneFamily(api.EpochSeconds))
	op := &api.Operation{Draws: []api.Draw{{Limit: "core"}}}
	h := header("Date: Sat, 21 Nov 2026 10:00:00 GMT", "X-RateLimit-Limit: 5000", "X-RateLimit-Remaining: 4999",
		"X-RateLimit-Reset: "+epoch(60), "X-RateLimit-Resource: core", "Content-Type: application/json")
	b.ReportAllocs()
	for b.Loop() {
		r.Observations(op, h, now, now)
	}
}
