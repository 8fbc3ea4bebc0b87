package page

import (
	"context"
	"errors"
)

// early is a page that is being fetched before it is needed.
type early struct {
	cancel context.CancelFunc
	done   chan struct{}

	// Written before done is closed.
	page     *Sheet
	err      error
	returned bool
	panicked any
}

func fetchEarly(ctx context.Context, cursor string, fetch FetchSheet) *early {
	ctx, cancel := context.WithCancel(ctx)
	e := &early{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(e.done)
		defer func() {
			if !e.returned {
				e.panicked = recover()
			}
		}()
		e.page, e.err = fetch(ctx, cursor, true)
		e.returned = true
	}()
	return e
}

// take waits for the page. ok is false where it was not fetched after all. A
// panic of the fetch goes on in the caller's goroutine, where it can be recovered.
func (e *early) take() (page *Sheet, err error, ok bool) {
	<-e.done
	e.cancel()
	if e.panicked != nil {
		panic(e.panicked)
	}
	return e.page, e.err, e.returned && !errors.Is(e.err, ErrNotAhead)
}

// abandon cancels the fetch and waits for its end.
func (e *early) abandon() {
	e.cancel()
	<-e.done
	if e.panicked != nil {
		panic(e.panicked)
	}
}
