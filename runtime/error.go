package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/retry"
)

// What went wrong, for errors.Is. All but the first five are told by status.
var (
	// ErrDeadline: the wait for budget or for a retry would outlast the deadline.
	ErrDeadline = budget.ErrDeadline
	// ErrTooLarge: the response body is longer than WithMaxBody allows.
	ErrTooLarge = errors.New("the response body is too large")
	// ErrRedirect: the provider redirects to another host or scheme, or in circles.
	ErrRedirect = errors.New("the redirect was not followed")
	// ErrUnknownLimit: an operation draws on a limit that its API does not have.
	ErrUnknownLimit = api.ErrUnknownLimit
	// ErrInvalidArgument: a parameter cannot be sent as it is.
	ErrInvalidArgument = errors.New("invalid argument")

	ErrBadRequest   = errors.New("bad request")          // 400, 422
	ErrUnauthorized = errors.New("unauthorized")         // 401
	ErrForbidden    = errors.New("forbidden")            // 403
	ErrNotFound     = errors.New("not found")            // 404, 410
	ErrConflict     = errors.New("conflict")             // 409, 412
	ErrRateLimited  = errors.New("rate limited")         // 429, or what the provider uses for it
	ErrUnavailable  = errors.New("provider unavailable") // 5xx
)

var statusSentinel = map[int]error{
	http.StatusBadRequest:          ErrBadRequest,
	http.StatusUnprocessableEntity: ErrBadRequest,
	http.StatusUnauthorized:        ErrUnauthorized,
	http.StatusForbidden:           ErrForbidden,
	http.StatusNotFound:            ErrNotFound,
	http.StatusGone:                ErrNotFound,
	http.StatusConflict:            ErrConflict,
	http.StatusPreconditionFailed:  ErrConflict,
	http.StatusTooManyRequests:     ErrRateLimited,
}

// Error is how every failed call ends. It never holds request headers or
// bodies, and so no credential.
type Error struct {
	// Operation is the name of the operation ("Tickets.Show").
	Operation string
	// StatusCode is the answer's HTTP status; zero when there was no answer.
	StatusCode int
	// Code and Message are what the provider says, where its error bodies are
	// known; either may be empty.
	Code    string
	Message string
	// RequestID is the provider's name for the call, to give to its support.
	RequestID string
	// RetryAfter is how long the provider wants to be left alone; zero when it
	// does not say.
	RetryAfter time.Duration
	// Cursor is where a list is to be resumed with WithCursor; empty at the
	// beginning, and for calls that are not lists.
	Cursor string
	// Refused tells that the call was refused for lack of budget.
	Refused bool
	// Err is the cause where the provider's answer is not: a lost connection,
	// an ended context, a body that does not decode.
	Err error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Operation)
	if e.StatusCode != 0 {
		b.WriteString(strings.TrimRight(fmt.Sprintf(": %d %s", e.StatusCode, http.StatusText(e.StatusCode)), " "))
	}
	for _, part := range []string{e.Code, e.Message} {
		if part != "" {
			b.WriteString(": " + part)
		}
	}
	if e.Err != nil {
		b.WriteString(": " + strings.TrimPrefix(e.Err.Error(), e.Operation+": ")) // the budget's name it too
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, " (retry after %v)", e.RetryAfter)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request %s)", e.RequestID)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether the error is what a sentinel says. A wait that is not begun
// because it would outlast the context's deadline is context.DeadlineExceeded
// too, which is what callers of deadlines look for.
func (e *Error) Is(target error) bool {
	if target == ErrDeadline || target == context.DeadlineExceeded {
		gaveUp, ok := errors.AsType[*retry.GaveUp](e.Err)
		return ok && gaveUp.Why == retry.ByDeadline || target != ErrDeadline && errors.Is(e.Err, ErrDeadline)
	}
	switch {
	case e.Refused:
		return target == ErrRateLimited
	case e.StatusCode >= 500:
		return target == ErrUnavailable
	}
	return target == statusSentinel[e.StatusCode] && target != nil
}

// DecodeError is a body, or one item of a page, that does not fit its type. A
// list yields it in place of the item, and goes on.
type DecodeError struct {
	// Raw is what did not fit.
	Raw json.RawMessage
	// Index is the item's place in its page; -1 for a whole body.
	Index int
	Err   error
}

func (e *DecodeError) Error() string {
	if e.Index < 0 {
		return fmt.Sprintf("decode the response body: %v", e.Err)
	}
	return fmt.Sprintf("decode item %d of the page: %v", e.Index, e.Err)
}

// Unwrap returns what the decoder says.
func (e *DecodeError) Unwrap() error { return e.Err }
