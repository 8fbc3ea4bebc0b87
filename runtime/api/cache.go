package api

import "time"

// Cache is what a cache may do with an operation's answers. Reading operations
// (GET and HEAD) have the lifetime, writing ones what they make old.
type Cache struct {
	// TTL is how long an answer is taken without asking the provider again, unless
	// the answer itself allows for less. Zero means that it is asked each time
	// whether the answer still holds.
	TTL time.Duration
	// Revalidate tells that the provider knows conditional requests: it is asked by
	// ETag or Last-Modified, and answers 304 where nothing has changed.
	Revalidate bool
	// UnchangedIsFree are the limits that a signed request does not count in when
	// its answer is 304.
	UnchangedIsFree []string
	// IgnoreHeaders has TTL hold whatever the answer says of caches: some
	// providers say no-store to all, in order to keep browsers from it.
	IgnoreHeaders bool
	// Invalidates are the operations, by name, whose stored answers are asked for
	// again once this one has written.
	Invalidates []string
	// Never marks an operation whose answers are not stored, where the API's are.
	Never bool
	// Source tells where TTL comes from.
	Source Source
}

// CacheOf is what holds for an operation: what is said of it, or else, for one
// that reads, of the whole API. It is nil where nothing is to be stored.
func (a *API) CacheOf(op *Operation) *Cache {
	c := op.Cache
	if c == nil && (op.Method == "GET" || op.Method == "HEAD") {
		c = a.Cache
	}
	if c == nil || c.Never {
		return nil
	}
	return c
}
