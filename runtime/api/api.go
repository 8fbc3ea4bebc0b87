// Package api describes a provider's API as plain data: its operations, the
// limits that they draw on, the plans that change those limits, and how its
// pages, errors and rate-limit headers look.
//
// Generated SDKs are made of these values, and everything in the runtime reads
// them; nothing here has behaviour beyond small look-ups, and nothing here
// imports more than the standard library. One may also write them by hand, to
// call an operation that an SDK lacks.
package api

// API is one provider, whole.
type API struct {
	// Name identifies the provider ("zendesk"); it prefixes the provider's counters.
	Name string
	// Servers are the addresses that the document lists; the first is the default.
	Servers []Server
	// Account is the server variable that names the account that limits of
	// account scope are counted by ("subdomain" at Zendesk). Empty when no
	// variable does; the account is then taken from the client's identity.
	Account string
	// Headers are sent with every request, as the API's version at providers that
	// want it told. They are sorted by name.
	Headers []Header
	// Limits are sorted by name.
	Limits []Limit
	// Plans are in the order of the annotations, the smallest first by custom.
	Plans []Plan
	// QuotaHeaders are the header families in which answers tell the state of a limit.
	QuotaHeaders []QuotaHeaders
	// QuotaBodies are the places in bodies where answers do.
	QuotaBodies []QuotaBody
	// Throttling tells which answers are refusals for lack of budget. Empty
	// means status 429 with the standard Retry-After header.
	Throttling []Throttling
	// Errors tells where an error's code and message stand in a body.
	Errors Errors
	// Warnings lead to what good answers warn of: a text or a list of texts each.
	Warnings []Path
	// Cache is what a cache may do with the answers of operations that read, where
	// they do not tell for themselves; nil means nothing.
	Cache *Cache
	// Operations are sorted by name.
	Operations []*Operation
}

// Header is a request header with its value.
type Header struct{ Name, Value string }

// Server is an address with variables in braces: https://{subdomain}.zendesk.com.
type Server struct {
	URL       string
	Variables []ServerVariable
}

// ServerVariable is one braced part of a server's address.
type ServerVariable struct {
	Name string
	// Default is used when the caller gives none; empty means that one must be given.
	Default string
	// Enum are the only values allowed; empty means any.
	Enum []string
}

// Operation finds an operation by its name ("Tickets.List"), or returns nil.
func (a *API) Operation(name string) *Operation {
	for _, op := range a.Operations {
		if op.Name == name {
			return op
		}
	}
	return nil
}

// Limit finds a limit by its name.
func (a *API) Limit(name string) (Limit, bool) {
	for _, l := range a.Limits {
		if l.Name == name {
			return l, true
		}
	}
	return Limit{}, false
}

// Plan finds a plan by its name.
func (a *API) Plan(name string) (Plan, bool) {
	for _, p := range a.Plans {
		if p.Name == name {
			return p, true
		}
	}
	return Plan{}, false
}
