package budget_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// BenchmarkCall is an admission that does not wait, sent, answered with what an
// answer usually tells, and done.
func BenchmarkCall(b *testing.B) {
	wide := api.Window{Limit: 1 << 30, Per: time.Minute}
	for _, counters := range []int{1, 10_000} {
		for _, told := range []bool{false, true} {
			b.Run(fmt.Sprintf("counters=%d/told=%v", counters, told), func(b *testing.B) {
				ledger := newLedger(b)
				requests := make([]*budget.Request, counters)
				for i := range requests {
					requests[i] = request(charge(fmt.Sprintf("account=%d", i), wide))
				}
				answer := budget.Answer{}
				if told {
					answer.Observations = []budget.Observation{{Limit: "limit", Max: 1 << 30, Remaining: -1}}
				}
				ctx := context.Background()
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					ticket, err := ledger.Admit(ctx, requests[i%counters])
					if err != nil {
						b.Fatal(err)
					}
					ticket.Sent()
					if told {
						answer.Observations[0].Reset = time.Now().Add(time.Minute)
					}
					ticket.Answer(answer)
					ticket.Done()
				}
			})
		}
	}
}

// BenchmarkAdmit is the admission alone, of each shape, given back at once.
func BenchmarkAdmit(b *testing.B) {
	for name, shape := range map[string]api.Shape{
		"window":      api.Window{Limit: 1 << 30, Per: time.Minute},
		"bucket":      api.Bucket{Burst: 1 << 30, Refill: 1 << 20, Per: time.Second},
		"concurrency": api.Concurrency{Max: 1 << 30},
		"unlimited":   api.Unlimited{},
	} {
		b.Run(name, func(b *testing.B) {
			ledger := newLedger(b)
			r := request(charge("account=acme", shape))
			ctx := context.Background()
			b.ReportAllocs()
			for b.Loop() {
				ticket, err := ledger.Admit(ctx, r)
				if err != nil {
					b.Fatal(err)
				}
				ticket.Cancel()
			}
		})
	}
}

// BenchmarkContended is many callers of one counter that has room for all.
func BenchmarkContended(b *testing.B) {
	ledger := newLedger(b)
	r := request(charge("account=acme", api.Window{Limit: 1 << 30, Per: time.Minute}))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		ctx := context.Background()
		for pb.Next() {
			ticket, err := ledger.Admit(ctx, r)
			if err != nil {
				b.Error(err)
				return
			}
			ticket.Answer(budget.Answer{})
			ticket.Done()
		}
	})
}

// BenchmarkHandOver is a call that waits for the one place of a limit, with
// many in line before it.
func BenchmarkHandOver(b *testing.B) {
	ledger := newLedger(b)
	r := request(charge("account=acme", api.Concurrency{Max: 1}))
	b.SetParallelism(500)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		ctx := context.Background()
		for pb.Next() {
			ticket, err := ledger.Admit(ctx, r)
			if err != nil {
				b.Error(err)
				return
			}
			ticket.Done()
		}
	})
}

// BenchmarkMixed is a whole call of one of three classes, each in a flow of its own.
func BenchmarkMixed(b *testing.B) {
	for name, shape := range map[string]api.Shape{
		"window": api.Window{Limit: 1 << 30, Per: time.Minute},
		"bucket": api.Bucket{Burst: 1 << 30, Refill: 1 << 20, Per: time.Second},
	} {
		b.Run(name, func(b *testing.B) {
			ledger := newLedger(b)
			var requests []*budget.Request
			for class := budget.Urgent; class <= budget.Background; class++ {
				r := request(charge("account=acme", shape))
				r.Class, r.Flow = class, class.String()
				requests = append(requests, r)
			}
			ctx := context.Background()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				ticket, err := ledger.Admit(ctx, requests[i%3])
				if err != nil {
					b.Fatal(err)
				}
				finish(ticket)
			}
		})
	}
}

// BenchmarkLongLine is an admission from a line of two thousand, who all wait for
// a narrow limit, and are more than a wide one has room for.
func BenchmarkLongLine(b *testing.B) {
	for _, alternatives := range []int{1, 3} {
		b.Run(fmt.Sprintf("alternatives=%d", alternatives), func(b *testing.B) {
			ledger := newLedger(b)
			r := &budget.Request{Operation: "op"}
			for i := range alternatives {
				r.Alternatives = append(r.Alternatives, []budget.Charge{
					charge(fmt.Sprintf("user=%d", i), api.Concurrency{Max: 1000}), charge("app=one", api.Concurrency{Max: 1}),
				})
			}
			admitted := make(chan budget.Ticket)
			for range 2000 {
				go func() {
					for {
						ticket, err := ledger.Admit(context.Background(), r)
						if err != nil {
							return
						}
						admitted <- ticket
					}
				}()
			}
			for b.Loop() {
				ticket := <-admitted
				ticket.Sent()
				ticket.Answer(budget.Answer{})
				ticket.Done()
			}
			ledger.Close()
			(<-admitted).Cancel() // of the one who was admitted last
		})
	}
}
