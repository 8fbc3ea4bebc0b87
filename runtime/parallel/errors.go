package parallel

import (
	"errors"
	"fmt"
)

// errExited stands for a result that will never come.
var errExited = errors.New("parallel: the function ended its goroutine (runtime.Goexit) instead of returning")

// ItemError is what went wrong with one item, where all errors are asked for.
type ItemError struct {
	// Index is the item's place among all items, from 0.
	Index int
	// Item is the item itself. The message does not show it, since it may hold
	// anything.
	Item any
	Err  error
}

func (e *ItemError) Error() string { return fmt.Sprintf("item %d: %v", e.Index, e.Err) }

func (e *ItemError) Unwrap() error { return e.Err }

// PanicError is a panic of a function that was run on another goroutine than
// its caller's.
type PanicError struct {
	Value any
	Stack []byte // of the goroutine that panicked
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("panic: %v\n\n%s", e.Value, e.Stack)
}

// Unwrap returns the panic's value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
