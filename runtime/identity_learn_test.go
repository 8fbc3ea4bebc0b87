package runtime_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

var whoAmI = drawing(&api.Operation{Name: "Auth.Test", Method: "GET", Path: "/auth.test"}, "checks")

type me struct{ Team, Bot string }

// asking asks the provider who calls.
func asking() runtime.ClientOption {
	return runtime.WithIdentityFrom(func(ctx context.Context, c *runtime.Client) (runtime.Identity, error) {
		told, err := runtime.Do[me](ctx, c, whoAmI, runtime.Args{})
		return runtime.Identity{Account: told.Team, App: told.Bot}, err
	})
}

// workspace is an API that does not say whose calls are whose.
func workspace() *api.API {
	desc := limited(
		perMinute("checks", 10, api.ScopeApp, api.ScopeAccount, api.ScopeOperation),
		perMinute("tier", 10, api.ScopeApp, api.ScopeAccount, api.ScopeOperation),
		perMinute("address", 10, api.ScopeIP),
	)
	desc.Account = ""
	return desc
}

// telling is a provider that answers who calls after a second, with what comes
// next of answers, and for ever with the last.
func telling(answers ...func() (*http.Response, error)) *provider {
	var mu sync.Mutex
	asked := 0
	return answering(func(_ int, r *http.Request) (*http.Response, error) {
		if !strings.HasSuffix(r.URL.Path, "/auth.test") {
			return reply(200, aTicket), nil
		}
		timer := time.NewTimer(time.Second)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		mu.Lock()
		defer mu.Unlock()
		asked++
		return answers[min(asked, len(answers))-1]()
	})
}

// counted is what is used, by limit and scope, without the hash of the credential.
func counted(c *runtime.Client) map[string]int {
	got := map[string]int{}
	for _, s := range c.Ledger().Snapshot().Counters {
		if s.Used > 0 {
			words := strings.Fields(s.Key.Scope)
			for i, w := range words {
				if name, value, _ := strings.Cut(w, "="); len(value) == 16 {
					words[i] = name + "=hash"
				}
			}
			got[s.Key.Limit+": "+strings.Join(words, " ")] += s.Used
		}
	}
	return got
}

var t1 = giving(200, `{"team":"T1","bot":"B1"}`)

// All calls of a client wait for one answer, and clients of one workspace share
// its counters whatever their tokens.
func TestIdentityIsLearntOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger, err := budget.NewLedger()
		if err != nil {
			t.Fatal(err)
		}
		defer ledger.Close()
		p := telling(t1)
		var c *runtime.Client
		for _, token := range []string{"xoxb-1", "xoxb-2"} {
			c = connect(t, workspace(), p, runtime.WithLedger(ledger), runtime.WithBearer(token), asking())
			var calls sync.WaitGroup
			for range 4 {
				calls.Go(func() {
					if _, err := showing(c, drawing(show, "tier")); err != nil {
						t.Error(err)
					}
				})
			}
			calls.Wait()
		}
		want := map[string]int{
			"tier: app=B1 account=T1 operation=Tickets.Show":    8,
			"checks: app=hash account=hash operation=Auth.Test": 2,
			"checks: app=B1 account=T1 operation=Auth.Test":     2, // where the provider counts them
		}
		if diff := cmp.Diff(want, counted(c)); diff != "" {
			t.Error(diff)
		}
		if id, err := c.Identify(t.Context()); err != nil || id.Account != "T1" || id.App != "B1" || id.IP != "local" {
			t.Errorf("identity %+v, %v", id, err)
		}
		if n := len(p.requests()); n != 10 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestWhenIdentityIsAsked(t *testing.T) {
	all := runtime.WithIdentity(runtime.Identity{App: "A", Account: "T"})
	tests := map[string]struct {
		op      *api.Operation
		options []runtime.ClientOption
		asked   bool
		want    string // the counter
	}{
		"no draw":           {show, nil, false, ""},
		"not counted by it": {drawing(show, "address"), nil, false, "address: ip=local"},
		"given":             {drawing(show, "tier"), []runtime.ClientOption{all}, false, "tier: app=A account=T operation=Tickets.Show"},
		"the account given": {
			drawing(show, "tier"), []runtime.ClientOption{runtime.WithIdentity(runtime.Identity{Account: "T"})}, false,
			"tier: app=hash account=T operation=Tickets.Show",
		},
		"the app given": {
			drawing(show, "tier"), []runtime.ClientOption{runtime.WithIdentity(runtime.Identity{App: "A"})}, true,
			"tier: app=A account=T1 operation=Tickets.Show",
		},
		"not given": {drawing(show, "tier"), nil, true, "tier: app=B1 account=T1 operation=Tickets.Show"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := telling(t1)
				c := connect(t, workspace(), p, append(tt.options, runtime.WithBearer("t"), asking())...)
				if _, err := showing(c, tt.op); err != nil {
					t.Fatal(err)
				}
				if asked := slices.Contains(p.urls(), "GET /auth.test"); asked != tt.asked {
					t.Errorf("sent %v", p.urls())
				}
				if tt.want != "" && counted(c)[tt.want] != 1 {
					t.Errorf("counted by %v", counted(c))
				}
			})
		})
	}
}

// What cannot be told is guessed, said aloud, and asked again.
func TestIdentityThatIsNotTold(t *testing.T) {
	tests := map[string]struct {
		first  func() (*http.Response, error)
		events []string
		then   string
	}{
		"an error":   {giving(404, ""), []string{"checks account", "checks app", "tier account", "tier app"}, "tier: app=B1 account=T1 operation=Tickets.Show"},
		"in part":    {giving(200, `{"team":"T1"}`), []string{"checks app", "tier app"}, "tier: app=hash account=T1 operation=Tickets.Show"},
		"not at all": {giving(200, `{}`), []string{"checks account", "checks app", "tier account", "tier app"}, "tier: app=hash account=hash operation=Tickets.Show"},
		"a misfit":   {giving(200, `[]`), []string{"checks account", "checks app", "tier account", "tier app"}, "tier: app=B1 account=T1 operation=Tickets.Show"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var events []string
				c := connect(t, workspace(), telling(tt.first, t1), runtime.WithBearer("t"), asking(), runtime.WithEvents(func(e budget.Event) {
					if e.Kind == runtime.IdentityGuessed {
						events = append(events, e.Key.Limit+" "+e.Key.Scope)
					}
				}))
				if events != nil {
					t.Errorf("told before it was asked: %q", events)
				}
				if _, err := showing(c, drawing(show, "tier")); err != nil {
					t.Fatal(err)
				}
				slices.Sort(events)
				if diff := cmp.Diff(tt.events, events); diff != "" {
					t.Error(diff)
				}
				if _, err := showing(c, drawing(show, "tier")); err != nil {
					t.Fatal(err)
				}
				if got := counted(c); got[tt.then] == 0 {
					t.Errorf("then counted by %v", got)
				}
			})
		})
	}
}

// A credential that is refused fails the call, and is not remembered as such.
func TestIdentityOfABadCredential(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := telling(giving(401, `{"error":"invalid_auth"}`), t1)
		c := connect(t, workspace(), p, runtime.WithBearer(planted), asking())
		_, err := showing(c, drawing(show, "tier"))
		if !errors.Is(err, runtime.ErrUnauthorized) || failure(t, err).Code != "invalid_auth" || len(p.requests()) != 1 || leaks(err) != "" {
			t.Errorf("error %v after %v", err, p.urls())
		}
		for range runtime.List[ticket](t.Context(), c, drawing(byLink, "tier"), runtime.Args{}) {
			break
		}
		if _, err := showing(c, drawing(show, "tier")); err != nil {
			t.Error(err)
		}
		if counted(c)["tier: app=B1 account=T1 operation=Tickets.Show"] != 1 {
			t.Errorf("counted by %v", counted(c))
		}
	})
}

// Who gives up takes nothing from the others; when all have, the question is
// withdrawn, and the next call asks anew.
func TestIdentityWaitIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := telling(t1)
		c := connect(t, workspace(), p, runtime.WithBearer("t"), asking())
		call := func(ctx context.Context) error {
			_, err := runtime.Do[ticket](ctx, c, drawing(show, "tier"), runtime.Args{Path: []any{1}})
			return err
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		start := time.Now()
		if err := call(short); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second/2 {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
		synctest.Wait()
		if n := len(p.requests()); n != 1 {
			t.Errorf("%d requests", n)
		}

		first, cancel := context.WithCancel(t.Context())
		errs := make(chan error, 3)
		go func() { errs <- call(first) }()
		synctest.Wait()
		for range 2 {
			go func() { errs <- call(t.Context()) }()
		}
		synctest.Wait()
		cancel()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v", err)
		}
		for range 2 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff([]string{"GET /auth.test", "GET /auth.test", "GET /tickets/1", "GET /tickets/1"}, p.urls()); diff != "" {
			t.Error(diff)
		}
	})
}

// Identify asks, if nobody has, and says why it does not know.
func TestIdentify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := telling(giving(401, `{"error":"invalid_auth"}`), giving(404, ""), t1)
		c := connect(t, workspace(), p, runtime.WithBearer(planted), runtime.WithIdentity(runtime.Identity{User: "U"}), asking())
		if id, err := c.Identify(t.Context()); !errors.Is(err, runtime.ErrUnauthorized) || id != (runtime.Identity{}) || leaks(err) != "" {
			t.Errorf("identity %+v, %v", id, err)
		}
		guess, err := c.Identify(t.Context())
		if err != nil || len(guess.Account) != 16 || guess.App != guess.Account || guess.User != "U" {
			t.Errorf("identity %+v, %v", guess, err)
		}
		for range 2 {
			id, err := c.Identify(t.Context())
			if err != nil || id != (runtime.Identity{App: "B1", Account: "T1", User: "U", IP: "local"}) {
				t.Errorf("identity %+v, %v", id, err)
			}
		}
		if len(p.requests()) != 3 {
			t.Errorf("sent %v", p.urls())
		}
		given := connect(t, desk(), p, runtime.WithIdentity(runtime.Identity{App: "A"}))
		if id, err := given.Identify(t.Context()); err != nil || id.App != "A" || id.Account != "acme" || id.User != "anonymous" {
			t.Errorf("identity %+v, %v", id, err)
		}
	})
}

func TestOptionsJoin(t *testing.T) {
	p := always(200, aTicket)
	c := connect(t, desk(), p, runtime.Options(runtime.WithBearer("t"), nil, runtime.WithUserAgent("me")))
	if _, err := showing(c, show); err != nil {
		t.Fatal(err)
	}
	if h := p.requests()[0].header; h.Get("Authorization") != "Bearer t" || h.Get("User-Agent") != "me" {
		t.Errorf("sent %v", h)
	}
	wrong := errors.New("wrong")
	if _, err := runtime.NewClient(desk(), acme, runtime.Options(runtime.Invalid(wrong))); !errors.Is(err, wrong) {
		t.Errorf("error = %v", err)
	}
	if _, err := runtime.NewClient(desk(), acme, runtime.WithIdentityFrom(nil)); err == nil {
		t.Error("a function that is none is taken")
	}
}
