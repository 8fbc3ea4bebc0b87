package runtime

// This file tells an outage from a query that takes too long. Both look the same, a
// gateway's 502 or 504, and so the query is asked in parts; but in an outage that
// would be as many requests as there are keys, each repeated as often as the policy
// says, one after the other.

import (
	"context"
	"sync"

	"github.com/weirkit/weir/runtime/batch"
)

// outageAfter is how many keys in a row must fail each by itself, repeated as the
// policy says, for a flight to end: one may be a key that takes too long.
const outageAfter = 2

// outages are the flights in which keys have failed so.
type outages struct {
	mu      sync.Mutex
	flights map[context.Context]*outage
}

type outage struct {
	alone int   // keys in a row that failed by themselves
	err   error // the last one's
}

// over is the error of what is left of a flight that has ended in an outage.
func (o *outages) over(flight context.Context) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if at := o.flights[flight]; at != nil && at.alone >= outageAfter {
		return at.err
	}
	return nil
}

// note takes note of how a request of a flight ended; alone says that it was for one
// key, and failed as in an outage.
func (o *outages) note(flight context.Context, alone bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	at := o.flights[flight]
	switch {
	case at == nil && alone && len(batch.Callers(flight)) > outageAfter:
		if o.flights == nil {
			o.flights = map[context.Context]*outage{}
		}
		o.flights[flight] = &outage{alone: 1, err: err}
		context.AfterFunc(flight, func() { // a flight's context ends with it
			o.mu.Lock()
			defer o.mu.Unlock()
			delete(o.flights, flight)
		})
	case at != nil && alone:
		at.alone, at.err = at.alone+1, err
	case at != nil && err == nil:
		at.alone = 0
	}
}
