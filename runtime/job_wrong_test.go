package runtime_test

// This file is jobs that go wrong, providers that show them oddly, and arguments
// that cannot be right.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/providertest"
)

// What goes wrong with a job or an item is the error of its items alone.
func TestJobsThatGoWrong(t *testing.T) {
	third := func(fate providertest.JobFate) func(int) providertest.JobFate {
		return func(n int) providertest.JobFate {
			if n == 3 {
				return fate
			}
			return providertest.JobCompletes
		}
	}
	odd := func(n, index int, _ string, _ json.RawMessage) providertest.JobItem {
		if n == 3 && index%2 == 1 {
			return providertest.JobItem{Code: "InvalidName", Message: "Name: is too short"}
		}
		return providertest.JobItem{}
	}
	for name, tt := range map[string]struct {
		options providertest.JobOptions
		kind    error
		bad     func(i int) bool // of the hundred items of the third job
		text    string
	}{
		"partly failed": {providertest.JobOptions{Item: odd}, runtime.ErrJobItem, func(i int) bool { return i%2 == 1 },
			"of job job-3: InvalidName: Name: is too short: the item failed"},
		"failed": {providertest.JobOptions{Fate: third(providertest.JobFails)}, runtime.ErrJobFailed, func(i int) bool { return i >= 50 },
			"of job job-3: failed: Something went wrong: the job failed"},
		"killed": {providertest.JobOptions{Fate: third(providertest.JobDies)}, runtime.ErrJobKilled, func(i int) bool { return i >= 50 },
			"of job job-3: killed: the job was killed"},
		"never found again": {providertest.JobOptions{Fate: third(providertest.JobVanishes)}, runtime.ErrJobLost, func(i int) bool { return true },
			"of job job-3: the job is not found any longer"},
		"mute of some": {providertest.JobOptions{Fate: third(providertest.JobIsMute), Item: odd}, runtime.ErrJobUnsure, nil,
			"the job has ended and does not tell of it"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tt.options.Lasts = fixed(20 * time.Second)
				c, _, _ := opened(t, tt.options)
				o := gather(createAll(t.Context(), c, 1000))
				o.inOrder(t, 1000)
				if !slices.ContainsFunc(o.results, func(r runtime.JobResult) bool { return r.Job == "job-3" }) {
					t.Fatal("there is no third job")
				}
				for i, err := range o.errs {
					in := o.results[i].Job == "job-3"
					if tt.bad == nil && in && i%2 == 1 { // it tells of those
						if !errors.Is(err, runtime.ErrJobItem) {
							t.Fatalf("item %d: %v", i, err)
						}
						continue
					}
					if bad := in && (tt.bad == nil || tt.bad(i%100)); bad != (err != nil) || bad && !errors.Is(err, tt.kind) {
						t.Fatalf("item %d: %v", i, err)
					} else if bad && !strings.Contains(err.Error(), tt.text) {
						t.Fatalf("item %d: %v, want %q", i, err, tt.text)
					}
				}
				if n := used(c, "jobs"); n != 0 {
					t.Errorf("%d places are still held", n)
				}
			})
		})
	}
}

// A write whose answer is lost is not sent again: it may have begun a job.
func TestJobsWhoseAnswerIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p, book := opened(t, providertest.JobOptions{Lasts: fixed(5 * time.Second)})
		p.Inject(providertest.Fault{Operation: officeCreate.Name, Times: 1, Effect: providertest.Drop()})
		o := gather(createAll(t.Context(), c, 300))
		o.inOrder(t, 300)
		failed := o.failed(t, runtime.ErrJobUnsure)
		if len(failed) != 100 || p.Report().Operations[officeCreate.Name].Requests != 3 {
			t.Errorf("%d items failed, in %d writes", len(failed), p.Report().Operations[officeCreate.Name].Requests)
		}
		failure(t, o.errs[failed[0]])

		// What may be repeated is.
		p.Inject(providertest.Fault{Operation: officeDestroy.Name, Times: 1, Effect: providertest.Drop()})
		o = gather(runtime.Bulk(t.Context(), c, officeDestroy, runtime.Args{Params: (*destroyParams)(nil)}, slices.Values([]int64{1, 2})))
		o.inOrder(t, 2)
		o.failed(t, nil)
		if r := book.Report(); r.Begun < 3 {
			t.Errorf("%+v", r)
		}
	})
}

// A write that is refused is its items' error, and others go on; one that is
// unauthorized ends it, for all would be.
func TestJobsThatAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p, _ := opened(t, providertest.JobOptions{Lasts: fixed(5 * time.Second)})
		p.Inject(providertest.Fault{Operation: officeCreate.Name, Times: 1, Effect: providertest.Status(422)})
		o := gather(createAll(t.Context(), c, 300))
		o.inOrder(t, 300)
		if failed := o.failed(t, runtime.ErrBadRequest); len(failed) != 100 || errors.Is(o.errs[failed[0]], runtime.ErrJobUnsure) {
			t.Errorf("%d items failed: %v", len(failed), o.errs[failed[0]])
		}
		p.Inject(providertest.Fault{Operation: officeCreate.Name, Effect: providertest.Status(401)})
		o = gather(createAll(t.Context(), c, 10_000))
		if o.ended == nil || !errors.Is(o.ended, runtime.ErrUnauthorized) || o.ended.Next != len(o.results) || o.ended.Next > 3000 {
			t.Errorf("%d results, ended by %+v", len(o.results), o.ended)
		}
	})
}

// Others of the account have jobs too: writes refused for theirs are sent again
// when the provider says.
func TestJobsBesideOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p, book := opened(t, providertest.JobOptions{Lasts: fixed(30 * time.Second), Wait: 10 * time.Second})
		others := atOffice(t, p)
		go gather(createAll(t.Context(), others, 2000))
		<-time.After(5 * time.Second)
		o := gather(createAll(t.Context(), c, 3000))
		o.inOrder(t, 3000)
		o.failed(t, nil)
		if r := book.Report(); r.Begun != 50 || r.Highest != 30 || r.Refused == 0 {
			t.Errorf("%+v", r)
		}
	})
}

// A provider that shows no jobs for a while is asked again, and one that never
// does ends the wait, with the jobs.
func TestJobsThatCannotBeLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p, _ := opened(t, providertest.JobOptions{Lasts: fixed(20 * time.Second)})
		p.Inject(providertest.Fault{Operation: officeShow.Name, Times: 8, Effect: providertest.Status(503)})
		o := gather(createAll(t.Context(), c, 200))
		o.inOrder(t, 200)
		o.failed(t, nil)
		p.Inject(providertest.Fault{Operation: officeShow.Name, Effect: providertest.Status(503)})
		began := time.Now()
		o = gather(createAll(t.Context(), c, 200))
		if o.ended == nil || !errors.Is(o.ended, runtime.ErrUnavailable) || len(o.ended.Open) != 2 || time.Since(began) > 3*time.Minute {
			t.Errorf("after %v ended by %+v", time.Since(began), o.ended)
		}
	})
}

// What cannot be right is an error before anything is sent.
func TestJobsOfWrongArguments(t *testing.T) {
	c := connect(t, office(), always(200, "{}"))
	ctx := t.Context()
	noList := *officeCreate
	noList.Job = &api.Job{With: "Jobs.ShowMany", ID: api.Path{"job", "id"}}
	unknown := *officeCreate
	unknown.Job = &api.Job{With: "Jobs.None", Max: 5}
	var raw json.RawMessage
	for name, o := range map[string]outcome{
		"no job":          gather(runtime.Bulk(ctx, c, officeShow, runtime.Args{}, people(1))),
		"no list":         gather(runtime.Bulk(ctx, c, &noList, runtime.Args{}, people(1))),
		"shown nowhere":   gather(runtime.Bulk(ctx, c, &unknown, runtime.Args{}, people(1))),
		"of one call":     gather(createAll(ctx, c, 1, runtime.WithRaw(&raw))),
		"an empty id":     gather(runtime.WaitJobs(ctx, c, officeShow, []runtime.Job{{}})),
		"an id twice":     gather(runtime.WaitJobs(ctx, c, officeShow, []runtime.Job{{ID: "a"}, {ID: "a"}})),
		"too many items":  gather(runtime.WaitJobs(ctx, c, officeShow, []runtime.Job{{ID: "a", Items: 1 << 62}})),
		"a negative size": gather(runtime.WaitJobs(ctx, c, officeShow, []runtime.Job{{ID: "a", Items: -1}})),
		"shows no jobs":   gather(runtime.WaitJobs(ctx, c, show, []runtime.Job{{ID: "a"}})),
	} {
		if !errors.Is(o.odd, runtime.ErrInvalidArgument) {
			t.Errorf("%s: %v", name, o.odd)
		}
	}
	for name, o := range map[string]outcome{
		"no parameters":    gather(runtime.Bulk(ctx, c, officeDestroy, runtime.Args{}, slices.Values([]int64{1}))),
		"of another type":  gather(runtime.Bulk(ctx, c, officeDestroy, runtime.Args{Params: &destroyParams{}}, slices.Values([]string{"a"}))),
		"a body of a list": gather(runtime.Bulk(ctx, c, officeUpdate, runtime.Args{Body: []int{1}}, people(1))),
		"no JSON":          gather(runtime.Bulk(ctx, c, officeCreate, runtime.Args{}, slices.Values([]chan int{nil}))),
	} {
		if len(o.errs) != 1 || !errors.Is(o.errs[0], runtime.ErrInvalidArgument) {
			t.Errorf("%s: %v", name, o.errs)
		}
	}
	if o := gather(createAll(ctx, c, 0)); o.odd != nil || o.ended != nil || len(o.results) > 0 {
		t.Errorf("of nothing came %+v", o)
	}
	if _, err := runtime.NewClient(office(), nil, runtime.WithJobInterval(time.Minute, time.Second)); err == nil {
		t.Error("an interval that ends before it begins")
	}
}

// A job is shown to be whatever it is: what is odd is nobody else's.
func TestJobsThatAreShownOddly(t *testing.T) {
	for name, tt := range map[string]struct {
		shown string // of a job of three items, with the id j
		want  []string
	}{
		"by place":            {`{"id":"j","status":"completed","results":[{"index":2,"id":30},{"index":0,"id":10},{"index":1,"id":20}]}`, []string{"10", "20", "30"}},
		"counted from one":    {`{"id":"j","status":"completed","results":[{"index":1,"id":10},{"index":2,"id":20},{"index":3,"id":30}]}`, []string{"10", "20", "30"}},
		"a place twice":       {`{"id":"j","status":"completed","results":[{"index":1,"id":10},{"index":1,"id":20}]}`, []string{"unsure", "unsure", "unsure"}},
		"by id":               {`{"id":"j","status":"completed","results":[{"id":3,"success":true},{"id":1,"success":false},{"id":2}]}`, []string{"failed", "2", "3"}},
		"one missing":         {`{"id":"j","status":"completed","results":[{"id":3},{"id":1}]}`, []string{"1", "unsure", "3"}},
		"too many":            {`{"id":"j","status":"completed","results":[{"id":3},{"id":1},{"id":2},{"id":9}]}`, []string{"unsure", "unsure", "unsure"}},
		"one other's id":      {`{"id":"j","status":"completed","results":[{"id":9},{"id":1,"success":false},{"id":2}]}`, []string{"unsure", "unsure", "unsure"}},
		"others' ids":         {`{"id":"j","status":"completed","results":[{"id":7},{"id":8}]}`, []string{"unsure", "unsure", "unsure"}},
		"one word for all":    {`{"id":"j","status":"completed","results":{"success":true}}`, []string{"", "", ""}},
		"one bad word":        {`{"id":"j","status":"completed","results":{"success":false}}`, []string{"failed", "failed", "failed"}},
		"no results":          {`{"id":"j","status":"completed","results":null}`, []string{"", "", ""}},
		"nonsense":            {`{"id":"j","status":"completed","results":[1,null,"x"]}`, []string{"", "", ""}},
		"a state of its own":  {`{"id":"j","status":"resting"}`, []string{"unsure", "unsure", "unsure"}},
		"no state":            {`{"id":"j"}`, []string{"unsure", "unsure", "unsure"}},
		"another job's":       {`{"id":"k","status":"completed"}`, []string{"lost", "lost", "lost"}},
		"nothing":             {`null`, []string{"lost", "lost", "lost"}},
		"itself, and another": {`{"id":"j","status":"completed"},{"id":"j","status":"failed"}`, []string{"", "", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := connect(t, office(), answering(func(_ int, r *http.Request) (*http.Response, error) {
					if r.Method == "GET" {
						return reply(200, `{"jobs":[`+tt.shown+`]}`), nil
					}
					return reply(200, `{"job":{"id":"j","status":"queued"}}`), nil
				}))
				o := gather(runtime.Bulk(t.Context(), c, officeUpdate, runtime.Args{}, slices.Values([]person{{ID: 1}, {ID: 2}, {ID: 3}})))
				o.inOrder(t, 3)
				var got []string
				for i, r := range o.results {
					word := r.ID
					for kind, name := range map[error]string{runtime.ErrJobItem: "failed", runtime.ErrJobUnsure: "unsure", runtime.ErrJobLost: "lost"} {
						if errors.Is(o.errs[i], kind) {
							word = name
						}
					}
					if word == r.ID && o.errs[i] != nil {
						word = o.errs[i].Error()
					}
					got = append(got, word)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("items (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Where jobs are shown one at a time, one that is not found is lost, and no other.
func TestJobsThatAreShownOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		single := &api.Operation{Name: "Jobs.Show", Method: "GET", Path: "/jobs/{job_id}", Result: api.Path{"job"}, JobStatus: officeShow.JobStatus}
		c := connect(t, office(), answering(func(n int, r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/gone") {
				return reply(404, `{"error":"RecordNotFound"}`), nil
			}
			return reply(200, fmt.Sprintf(`{"job":{"id":"x","status":"completed","results":[{"id":%d}]}}`, n)), nil
		}))
		o := gather(runtime.WaitJobs(t.Context(), c, single, []runtime.Job{{ID: "here"}, {ID: "gone"}, {ID: "there"}}))
		o.inOrder(t, 3)
		if failed := o.failed(t, runtime.ErrJobLost); !slices.Equal(failed, []int{1}) {
			t.Errorf("%v failed", failed)
		}
	})
}

// A provider that refuses to show all jobs for one that it does not know is asked
// for fewer: the others' items have their results.
func TestJobsBesideOneThatIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		c := connect(t, office(), answering(func(_ int, r *http.Request) (*http.Response, error) {
			requests++
			var jobs []string
			for id := range strings.SplitSeq(r.URL.Query().Get("ids"), ",") {
				if id == "bad" {
					return reply(400, `{"error":"InvalidId"}`), nil
				}
				jobs = append(jobs, fmt.Sprintf(`{"id":%q,"status":"completed","results":[{"id":1}]}`, id))
			}
			return reply(200, `{"jobs":[`+strings.Join(jobs, ",")+`]}`), nil
		}))
		jobs := []runtime.Job{{ID: "a"}, {ID: "b"}, {ID: "c"}, {ID: "bad"}, {ID: "e"}, {ID: "f"}, {ID: "g"}, {ID: "h"}}
		o := gather(runtime.WaitJobs(t.Context(), c, officeShow, jobs))
		o.inOrder(t, 8)
		if failed := o.failed(t, runtime.ErrJobLost); !slices.Equal(failed, []int{3}) {
			t.Errorf("%v failed", failed)
		}
		if requests > 40 {
			t.Errorf("%d requests", requests)
		}
	})
}

// What was sent and not answered when the context ends is told apart from what was
// not sent.
func TestJobsThatWereNotAnsweredInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p, _ := opened(t, providertest.JobOptions{Lasts: fixed(time.Hour)}, runtime.WithLimit("calls", api.Window{Limit: 5, Per: time.Minute}))
		p.Inject(providertest.Fault{Operation: officeCreate.Name, Nth: 4, Effect: providertest.Slow(40 * time.Second)})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(30*time.Second, cancel)
		o := gather(createAll(ctx, c, 1000))
		if o.ended == nil || len(o.ended.Open) != 4 || len(o.ended.Unsure) != 1 || len(o.ended.Unsent) != 5 || o.ended.Next != 1000 {
			t.Fatalf("ended by %+v", o.ended)
		}
		places := map[int]bool{}
		for _, j := range slices.Concat(o.ended.Open, o.ended.Unsure, o.ended.Unsent) {
			if places[j.First] = true; j.Items != 100 || (j.ID == "") == slices.Contains(o.ended.Open, j) {
				t.Errorf("%+v", j)
			}
		}
		if len(places) != 10 || !strings.Contains(o.ended.Error(), "sent without an answer: 1") {
			t.Errorf("%v: %v", places, o.ended)
		}
	})
}

// A job that is not shown at once is waited for, a minute long.
func TestJobsThatAreShownLate(t *testing.T) {
	for _, tt := range []struct {
		after time.Duration
		lost  bool
	}{{50 * time.Second, false}, {5 * time.Minute, true}} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			c := connect(t, office(), answering(func(int, *http.Request) (*http.Response, error) {
				if time.Since(began) < tt.after {
					return reply(200, `{"jobs":[]}`), nil
				}
				return reply(200, `{"jobs":[{"id":"a","status":"completed"}]}`), nil
			}))
			o := gather(runtime.WaitJobs(t.Context(), c, officeShow, []runtime.Job{{ID: "a", Items: 1}}))
			o.inOrder(t, 1)
			if lost := errors.Is(o.errs[0], runtime.ErrJobLost); lost != tt.lost || time.Since(began) > 2*time.Minute {
				t.Errorf("shown after %v: %v after %v", tt.after, o.errs[0], time.Since(began))
			}
		})
	}
}
