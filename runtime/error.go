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

// What went wrong, for errors.Is. All but the first five are told by status, or
// by the provider's code where it uses those instead.
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
	// Kind is which of the sentinels from ErrBadRequest on the answer amounts to,
	// by the provider's code or by the status; nil where neither tells. errors.Is
	// looks at it, and at the status alone where it is not set.
	Kind error
	// Body is the beginning of the body that told of the error, as it came: up to
	// 64 KiB. It is not part of the message. See [Detail].
	Body ErrorBody `json:"-"`
	// Err is the cause where the provider's answer is not: a lost connection,
	// an ended context, a body that does not decode.
	Err error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Operation)
	// A good status beside a code, as Slack has, would contradict it.
	if e.StatusCode != 0 && (e.Code == "" || e.StatusCode/100 != 2) {
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

// Timeout reports whether time ran out: the context's deadline, also one that
// would come before the end of a wait, or an attempt's. It is what net.Error has,
// and what url.Error and os.IsTimeout ask for.
func (e *Error) Timeout() bool {
	if errors.Is(e, context.DeadlineExceeded) {
		return true
	}
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](e.Err)
	return ok && timeout.Timeout()
}

// Is reports whether the error is what a sentinel says. A wait that is not begun
// because it would outlast the context's deadline is context.DeadlineExceeded
// too, which is what callers of deadlines look for.
func (e *Error) Is(target error) bool {
	if target == ErrDeadline || target == context.DeadlineExceeded {
		gaveUp, ok := errors.AsType[*retry.GaveUp](e.Err)
		return ok && gaveUp.Why == retry.ByDeadline || target != ErrDeadline && errors.Is(e.Err, ErrDeadline)
	}
	if target == nil {
		return false
	}
	switch {
	case e.Refused:
		return target == ErrRateLimited
	case e.Kind != nil:
		return target == e.Kind
	}
	return target == kindOf(e.StatusCode)
}

// kindOf is the sentinel of a status, or nil.
func kindOf(status int) error {
	if status >= 500 {
		return ErrUnavailable
	}
	return statusSentinel[status]
}

// ErrorBody is the body of an answer that is an error. It may hold what should
// not be logged, so it does not print itself.
type ErrorBody []byte

// String tells the length alone.
func (b ErrorBody) String() string { return fmt.Sprintf("%d bytes", len(b)) }

// GoString tells the length alone.
func (b ErrorBody) GoString() string { return b.String() }

// Detail decodes what the provider says of an error, where err is or wraps an
// [*Error] whose body is JSON and fits T: for what Code and Message leave out.
func Detail[T any](err error) (detail T, ok bool) {
	e, is := errors.AsType[*Error](err)
	if !is || len(e.Body) == 0 || json.Unmarshal(e.Body, &detail) != nil {
		return *new(T), false
	}
	return detail, true
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
