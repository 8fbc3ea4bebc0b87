package runtime

// This file is the middle of a bulk write: what is under way, from where the
// items are taken to where their results are yielded, in the order of the items.
//
// The loop's goroutine takes items and yields results. Each write has a goroutine
// of its own, and one looks at the open jobs (job_look.go), so that places at the
// provider come free also while the loop's body is busy, or writes in bulk itself.

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// jobWork is one range over the results of a bulk write, or of jobs.
type jobWork struct {
	client *Client
	name   string // of the operation that the work is for
	show   *api.Operation
	config callConfig
	atOnce int                     // jobs that may be under way
	take   func() (*jobPart, bool) // the next items; nil where there are only jobs

	ctx    context.Context
	cancel context.CancelFunc
	group  sync.WaitGroup

	mu     sync.Mutex
	parts  []*jobPart // in order, from the first that is not yielded
	busy   int        // of these, written or open
	next   int        // the place of the first item that was not taken
	more   bool       // there may be items to take
	failed error      // what ends the work
	closed error      // why no more is taken, though what is under way goes on

	blind   time.Time     // since when looks have failed; who looks at jobs knows
	changed chan struct{} // tells the loop
	opened  chan struct{} // tells who looks at jobs
	begun   sync.Mutex    // held while the user is told of a job
}

// jobPart is the items of one job.
type jobPart struct {
	Job
	keys    []string // the items' ids; nil or empty where they have none
	send    func() (id string, sent bool, err error)
	release func() // gives its place back; nil where it has none
	state   partState
	since   time.Time // when it opened
	missed  time.Time // since when it was not shown in a state that is known; zero while it is
	results []JobResult
	errs    []error
}

type partState int

const (
	partSending partState = iota // not known to have begun
	partOpen
	partDone
	partUnsent // given up before it was sent
	partUnsure // given up when it may have begun
)

// aheadOfFirst bounds how many parts may be done and wait for the first to be.
const aheadOfFirst = 1000

// begin begins the work.
func (w *jobWork) begin(ctx context.Context) {
	w.ctx, w.cancel = context.WithCancel(ctx)
	w.changed, w.opened = make(chan struct{}, 1), make(chan struct{}, 1)
	w.more = w.take != nil
	for _, p := range w.parts {
		p.since = w.client.clock.Now()
	}
	w.busy = len(w.parts)
	w.group.Go(w.lookOn)
}

// end ends all that is under way, and waits for it. Places of jobs that are open
// still are given back too: nobody will know when they end.
func (w *jobWork) end() {
	w.cancel()
	w.group.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.parts {
		p.giveBack()
	}
}

// each yields the results in order.
func (w *jobWork) each(ctx context.Context, yield func(JobResult, error) bool) {
	defer w.end()
	for {
		w.fill()
		p, err := w.first()
		switch {
		case p != nil:
			for i := range p.results {
				if !yield(p.results[i], p.errs[i]) {
					return
				}
				w.fill()
			}
		case err != nil:
			w.giveUp(err, yield)
			return
		case w.over():
			return
		case ctx.Err() != nil:
			w.giveUp(ctx.Err(), yield)
			return
		default:
			select {
			case <-w.changed:
			case <-ctx.Done():
			}
		}
	}
}

// fill takes items and sends them as long as there is room.
func (w *jobWork) fill() {
	for w.room() {
		p, ok := w.take()
		w.mu.Lock()
		w.more = ok
		if p != nil {
			p.First = w.next
			w.next += p.Items
			w.parts = append(w.parts, p)
			w.busy++
			w.group.Go(func() { w.sendOne(p) })
		}
		w.mu.Unlock()
	}
}

func (w *jobWork) room() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.more && w.failed == nil && w.closed == nil && w.ctx.Err() == nil && w.busy < w.atOnce && len(w.parts) < aheadOfFirst
}

// first takes the first part out of the line if it is done, or else tells what
// ends the work.
func (w *jobWork) first() (*jobPart, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.parts) > 0 && w.parts[0].state == partDone {
		p := w.parts[0]
		w.parts = w.parts[1:]
		return p, nil
	}
	if w.failed == nil && len(w.parts) == 0 {
		return nil, w.closed
	}
	return nil, w.failed
}

func (w *jobWork) over() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.parts) == 0 && !w.more
}

// giveUp yields what is known, and then the error that tells what is not.
func (w *jobWork) giveUp(err error, yield func(JobResult, error) bool) {
	w.cancel()
	w.group.Wait()
	ended := &JobsError{Operation: w.name, Next: w.next, Err: err}
	for _, p := range w.parts {
		switch p.state {
		case partDone:
			for i := range p.results {
				if !yield(p.results[i], p.errs[i]) {
					return
				}
			}
		case partOpen:
			ended.Open = append(ended.Open, p.Job)
		case partUnsure:
			ended.Unsure = append(ended.Unsure, p.Job)
		default:
			ended.Unsent = append(ended.Unsent, p.Job)
		}
	}
	yield(JobResult{Index: -1}, ended)
}

// sendOne writes a part's items.
func (w *jobWork) sendOne(p *jobPart) {
	id, sent, err := p.send()
	if err == nil {
		job := p.Job
		job.ID = id
		if f := w.config.jobs.begun; f != nil {
			w.begun.Lock()
			f(job)
			w.begun.Unlock()
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	defer signal(w.changed)
	if err == nil {
		p.ID, p.state = id, partOpen
		p.since = w.client.clock.Now()
		signal(w.opened)
		return
	}
	p.giveBack()
	w.busy--
	if w.ctx.Err() != nil || errors.Is(err, ErrDeadline) || errors.Is(err, budget.ErrClosed) {
		if p.state = partUnsent; sent {
			p.state = partUnsure
		}
		w.fail(err)
		return
	}
	if errors.Is(err, ErrUnauthorized) {
		w.closed = err // none of the others would be taken either
	}
	problem := JobError{Err: err}
	if sent {
		problem.Kind = ErrJobUnsure
	}
	w.settle(p, make([]*jobFound, p.Items), problem)
}

// fail ends the work. The first cause counts.
func (w *jobWork) fail(err error) {
	if w.failed == nil {
		w.failed = err
	}
}

// settle ends a part: found has what was told of its items, and problem what the
// others have in common; of no kind and no cause, nothing is wrong with them.
func (w *jobWork) settle(p *jobPart, found []*jobFound, problem JobError) {
	p.state = partDone
	p.results, p.errs = make([]JobResult, len(found)), make([]error, len(found))
	for i, f := range found {
		r := &p.results[i]
		r.Index, r.Job = p.First+i, p.ID
		e := problem
		if i < len(p.keys) {
			e.ID = p.keys[i]
		}
		if f != nil {
			r.ID, r.Status, r.Raw = f.id, f.status, f.raw
			e = JobError{ID: f.id, Code: f.code, Message: f.message, Kind: f.kind}
		}
		if e.Kind != nil || e.Err != nil {
			e.Operation, e.Job, e.Index = w.name, p.ID, r.Index
			p.errs[i] = &e
		}
	}
	p.send, p.keys = nil, nil
}

func (p *jobPart) giveBack() {
	if p.release != nil {
		p.release()
		p.release = nil
	}
}

// signal tells who listens, once for all that has happened since it last did.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// opens are the parts whose jobs are open, in order.
func (w *jobWork) opens() []*jobPart {
	return slices.DeleteFunc(slices.Clone(w.parts), func(p *jobPart) bool { return p.state != partOpen })
}
