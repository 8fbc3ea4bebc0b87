package runtime_test

// This file tests which counters a call draws on, and what happens when they
// have no room.

import (
	"context"
	"errors"
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

// counters are a client's counters as "limit scope: used".
func counters(c *runtime.Client) []string {
	var list []string
	for _, s := range c.Ledger().Snapshot().Counters {
		list = append(list, s.Key.API+" "+s.Key.Limit+" "+s.Key.Scope)
	}
	return list
}

func TestScopes(t *testing.T) {
	type params struct {
		Page    int    `query:"page"`
		Tenant  string `header:"X-Tenant"`
		Channel string `query:"channel"`
	}
	type message struct {
		Channel string `json:"channel"`
	}
	post := &api.Operation{Name: "Chat.Post", Method: "POST", Path: "/rooms/{room}/messages"}
	form := &api.Operation{Name: "Chat.Form", Method: "POST", Path: "/rooms/{room}/form", ContentType: "application/x-www-form-urlencoded"}
	tests := map[string]struct {
		scope []api.Scope
		op    *api.Operation
		args  runtime.Args
		opts  []runtime.ClientOption
		want  string
	}{
		"none":                        {nil, show, runtime.Args{Path: []any{1}}, nil, ""},
		"account by the variable":     {[]api.Scope{api.ScopeAccount}, show, runtime.Args{Path: []any{1}}, nil, "account=acme"},
		"account by identity":         {[]api.Scope{api.ScopeAccount}, show, runtime.Args{Path: []any{1}}, []runtime.ClientOption{runtime.WithIdentity(runtime.Identity{Account: "w1"})}, "account=w1"},
		"app, user and address":       {[]api.Scope{api.ScopeApp, api.ScopeUser, api.ScopeIP}, show, runtime.Args{Path: []any{1}}, []runtime.ClientOption{runtime.WithIdentity(runtime.Identity{App: "a", User: "u", IP: "i"})}, "app=a user=u ip=i"},
		"user unknown":                {[]api.Scope{api.ScopeUser}, show, runtime.Args{Path: []any{1}}, nil, "user=anonymous"},
		"address unknown":             {[]api.Scope{api.ScopeIP}, show, runtime.Args{Path: []any{1}}, nil, "ip=local"},
		"credential":                  {[]api.Scope{api.ScopeCredential}, show, runtime.Args{Path: []any{1}}, []runtime.ClientOption{runtime.WithBearer("t")}, "credential=3d1a22bc3c1e1b4d"},
		"operation":                   {[]api.Scope{api.ScopeAccount, api.ScopeOperation}, show, runtime.Args{Path: []any{1}}, nil, "account=acme operation=Tickets.Show"},
		"path parameter":              {[]api.Scope{"path:room"}, post, runtime.Args{Path: []any{"a b"}, Body: message{}}, nil, `path:room="a b"`},
		"query parameter":             {[]api.Scope{"query:channel"}, show, runtime.Args{Path: []any{1}, Params: &params{Channel: "C 1"}}, nil, `query:channel="C 1"`},
		"query parameter not sent":    {[]api.Scope{"query:channel"}, show, runtime.Args{Path: []any{1}}, nil, `query:channel=""`},
		"header":                      {[]api.Scope{"header:x-tenant"}, show, runtime.Args{Path: []any{1}, Params: &params{Tenant: "t1"}}, nil, `header:x-tenant="t1"`},
		"JSON member":                 {[]api.Scope{"body:channel"}, post, runtime.Args{Path: []any{"r"}, Body: message{Channel: "C1"}}, nil, `body:channel="C1"`},
		"form field":                  {[]api.Scope{"body:channel"}, form, runtime.Args{Path: []any{"r"}, Body: message{Channel: "C&1"}}, nil, `body:channel="C&1"`},
		"body without the member":     {[]api.Scope{"body:channel"}, post, runtime.Args{Path: []any{"r"}}, nil, `body:channel=""`},
		"a value that looks like one": {[]api.Scope{"path:room", "body:channel"}, post, runtime.Args{Path: []any{`x" body:channel="y`}, Body: message{Channel: "z"}}, nil, `path:room="x\" body:channel=\"y" body:channel="z"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			desc := limited(api.Limit{Name: "l", Shape: api.Window{Limit: 9, Per: time.Minute}, Scope: tt.scope})
			c := connect(t, desc, always(200, `{"ticket":{}}`), tt.opts...)
			if err := runtime.Exec(t.Context(), c, drawing(tt.op, "l"), tt.args); err != nil {
				t.Fatal(err)
			}
			got := counters(c)
			if strings.HasPrefix(tt.want, "credential=") { // its form is no promise, but it is no secret
				if len(got) != 1 || !strings.HasPrefix(got[0], "desk l credential=") || strings.Contains(got[0], "Bearer") || len(got[0]) != len("desk l "+tt.want) {
					t.Errorf("counters %q", got)
				}
				return
			}
			if diff := cmp.Diff([]string{"desk l " + tt.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Two clients with one ledger share the counters of what is the same in their
// identities, and no others.
func TestSharedLedger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger, err := budget.NewLedger()
		if err != nil {
			t.Fatal(err)
		}
		desc := limited(perMinute("app", 4, api.ScopeApp), perMinute("token", 3, api.ScopeCredential))
		op := drawing(show, "app", "token")
		p := always(200, aTicket)
		app := runtime.WithIdentity(runtime.Identity{App: "connector"})
		one := connect(t, desc, p, app, runtime.WithLedger(ledger), runtime.WithBearer("one"))
		two := connect(t, desc, p, app, runtime.WithLedger(ledger), runtime.WithBearer("two"))
		for _, c := range []*runtime.Client{one, one, two, two, two} {
			if _, err := showing(c, op); err != nil {
				t.Fatal(err)
			}
		}
		at := p.times()
		if at[3] != 0 || at[4] < time.Minute {
			t.Errorf("calls at %v, want four at once and then one a minute later", at)
		}
		if got := counters(one); len(got) != 3 || !slices.Equal(got, counters(two)) {
			t.Errorf("counters %q", got)
		}
	})
}

func TestWithLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := always(200, aTicket)
		c := connect(t, limited(perMinute("support", 10)), p, runtime.WithLeave(0.2))
		for range 9 {
			if _, err := showing(c, drawing(show, "support")); err != nil {
				t.Fatal(err)
			}
		}
		if at := p.times(); at[7] != 0 || at[8] < time.Minute {
			t.Errorf("calls at %v, want eight at once", at)
		}
	})
}

func TestPlans(t *testing.T) {
	window := func(n int) api.Shape { return api.Window{Limit: n, Per: time.Minute} }
	bucket := func(burst, refill int) api.Shape { return api.Bucket{Burst: burst, Refill: refill, Per: time.Second} }
	desc := limited(
		api.Limit{Name: "calls", Shape: window(100)},
		api.Limit{Name: "writes", Shape: bucket(10, 5)},
		api.Limit{Name: "jobs", Shape: api.Concurrency{Max: 5}},
	)
	desc.Plans = []api.Plan{
		{Name: "small", Limits: []api.PlanLimit{{Limit: "calls", Shape: window(10)}, {Limit: "writes", Shape: bucket(50, 2)}}},
		{Name: "large", Limits: []api.PlanLimit{{Limit: "calls", Shape: window(1000)}, {Limit: "writes", Shape: bucket(2, 5)}, {Limit: "jobs", Shape: api.Unlimited{}}}},
	}
	tests := map[string]struct {
		plan string
		want []api.Shape // calls, jobs, writes
	}{
		"small": {"small", []api.Shape{window(10), api.Concurrency{Max: 5}, bucket(50, 2)}},
		"large": {"large", []api.Shape{window(1000), api.Unlimited{}, bucket(2, 5)}},
		// Whichever it is, these hold: the lowest rate, and the smallest burst.
		"none": {"", []api.Shape{window(10), api.Concurrency{Max: 5}, bucket(2, 2)}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := connect(t, desc, always(200, aTicket), runtime.OnPlan(tt.plan))
			if _, err := showing(c, drawing(show, "calls", "jobs", "writes")); err != nil {
				t.Fatal(err)
			}
			var got []api.Shape
			for _, s := range c.Ledger().Snapshot().Counters {
				got = append(got, s.Shape)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	_, err := runtime.NewClient(desc, acme, runtime.OnPlan("medium"))
	if err == nil || !strings.Contains(err.Error(), `unknown plan "medium"`) || !strings.Contains(err.Error(), "small, large") {
		t.Errorf("error = %v", err)
	}
	desc.Plans[0].Limits[0].Limit = "cals"
	for _, plan := range []string{"", "small"} {
		if _, err := runtime.NewClient(desc, acme, runtime.OnPlan(plan)); !errors.Is(err, runtime.ErrUnknownLimit) {
			t.Errorf("on plan %q: error = %v", plan, err)
		}
	}
}

func TestUnknownLimit(t *testing.T) {
	p := always(200, aTicket)
	_, err := showing(connect(t, desk(), p), drawing(show, "suport"))
	if !errors.Is(err, runtime.ErrUnknownLimit) || !strings.Contains(err.Error(), `"suport"`) || len(p.requests()) != 0 {
		t.Errorf("error = %v", err)
	}
}

// What a call costs may hang on its parameters.
func TestConditionalDraws(t *testing.T) {
	type params struct {
		Page int    `query:"page"`
		Type string `query:"type"`
	}
	page := inQuery("page")
	op := *show
	op.Draws = []api.Draw{
		{Limit: "points"},
		{Limit: "points", Cost: 4, When: &api.When{Param: page, Above: 500}},
		{Limit: "points", Cost: 10, When: &api.When{Param: inQuery("type"), Equals: []string{"deep", "full"}}},
		{Limit: "points", Cost: 100, When: &api.When{Param: inQuery("other")}},
	}
	steps := []struct {
		params *params
		used   int
	}{{nil, 1}, {&params{Page: 500}, 2}, {&params{Page: 501}, 7}, {&params{Type: "full"}, 18}, {&params{Type: "shallow"}, 19}}
	c := connect(t, limited(perMinute("points", 100)), always(200, aTicket))
	for _, step := range steps {
		if err := runtime.Exec(t.Context(), c, &op, runtime.Args{Path: []any{1}, Params: step.params}); err != nil {
			t.Fatal(err)
		}
		if got := used(c, "points"); got != step.used {
			t.Errorf("after %+v %d are used, want %d", step.params, got, step.used)
		}
	}
}

// A wait that would outlast the deadline fails at once, and says until when.
func TestDeadlineBeforeAdmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := always(200, aTicket)
		c := connect(t, limited(perMinute("support", 1)), p)
		op := drawing(show, "support")
		if _, err := showing(c, op); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		_, err := runtime.Do[ticket](ctx, c, op, runtime.Args{Path: []any{1}})
		if !errors.Is(err, runtime.ErrDeadline) || time.Since(p.start) != 0 {
			t.Errorf("after %v: %v", time.Since(p.start), err)
		}
		wait, ok := errors.AsType[*budget.WaitError](err)
		if !ok || wait.Key.Limit != "support" || wait.Until.Sub(p.start).Round(time.Second) != time.Minute {
			t.Errorf("error = %+v", wait)
		}
		if e := failure(t, err); e.Operation != "Tickets.Show" || e.StatusCode != 0 || errors.Is(err, runtime.ErrRateLimited) {
			t.Errorf("error = %+v", *e)
		}
		if want := "Tickets.Show: limit support, free at 2000-01-01T00:01:00Z: " + runtime.ErrDeadline.Error(); err.Error() != want {
			t.Errorf("error = %q, want %q", err, want)
		}
	})
}

// A call that has to be repeated goes before those who came after it.
func TestRetriesKeepTheirAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := inTurn(giving(500, ""), giving(200, aTicket))
		c := connect(t, limited(perMinute("support", 1)), p)
		op := drawing(show, "support")
		var work sync.WaitGroup
		for id := range 3 {
			work.Go(func() {
				if _, err := runtime.Do[ticket](t.Context(), c, op, runtime.Args{Path: []any{id}}); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
			time.Sleep(time.Millisecond) // the later ones wait before the first waits again
		}
		work.Wait()
		want := []string{"GET /tickets/0", "GET /tickets/0", "GET /tickets/1", "GET /tickets/2"}
		if diff := cmp.Diff(want, p.urls()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCancelWhileWaitingForTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := always(200, aTicket)
		c := connect(t, limited(perMinute("support", 1)), p)
		op := drawing(show, "support")
		if _, err := showing(c, op); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := runtime.Do[ticket](ctx, c, op, runtime.Args{Path: []any{1}})
		if !errors.Is(err, context.Canceled) || time.Since(p.start) != time.Second || len(p.requests()) != 1 {
			t.Errorf("after %v: %v", time.Since(p.start), err)
		}
		if got := used(c, "support"); got != 1 {
			t.Errorf("%d charged: the cancelled call kept its charge", got)
		}
	})
}

// An ended context sends nothing, and charges nothing.
func TestEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := always(200, aTicket)
	c := connect(t, limited(perMinute("support", 1)), p)
	_, err := runtime.Do[ticket](ctx, c, drawing(show, "support"), runtime.Args{Path: []any{1}})
	if !errors.Is(err, context.Canceled) || len(p.requests()) != 0 || used(c, "support") != 0 {
		t.Errorf("error %v, %d requests, %d charged", err, len(p.requests()), used(c, "support"))
	}
	failure(t, err)
}

func TestGuessedIdentity(t *testing.T) {
	desc := limited(
		perMinute("app", 1, api.ScopeApp, api.ScopeAccount),
		perMinute("user", 1, api.ScopeUser),
		perMinute("token", 1, api.ScopeCredential, api.ScopeIP, api.ScopeOperation, "path:ticket_id"),
	)
	tests := map[string]struct {
		vars map[string]string
		opts []runtime.ClientOption
		want []string
	}{
		"nobody":            {acme, nil, []string{"app app", "user user"}},
		"a credential":      {acme, []runtime.ClientOption{runtime.WithBearer("t")}, []string{"app app", "user user"}},
		"the app":           {acme, []runtime.ClientOption{runtime.WithIdentity(runtime.Identity{App: "a"})}, []string{"user user"}},
		"all":               {acme, []runtime.ClientOption{runtime.WithIdentity(runtime.Identity{App: "a", User: "u"})}, nil},
		"no account either": {nil, []runtime.ClientOption{runtime.WithBaseURL("https://x.example")}, []string{"app app", "app account", "user user"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			events := runtime.WithEvents(func(e budget.Event) {
				if e.Kind != runtime.IdentityGuessed || e.Time.IsZero() || e.Key.API != "desk" {
					t.Errorf("event %+v", e)
				}
				got = append(got, e.Key.Limit+" "+e.Key.Scope)
			})
			if _, err := runtime.NewClient(desc, tt.vars, append(tt.opts, events)...); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Headers tell of a limit that the annotations do not know: it is adopted.
func TestAnswersAreObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desc := limited(perMinute("support", 100))
		desc.QuotaHeaders = []api.QuotaHeaders{{Limit: "X-Limit", Remaining: "X-Left", Reset: "X-Reset", ResetIs: api.DeltaSeconds}}
		p := answering(nil)
		p.answer = always(200, aTicket, "X-Limit", "2", "X-Left", "1", "X-Reset", "30").answer
		c := connect(t, desc, p)
		for range 3 {
			if _, err := showing(c, drawing(show, "support")); err != nil {
				t.Fatal(err)
			}
		}
		if at := p.times(); at[1] != 0 || at[2] < 29*time.Second || at[2] > 32*time.Second {
			t.Errorf("calls at %v, want two, and the third after the reset", at)
		}
	})
}
