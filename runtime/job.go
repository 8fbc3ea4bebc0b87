package runtime

// This file has what users see of jobs: bulk writes that a provider does later.

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Job is a bulk write that a provider does later: so many items, from First on.
// It is plain data, to be kept while the job is open: [WaitJobs] goes on with it,
// in another process too.
type Job struct {
	// ID is the provider's; empty where no answer told one.
	ID string `json:"id,omitempty"`
	// First is the place of the job's first item among all of the bulk write, from 0.
	First int `json:"first"`
	// Items is how many items it has; 0 where that is not known.
	Items int `json:"items,omitempty"`
}

// JobResult is what came of one item of a bulk write.
type JobResult struct {
	// Index is the item's place among all, from 0; -1 beside an error that ends the loop.
	Index int
	// Job is the id of the item's job; empty where none was begun.
	Job string
	// ID is the item's id and Status the provider's word for what was done with it
	// ("Created"), where it tells them.
	ID, Status string
	// Raw is all that the provider tells of the item; nil where it tells nothing.
	Raw json.RawMessage
}

// What came of an item that was not done, or may not have been; for errors.Is.
var (
	// ErrJobItem: the job was done, and this item failed.
	ErrJobItem = errors.New("the item failed")
	// ErrJobFailed: the job failed before it came to this item.
	ErrJobFailed = errors.New("the job failed")
	// ErrJobKilled: the job was killed before it came to this item.
	ErrJobKilled = errors.New("the job was killed")
	// ErrJobLost: the provider has shown the job no longer for a minute, or never.
	ErrJobLost = errors.New("the job is not found any longer")
	// ErrJobUnsure: nobody has told whether the item was done. Look before it is
	// written again.
	ErrJobUnsure = errors.New("it is not known whether the item was done")
)

// JobError is why an item of a bulk write was not done, or may not have been. It
// is that item's own: the loop goes on to the others.
type JobError struct {
	Operation string
	// Job is the job's id; empty where none is known to have begun.
	Job string
	// Index is the item's place among all, from 0, and ID its id where that is known.
	Index int
	ID    string
	// Code and Message are what the provider says of the item, or else of the job.
	Code, Message string
	// Kind is one of the sentinels from ErrJobItem on; nil where the write that was
	// to begin the job was refused, which Err tells.
	Kind error
	// Err is the cause, where it is not the job: the *Error of the write.
	Err error
}

func (e *JobError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: item %d", e.Operation, e.Index)
	if e.ID != "" {
		fmt.Fprintf(&b, " (id %s)", e.ID)
	}
	if e.Job != "" {
		b.WriteString(" of job " + e.Job)
	}
	for _, part := range []string{e.Code, e.Message} {
		if part != "" {
			b.WriteString(": " + part)
		}
	}
	for _, err := range []error{e.Kind, e.Err} {
		if err != nil {
			b.WriteString(": " + strings.TrimPrefix(err.Error(), e.Operation+": "))
		}
	}
	return b.String()
}

// Is reports whether the error is of a kind.
func (e *JobError) Is(target error) bool { return e.Kind != nil && target == e.Kind }

// Unwrap returns the cause.
func (e *JobError) Unwrap() error { return e.Err }

// JobsError ends a bulk write, or the wait for jobs, before everything is done:
// because its context has ended, or the provider shows no jobs or takes no
// writes. What was known of items was yielded before it.
type JobsError struct {
	Operation string
	// Open are the jobs that are still with the provider: [WaitJobs] goes on with them.
	Open []Job
	// Unsure are writes that were sent and not answered: each may have begun a job.
	Unsure []Job
	// Unsent are items that were taken and not sent, and Next is the place of the
	// first that was not even taken.
	Unsent []Job
	Next   int
	// Err is the cause.
	Err error
}

func (e *JobsError) Error() string {
	var open []string
	for _, j := range e.Open {
		open = append(open, j.ID)
	}
	text := fmt.Sprintf("%s: ended with jobs open: %d", e.Operation, len(open))
	if len(open) > 0 {
		text += " (" + strings.Join(open, ", ") + ")"
	}
	if n := len(e.Unsure); n > 0 {
		text += fmt.Sprintf(", sent without an answer: %d", n)
	}
	return text + ": " + strings.TrimPrefix(e.Err.Error(), e.Operation+": ")
}

// Unwrap returns the cause.
func (e *JobsError) Unwrap() error { return e.Err }

// jobsConfig is what bulk writes may differ in.
type jobsConfig struct {
	begun       func(Job)
	least, most time.Duration // between looks; zero means the defaults
}

// How often open jobs are looked at, and how long one may be missing.
const (
	leastJobInterval = time.Second
	mostJobInterval  = 30 * time.Second
	jobPatience      = time.Minute
)

// WithJobs has f called with each job of a bulk write as soon as its id is known,
// so that it can be kept and waited for in another process. It is called by one
// goroutine at a time, though not the loop's.
func WithJobs(f func(Job)) Option {
	return option(func(c *callConfig) error { c.jobs.begun = f; return nil })
}

// WithJobInterval sets how long to wait between two looks at open jobs: a quarter
// of how long half of them have been open, but at least and at most so long; a
// second and half a minute unless given.
func WithJobInterval(least, most time.Duration) Option {
	return option(func(c *callConfig) error {
		if least <= 0 || most < least {
			return fmt.Errorf("WithJobInterval: from %v to %v: give positive durations, the shorter first", least, most)
		}
		c.jobs.least, c.jobs.most = least, most
		return nil
	})
}
