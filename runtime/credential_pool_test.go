package runtime_test

// This file tests pools of credentials, at a stand-in that counts by itself.

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/credential"
	"github.com/weirkit/weir/runtime/providertest"
)

// pool makes a pool of bearer tokens; a reserve is written with a star.
func pool(t testing.TB, tokens ...string) *credential.Pool {
	t.Helper()
	var members []credential.Member
	for _, token := range tokens {
		name, reserve := strings.CutSuffix(token, "*")
		members = append(members, credential.Member{Credential: credential.Bearer(name), Name: name, Reserve: reserve})
	}
	p, err := credential.NewPool(members...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// signers counts the requests by what they were signed with, in the order in
// which that first came.
func (p *provider) signers() map[string]int {
	by := map[string]int{}
	for _, s := range p.requests() {
		by[strings.TrimPrefix(s.header.Get("Authorization"), "Bearer ")]++
	}
	return by
}

func perHour(name string, n int, scope api.Scope) api.Limit {
	return api.Limit{Name: name, Shape: api.Window{Limit: n, Per: time.Hour}, Scope: []api.Scope{scope}}
}

// Three tokens at 5,000 an hour, in an app that has 12,000: that is what they get,
// and nothing is refused.
func TestCredentialPoolReachesTheLimitOfTheApp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desc := limited(perHour("core", 5000, api.ScopeUser), perHour("app", 12000, api.ScopeApp))
		desc.Operations = []*api.Operation{drawing(show, "core", "app")}
		desc.QuotaHeaders = []api.QuotaHeaders{{Limit: "X-Limit", Remaining: "X-Left", Reset: "X-Reset", ResetIs: api.DeltaSeconds, Of: []string{"core"}}}
		by := map[string]int{}
		p, err := providertest.New(desc, providertest.Options{Seed: 1, Latency: providertest.Between(20*time.Millisecond, 300*time.Millisecond)})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		var mu sync.Mutex
		start, inTheHour := time.Now(), 0
		p.Handle("Tickets.Show", func(c *providertest.Call) providertest.Answer {
			mu.Lock()
			defer mu.Unlock()
			if time.Since(start) < time.Hour {
				inTheHour++
				by[c.Request.Header.Get("Authorization")]++
			}
			return providertest.Answer{Body: []byte(aTicket)}
		})
		c := connect(t, desc, p.Direct(), runtime.WithCredentials(pool(t, "a", "b", "c")))
		var work sync.WaitGroup
		for range 64 {
			work.Go(func() {
				for time.Since(start) < time.Hour {
					if _, err := showing(c, desc.Operations[0]); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		work.Wait()
		if inTheHour < 11880 || inTheHour > 12000 {
			t.Errorf("%d in the hour, want 12,000 and 1 %% less at the most", inTheHour)
		}
		if report := p.Report(); report.Refused != 0 {
			t.Errorf("%d refused: %v", report.Refused, report.Refusals)
		}
		for token, n := range by {
			if n < 3500 || n > 4500 {
				t.Errorf("%s made %d calls: the members are not balanced: %v", token, n, by)
			}
		}
	})
}

// A forecast reckons with all members, and what they have in common.
func TestCredentialPoolForecast(t *testing.T) {
	desc := limited(perMinute("token", 100, api.ScopeCredential), perMinute("app", 250, api.ScopeApp))
	desc.Operations = []*api.Operation{drawing(show, "token"), drawing(create, "token", "app")}
	tokens := pool(t, "a", "b", "c", "r*")
	c := connect(t, desc, always(200, aTicket), runtime.WithCredentials(tokens))
	for name, tt := range map[string]struct {
		calls     int
		immediate int
		minutes   time.Duration
	}{
		"Tickets.Show":   {900, 300, 2},
		"Tickets.Create": {900, 250, 3},
	} {
		o, err := c.Forecast(map[string]int{name: tt.calls})
		if err != nil {
			t.Fatal(err)
		}
		if len(o.Works) != 1 || o.Works[0].Requests != tt.calls || o.Works[0].Immediate != tt.immediate || o.Ends.Round(time.Second) != tt.minutes*time.Minute {
			t.Errorf("%s: %+v", name, o)
		}
	}
	if err := tokens.Revoke("b"); err != nil {
		t.Fatal(err)
	}
	if o, err := c.Forecast(map[string]int{"Tickets.Show": 900}); err != nil || o.Ends.Round(time.Second) != 4*time.Minute {
		t.Errorf("with two members: %+v, %v", o, err)
	}
	if _, err := c.Forecast(map[string]int{"Tickets.Show": -1}); err == nil {
		t.Error("-1 calls were foreseen")
	}
}

// Members of one person have one counter; without that knowledge each has its own.
func TestCredentialPoolSharesWhatIsOneUsers(t *testing.T) {
	desc := limited(perMinute("user", 9, api.ScopeUser), perMinute("app", 99, api.ScopeApp), perMinute("account", 99),
		perMinute("token", 9, api.ScopeCredential), perMinute("address", 99, api.ScopeIP))
	op := drawing(show, "user", "app", "account", "token", "address")
	members := func(identities ...runtime.Identity) *credential.Pool {
		var all []credential.Member
		for i, id := range identities {
			all = append(all, credential.Member{Credential: credential.Bearer(fmt.Sprint("t", i)), Identity: id})
		}
		p, err := credential.NewPool(all...)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	tests := map[string]struct {
		pool *credential.Pool
		want map[string]int // counters by limit
	}{
		"unknown":               {members(runtime.Identity{}, runtime.Identity{}, runtime.Identity{}), map[string]int{"user": 3, "app": 1, "account": 1, "token": 3, "address": 1}},
		"two of one user":       {members(runtime.Identity{User: "octo"}, runtime.Identity{User: "hubot"}, runtime.Identity{User: "octo"}), map[string]int{"user": 2, "app": 1, "account": 1, "token": 3, "address": 1}},
		"two apps":              {members(runtime.Identity{App: "A"}, runtime.Identity{App: "B"}, runtime.Identity{App: "A"}), map[string]int{"user": 3, "app": 2, "account": 1, "token": 3, "address": 1}},
		"an app that one tells": {members(runtime.Identity{}, runtime.Identity{App: "A"}, runtime.Identity{}), map[string]int{"user": 3, "app": 1, "account": 1, "token": 3, "address": 1}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := connect(t, desc, always(200, aTicket), runtime.WithCredentials(tt.pool))
			for range 6 {
				if _, err := showing(c, op); err != nil {
					t.Fatal(err)
				}
			}
			got := map[string]int{}
			for _, s := range c.Ledger().Snapshot().Counters {
				got[s.Key.Limit]++
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A reserve is used when the rest must wait, and not for what is not needed yet.
func TestCredentialReserveComesLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := always(200, aTicket)
		c := connect(t, limited(perMinute("token", 3, api.ScopeCredential)), p, runtime.WithCredentials(pool(t, "r*", "a", "b")))
		for n := 1; n <= 9; n++ {
			if _, err := showing(c, drawing(show, "token")); err != nil {
				t.Fatal(err)
			}
			got := p.signers()
			if want := max(0, n-6); got["r"] != want || got["a"] > 3 || got["b"] > 3 {
				t.Errorf("after %d calls: %v", n, got)
			}
		}
		if took := time.Since(p.start); took != 0 {
			t.Errorf("nine calls took %v, while the reserve had room", took)
		}
		if _, err := showing(c, drawing(show, "token")); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(p.start); took < time.Minute || p.signers()["r"] != 3 {
			t.Errorf("the tenth call after %v, by %v", took, p.signers())
		}
	})
}

// A refusal is the member's that sent the call: the next ones go on by the other.
func TestCredentialRefusalIsTheMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := answering(func(_ int, r *http.Request) (*http.Response, error) {
			if r.Header.Get("Authorization") == "Bearer a" {
				return reply(429, "", "Retry-After", "60"), nil
			}
			return reply(200, aTicket), nil
		})
		c := connect(t, limited(perMinute("token", 50, api.ScopeCredential)), p, runtime.WithCredentials(pool(t, "a", "b")))
		for range 10 {
			if _, err := showing(c, drawing(show, "token")); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(p.start); took > time.Second {
			t.Errorf("ten calls took %v", took)
		}
		if diff := cmp.Diff(map[string]int{"a": 1, "b": 10}, p.signers()); diff != "" {
			t.Error(diff)
		}
	})
}

// A list stays with one member where the provider makes up its cursors.
func TestCredentialOfAList(t *testing.T) {
	for name, tt := range map[string]struct {
		op   *api.Operation
		opts []runtime.Option
		want int // members used
	}{
		"cursor":           {byCursor, nil, 1},
		"url":              {byURL, nil, 1},
		"link":             {byLink, nil, 3},
		"cursor, any":      {byCursor, []runtime.Option{runtime.WithOneCredential(false)}, 3},
		"link, one of all": {byLink, []runtime.Option{runtime.WithOneCredential(true)}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			p := newBook(70).serve()
			c := connect(t, limited(perMinute("token", 50, api.ScopeCredential)), p, runtime.WithCredentials(pool(t, "a", "b", "c")))
			items := 0
			for _, err := range runtime.List[ticket](t.Context(), c, drawing(tt.op, "token"), runtime.Args{}, append(tt.opts, runtime.WithPageSize(10))...) {
				if err != nil {
					t.Fatal(err)
				}
				items++
			}
			if got := p.signers(); items != 70 || len(got) != tt.want {
				t.Errorf("%d items, by %v, want %d members", items, got, tt.want)
			}
		})
	}
}

// discreet is a transport that remembers no request where printing would find it.
type discreet func(*http.Request) (*http.Response, error)

func (d discreet) RoundTrip(r *http.Request) (*http.Response, error) { return d(r) }

// No member's secret goes to another host, or shows in what is printed or said.
func TestCredentialPoolIsDiscreet(t *testing.T) {
	p := answering(func(n int, r *http.Request) (*http.Response, error) {
		if n%2 == 0 {
			return reply(401, ""), nil
		}
		return reply(302, "", "Location", "https://evil.example/"), nil
	})
	tokens, err := credential.NewPool(
		credential.Member{Credential: credential.Bearer(planted)},
		credential.Member{Credential: credential.APIKey("query", "key", planted)},
		credential.Member{Credential: credential.Basic("user", planted)},
	)
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	c := connect(t, limited(perMinute("token", 50, api.ScopeCredential)), discreet(p.RoundTrip), runtime.WithCredentials(tokens),
		runtime.WithEvents(func(e budget.Event) { fmt.Fprintf(&said, "%+v\n", e) }))
	for range 6 {
		_, err := showing(c, drawing(show, "token"))
		if s := leaks(err); s != "" {
			t.Errorf("the error tells the secret: %s", s)
		}
	}
	for _, s := range p.requests() {
		if !strings.HasPrefix(s.url, "GET https://acme.desk.example/") {
			t.Errorf("sent %s", s.url)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%t"} {
		for _, v := range []any{c, tokens, tokens.Members(), tokens.States(), struct{ p *credential.Pool }{tokens}} {
			fmt.Fprintf(&said, verb, v)
		}
	}
	for _, secret := range []string{planted, fmt.Sprintf("%x", planted), fmt.Sprintf("%X", planted), "dXNlcjpzM2NyM3Q"} {
		if strings.Contains(said.String(), secret) {
			at := strings.Index(said.String(), secret)
			t.Errorf("%q is said: …%s", secret, said.String()[max(0, at-200):at+20])
		}
	}
}

// Each member asks who it is, signed by itself.
func TestCredentialPoolLearnsEachIdentity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := answering(func(_ int, r *http.Request) (*http.Response, error) {
			if !strings.HasSuffix(r.URL.Path, "/auth.test") {
				return reply(200, aTicket), nil
			}
			time.Sleep(time.Second)
			switch team := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer xoxb-"); team {
			case "gone":
				return reply(401, ""), nil
			default:
				return reply(200, `{"team":"`+team+`","bot":"B"}`), nil
			}
		})
		c := connect(t, workspace(), p, runtime.WithCredentials(pool(t, "xoxb-T1", "xoxb-T2", "xoxb-gone")), asking())
		for range 4 {
			if _, err := showing(c, drawing(show, "tier")); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(p.start); took != time.Second {
			t.Errorf("it took %v, want the three asked at once", took)
		}
		got := counted(c)
		want := map[string]int{"tier: app=B account=T1 operation=Tickets.Show": 2, "tier: app=B account=T2 operation=Tickets.Show": 2}
		for key, n := range want {
			if got[key] != n {
				t.Errorf("%s: %d, want %d: %v", key, got[key], n, got)
			}
		}
		if diff := cmp.Diff(map[string]int{"xoxb-T1": 3, "xoxb-T2": 3, "xoxb-gone": 1}, p.signers()); diff != "" {
			t.Error(diff)
		}
	})
}
