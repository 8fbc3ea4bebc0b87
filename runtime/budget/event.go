package budget

import "time"

// EventKind is what an Event tells.
type EventKind string

const (
	// Waiting: a call waits for a counter until a time.
	Waiting EventKind = "waiting"
	// Refused: the provider refused a call.
	Refused EventKind = "refused"
	// Frozen: a counter admits nothing until a time.
	Frozen EventKind = "frozen"
	// LimitChanged: the provider told another limit than the one held.
	LimitChanged EventKind = "limit changed"
)

// Event tells what a ledger does, as it does it.
type Event struct {
	Kind      EventKind
	Time      time.Time
	Operation string // empty where no call is concerned
	Key       Key
	Until     time.Time // Waiting, Frozen; Refused, where the provider told it
	Limit     int       // LimitChanged: the new limit
	Was       int       // LimitChanged: the limit that was held
	Plan      string    // which plans a limit that was told belongs to, where that is known
	// Credential is whose the event is where a client has several: a member's name
	// in its pool.
	Credential string
	// Err is why, in the kinds that say that they have it; it holds no credential.
	// None of this package's do.
	Err error
}
