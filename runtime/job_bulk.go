package runtime

// This file begins bulk writes, and waits for those that others have begun.

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// Bulk writes any number of items by an operation that starts jobs, and yields
// what came of each, in the order of the items. The items go in writes as large
// as the provider allows, and no more jobs are under way at once than it allows:
// each holds its place in the limit of jobs, for all clients that share the
// ledger, from its write until it is seen to have ended. The jobs that are open
// are looked at together, at growing intervals; see [WithJobInterval]. args are
// as for [Do], without the items.
//
// An item that was not done, or may not have been, is an error that wraps a
// [*JobError], beside its place in JobResult.Index, and the loop may go on. A
// write that is refused or fails is that of all its items, and one that may have
// come to the provider is not sent again unless that is harmless, but is
// [ErrJobUnsure] for them. Any other error ends the loop: a [*JobsError], which
// has the jobs that are open still; so does one of the credential, since all
// writes would have it.
//
// Items are taken from the sequence in the loop's goroutine, as there is room for
// them, so that it may be longer than memory. Nothing is sent before the loop
// begins. When ctx ends, no further look is taken. When the loop is left, the jobs
// go on at the provider, their places are held no longer, and of a write that was
// under way nobody learns whether it has begun one.
//
//go:noinline
func Bulk[T any](ctx context.Context, c *Client, op *api.Operation, args Args, items iter.Seq[T], opts ...Option) iter.Seq2[JobResult, error] {
	return func(yield func(JobResult, error) bool) {
		next, stop := iter.Pull(items)
		defer stop()
		c.bulk(ctx, op, args, opts, func(most int) (part []any, more bool) {
			for len(part) < most {
				item, ok := next()
				if !ok {
					return part, false
				}
				part = append(part, item)
			}
			return part, true
		}, yield)
	}
}

// bulk is Bulk for items of any type: take gives at most so many of them, and
// whether there may be more.
func (c *Client) bulk(ctx context.Context, op *api.Operation, args Args, opts []Option, take func(int) ([]any, bool), yield func(JobResult, error) bool) {
	w, err := c.newJobWork(op, opts)
	if err == nil && (op.Job == nil || op.Job.Max < 1) {
		err = invalid("the operation starts no jobs of many items: call it with Do")
	}
	if err != nil {
		yield(JobResult{Index: -1}, c.failure(&call{op: op}, nil, err))
		return
	}
	w.atOnce = c.jobsAtOnce(op.Job)
	w.take = func() (*jobPart, bool) {
		items, more := take(op.Job.Max)
		if len(items) == 0 {
			return nil, false
		}
		p := &jobPart{Job: Job{Items: len(items)}}
		p.send = func() (string, bool, error) {
			own, keys, err := jobArgs(op, args, items, w.show.JobStatus.Result.ID)
			if err != nil {
				return "", false, c.failure(&call{op: op}, nil, err)
			}
			p.keys = keys
			return c.startJob(w, op, own, p)
		}
		return p, more
	}
	w.begin(ctx)
	w.each(ctx, yield)
}

// mostJobItems bounds what is believed of a job that was kept elsewhere, for a
// result is held for each of its items. No provider is known to take a thousandth
// of it at once.
const mostJobItems = 1_000_000

// WaitJobs waits for jobs, begun by [Bulk], by a call of one's own or by another
// process, and yields what came of their items, job by job; op is the operation
// that shows jobs. Jobs that say First and Items, as [WithJobs] and [JobsError]
// do, yield results with the places that their items had; of others the results
// are numbered as they come. Errors are those of Bulk. The jobs hold no places in
// the limit of jobs, since nobody here has seen them begin.
func WaitJobs(ctx context.Context, c *Client, op *api.Operation, jobs []Job, opts ...Option) iter.Seq2[JobResult, error] {
	return func(yield func(JobResult, error) bool) {
		w, err := c.newJobWork(op, opts)
		seen := map[string]bool{}
		for i, j := range jobs {
			if err == nil && (j.ID == "" || seen[j.ID] || j.First < 0 || j.Items < 0 || j.Items > mostJobItems) {
				err = invalid("job %d: %+v: each has to have an id of its own, and no number below 0 or of more items than %d", i, j, mostJobItems)
			}
			seen[j.ID] = true
			if err == nil {
				w.parts = append(w.parts, &jobPart{Job: j, state: partOpen})
			}
		}
		if err != nil {
			yield(JobResult{Index: -1}, c.failure(&call{op: op}, nil, err))
			return
		}
		w.begin(ctx)
		w.each(ctx, numbering(jobs, yield))
	}
}

// numbering gives results places as they come, where the jobs know of none.
func numbering(jobs []Job, yield func(JobResult, error) bool) func(JobResult, error) bool {
	if slices.ContainsFunc(jobs, func(j Job) bool { return j.Items > 0 }) {
		return yield
	}
	next := 0
	return func(r JobResult, err error) bool {
		if r.Index >= 0 {
			r.Index = next
			next++
			if e, ok := err.(*JobError); ok {
				e.Index = r.Index
			}
		}
		return yield(r, err)
	}
}

// newJobWork makes the work of an operation that starts or shows jobs.
func (c *Client) newJobWork(op *api.Operation, opts []Option) (*jobWork, error) {
	cfg, err := c.configure(opts)
	if err != nil {
		return nil, err
	}
	switch {
	case cfg.response != nil || cfg.raw != nil:
		return nil, invalid("WithResponse and WithRaw are of one call, and this makes many")
	case op.IdempotencyHeader != "" && cfg.header.Get(op.IdempotencyHeader) != "":
		return nil, invalid("%s is of one call, and this makes many, each with a key of its own", op.IdempotencyHeader)
	}
	show := op
	if op.Job != nil {
		show = c.desc.Operation(op.Job.With)
	}
	if show == nil || show.JobStatus == nil {
		return nil, invalid("the API has no operation that shows the jobs")
	}
	cfg.cache.off = true // a job is to be seen as it is now
	return &jobWork{client: c, name: op.Name, show: show, config: cfg}, nil
}

// jobsAtOnce is how many jobs a bulk write has under way: what the limit allows,
// since the ledger knows nothing of jobs that wait outside; where there is none,
// a few.
func (c *Client) jobsAtOnce(job *api.Job) int {
	const few = 8
	if l, ok := c.limits[job.Limit]; ok {
		if n, ok := api.Capacity(l.Shape); ok {
			return max(n, 1)
		}
	}
	return few
}

// startJob makes the call that starts a job. sent tells of an error that the job
// may have begun all the same.
func (c *Client) startJob(w *jobWork, op *api.Operation, args Args, p *jobPart) (id string, sent bool, err error) {
	cl := &call{op: op, config: w.config}
	if cl.prepared, err = c.prepare(op, args, cl.config); err != nil {
		return "", false, c.failure(cl, nil, err)
	}
	cl.keep = func(t budget.Ticket) {
		p.giveBack() // of an attempt whose answer was cut short
		p.release = t.Done
	}
	ans, err := c.exchange(w.ctx, cl, cl.prepared.url)
	if err != nil {
		e, told := errors.AsType[*Error](err)
		answered := told && e.StatusCode != 0
		return "", cl.lost || answered && (e.StatusCode >= 500 || e.StatusCode/100 == 2) && !e.Refused, err
	}
	if id = textAt(ans.body, op.Job.ID); id == "" {
		err = c.failure(cl, ans, &DecodeError{Raw: ans.body, Index: -1, Err: fmt.Errorf("it tells no job at $.%s", strings.Join(op.Job.ID, "."))})
	}
	cl.watch.ended(err)
	return id, true, err
}
