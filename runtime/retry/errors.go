package retry

import (
	"errors"
	"fmt"
	"time"
)

// GaveUp says that a call would have been repeated, but for its policy or its
// deadline.
type GaveUp struct {
	// Attempts is how often the call was sent.
	Attempts int
	// Elapsed is the time since the call began.
	Elapsed time.Duration
	// Wait is how long the next attempt would have had to wait, where that is
	// what ended the call; zero where it was the number of attempts.
	Wait time.Duration
	// Why is the bound that the call met.
	Why Bound
	// Cause is the last attempt's error; nil where it was answered.
	Cause error
}

// Bound is what keeps a failed call from being repeated.
type Bound string

const (
	ByAttempts      Bound = "the policy's attempts"
	ByElapsed       Bound = "the policy's longest time"
	ByMaxRetryAfter Bound = "the policy's longest Retry-After"
	ByDeadline      Bound = "the context's deadline"
	ByBody          Bound = "a body that can only be read once"
)

func (e *GaveUp) Error() string {
	s := "gave up"
	switch {
	case e.Why == ByAttempts && e.Attempts == 1:
		s += " after the only attempt"
	case e.Why == ByAttempts:
		s += fmt.Sprintf(" after %s in %v", attempts(e.Attempts), e.Elapsed.Round(time.Millisecond))
	case e.Why == ByBody:
		s += ": the request has " + string(ByBody)
	default:
		s += fmt.Sprintf(" after %s: the next is due in %v, which is past %s",
			attempts(e.Attempts), e.Wait.Round(time.Millisecond), e.Why)
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

func attempts(n int) string {
	if n == 1 {
		return "1 attempt"
	}
	return fmt.Sprintf("%d attempts", n)
}

func (e *GaveUp) Unwrap() error { return e.Cause }

// Permanent marks an error that repeating cannot help, such as the budget's.
// Do returns err itself, without the mark.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

type permanent struct{ error }

func (e permanent) Unwrap() error { return e.error }

// Unsent marks the error of a request of which nothing was written, so that it
// may be repeated whatever it does. Do returns err itself, without the mark.
// (An error from dialling needs no mark.)
func Unsent(err error) error {
	if err == nil {
		return nil
	}
	return unsent{err}
}

type unsent struct{ error }

func (e unsent) Unwrap() error { return e.error }

// unmark takes the marks off an error, where they are its outermost layer.
func unmark(err error) error {
	for {
		switch e := err.(type) {
		case permanent:
			err = e.error
		case unsent:
			err = e.error
		default:
			return err
		}
	}
}

func isPermanent(err error) bool {
	_, ok := errors.AsType[permanent](err)
	return ok
}
