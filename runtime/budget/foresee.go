package budget

// This file is the simulation behind a forecast: the ledger's rules in virtual
// time, with equal requests taken in bulk. It steps from one moment at which
// something comes free to the next, so that its cost hangs on how often a limit
// turns over and not on how many requests pass.

import "time"

// foresight is one forecast in the making.
type foresight struct {
	given    Conditions
	counters map[Key]*foreseen
	all      []*foreseen // with those that no key has
	jobs     []*job
	total    int // requests
}

// job is one work under way.
type job struct {
	name      string
	requests  int
	left      int
	immediate int
	latency   time.Duration
	last      moment // when the last request so far went
	share     int    // see admit
	stuck     *drawn // what will never have room
	draws     []drawn
}

// drawn is what each request of a job takes from one counter.
type drawn struct {
	c      *foreseen
	cost   int
	waited time.Duration // for this counter, so far
}

func (j *job) add(c *foreseen, cost int) {
	for i := range j.draws {
		if j.draws[i].c == c {
			j.draws[i].cost += cost
			return
		}
	}
	j.draws = append(j.draws, drawn{c: c, cost: cost})
}

func (j *job) outlook() WorkOutlook {
	o := WorkOutlook{Name: j.name, Requests: j.requests, Immediate: j.immediate, Ends: Never}
	switch {
	case j.requests == 0:
		o.Ends = 0
	case j.left == 0:
		o.Ends = time.Duration(j.last) + j.latency
	}
	if j.stuck != nil {
		o.Binding, o.Waits = j.stuck.c.key, Never
		return o
	}
	for _, d := range j.draws {
		if d.waited > o.Waits && d.c.key != (Key{}) {
			o.Waits, o.Binding = d.waited, d.c.key
		}
	}
	return o
}

// fit is how many of so many requests can go now.
func (j *job) fit(n int) int {
	for i := range j.draws {
		n = min(n, max(j.draws[i].c.room()/j.draws[i].cost, 0))
	}
	return n
}

func (j *job) send(now moment, n int) {
	if n <= 0 {
		return
	}
	for i := range j.draws {
		j.draws[i].c.take(now, n*j.draws[i].cost)
	}
	j.left -= n
	j.last = now
	if now == 0 {
		j.immediate += n
	}
}

// blocker is what holds the job up longest, and until when.
func (j *job) blocker(now moment) (by *drawn, until moment) {
	until = now
	for i := range j.draws {
		d := &j.draws[i]
		if d.c.room() >= d.cost {
			continue
		}
		if at := d.c.opens(now, d.cost, j.left); by == nil || at > until {
			by, until = d, at
		}
	}
	return by, until
}

// run lets all jobs go to their ends.
func (f *foresight) run() {
	now := moment(0)
	for {
		for _, c := range f.all {
			c.advance(now)
		}
		f.admit(now)
		next, busy := never, false
		for _, j := range f.jobs {
			if j.left > 0 {
				busy = true
				_, until := j.blocker(now)
				next = min(next, until)
			}
		}
		if !busy || next >= moment(century) {
			for _, j := range f.jobs {
				if j.left > 0 {
					j.stuck, _ = j.blocker(now)
				}
			}
			return
		}
		for _, j := range f.jobs {
			if j.left > 0 {
				if by, _ := j.blocker(now); by != nil {
					by.waited += next.sub(now)
				}
			}
		}
		now = max(next, now+1)
	}
}

// admit sends what fits now, the jobs by turns.
func (f *foresight) admit(now moment) {
	for {
		able := 0
		for _, j := range f.jobs {
			if j.share = 0; j.left > 0 {
				j.share = j.fit(f.total)
			}
			if j.share > 0 {
				able++
			}
		}
		if able == 0 {
			return
		}
		for _, j := range f.jobs {
			if j.share > 0 {
				j.send(now, j.fit(min(max(j.share/able, 1), j.left)))
			}
		}
	}
}
