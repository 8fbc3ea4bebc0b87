package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
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
	"github.com/weirkit/weir/runtime/cache"
	"github.com/weirkit/weir/runtime/providertest"
)

// Ten thousand items are a hundred jobs, of which thirty may be under way: all
// thirty places are used, none is asked for too many, and few looks find out.
func TestJobsOfTenThousandItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p, book := opened(t, providertest.JobOptions{Lasts: tens})
		began := time.Now()
		o := gather(createAll(t.Context(), c, 10_000))
		took := time.Since(began)
		o.inOrder(t, 10_000)
		o.failed(t, nil)
		r := book.Report()
		if r.Begun != 100 || r.Items != 10_000 || r.Refused+r.TooLarge+p.Report().Refused > 0 || r.Highest != 30 {
			t.Errorf("the provider saw %+v, and refused %d calls", r, p.Report().Refused)
		}
		// A hundred jobs of twenty seconds on thirty places take 67 s, and the last ones
		// ten seconds more.
		if r.Looks > 60 || took > 105*time.Second {
			t.Errorf("%d looks in %v", r.Looks, took)
		}
		seen := map[string]bool{}
		for _, item := range o.results {
			if item.Status != "Created" || seen[item.ID] {
				t.Fatalf("%+v", item)
			}
			seen[item.ID] = true
		}
		if n := used(c, "jobs"); n != 0 {
			t.Errorf("%d places are still held", n)
		}
	})
}

// Two bulk writes of one account share its places, by a ledger.
func TestJobsOfClientsThatShareALedger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger, err := budget.NewLedger()
		if err != nil {
			t.Fatal(err)
		}
		c, p, book := opened(t, providertest.JobOptions{Lasts: tens}, runtime.WithLedger(ledger))
		other := atOffice(t, p, runtime.WithLedger(ledger))
		var both sync.WaitGroup
		for _, client := range []*runtime.Client{c, other} {
			both.Go(func() {
				o := gather(createAll(t.Context(), client, 4000))
				o.inOrder(t, 4000)
				o.failed(t, nil)
			})
		}
		both.Wait()
		if r := book.Report(); r.Begun != 80 || r.Refused > 0 || r.Highest != 30 {
			t.Errorf("the provider saw %+v", r)
		}
	})
}

// A loop's body may write in bulk itself: the outer one's jobs give their places
// back meanwhile.
func TestJobsWithinJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, book := opened(t, providertest.JobOptions{Lasts: tens, AtOnce: 30})
		n := 0
		for r, err := range createAll(t.Context(), c, 5000) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; r.Index%1000 == 0 {
				gather(createAll(t.Context(), c, 3000)).inOrder(t, 3000)
			}
		}
		if r := book.Report(); n != 5000 || r.Begun != 50+5*30 || r.Refused > 0 {
			t.Errorf("%d results, the provider saw %+v", n, r)
		}
	})
}

// Items go where the operation has them: in a body of more, or in a parameter.
func TestJobsOfUpdatesAndDeletions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, p, book := opened(t, providertest.JobOptions{Lasts: tens})
		var sent []string
		keeping := recording{RoundTripper: p.Direct(), keep: func(r *http.Request, body string) { sent = append(sent, r.URL.RawQuery+body) }}
		c := atOffice(t, p, runtime.WithTransport(keeping))
		updates := slices.Values([]person{{ID: 7, Name: "a"}, {ID: 8, Name: "b"}})
		body := map[string]any{"notify": true, "batch": map[string]any{"size": 2}}
		o := gather(runtime.Bulk(t.Context(), c, officeUpdate, runtime.Args{Body: body}, updates))
		o.inOrder(t, 2)
		if r := o.results[1]; r.ID != "8" || r.Status != "Updated" || o.errs[1] != nil {
			t.Errorf("%+v, %v", r, o.errs[1])
		}
		o = gather(runtime.Bulk(t.Context(), c, officeDestroy, runtime.Args{Params: &destroyParams{Brand: "x"}}, slices.Values([]int64{5, 6, 5})))
		o.inOrder(t, 3)
		if r := o.results[1]; r.ID != "6" || r.Status != "Deleted" {
			t.Errorf("%+v", r)
		}
		o = gather(runtime.Bulk(t.Context(), c, officeDestroy, runtime.Args{Params: (*destroyParams)(nil)}, slices.Values([]int64{9})))
		o.inOrder(t, 1)
		want := []string{
			`{"batch":{"people":[{"id":7,"name":"a"},{"id":8,"name":"b"}],"size":2},"notify":true}`,
			`brand=x&ids=5%2C6%2C5`, `ids=9`,
		}
		sent = slices.DeleteFunc(sent, func(s string) bool { return strings.HasPrefix(s, "ids=job") })
		if diff := cmp.Diff(want, sent); diff != "" || book.Report().TooLarge > 0 {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
	})
}

// recording keeps what is sent.
type recording struct {
	http.RoundTripper
	keep func(r *http.Request, body string)
}

func (r recording) RoundTrip(req *http.Request) (*http.Response, error) {
	var body strings.Builder
	if req.Body != nil {
		copied, _ := req.GetBody()
		defer copied.Close()
		b := make([]byte, req.ContentLength)
		n, _ := copied.Read(b)
		body.Write(b[:n])
	}
	r.keep(req, body.String())
	return r.RoundTripper.RoundTrip(req)
}

// A process that ends with jobs open leaves their ids to another one.
func TestJobsGoOnInAnotherProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p, book := opened(t, providertest.JobOptions{Lasts: fixed(40 * time.Second)})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		var kept []runtime.Job
		first := gather(createAll(ctx, c, 2500, runtime.WithJobs(func(j runtime.Job) { kept = append(kept, j) })))
		if len(first.results) != 0 || first.ended == nil || len(first.ended.Open) != 25 || len(first.ended.Unsure)+len(first.ended.Unsent) > 0 || first.ended.Next != 2500 {
			t.Fatalf("%d results, ended by %v", len(first.results), first.ended)
		}
		if !errors.Is(first.ended, context.DeadlineExceeded) || !strings.Contains(first.ended.Error(), first.ended.Open[3].ID) {
			t.Errorf("ended by %v", first.ended)
		}
		slices.SortFunc(kept, func(a, b runtime.Job) int { return a.First - b.First })
		if diff := cmp.Diff(first.ended.Open, kept); diff != "" {
			t.Errorf("jobs (-of the error +of WithJobs):\n%s", diff)
		}
		stored, err := json.Marshal(kept)
		if err != nil {
			t.Fatal(err)
		}

		var read []runtime.Job
		if err := json.Unmarshal(stored, &read); err != nil {
			t.Fatal(err)
		}
		o := gather(runtime.WaitJobs(t.Context(), atOffice(t, p), officeShow, read))
		o.inOrder(t, 2500)
		o.failed(t, nil)
		if r := book.Report(); r.Begun != 25 {
			t.Errorf("%d jobs", r.Begun)
		}
		// By ids alone there are the same results, numbered as they come.
		var ids []runtime.Job
		for _, j := range kept {
			ids = append(ids, runtime.Job{ID: j.ID})
		}
		again := gather(runtime.WaitJobs(t.Context(), atOffice(t, p), officeShow, ids))
		again.inOrder(t, 2500)
		if diff := cmp.Diff(o.results, again.results); diff != "" {
			t.Errorf("by ids (-first +again):\n%s", diff)
		}
	})
}

// A cancelled context ends it at once: no further look, and what is known is yielded.
func TestJobsEndWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lasts := []time.Duration{time.Minute, 5 * time.Second, time.Minute, time.Minute}
		n := 0
		c, _, book := opened(t, providertest.JobOptions{AtOnce: 3, Lasts: func(r *rand.Rand) time.Duration { n++; return lasts[n-1] }},
			runtime.WithLimit("jobs", api.Concurrency{Max: 3}))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Second, cancel)
		o := gather(createAll(ctx, c, 600))
		if o.ended == nil || !errors.Is(o.ended, context.Canceled) || len(o.results) != 100 || len(o.ended.Open) != 3 || o.ended.Next != 400 {
			t.Fatalf("%d results, ended by %+v", len(o.results), o.ended)
		}
		looks := book.Report().Looks
		<-time.After(2 * time.Minute)
		if more := book.Report().Looks - looks; more > 0 {
			t.Errorf("%d looks after the end", more)
		}
		if held := used(c, "jobs"); held != 0 {
			t.Errorf("%d places are still held", held)
		}
	})
}

// A cache that keeps answers for long shows no job as it was.
func TestJobsBesideACache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, book := opened(t, providertest.JobOptions{Lasts: tens}, runtime.WithCache(cache.Memory(1<<20)), runtime.WithMaxAge(time.Hour))
		began := time.Now()
		o := gather(createAll(t.Context(), c, 100))
		o.inOrder(t, 100)
		o.failed(t, nil)
		if r, took := book.Report(), time.Since(began); r.Looks < 2 || took > time.Minute {
			t.Errorf("%+v in %v", r, took)
		}
	})
}

// A loop that is left leaves nothing behind.
func TestJobsOfALoopThatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, book := opened(t, providertest.JobOptions{Lasts: tens})
		for range createAll(t.Context(), c, 10_000) {
			break
		}
		looks, begun := book.Report().Looks, book.Report().Begun
		<-time.After(2 * time.Minute)
		if r := book.Report(); r.Looks != looks || r.Begun != begun || used(c, "jobs") != 0 {
			t.Errorf("%+v after %d looks and %d jobs", r, looks, begun)
		}
	})
}
