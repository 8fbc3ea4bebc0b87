package redisbudget_test

import (
	"context"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// This file is the provider, and the referee that counts for it.

// manners is how calls end, and what answers tell.
type manners struct {
	lost, cancelled, cheaper float64 // how often
	body                     time.Duration
}

func (w *world) call(m *member, r *budget.Request) {
	w.mu.Lock()
	is := w.manners
	w.mu.Unlock()
	ctx := m.ctx
	if w.patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, w.patience)
		defer cancel()
	}
	ticket, err := m.Admit(ctx, r)
	if err != nil {
		if ctx.Err() == nil { // it was told that it would wait in vain
			time.Sleep(w.patience / 20)
		}
		return
	}
	if w.chance(is.cancelled) {
		time.Sleep(w.between(0, 2*w.latency[1]))
		ticket.Cancel()
		return
	}
	ticket.Sent()
	if w.chance(is.lost) {
		time.Sleep(w.between(0, w.latency[1]))
		ticket.Lost()
		w.after.Go(func() { // it may still be counted, for as long as the linger
			time.Sleep(w.between(0, 10*time.Second-time.Millisecond))
			w.counts(m, r, &budget.Answer{}, false)
			w.end(r)
		})
		return
	}
	time.Sleep(w.between(w.latency[0], w.latency[1]))
	var answer budget.Answer
	w.counts(m, r, &answer, w.chance(is.cheaper))
	time.Sleep(w.between(w.latency[0], w.latency[1]))
	ticket.Answer(answer)
	if is.body > 0 {
		time.Sleep(w.between(0, is.body))
	}
	w.end(r)
	ticket.Done()
}

// counts is the moment at which the provider counts a call; what it tells is in the answer.
func (w *world) counts(m *member, r *budget.Request, a *budget.Answer, cheaper bool) {
	w.sent.Add(1)
	m.sent.Add(1)
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.classes[r.Class]++
	for _, l := range w.limits {
		for _, c := range r.Alternatives[0] {
			if c.Key.Limit != l.name {
				continue
			}
			cost := c.Cost
			if _, ok := l.shape.(api.Concurrency); cheaper && !ok {
				cost--
				a.Costs = append(a.Costs, budget.Cost{Limit: l.name, Cost: cost})
			}
			l.count(now, cost)
			if l.tells > 0 && w.random.Float64() < l.tells {
				a.Observations = append(a.Observations, l.tell(now))
			}
		}
	}
}

func (w *world) end(r *budget.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.limits {
		l.done(r)
	}
}

// referee counts what the provider sees of one limit, by the rule and by nothing else.
type referee struct {
	name   string
	shape  api.Shape
	tells  float64       // how often an answer tells the window's end; above 0 windows are fixed
	whole  bool          // it does so in whole seconds
	begins time.Duration // after the epoch, of a window; negative where the first call after one begins the next
	end    time.Time     // of the fixed window
	taken  []time.Time
	level  float64
	last   time.Time
	open   int
	used   float64 // in the last window as counted, in cost
	worst  float64 // the most seen in one window, in the bucket, or at once
	passed int     // how often it was above the limit
}

func (r *referee) charge(cost int) budget.Charge {
	return budget.Charge{Key: budget.Key{API: "test", Limit: r.name}, Shape: r.shape, Cost: cost}
}

func (r *referee) request(cost int) *budget.Request {
	return &budget.Request{Operation: "Test.Call", Alternatives: [][]budget.Charge{{r.charge(cost)}}}
}

func (r *referee) count(at time.Time, cost int) {
	var used, limit float64
	r.used += float64(cost)
	switch s := r.shape.(type) {
	case api.Window:
		limit = float64(s.Limit)
		if r.tells > 0 {
			r.fixed(at, s.Per)
			r.level += float64(cost)
			used = r.level
			break
		}
		for range cost { // any stretch of W, which is the strictest of all placings
			r.taken = append(r.taken, at)
		}
		for len(r.taken) > 0 && at.Sub(r.taken[0]) >= s.Per {
			r.taken = r.taken[1:]
		}
		used = float64(len(r.taken))
	case api.Bucket:
		r.level = max(r.level-at.Sub(r.last).Seconds()*float64(s.Refill)/s.Per.Seconds(), 0) + float64(cost)
		r.last = at
		used, limit = r.level, float64(s.Burst)+1e-6
	case api.Concurrency:
		r.open += cost
		used, limit = float64(r.open), float64(s.Max)
	}
	r.worst = max(r.worst, used)
	if used > limit {
		r.passed++
	}
}

// fixed turns to the window that is open at a time.
func (r *referee) fixed(at time.Time, per time.Duration) {
	if at.Before(r.end) {
		return
	}
	r.level = 0
	if r.begins < 0 {
		r.end = at.Add(per)
		return
	}
	begin := at.Add(-r.begins).Truncate(per).Add(r.begins)
	r.end = begin.Add(per)
}

// tell is what an answer says of the limit.
func (r *referee) tell(now time.Time) budget.Observation {
	s := r.shape.(api.Window)
	o := budget.Observation{Limit: r.name, Max: -1, Remaining: max(s.Limit-int(r.level), 0), Reset: r.end}
	if r.whole {
		o.Reset, o.ResetEarliest = r.end.Truncate(time.Second).Add(time.Second), r.end.Truncate(time.Second)
	}
	return o
}

func (r *referee) done(q *budget.Request) {
	if _, ok := r.shape.(api.Concurrency); !ok {
		return
	}
	for _, c := range q.Alternatives[0] {
		if c.Key.Limit == r.name {
			r.open -= c.Cost
		}
	}
}
