// Package retry decides what is sent again, when, and until when.
//
//   - A call that the provider refused for lack of budget was not executed, so
//     it is always repeated: after exactly the wait that the provider told, plus
//     a small jitter, or with exponential backoff where it told none.
//   - The statuses 408, 500, 502, 503, 504, 520 to 524 and 529, and failed
//     connections, are repeated with exponential backoff, or after the wait that
//     was told, if the call is repeatable. 425 and 429 say that the call was not
//     executed, as does an error from before anything was written: these are
//     repeated in any case.
//   - No other answer is repeated, no error of the caller's context, and none
//     that is marked with Permanent.
//
// A wait that outlasts the policy or the context's deadline is not begun.
package retry

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/weirkit/weir/runtime/clock"
)

// Transport repeats calls over Next. It keeps nothing from call to call.
type Transport struct {
	// Next makes one attempt.
	Next http.RoundTripper
	// Clock is what waits are measured by; nil means the machine's.
	Clock clock.Clock
	// Rand returns a number in [0, 1); nil means the standard library's.
	Rand func() float64
}

// Call is what Do has to know of one call. The zero value is the default
// policy for a call that must not be executed twice.
type Call struct {
	Policy Policy
	// Repeatable says that executing the call twice does what executing it once does.
	Repeatable bool
	// Classify reads an answer, without its body's being lost to later readers. Nil
	// means that an answer of status 429 is a refusal which tells no wait.
	Classify func(*http.Response) Verdict
	// OnRetry is told of each attempt that will be repeated, before the wait.
	OnRetry func(Attempt)
}

// Verdict is what an answer says, beyond its status.
type Verdict struct {
	// Refused says that the call was not executed, for lack of budget.
	Refused bool
	// Status is what the answer amounts to, where its own status does not say: a
	// 200 whose body tells of an error. Zero means the answer's own.
	Status int
	// RetryAfter is the wait that the provider told, from now on, if HasRetryAfter.
	RetryAfter    time.Duration
	HasRetryAfter bool
}

// Attempt is a failed attempt that will be repeated.
type Attempt struct {
	// Number counts the call's attempts from 1.
	Number int
	// Status is the answer's, or what it amounts to; zero where Err says that there
	// was none.
	Status  int
	Err     error
	Refused bool
	// Wait is the time until the next attempt, which is sent at Until.
	Wait  time.Duration
	Until time.Time
}

func (t *Transport) clock() clock.Clock {
	if t.Clock == nil {
		return clock.Real
	}
	return t.Clock
}

func (t *Transport) random() float64 {
	if t.Rand == nil {
		return rand.Float64()
	}
	return t.Rand()
}

// again is what the outcome of an attempt asks for.
type again int

const (
	never        again = iota // it is final
	ifRepeatable              // it may have been executed
	inAnyCase                 // it was not executed
)

// judgeStatus reads a status, where the verdict is not a refusal.
func judgeStatus(status int) again {
	switch status {
	case http.StatusTooEarly,
		http.StatusTooManyRequests: // of other things than a budget, such as a lock
		return inAnyCase
	case http.StatusRequestTimeout,
		http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout,
		520, 521, 522, 523, 524, // a gateway could not talk to the service behind it
		529: // the service is overloaded
		return ifRepeatable
	}
	return never
}

// judgeError reads the error of an attempt. ctx is the call's.
func judgeError(ctx context.Context, err error) again {
	switch {
	case ctx.Err() != nil, isPermanent(err), errors.Is(err, context.Canceled):
		return never
	case neverWritten(err):
		return inAnyCase
	}
	// A deadline that is not the caller's is an attempt's own.
	return ifRepeatable
}

// neverWritten reports whether nothing of the request can have left.
func neverWritten(err error) bool {
	if _, ok := errors.AsType[unsent](err); ok {
		return true
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}
