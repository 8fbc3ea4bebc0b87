package runtime_test

// This file tests that credentials stay where they belong, whatever happens.

import (
	"context"
	crand "crypto/rand"
	"encoding/json"
	"fmt"
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
	"github.com/weirkit/weir/runtime/credential"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/runtime/retry"
)

// Two customers with a ledger and a transport in common: no request of the one is
// signed by a credential of the other, and none goes to another host, though the
// provider redirects and refuses.
func TestCredentialOfAnotherTenant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger, err := budget.NewLedger()
		if err != nil {
			t.Fatal(err)
		}
		defer ledger.Close()
		p := answering(func(n int, r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			switch other := map[string]string{"acme": "umbrella", "umbrella": "acme"}[tenantOf(r)]; n % 5 {
			case 0:
				return reply(401, ""), nil
			case 1:
				return reply(302, "", "Location", "https://"+other+".desk.example/v2/tickets/1"), nil
			case 2:
				return reply(429, "", "Retry-After", "1"), nil
			}
			return reply(200, aTicket), nil
		})
		var work sync.WaitGroup
		for _, tenant := range []string{"acme", "umbrella"} {
			var members []credential.Member
			for i := range 3 {
				name := fmt.Sprint(tenant, "-", i)
				source := credential.SourceFunc(func(context.Context) (credential.Token, error) {
					return credential.NewToken("", name+"-"+crand.Text(), time.Time{}), nil
				})
				members = append(members, credential.Member{Credential: credential.FromSource(name, source), Name: name})
			}
			tokens, err := credential.NewPool(members...)
			if err != nil {
				t.Fatal(err)
			}
			c, err := runtime.NewClient(limited(perMinute("token", 50, api.ScopeCredential), perMinute("account", 90)), map[string]string{"subdomain": tenant},
				runtime.WithTransport(p), runtime.WithLedger(ledger), runtime.WithCredentials(tokens))
			if err != nil {
				t.Fatal(err)
			}
			for range 20 {
				work.Go(func() { showing(c, drawing(show, "token", "account")) })
			}
		}
		work.Wait()
		if n := len(p.requests()); n < 40 {
			t.Errorf("%d requests", n)
		}
		for _, s := range p.requests() {
			host, _, _ := strings.Cut(strings.TrimPrefix(s.url, "GET https://"), ".desk.example/")
			if !strings.HasPrefix(s.header.Get("Authorization"), "Bearer "+host+"-") {
				t.Errorf("%s was signed with %s", s.url, s.header.Get("Authorization"))
			}
		}
	})
}

func tenantOf(r *http.Request) string {
	tenant, _, _ := strings.Cut(r.URL.Host, ".")
	return tenant
}

// Members come and go, the network is bad, and the stand-in counts: nothing is
// refused for what the pool has sent, and each call gets its own answer.
func TestCredentialPoolOnABadDay(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { badDay(t, seed) })
		})
	}
}

func badDay(t *testing.T, seed uint64) {
	desc := limited(perMinute("token", 30, api.ScopeCredential), perMinute("app", 70, api.ScopeApp),
		api.Limit{Name: "at once", Shape: api.Concurrency{Max: 8}, Scope: []api.Scope{api.ScopeCredential}})
	desc.Operations = []*api.Operation{drawing(show, "token", "app", "at once")}
	p, err := providertest.New(desc, providertest.Options{
		Seed: seed, RandomPhases: true, Headers: providertest.HeadersNone,
		Latency: providertest.Between(20*time.Millisecond, 300*time.Millisecond), CountAt: (*rand.Rand).Float64,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	unlucky(p)
	var mu sync.Mutex
	revoked := map[string]bool{}
	p.Handle("Tickets.Show", func(c *providertest.Call) providertest.Answer {
		mu.Lock()
		defer mu.Unlock()
		if revoked[c.Request.Header.Get("Authorization")] {
			return p.Error(http.StatusUnauthorized, "", "Bad credentials")
		}
		var body json.RawMessage = fmt.Appendf(nil, `{"ticket":{"id":%s}}`, c.Path("ticket_id"))
		return providertest.Answer{Body: body}
	})
	tokens := pool(t, "a", "b", "c", "d", "r*")
	c := connect(t, desc, p.Transport(), runtime.WithCredentials(tokens), runtime.WithRetry(retry.Policy{Attempts: 12}))
	var work sync.WaitGroup
	for g := range 48 {
		work.Go(func() {
			for i := range 6 {
				id := g*100 + i
				got, err := runtime.Do[ticket](t.Context(), c, desc.Operations[0], runtime.Args{Path: []any{id}})
				if err != nil || got.ID != id {
					t.Errorf("ticket %d: %v, %v", id, got, err)
				}
			}
		})
	}
	work.Go(func() { // one goes out, another comes back
		for i, name := range []string{"b", "d", "a"} {
			time.Sleep(time.Minute)
			mu.Lock()
			clear(revoked)
			revoked["Bearer "+name] = true
			mu.Unlock()
			if i > 0 {
				if err := tokens.PutBack([]string{"b", "d", "a"}[i-1]); err != nil {
					t.Error(err)
				}
			}
		}
	})
	work.Wait()
	if report := p.Report(); report.Refused != 0 || report.Struck == 0 {
		t.Errorf("%d of %d refused, %d struck: %v", report.Refused, report.Requests, report.Struck, report.Refusals)
	}
}
