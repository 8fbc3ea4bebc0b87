package api

import (
	"slices"
	"strings"
)

// Operation is one method and path of an API, with all that the runtime needs
// to know in order to call it well.
type Operation struct {
	// Name is Service.Method ("Tickets.Show"), unique within an API.
	Name string
	// Method is the HTTP method in upper case.
	Method string
	// Path is a template with parameters in braces: /api/v2/tickets/{ticket_id}.
	Path string
	// Server is the address that the path begins at, where the document gives the
	// operation one of its own; empty means the API's.
	Server string
	// Draws are what a call takes from limits. All of them are taken, or none.
	Draws []Draw
	// ContentType is the media type of the request body; empty means
	// application/json where there is a body.
	ContentType string
	// Body is where in the request body the caller's value goes; empty means
	// that the value is the whole body. {"ticket"} sends {"ticket": value}.
	Body Path
	// Result is where in the response body the result stands; empty means that
	// it is the whole body.
	Result Path
	// Pagination is nil for an operation without pages.
	Pagination *Pagination
	// Batch is nil for an operation that has no other one which does for many what
	// it does for one.
	Batch *Batch
	// Keys are the parameters by which the operation is asked for many things at
	// once. A call with more keys than a request may have is cut into several.
	Keys []Keys
	// Idempotent marks an operation of an unsafe method that may be repeated
	// without harm. GET, HEAD, OPTIONS, PUT and DELETE may always be.
	Idempotent bool
	// IdempotencyHeader is the header that carries a key which makes a repeated
	// request harmless; empty when the provider has none.
	IdempotencyHeader string
	// Cache is what a cache may do with its answers; nil leaves that to API.Cache.
	Cache *Cache
	// Job is set of an operation that starts a job, JobStatus of one that shows jobs.
	Job       *Job
	JobStatus *JobStatus
}

// Safe reports whether the method changes nothing at the provider (RFC 9110, 9.2.1).
func (o *Operation) Safe() bool {
	return o.Method == "GET" || o.Method == "HEAD" || o.Method == "OPTIONS"
}

// Repeatable reports whether sending the operation twice does what sending it
// once does (RFC 9110, 9.2.2, or by annotation).
func (o *Operation) Repeatable() bool {
	return o.Safe() || o.Method == "PUT" || o.Method == "DELETE" || o.Idempotent || o.IdempotencyHeader != ""
}

// Path leads from the root of a JSON document to a value, by member names.
// {"meta", "after_cursor"} is written $.meta.after_cursor in annotations. An
// empty path is the document itself. An array on the way stands for its first
// element, so that $.errors.code reaches into {"errors": [{"code": 7}]}.
type Path []string

// Where a parameter is sent.
const (
	InPath   = "path"
	InQuery  = "query"
	InHeader = "header"
	InBody   = "body"
	// InVariable is a GraphQL query's variable: a member of the body's variables.
	InVariable = "variable"
)

// Param names one request parameter.
type Param struct {
	In   string // InQuery, InBody, InHeader or InPath
	Name string
}

// Errors tells how to read the provider's error bodies. Of several paths the
// first that leads to a string or number is taken, of a list its first one.
type Errors struct {
	Code    []Path
	Message []Path
	// RequestID is the response header by which the provider's support finds a call.
	RequestID string
	// When tells that an answer with a 2xx status is nevertheless an error
	// (Slack's {"ok": false}); nil when status alone decides.
	When *BodyRule
	// Codes tells what codes mean, for providers whose statuses do not.
	Codes []ErrorCodes
}

// ErrorCodes are codes that mean the same.
type ErrorCodes struct {
	Means ErrorMeaning
	// In are codes as the provider writes them. One that begins with * stands for
	// all with that ending: *_not_found.
	In []string
}

// ErrorMeaning is what went wrong, in the words of HTTP's statuses.
type ErrorMeaning string

const (
	BadRequest   ErrorMeaning = "bad-request"
	Unauthorized ErrorMeaning = "unauthorized"
	Forbidden    ErrorMeaning = "forbidden"
	NotFound     ErrorMeaning = "not-found"
	Conflict     ErrorMeaning = "conflict"
	RateLimited  ErrorMeaning = "rate-limited"
	Unavailable  ErrorMeaning = "unavailable"
)

// Meaning is what a code means, or empty where that is not known. A code that is
// listed counts before an ending.
func (e *Errors) Meaning(code string) ErrorMeaning {
	var byEnding ErrorMeaning
	for _, c := range e.Codes {
		for _, known := range c.In {
			if known == code {
				return c.Means
			}
			if ending, ok := strings.CutPrefix(known, "*"); ok && byEnding == "" && strings.HasSuffix(code, ending) {
				byEnding = c.Means
			}
		}
	}
	return byEnding
}

// BodyRule is true of a body whose value at Path, written as text ("false",
// "ratelimited", "3"), is one of In, or has one of Contains in it, in any case of
// letters: some providers tell things in a sentence alone.
type BodyRule struct {
	Path     Path
	In       []string
	Contains []string
}

// Matches reports whether the rule is true of a value, written as text.
func (r *BodyRule) Matches(text string) bool {
	if slices.Contains(r.In, text) {
		return true
	}
	return slices.ContainsFunc(r.Contains, func(part string) bool {
		return strings.Contains(strings.ToLower(text), strings.ToLower(part))
	})
}
