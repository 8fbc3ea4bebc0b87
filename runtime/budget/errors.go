package budget

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var (
	// ErrDeadline says that a wait would outlast the context's deadline.
	ErrDeadline = errors.New("budget: the wait is longer than the deadline allows")
	// ErrWouldWait says that a request that does not want to wait would have to.
	ErrWouldWait = errors.New("budget: no room now")
	// ErrImpossible says that a charge can never fit its limit.
	ErrImpossible = errors.New("budget: the cost is above the limit")
	// ErrClosed says that the ledger was closed.
	ErrClosed = errors.New("budget: the ledger is closed")
)

// WaitError tells which counter a call would have had to wait for, and until
// when. Without a Key the call was told itself to go not before Until.
type WaitError struct {
	Operation string
	Key       Key
	Until     time.Time
	Err       error // ErrDeadline, ErrWouldWait, ErrImpossible, or context.DeadlineExceeded at the end of a wait
}

func (e *WaitError) Error() string {
	if e.Key == (Key{}) && !e.Until.IsZero() {
		return fmt.Sprintf("%s: not before %s: %v", e.Operation, e.Until.Format(time.RFC3339), e.Err)
	}
	if e.Err == context.DeadlineExceeded {
		return fmt.Sprintf("%s: the wait for limit %s has not ended in time: %v", e.Operation, e.Key.Limit, e.Err)
	}
	if e.Until.IsZero() {
		return fmt.Sprintf("%s: limit %s: %v", e.Operation, e.Key.Limit, e.Err)
	}
	return fmt.Sprintf("%s: limit %s, free at %s: %v", e.Operation, e.Key.Limit, e.Until.Format(time.RFC3339), e.Err)
}

func (e *WaitError) Unwrap() error { return e.Err }
