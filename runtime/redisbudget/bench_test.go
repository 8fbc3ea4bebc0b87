package redisbudget_test

import (
	"sort"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/redisbudget"
)

// BenchmarkAdmit is an admission and its answer while leases are ahead, on Redis's
// own clock: what is on a request's path.
func BenchmarkAdmit(b *testing.B) {
	client := redis.NewClient(&redis.Options{Addr: shared.addr})
	defer client.Close()
	ledger, err := redisbudget.New(b.Context(), client, redisbudget.WithNamespace("bench"))
	if err != nil {
		b.Fatal(err)
	}
	defer ledger.Close()
	limit := &referee{name: "bench", shape: api.Window{Limit: 100_000_000, Per: time.Minute}}
	r := limit.request(1)
	var waits []time.Duration
	for b.Loop() {
		start := time.Now()
		ticket, err := ledger.Admit(b.Context(), r)
		if err != nil {
			b.Fatal(err)
		}
		waits = append(waits, time.Since(start))
		ticket.Sent()
		ticket.Answer(budget.Answer{})
		ticket.Done()
	}
	sort.Slice(waits, func(i, j int) bool { return waits[i] < waits[j] })
	b.ReportMetric(float64(waits[len(waits)/2].Nanoseconds()), "p50-ns")
	b.ReportMetric(float64(waits[len(waits)*99/100].Nanoseconds()), "p99-ns")
}
