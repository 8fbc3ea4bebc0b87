package api

// Batch tells which operation answers for many keys what this one answers for
// one, so that calls made at the same time can share a request.
type Batch struct {
	// With is the name of the operation that is asked for many ("Users.ShowMany").
	With string
	// Key is the parameter that is this operation's key, in the path or the query.
	Key Param
	// Keys is how the other operation is asked.
	Keys Keys
	// Items is where the values stand in its answer, in a list; empty means that
	// the body is the list.
	Items Path
	// Adds are query parameters that the other operation needs to tell the same as
	// this one, sorted by name.
	Adds []Header
	// Shared are the names of the query parameters that both operations have. A
	// call with any other parameter is sent by itself.
	Shared []string
	// Scan tells that With is a list, of pages, in which each thing stands that this
	// operation tells of, among all others, with what it is at Keys.ID; the rest of
	// Keys is empty then.
	Scan bool
	// RoundTrips tells that a request for n keys counts as n: it saves round trips,
	// and no quota.
	RoundTrips bool
}

// Keys is a parameter by which an operation is asked for many things at once.
type Keys struct {
	Param
	// Join stands between keys; empty means that the parameter is repeated.
	Join string
	// ID is where a key stands in an item of the answer. It is empty where items do
	// not tell what they are the answer to.
	ID Path
	// Max is how many keys one request may have.
	Max    int
	Source Source
}
