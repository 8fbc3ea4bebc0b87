package batch

import (
	"context"
	"time"
)

// Callers returns the contexts of those whose keys a flight is for, the first
// caller of each key, if ctx is a flight's: so that the flight's trace can be
// linked with theirs. They may have ended.
func Callers(ctx context.Context) []context.Context {
	flight, ok := ctx.Value(flightKey{}).(interface{ callers() []context.Context })
	if !ok {
		return nil
	}
	return flight.callers()
}

type flightKey struct{}

func (g *group[K, V]) callers() []context.Context {
	contexts := make([]context.Context, len(g.entries))
	for i, e := range g.entries {
		contexts[i] = e.ctx
	}
	return contexts
}

// flightContext is a flight's context: see the package's comment. It tells a
// deadline and does not keep it: when it comes, the callers leave, each with the
// error of its own context, and the last one of them cancels. A timer of its own
// might fire before theirs.
type flightContext[K comparable, V any] struct {
	context.Context
	group *group[K, V]
}

func (g *group[K, V]) begin() {
	g.flight.group = g
	g.flight.Context, g.cancel = context.WithCancel(context.WithoutCancel(g.entries[0].ctx))
}

func (c *flightContext[K, V]) Deadline() (time.Time, bool) {
	return c.group.deadline, !c.group.deadline.IsZero()
}

func (c *flightContext[K, V]) Value(key any) any {
	if key == (flightKey{}) {
		return c.group
	}
	return c.Context.Value(key)
}
