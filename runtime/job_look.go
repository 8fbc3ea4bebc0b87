package runtime

// This file looks at open jobs, all in one request where the provider has one
// for many, until they have ended.

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/jsonpath"
)

// lookOn looks at the open jobs from time to time, as long as the work goes on.
//
// The wait between two looks is a part of how long jobs have been open: so it is
// short where jobs are, long where they are, and what a place stands empty before
// anybody notices is a part of what it was used. The median counts, so that one
// job that is stuck does not keep the others' ends from being seen.
func (w *jobWork) lookOn() {
	var last time.Time
	for w.ctx.Err() == nil {
		at, ok := w.nextLook(last)
		if !w.rest(at, ok) {
			continue
		}
		if err := w.look(); err != nil {
			w.mu.Lock()
			w.fail(err)
			w.mu.Unlock()
			signal(w.changed)
			return
		}
		last = w.client.clock.Now()
	}
}

// rest waits for the next look, if there is to be one. It is false where that may
// have become another one, or nobody wants it any longer.
func (w *jobWork) rest(until time.Time, ok bool) bool {
	var due <-chan time.Time
	if ok {
		timer := w.client.clock.NewTimer(max(until.Sub(w.client.clock.Now()), 0))
		defer timer.Stop()
		due = timer.C()
	}
	select {
	case <-w.ctx.Done():
		return false
	case <-w.opened:
		return false
	case <-due:
		return true
	}
}

// nextLook is when to look next; ok is false where no job is open.
func (w *jobWork) nextLook(last time.Time) (at time.Time, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.client.clock.Now()
	var ages []time.Duration
	for _, p := range w.opens() {
		ages = append(ages, now.Sub(p.since))
	}
	if len(ages) == 0 {
		return time.Time{}, false
	}
	slices.Sort(ages)
	if oldest := now.Add(-ages[len(ages)-1]); last.Before(oldest) {
		last = oldest
	}
	least, most := leastJobInterval, mostJobInterval
	if c := w.config.jobs; c.least > 0 {
		least, most = c.least, c.most
	}
	return last.Add(min(max(ages[len(ages)/2]/4, least), most)), true
}

// look looks at all open jobs once. An error ends the work: one that a further
// look would have as well, or one that has come of all looks for a while.
func (w *jobWork) look() error {
	w.mu.Lock()
	open := w.opens()
	w.mu.Unlock()
	var failed error
	for parts := range slices.Chunk(open, w.shownAtOnce()) {
		if err := w.lookAt(parts); err != nil && !passing(err) {
			return err
		} else if err != nil {
			failed = err
		}
	}
	switch now := w.client.clock.Now(); {
	case failed == nil:
		w.blind = time.Time{}
	case w.blind.IsZero():
		w.blind = now
	case now.Sub(w.blind) > jobPatience:
		return failed
	}
	return nil
}

// lookAt looks at some jobs in one request. Where the provider refuses that for
// one of them, it is asked for fewer, until that one is alone; it is then not
// found.
func (w *jobWork) lookAt(parts []*jobPart) error {
	shown, err := w.showJobs(parts)
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrBadRequest) {
		return err
	}
	if half := len(parts) / 2; err != nil && half > 0 {
		if err := w.lookAt(parts[:half]); err != nil {
			return err
		}
		return w.lookAt(parts[half:])
	}
	now := w.client.clock.Now()
	w.mu.Lock()
	for _, p := range parts {
		w.judge(p, shown[p.ID], now)
	}
	w.mu.Unlock()
	signal(w.changed)
	return nil
}

// passing reports whether it makes sense to look again after an error.
func passing(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && !errors.Is(err, ErrDeadline) && !errors.Is(err, context.Canceled) && (e.StatusCode == 0 || e.StatusCode >= 500 || e.Refused)
}

// judge takes in what was shown of a job: nil where it was not among those shown.
func (w *jobWork) judge(p *jobPart, shown []byte, now time.Time) {
	how := w.show.JobStatus
	state := textAt(shown, how.State)
	problem := JobError{Code: state, Message: clipped(textAt(shown, how.Message))}
	switch states := how.States; {
	case shown != nil && (slices.Contains(states.Queued, state) || slices.Contains(states.Working, state)):
		p.missed = time.Time{}
		return
	case shown != nil && slices.Contains(states.Completed, state):
		problem = JobError{}
	case shown != nil && slices.Contains(states.Failed, state):
		problem.Kind = ErrJobFailed
	case shown != nil && slices.Contains(states.Killed, state):
		problem.Kind = ErrJobKilled
	case p.missed.IsZero():
		p.missed = now
		return
	case now.Sub(p.missed) < jobPatience:
		return
	case shown == nil:
		problem = JobError{Kind: ErrJobLost}
	default:
		problem.Kind, problem.Err = ErrJobUnsure, fmt.Errorf("the job's state %q is not one that is known", state)
	}
	p.giveBack()
	w.busy--
	found, told := found(how.Result, jsonAt(shown, how.Results), p)
	if problem.Kind == nil && told {
		problem = JobError{Kind: ErrJobUnsure, Err: errors.New("the job has ended and does not tell of it")}
	}
	w.settle(p, found, problem)
}

// shownAtOnce is how many jobs one request shows.
func (w *jobWork) shownAtOnce() int {
	if len(w.show.Keys) == 0 {
		return 1
	}
	return max(w.show.Keys[0].Max, 1)
}

// showJobs gets the jobs by their ids.
func (w *jobWork) showJobs(parts []*jobPart) (map[string][]byte, error) {
	var args Args
	many := len(w.show.Keys) > 0
	if !many {
		args.Path = []any{parts[0].ID}
	}
	cl := &call{op: w.show, config: w.config}
	var err error
	if cl.prepared, err = w.client.prepare(w.show, args, cl.config); err != nil {
		return nil, w.client.failure(cl, nil, err)
	}
	if !many {
		body, err := w.fetch(cl, cl.prepared.url)
		return map[string][]byte{parts[0].ID: body}, err
	}
	keys := w.show.Keys[0]
	target := *cl.prepared.url
	query := target.Query()
	for _, p := range parts {
		query.Add(keys.Name, p.ID)
	}
	if keys.Join != "" {
		query.Set(keys.Name, strings.Join(query[keys.Name], keys.Join))
	}
	target.RawQuery = query.Encode()
	body, err := w.fetch(cl, &target)
	if err != nil {
		return nil, err
	}
	shown := map[string][]byte{}
	for job := range jsonpath.All(body, nil) {
		if id := textAt(job, keys.ID); shown[id] == nil {
			shown[id] = job
		}
	}
	return shown, nil
}

// fetch gets what stands at the operation's result.
func (w *jobWork) fetch(cl *call, u *url.URL) ([]byte, error) {
	ans, err := w.client.exchange(w.ctx, cl, u)
	if err != nil {
		return nil, err
	}
	body, ok := jsonpath.Lookup(ans.body, w.show.Result)
	if !ok {
		err = w.client.failure(cl, ans, &DecodeError{Raw: ans.body, Index: -1, Err: pathError(ans.body, w.show.Result)})
	}
	cl.watch.ended(err)
	return body, err
}

// jsonAt is the value at a path that may be empty, which leads to nothing.
func jsonAt(body []byte, path api.Path) []byte {
	if len(path) == 0 || body == nil {
		return nil
	}
	raw, _ := jsonpath.Lookup(body, path)
	return raw
}

// textAt is that value as text, empty for null.
func textAt(body []byte, path api.Path) string {
	raw := jsonAt(body, path)
	if string(raw) == "null" {
		return ""
	}
	return jsonpath.Text(raw)
}
