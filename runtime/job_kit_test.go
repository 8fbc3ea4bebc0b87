package runtime_test

// This file is the office, an API whose bulk writes are jobs, for the tests of those.

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/providertest"
)

var (
	officeShow = &api.Operation{
		Name: "Jobs.ShowMany", Method: "GET", Path: "/jobs/many", Result: api.Path{"jobs"}, Draws: []api.Draw{{Limit: "calls"}},
		Keys: []api.Keys{{Param: api.Param{In: api.InQuery, Name: "ids"}, Join: ",", ID: api.Path{"id"}, Max: 100}},
		JobStatus: &api.JobStatus{
			State: api.Path{"status"}, Message: api.Path{"message"}, Results: api.Path{"results"},
			States: api.JobStates{Queued: []string{"queued"}, Working: []string{"working"}, Completed: []string{"completed"},
				Failed: []string{"failed"}, Killed: []string{"killed"}},
			Result: api.JobItem{ID: api.Path{"id"}, Index: api.Path{"index"}, Status: api.Path{"status"},
				Success: api.Path{"success"}, Code: api.Path{"error"}, Message: api.Path{"details"}},
		},
	}
	officeCreate = &api.Operation{
		Name: "People.CreateMany", Method: "POST", Path: "/people/create_many", Body: api.Path{"people"}, Result: api.Path{"job"},
		Draws: []api.Draw{{Limit: "calls"}, {Limit: "jobs"}},
		Job:   &api.Job{With: "Jobs.ShowMany", ID: api.Path{"job", "id"}, Items: api.Path{"people"}, Max: 100, Limit: "jobs"},
	}
	officeUpdate = &api.Operation{
		Name: "People.UpdateMany", Method: "PUT", Path: "/people/update_many", Result: api.Path{"job"},
		Draws: []api.Draw{{Limit: "calls"}, {Limit: "jobs"}},
		Job:   &api.Job{With: "Jobs.ShowMany", ID: api.Path{"job", "id"}, Items: api.Path{"batch", "people"}, Max: 100, Limit: "jobs"},
	}
	officeDestroy = &api.Operation{
		Name: "People.DestroyMany", Method: "DELETE", Path: "/people/destroy_many", Result: api.Path{"job"},
		Draws: []api.Draw{{Limit: "calls"}, {Limit: "jobs"}},
		Job:   &api.Job{With: "Jobs.ShowMany", ID: api.Path{"job", "id"}, Param: "ids", Max: 100, Limit: "jobs"},
	}
)

// destroyParams are the parameters of officeDestroy.
type destroyParams struct {
	IDs   []int64 `query:"ids,join,required"`
	Brand string  `query:"brand"`
}

func office() *api.API {
	return &api.API{
		Name:    "office",
		Servers: []api.Server{{URL: "https://office.example"}},
		Limits: []api.Limit{
			{Name: "calls", Shape: api.Window{Limit: 700, Per: time.Minute}, Scope: []api.Scope{api.ScopeAccount}},
			{Name: "jobs", Shape: api.Concurrency{Max: 30}, Scope: []api.Scope{api.ScopeAccount}},
		},
		Throttling: []api.Throttling{
			{Status: 429, When: &api.BodyRule{Path: api.Path{"error"}, In: []string{"TooManyJobs"}}, Of: []string{"jobs"}},
			{Status: 429},
		},
		Errors:     api.Errors{Code: []api.Path{{"error"}}, Message: []api.Path{{"description"}}},
		Operations: []*api.Operation{officeShow, officeCreate, officeDestroy, officeUpdate},
	}
}

// person is an item.
type person struct {
	ID   int64  `json:"id,omitzero"`
	Name string `json:"name"`
}

func people(n int) iter.Seq[person] {
	return func(yield func(person) bool) {
		for i := range n {
			if !yield(person{Name: fmt.Sprintf("person %d", i)}) {
				return
			}
		}
	}
}

// tens is a job's time from ten to thirty seconds.
var tens = providertest.Between(10*time.Second, 30*time.Second)

// opened makes a stand-in of the office with jobs, and a client of it.
func opened(t *testing.T, o providertest.JobOptions, opts ...runtime.ClientOption) (*runtime.Client, *providertest.Provider, *providertest.Jobs) {
	t.Helper()
	if o.AtOnce == 0 {
		o.AtOnce = 30
	}
	p, err := providertest.New(office(), providertest.Options{Latency: providertest.Between(100*time.Millisecond, 300*time.Millisecond)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	book := p.Jobs(o)
	return atOffice(t, p, opts...), p, book
}

func atOffice(t *testing.T, p *providertest.Provider, opts ...runtime.ClientOption) *runtime.Client {
	t.Helper()
	c, err := runtime.NewClient(office(), nil, append([]runtime.ClientOption{runtime.WithTransport(p.Direct()),
		runtime.WithIdentity(runtime.Identity{Account: "acme"})}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// outcome is what a loop over results has yielded.
type outcome struct {
	results []runtime.JobResult
	errs    []error // one for each result
	ended   *runtime.JobsError
	odd     error // another error that ended it
}

func gather(seq iter.Seq2[runtime.JobResult, error]) outcome {
	var o outcome
	for r, err := range seq {
		if r.Index >= 0 {
			o.results, o.errs = append(o.results, r), append(o.errs, err)
		} else if ended, ok := errors.AsType[*runtime.JobsError](err); ok {
			o.ended = ended
		} else {
			o.odd = err
		}
	}
	return o
}

// inOrder checks that there is one result for each of n items, in their order.
func (o outcome) inOrder(t *testing.T, n int) {
	t.Helper()
	if o.ended != nil || o.odd != nil {
		t.Fatalf("it ended with %v, %v", o.ended, o.odd)
	}
	if len(o.results) != n {
		t.Fatalf("%d results, want %d", len(o.results), n)
	}
	for i, r := range o.results {
		if r.Index != i {
			t.Fatalf("result %d has index %d", i, r.Index)
		}
		if e, ok := errors.AsType[*runtime.JobError](o.errs[i]); ok && e.Index != i {
			t.Fatalf("error %d has index %d", i, e.Index)
		}
	}
}

// failed are the indexes of the items that failed, each with an error of a kind.
func (o outcome) failed(t *testing.T, kind error) []int {
	t.Helper()
	var failed []int
	for i, err := range o.errs {
		if err != nil {
			failed = append(failed, i)
			if !errors.Is(err, kind) {
				t.Fatalf("item %d: %v, want %v", i, err, kind)
			}
		}
	}
	return failed
}

func createAll(ctx context.Context, c *runtime.Client, n int, opts ...runtime.Option) iter.Seq2[runtime.JobResult, error] {
	return runtime.Bulk(ctx, c, officeCreate, runtime.Args{}, people(n), opts...)
}

func fixed(d time.Duration) func(*rand.Rand) time.Duration { return providertest.Between(d, d) }
