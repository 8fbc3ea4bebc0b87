package runtime_test

// This file is providers that connectors meet, each with exactly its limits,
// under steady load: nothing is refused, and what can be had is had. "Can be
// had" is meant by the rules of the engine: N in each window where the provider
// tells its end, else N in each window and a round trip; of buckets the burst
// and then the refill, of a burst of one a round trip more.

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/providertest"
)

// caller is one credential of a provider, used by one client.
type caller struct {
	app, user string
	// loads are the operations that it calls all the time.
	loads []string
}

// token is what a caller signs with; the stand-in reads from it whose call it is.
func (c caller) token() string { return c.app + "/" + c.user }

func whose(r *http.Request, id *providertest.Identity) {
	id.Credential = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	id.App, id.User, _ = strings.Cut(id.Credential, "/")
}

const scenarioLatency = 10 * time.Millisecond

// steadily has each caller's operations called by some goroutines each until
// the time is over, and returns what the stand-in saw. All share a ledger.
func steadily(t *testing.T, desc *api.API, options providertest.Options, callers []caller, workers int, d time.Duration) providertest.Report {
	t.Helper()
	options.Identify = whose
	options.Latency = providertest.Between(scenarioLatency, scenarioLatency)
	p, err := providertest.New(desc, options)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	ledger, err := budget.NewLedger()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	var work sync.WaitGroup
	for _, who := range callers {
		c := connect(t, desc, p.Direct(), runtime.WithLedger(ledger), runtime.OnPlan(options.Plan), runtime.WithBearer(who.token()),
			runtime.WithIdentity(runtime.Identity{App: who.app, User: who.user}))
		for _, name := range who.loads {
			op := desc.Operation(name)
			for range workers {
				work.Go(func() {
					for {
						err := runtime.Exec(ctx, c, op, runtime.Args{})
						if errors.Is(err, runtime.ErrDeadline) || errors.Is(err, context.DeadlineExceeded) {
							return
						}
						if err != nil {
							t.Errorf("%s: %v", name, err)
							return
						}
					}
				})
			}
		}
	}
	work.Wait()
	report := p.Report()
	if report.Refused > 0 {
		t.Errorf("%d of %d refused: %v", report.Refused, report.Requests, report.Refusals)
	}
	return report
}

// admittedBy adds up what the counters of each limit have admitted.
func admittedBy(report providertest.Report) map[string]int {
	sums := map[string]int{}
	for _, c := range report.Counters {
		sums[c.Limit] += c.Admitted
	}
	return sums
}

// reach compares with what can be had.
func reach(t *testing.T, report providertest.Report, best map[string]int) {
	t.Helper()
	got := admittedBy(report)
	for limit, want := range best {
		if float64(got[limit]) < 0.99*float64(want) {
			t.Errorf("%s: %d in all, of %d that can be had", limit, got[limit], want)
		}
	}
	for limit := range maps.Keys(got) {
		if best[limit] == 0 {
			t.Errorf("%s was drawn on", limit)
		}
	}
}

func calls(name, method string, limits ...string) *api.Operation {
	op := &api.Operation{Name: name, Method: method, Path: "/" + strings.ReplaceAll(name, ".", "/")}
	return drawing(op, limits...)
}

func scenario(name string, limits []api.Limit, operations ...*api.Operation) *api.API {
	return &api.API{Name: name, Servers: []api.Server{{URL: "https://api.example"}}, Limits: limits, Operations: operations}
}

// Celigo: a bucket of 1,000 per account, refilled by 300 a second.
func TestCeligo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desc := scenario("celigo", []api.Limit{{Name: "account", Shape: api.Bucket{Burst: 1000, Refill: 300, Per: time.Second}, Scope: []api.Scope{api.ScopeAccount}}},
			calls("Flows.List", "GET", "account"))
		desc.Throttling = []api.Throttling{{Status: 429, RetryAfter: api.RetryAfterHeader}}
		desc.Errors = api.Errors{Code: []api.Path{{"errors", "code"}}}
		const seconds = 5 * 1000 / 300 // in which the bucket turns over five times
		report := steadily(t, desc, providertest.Options{Headers: providertest.HeadersNone}, []caller{{"ours", "integrator", []string{"Flows.List"}}}, 64, seconds*time.Second)
		reach(t, report, map[string]int{"account": 1000 + 300*seconds})
	})
}

// Twitter v1.1: windows of 15 minutes, of 15 or 180 reads by endpoint for each
// user's token, and apart from these for an app's own; searches 180; writes by
// user across all apps. Headers are missing or too good now and then.
func TestTwitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		quarter := func(n int) api.Shape { return api.Window{Limit: n, Per: 15 * time.Minute} }
		byToken := []api.Scope{api.ScopeApp, api.ScopeCredential}
		desc := scenario("twitter", []api.Limit{
			{Name: "reads15", Shape: quarter(15), Scope: append(byToken, api.ScopeOperation)},
			{Name: "reads180", Shape: quarter(180), Scope: append(byToken, api.ScopeOperation)},
			{Name: "search", Shape: quarter(180), Scope: byToken},
			{Name: "writes", Shape: api.Window{Limit: 300, Per: 3 * time.Hour}, Scope: []api.Scope{api.ScopeUser}},
		},
			calls("Friends.List", "GET", "reads15"), calls("Followers.List", "GET", "reads15"), calls("Statuses.Show", "GET", "reads180"),
			calls("Search.Tweets", "GET", "search"), calls("Statuses.Update", "POST", "writes"))
		desc.QuotaHeaders = []api.QuotaHeaders{{Limit: "X-Rate-Limit-Limit", Remaining: "X-Rate-Limit-Remaining", Reset: "X-Rate-Limit-Reset",
			ResetIs: api.EpochSeconds, Of: []string{"reads15", "reads180", "search"}}}
		desc.Errors = api.Errors{Code: []api.Path{{"errors", "code"}}}
		random := rand.New(rand.NewPCG(1, 1))
		var mu sync.Mutex
		headers := func(told *providertest.Told) bool {
			mu.Lock()
			defer mu.Unlock()
			switch n := random.IntN(100); {
			case n < 5:
				return false
			case n < 10:
				told.Remaining = min(told.Remaining+random.IntN(10), told.Max)
			}
			return true
		}
		reads := []string{"Friends.List", "Followers.List", "Statuses.Show", "Search.Tweets"}
		all := append([]string{"Statuses.Update"}, reads...)
		report := steadily(t, desc, providertest.Options{Headers: headers, Phase: 0.4},
			[]caller{{"ours", "ann", all}, {"ours", "bob", all}, {"theirs", "ann", all}, {"ours", "", reads}}, 8, 5*15*time.Minute)
		// The load begins at four tenths of a window and ends so: it meets six.
		const windows, tokens = 6, 4
		reach(t, report, map[string]int{
			"reads15": 2 * 15 * windows * tokens, "reads180": 180 * windows * tokens, "search": 180 * windows * tokens,
			"writes": 2 * 300, // of two users; the third and fourth caller add none
		})
	})
}

// Digits Connect: 180 a minute per client ID and 60 a minute per access token,
// both at once.
func digits(of ...string) *api.API {
	desc := scenario("digits", []api.Limit{
		{Name: "client", Shape: api.Window{Limit: 180, Per: time.Minute}, Scope: []api.Scope{api.ScopeApp}},
		{Name: "token", Shape: api.Window{Limit: 60, Per: time.Minute}, Scope: []api.Scope{api.ScopeCredential}},
	}, calls("Ledger.Entries", "GET", "client", "token"))
	desc.QuotaHeaders = []api.QuotaHeaders{{Limit: "X-RateLimit-Limit", Remaining: "X-RateLimit-Remaining", Reset: "X-RateLimit-Reset", ResetIs: api.EpochSeconds, Of: of}}
	desc.Throttling = []api.Throttling{{Status: 429, RetryAfter: api.RetryAfterBody, Path: api.Path{"error", "details", "retry_after"}}}
	return desc
}

func tenants(n int) []caller {
	all := make([]caller, n)
	for i := range all {
		all[i] = caller{"ours", fmt.Sprintf("tenant-%d", i), []string{"Ledger.Entries"}}
	}
	return all
}

func TestDigitsConnect(t *testing.T) {
	for _, tt := range []struct {
		name    string
		tenants int
		told    string // the limit that the headers are of
		best    int
	}{
		// The load begins at three tenths of a minute, so that it meets six.
		{"the client's limit binds and is told", 5, "client", 180 * 6},
		{"the client's limit binds and is not told", 5, "token", 180 * 5},
		{"the tokens' limits bind and are told", 2, "token", 2 * 60 * 6},
		{"the tokens' limits bind and are not told", 2, "client", 2 * 60 * 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				report := steadily(t, digits(tt.told), providertest.Options{Phase: 0.3}, tenants(tt.tenants), 8, 5*time.Minute)
				reach(t, report, map[string]int{"client": tt.best, "token": tt.best})
			})
		})
	}
}

// An hour of a hundred tenants of one app, with one ledger.
func TestAnHourOfAHundredTenants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		report := steadily(t, digits("client"), providertest.Options{Phase: 0.3}, tenants(100), 2, time.Hour)
		reach(t, report, map[string]int{"client": 180 * 61, "token": 180 * 61})
		for _, c := range report.Counters {
			if c.Limit == "token" && c.Admitted < 180*60/100*9/10 {
				t.Errorf("%s got %d of its turns", c.Scope, c.Admitted)
			}
		}
	})
}

// Data Innovations: an API gateway's usage plans. Nothing is ever told, and a
// plan hangs on the API key.
func TestDataInnovations(t *testing.T) {
	every := func(d time.Duration) api.Shape { return api.Bucket{Burst: 1, Refill: 1, Per: d} }
	perSecond := func(n int) api.Shape { return api.Bucket{Burst: 4, Refill: n, Per: time.Second} }
	byKey := []api.Scope{api.ScopeCredential}
	desc := scenario("datainnovations", []api.Limit{{Name: "get", Shape: every(time.Minute), Scope: byKey}, {Name: "post", Shape: every(17 * time.Second), Scope: byKey}},
		calls("Data.Query", "GET", "get"), calls("Data.Submit", "POST", "post"))
	plan := func(name string, get, post api.Shape) api.Plan {
		return api.Plan{Name: name, Limits: []api.PlanLimit{{Limit: "get", Shape: get}, {Limit: "post", Shape: post}}}
	}
	desc.Plans = []api.Plan{
		plan("tier-one", every(time.Minute), every(17*time.Second)),
		plan("tier-two", every(4*time.Second), every(4*time.Second)),
		plan("tier-three", perSecond(4), perSecond(1)),
	}
	for _, tt := range []struct {
		plan      string
		d         time.Duration
		get, post int
	}{
		// Beginning with one at once, one in each minute (17 s, 4 s) and round trip.
		{"tier-one", 5 * time.Minute, 5, 18},
		{"tier-two", 5 * time.Minute, 75, 75},
		{"tier-three", 5 * time.Minute, 4 + 4*300, 4 + 300},
	} {
		t.Run(tt.plan, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				options := providertest.Options{Plan: tt.plan, Headers: providertest.HeadersNone, RetryAfter: providertest.RetryAfterMissing}
				callers := []caller{{"ours", "key-1", []string{"Data.Query", "Data.Submit"}}, {"ours", "key-2", []string{"Data.Query", "Data.Submit"}}}
				report := steadily(t, desc, options, callers, 8, tt.d)
				reach(t, report, map[string]int{"get": 2 * tt.get, "post": 2 * tt.post})
			})
		})
	}
}
