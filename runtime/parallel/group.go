package parallel

// This file has an errgroup whose functions may also panic or exit, and which
// can go on after an error.

import (
	"cmp"
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

type group struct {
	*errgroup.Group
	config
	ctx    context.Context
	cancel context.CancelFunc
	exited atomic.Bool

	mu     sync.Mutex
	failed []*ItemError // with allErrors
}

func newGroup(ctx context.Context, cfg config) *group {
	ctx, cancel := context.WithCancel(ctx)
	g := &group{config: cfg, cancel: cancel}
	g.Group, g.ctx = errgroup.WithContext(ctx)
	return g
}

// guard runs do for an item, and turns a panic into an error. Where all errors
// are asked for they go to failed, and the group goes on.
func (g *group) guard(index int, item any, failed func(*ItemError), do func() error) (err error) {
	returned := false
	defer func() {
		if !returned {
			if v := recover(); v != nil {
				err = &PanicError{Value: v, Stack: debug.Stack()}
			} else {
				err = errExited
			}
		}
		switch {
		case err == nil:
		case g.allErrors:
			failed(&ItemError{Index: index, Item: item, Err: err})
			err = nil
		case err == errExited: // which no errgroup is told, since nothing returns
			g.exited.Store(true)
			g.cancel()
		}
	}()
	err = do()
	returned = true
	return err
}

// collect keeps an item's error until the end.
func (g *group) collect(e *ItemError) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failed = append(g.failed, e)
}

// wait returns the error of the functions, once all have ended: the first, or
// all of them.
func (g *group) wait() error {
	err := g.Wait()
	if g.exited.Load() && (err == nil || errors.Is(err, context.Canceled)) {
		return errExited // which cancelled the others
	}
	if g.allErrors {
		return g.all(nil)
	}
	return err
}

// stopped is wait where the group stopped early: if none of the functions
// failed, it was because ctx, which the group was made from, has ended.
func (g *group) stopped(ctx context.Context) error {
	if g.allErrors {
		return g.all(ctx.Err())
	}
	if err := g.wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// all joins the errors of all items, and then what ended the work before its end
// if anything did.
func (g *group) all(last error) error {
	g.Wait()
	slices.SortFunc(g.failed, func(a, b *ItemError) int { return cmp.Compare(a.Index, b.Index) })
	errs := make([]error, 0, len(g.failed)+1)
	for _, e := range g.failed {
		errs = append(errs, e)
	}
	return errors.Join(append(errs, last)...)
}
