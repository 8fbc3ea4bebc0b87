package providertest

// This file does bulk writes later, as jobs. It keeps its own book of them: what
// is under way is known from the times at which jobs end.

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// JobOptions say how a provider does its jobs. The zero value does any number of
// them, at once.
type JobOptions struct {
	// AtOnce is how many jobs an account may have queued and working; one more is
	// refused as the API's throttling says of the limit of jobs. Zero means any number.
	AtOnce int
	// Lasts is how long a job takes; nil means no time. See Between.
	Lasts func(*rand.Rand) time.Duration
	// Fate is what becomes of the n-th job, from 1; nil means that all are completed.
	Fate func(n int) JobFate
	// Item is what comes of an item: index is its place in its job, id what it is or
	// has as an id, empty where it has none. Nil means that all succeed.
	Item func(n, index int, id string, item json.RawMessage) JobItem
	// Wait is what a refusal tells to wait; zero means a minute.
	Wait time.Duration
}

// JobFate is what becomes of a job.
type JobFate int

const (
	JobCompletes JobFate = iota
	// JobFails fails when half of its items are done, and JobDies is killed then.
	JobFails
	JobDies
	// JobVanishes is done, and never shown.
	JobVanishes
	// JobIsMute is completed, and tells only of items that failed.
	JobIsMute
)

// JobItem is what comes of one item.
type JobItem struct {
	// ID is the item's id; empty means the one it has, or a new one.
	ID string
	// Code and Message say why it failed; without a Code it has not.
	Code, Message string
}

// Jobs is the book of a stand-in's jobs.
type Jobs struct {
	provider *Provider
	options  JobOptions

	mu   sync.Mutex
	jobs []*standInJob
	seen JobsReport
}

// JobsReport is what a stand-in has seen of jobs.
type JobsReport struct {
	// Begun are the jobs that were begun, Items their items.
	Begun, Items int
	// Highest is the most that one account had under way at once.
	Highest int
	// Refused are the writes refused for too many jobs, TooLarge those for too many items.
	Refused, TooLarge int
	// Looks are the requests that asked for jobs.
	Looks int
}

type standInJob struct {
	n           int
	account, id string
	fate        JobFate
	method      string // by which it was begun
	items       []json.RawMessage
	begins, end int64
}

// Jobs has the stand-in do what the API's operations with a Job are asked for, and
// show it by those with a JobStatus.
func (p *Provider) Jobs(o JobOptions) *Jobs {
	b := &Jobs{provider: p, options: o}
	for _, op := range p.api.Operations {
		if op.Job != nil {
			show := p.operation(op.Job.With)
			p.Handle(op.Name, func(c *Call) Answer { return b.start(c, show.JobStatus) })
		}
		if op.JobStatus != nil {
			p.Handle(op.Name, b.show)
		}
	}
	return b
}

// Report tells what was seen so far.
func (b *Jobs) Report() JobsReport {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.seen
}

// start begins a job, or refuses it.
func (b *Jobs) start(c *Call, show *api.JobStatus) Answer {
	p, job := b.provider, c.Operation.Job
	items := itemsOf(c, job)
	lasts := chance(p, b.options.Lasts)
	b.mu.Lock()
	defer b.mu.Unlock()
	if job.Max > 0 && (len(items) > job.Max || len(items) == 0) {
		b.seen.TooLarge++
		return p.Error(http.StatusBadRequest, "TooManyItems", fmt.Sprintf("%d items: one job takes from 1 to %d", len(items), job.Max))
	}
	now, account := p.now(), identify(c.Request).Account
	busy := 0
	for _, j := range b.jobs {
		if j.account == account && j.end > now {
			busy++
		}
	}
	if b.options.AtOnce > 0 && busy >= b.options.AtOnce {
		b.seen.Refused++
		return b.tooMany(job, busy)
	}
	n := len(b.jobs) + 1
	j := &standInJob{n: n, account: account, id: fmt.Sprintf("job-%d", n), method: c.Operation.Method, items: items,
		begins: now + int64(lasts)/4, end: now + int64(lasts)}
	if b.options.Fate != nil {
		j.fate = b.options.Fate(n)
	}
	if j.fate == JobFails || j.fate == JobDies {
		j.end = now + int64(lasts)/2
	}
	b.jobs = append(b.jobs, j)
	b.seen.Begun++
	b.seen.Items += len(items)
	b.seen.Highest = max(b.seen.Highest, busy+1)
	return Answer{Status: http.StatusOK, Body: p.wrap(c.op, JSON(b.tell(j, show, job.ID[len(c.Operation.Result):], now))), Header: b.headers(job, busy+1)}
}

// tooMany refuses one more job.
func (b *Jobs) tooMany(job *api.Job, busy int) Answer {
	p := b.provider
	rule := p.throttling
	for _, t := range p.api.Throttling {
		if slices.Contains(t.Of, job.Limit) {
			rule = t
			break
		}
	}
	wait := b.options.Wait
	if wait == 0 {
		wait = time.Minute
	}
	h := b.headers(job, busy)
	h.Set("Retry-After", strconv.FormatInt(wholeSeconds(wait), 10))
	return Answer{Status: rule.Status, Header: h, Body: JSON(p.errorBody("TooManyJobs", "Too many jobs are queued or working", rule.When))}
}

// headers tell of the jobs under way, where the API has a family that names their limit.
func (b *Jobs) headers(job *api.Job, busy int) http.Header {
	h := http.Header{}
	for _, f := range b.provider.families {
		if f.Prefix != "" && f.theirs[job.Limit] != "" && b.options.AtOnce > 0 {
			now := time.Unix(0, b.provider.now())
			f.write(h, &Told{Limit: job.Limit, Max: b.options.AtOnce, Remaining: b.options.AtOnce - busy, Reset: now.Add(time.Minute), Now: now}, false)
		}
	}
	return h
}

// show shows one job or several.
func (b *Jobs) show(c *Call) Answer {
	p, op := b.provider, c.Operation
	ids, at := c.values, api.Path{"id"}
	if len(op.Keys) > 0 {
		keys := op.Keys[0]
		c.Param(keys.Param)
		if ids, at = c.query[keys.Name], keys.ID; keys.Join != "" {
			ids = strings.Split(strings.Join(ids, keys.Join), keys.Join)
		}
		if len(ids) > keys.Max {
			return p.Error(http.StatusBadRequest, "TooManyItems", fmt.Sprintf("%d ids, of at most %d", len(ids), keys.Max))
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen.Looks++
	shown := []document{}
	for _, j := range b.jobs {
		if slices.Contains(ids, j.id) && j.fate != JobVanishes {
			shown = append(shown, b.tell(j, op.JobStatus, at, p.now()))
		}
	}
	switch {
	case len(op.Keys) > 0:
		slices.Reverse(shown) // an order that is not the asker's
		return Answer{Status: http.StatusOK, Body: p.wrap(c.op, JSON(shown))}
	case len(shown) == 0:
		return p.Error(http.StatusNotFound, "RecordNotFound", "Not found")
	}
	return Answer{Status: http.StatusOK, Body: p.wrap(c.op, JSON(shown[0]))}
}

// tell is a job as it is shown now, with its id at a path.
func (b *Jobs) tell(j *standInJob, how *api.JobStatus, at api.Path, now int64) document {
	d := document{}
	d.set(at, j.id)
	states := how.States
	words := states.Completed
	switch {
	case now < j.begins && len(states.Queued) > 0:
		words = states.Queued
	case now < j.end:
		words = states.Working
	case j.fate == JobFails:
		words = states.Failed
		d.set(how.Message, "Something went wrong")
	case j.fate == JobDies:
		words = states.Killed
	}
	d.set(how.State, words[0])
	if now >= j.end {
		d.set(how.Results, b.results(j, how.Result))
	}
	return d
}

func (b *Jobs) results(j *standInJob, how api.JobItem) []document {
	results := []document{}
	items := j.items
	if j.fate == JobFails || j.fate == JobDies {
		items = items[:len(items)/2]
	}
	for i, item := range items {
		id := idOf(item, how.ID)
		var came JobItem
		if b.options.Item != nil {
			came = b.options.Item(j.n, i, id, item)
		}
		if came.Code == "" && j.fate == JobIsMute {
			continue
		}
		d := document{}
		switch {
		case came.ID != "":
			d.set(how.ID, literal(came.ID))
		case id != "":
			d.set(how.ID, literal(id))
		case came.Code == "":
			d.set(how.ID, j.n*1000+i)
		}
		if j.method == http.MethodPost { // who creates is told the place, who changes the id
			d.set(how.Index, i)
		}
		d.set(how.Success, came.Code == "")
		if came.Code == "" {
			d.set(how.Status, map[string]string{http.MethodPost: "Created", http.MethodPut: "Updated", http.MethodDelete: "Deleted"}[j.method])
		} else {
			d.set(how.Code, came.Code)
			d.set(how.Message, came.Message)
		}
		results = append(results, d)
	}
	return results
}

// itemsOf are the items that a call asks for.
func itemsOf(c *Call, job *api.Job) []json.RawMessage {
	var items []json.RawMessage
	if job.Param != "" {
		if text := c.Query(job.Param); text != "" {
			for id := range strings.SplitSeq(text, ",") {
				items = append(items, literal(id))
			}
		}
		return items
	}
	_ = json.Unmarshal(valueAt(c.Body(), job.Items), &items) // what is no list has no items
	return items
}

// valueAt is what stands at a path of objects.
func valueAt(b json.RawMessage, path api.Path) json.RawMessage {
	for _, name := range path {
		var object map[string]json.RawMessage
		if json.Unmarshal(b, &object) != nil {
			return nil
		}
		b = object[name]
	}
	return b
}

// idOf is what an item is, or what stands in it where ids do.
func idOf(item json.RawMessage, path api.Path) string {
	if len(item) > 0 && item[0] != '{' {
		return text(item)
	}
	if at := valueAt(item, path); len(path) > 0 && at != nil {
		return text(at)
	}
	return ""
}
