package redisbudget_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/redisbudget"
)

// BenchmarkAdmit is a call's life in the ledger while leases are ahead, in a loop:
// for profiles. What it costs beside others is for `make bench NAME=redis`.
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
	b.ReportAllocs()
	for b.Loop() {
		ticket, err := ledger.Admit(b.Context(), r)
		if err != nil {
			b.Fatal(err)
		}
		ticket.Sent()
		ticket.Answer(budget.Answer{})
		ticket.Done()
	}
}
