package api

// Job tells of a bulk write that the provider does later: it answers with a job
// at once, whose status tells when it is done and how its items have fared.
type Job struct {
	// With is the name of the operation that shows jobs, which has a JobStatus.
	With string
	// ID is where the job's id stands in the answer's body.
	ID Path
	// Items is the member of the request body that lists what is done one by one,
	// from the body's root; empty where Param lists it, or where there is no list.
	Items Path
	// Param is the query parameter that lists it in place of the body.
	Param string
	// Max is how many items one job takes; zero where there is no list.
	Max int
	// Source tells where Max comes from.
	Source Source
	// Limit is the concurrency limit that counts jobs from their beginning to
	// their end; empty when none is known.
	Limit string
}

// JobStatus tells how an operation shows jobs. What it shows stands at the
// operation's Result: a list of jobs where the operation has Keys, which take their
// ids, or else the one job that its path names.
type JobStatus struct {
	// State, Message and Results are where a job's state, a word of the provider's
	// and the list of what came of its items stand in a job.
	State, Message, Results Path
	// States are the provider's words for what a job may be in.
	States JobStates
	// Result is how what came of an item looks.
	Result JobItem
}

// JobStates are a provider's words for the states of a job. A state that is in
// none of the lists is not known.
type JobStates struct {
	// Queued and Working are of jobs that have not ended.
	Queued, Working []string
	// Completed is of jobs that have come to their end, though items may have failed.
	Completed []string
	// Failed and Killed are of jobs that have ended before that.
	Failed, Killed []string
}

// JobItem is where things stand in what a job tells of one item. Each path may
// be empty.
type JobItem struct {
	// ID is the item's id, in what was sent of it too, Index its place among the
	// job's items from 0.
	ID, Index Path
	// Status is a word for what was done.
	Status Path
	// Success is false of an item that failed. Code and Message say why; one that
	// has a Code has failed as well.
	Success, Code, Message Path
}
