package runtime_test

// This file lets the stand-in judge: it counts by itself, and fails as real
// providers do.

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/runtime/retry"
)

// shop is an API with two limits on each call, and lists.
func shop() *api.API {
	desc := limited(perMinute("account", 60), api.Limit{Name: "endpoint", Shape: api.Bucket{Burst: 10, Refill: 2, Per: time.Second}, Scope: []api.Scope{api.ScopeAccount, api.ScopeOperation}})
	for _, op := range append([]*api.Operation{show, create}, everyStyle[:9]...) {
		desc.Operations = append(desc.Operations, drawing(op, "account", "endpoint"))
	}
	desc.QuotaHeaders = []api.QuotaHeaders{{Limit: "X-Limit", Remaining: "X-Left", Reset: "X-Reset", ResetIs: api.DeltaSeconds, Of: []string{"account"}}}
	return desc
}

// unlucky injects what a day on the network has.
func unlucky(p *providertest.Provider) {
	for _, f := range []providertest.Fault{
		{Probability: 0.05, Effect: providertest.Status(500)},
		{Probability: 0.03, Effect: providertest.Status(503).Retry(3 * time.Second)},
		{Probability: 0.03, Effect: providertest.Drop()},
		{Probability: 0.03, Effect: providertest.Cut(10)},
		{Probability: 0.02, Effect: providertest.Refuse(2 * time.Second)},
		{Probability: 0.05, Effect: providertest.Slow(700 * time.Millisecond)},
	} {
		p.Inject(f)
	}
}

// Sixty-four goroutines through one client are never refused for what they
// themselves have sent, whatever is lost, cut or dropped on the way.
func TestNeverRefused(t *testing.T) {
	for name, options := range map[string]providertest.Options{
		"told":           {Phase: 0.4, Latency: providertest.Between(20*time.Millisecond, 300*time.Millisecond), CountAt: (*rand.Rand).Float64},
		"untold":         {Phase: 0.7, Headers: providertest.HeadersNone, Latency: providertest.Between(20*time.Millisecond, 300*time.Millisecond), CountAt: (*rand.Rand).Float64},
		"counts refused": {CountRefused: true, RandomPhases: true, FloorResets: true, Latency: providertest.Between(0, time.Second)},
	} {
		for seed := range uint64(3) {
			options.Seed = seed
			t.Run(fmt.Sprintf("%s, seed %d", name, seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { neverRefused(t, options) })
			})
		}
	}
}

func neverRefused(t *testing.T, options providertest.Options) {
	desc := shop()
	p, err := providertest.New(desc, options)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	unlucky(p)
	p.Single("Tickets.Show", func(c *providertest.Call) (json.RawMessage, bool) {
		return fmt.Appendf(nil, `{"id":%s}`, c.Path("ticket_id")), true
	})
	c := connect(t, desc, p.Transport(), runtime.WithRetry(retry.Policy{Attempts: 12}))
	op := desc.Operation("Tickets.Show")
	var work sync.WaitGroup
	for g := range 64 {
		work.Go(func() {
			for i := range 6 {
				id := g*100 + i
				got, err := runtime.Do[ticket](t.Context(), c, op, runtime.Args{Path: []any{id}})
				if err != nil || got.ID != id {
					t.Errorf("ticket %d: %v, %v", id, got, err)
				}
			}
		})
	}
	work.Wait()
	report := p.Report()
	if report.Refused != 0 || report.Struck == 0 {
		t.Errorf("%d of %d refused, %d struck: %v", report.Refused, report.Requests, report.Struck, report.Refusals)
	}
	// 60 a minute, and what the faults cost: not much slower than that.
	if took, least := report.Last.Sub(report.First), time.Duration(report.Requests/60-1)*time.Minute; took > least*3/2+2*time.Minute {
		t.Errorf("%d requests took %v, want about %v", report.Requests, took, least)
	}
}

// net/http wants to send again at once what was dropped. Where the budget has
// no room for that, it is sent when it has.
func TestDroppedWithoutRoomToRepeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desc := limited(perMinute("account", 2))
		desc.Operations = []*api.Operation{drawing(show, "account")}
		p, err := providertest.New(desc, providertest.Options{Headers: providertest.HeadersNone})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		p.Inject(providertest.Fault{Nth: 2, Effect: providertest.Drop()})
		c := connect(t, desc, p.Transport())
		for range 2 { // the second over the connection of the first
			if _, err := showing(c, desc.Operations[0]); err != nil {
				t.Fatal(err)
			}
		}
		report := p.Report()
		if took := report.Last.Sub(report.First); report.Refused != 0 || report.Requests != 3 || took < time.Minute {
			t.Errorf("%d requests in %v, %d refused", report.Requests, took, report.Refused)
		}
		p.Inject(providertest.Fault{Nth: 2, Effect: providertest.Drop()})
		time.Sleep(2 * time.Minute)
		_, err = showing(c, desc.Operations[0])
		if err == nil {
			_, err = showing(c, desc.Operations[0], once)
		}
		if err == nil || !strings.Contains(err.Error(), "no room in the budget to send again at once") {
			t.Errorf("error = %v", err)
		}
	})
}

// Lists of every style at once, under the same bad luck: nothing is missing,
// nothing comes twice, and nothing is refused.
func TestListsUnderFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desc := shop()
		p, err := providertest.New(desc, providertest.Options{Seed: 3, Phase: 0.3, Latency: providertest.Between(10*time.Millisecond, 200*time.Millisecond)})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		unlucky(p)
		c := connect(t, desc, p.Transport(), runtime.WithRetry(retry.Policy{Attempts: 12}))
		var work sync.WaitGroup
		for _, style := range everyStyle[:9] {
			op := desc.Operation(style.Name)
			p.Items(op.Name, func(*providertest.Call) []json.RawMessage { return numbered(430) })
			work.Go(func() {
				var ids []int
				for item, err := range runtime.List[ticket](t.Context(), c, op, runtime.Args{}) {
					if err != nil {
						t.Errorf("%s: %v", op.Name, err)
						break
					}
					ids = append(ids, item.ID)
				}
				if diff := cmp.Diff(upTo(1, 430), ids); diff != "" {
					t.Errorf("%s: %s", op.Name, diff)
				}
			})
		}
		work.Wait()
		if report := p.Report(); report.Refused != 0 {
			t.Errorf("%d of %d refused: %v", report.Refused, report.Requests, report.Refusals)
		}
	})
}

// One client on loopback, with its own transport, used by many goroutines in
// every way at once; and nothing of it outlives it.
func TestManyGoroutines(t *testing.T) {
	ignore := goleak.IgnoreCurrent()
	desc := shop()
	for i := range desc.Limits {
		desc.Limits[i].Shape = api.Unlimited{}
	}
	p, err := providertest.New(desc, providertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p.Items("cursor", func(*providertest.Call) []json.RawMessage { return numbered(250) })
	server, err := p.Listen()
	if err != nil {
		t.Fatal(err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	c := connect(t, desc, transport, runtime.WithBaseURL(server.URL), runtime.WithBearer("t"), runtime.WithHeader("X-Shared", "1"))
	var work sync.WaitGroup
	for g := range 64 {
		work.Go(func() {
			for i := range 5 {
				var meta runtime.Response
				var raw json.RawMessage
				header := runtime.WithHeader("X-Own", fmt.Sprint(g, i))
				if _, err := runtime.Do[ticket](t.Context(), c, desc.Operation("Tickets.Show"), runtime.Args{Path: []any{i}}, header, runtime.WithResponse(&meta), runtime.WithRaw(&raw)); err != nil || meta.StatusCode != 200 || string(raw) != "{}" {
					t.Errorf("%v, response %+v, raw %s", err, meta, raw)
				}
				if _, err := runtime.Do[ticket](t.Context(), c, desc.Operation("Tickets.Create"), runtime.Args{Body: ticket{ID: i}}, header); err != nil {
					t.Error(err)
				}
				read := 0
				for _, err := range runtime.List[ticket](t.Context(), c, desc.Operation("cursor"), runtime.Args{}, header) {
					if err != nil {
						t.Error(err)
					}
					if read++; read == 50*(i+1) {
						break // while the next page is on its way
					}
				}
			}
		})
	}
	work.Wait()
	transport.CloseIdleConnections()
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, ignore)
}
