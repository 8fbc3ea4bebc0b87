// Package walk tests the lists of a whole SDK at once. It needs to be told
// nothing but the API: from its description it makes a stand-in that has three
// pages for each list and enforces every limit, and walks all of them.
//
//	func TestLists(t *testing.T) { walk.All(t, &zendesk.API) }
//
// Time is virtual, so that a limit of sixty an hour takes no time either.
package walk

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/providertest"
)

const (
	// pages is how many pages each list has.
	pages = 3
	// ownPage is the stand-in's page size where a list's own is the provider's to say.
	ownPage = 7
	// walkers is how many lists are walked at once, so that they compete for the
	// limits that they share and limits of calls at once are reached.
	walkers = 12
)

// All walks every list of the API with no plan chosen and then on each plan, a
// subtest each. It is an error where a list's items do not all come once and in
// order, where its pages are not the largest allowed, or where one request is
// refused. opts are for the client, such as an option that the API insists on.
func All(t *testing.T, desc *api.API, opts ...runtime.ClientOption) {
	t.Helper()
	plans := []string{""}
	for _, p := range desc.Plans {
		plans = append(plans, p.Name)
	}
	for _, plan := range plans {
		name := "plan " + plan
		if plan == "" {
			name = "no plan"
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, problem := range walk(desc, desc, plan, opts) {
					t.Error(problem)
				}
			})
		})
	}
}

// walk has a stand-in for one description and a client that follows another:
// they differ only in tests of this package. It returns what went wrong.
func walk(served, followed *api.API, plan string, opts []runtime.ClientOption) []string {
	provider, err := providertest.New(served, providertest.Options{
		Plan:        plan,
		DefaultPage: ownPage,
		Latency:     providertest.Between(20*time.Millisecond, 200*time.Millisecond),
	})
	if err != nil {
		return []string{err.Error()}
	}
	defer provider.Close()
	opts = append([]runtime.ClientOption{
		runtime.WithTransport(provider.Direct()),
		runtime.WithBearer("made-up"),
		runtime.WithIdentity(runtime.Identity{App: "connector", Account: "acme", User: "someone"}),
		runtime.OnPlan(plan),
	}, opts...)
	client, err := runtime.NewClient(followed, variables(followed), opts...)
	if err != nil {
		return []string{err.Error()}
	}
	defer client.Close()

	var lists []list
	for _, op := range followed.Operations {
		if op.Pagination == nil {
			continue
		}
		l := newList(served, served.Operation(op.Name), plan)
		l.op = op
		provider.Items(op.Name, l.serve)
		lists = append(lists, l)
	}
	if len(lists) == 0 {
		return []string{followed.Name + " has no lists: there is nothing to walk"}
	}
	problems := walkAll(client, lists)
	report := provider.Report()
	for _, r := range report.Refusals {
		problems = append(problems, fmt.Sprintf("%s was refused by the limit %s (%s)", r.Operation, r.Limit, r.Scope))
	}
	for _, l := range lists {
		if n := report.Operations[l.op.Name].Requests; n != pages {
			problems = append(problems, fmt.Sprintf("%s: %d requests, want %d", l.op.Name, n, pages))
		}
	}
	return problems
}
