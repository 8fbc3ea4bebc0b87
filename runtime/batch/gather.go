package batch

// This file has the keys that wait: how they gather, and what leaves when. All of
// it runs under the loader's lock.

import (
	"context"
	"slices"
	"time"

	"github.com/weirkit/weir/runtime/budget"
)

const roomy = 1024 // keys of a map that may stay while idle

// classes are counted by index, the most urgent first.
const classes = int(budget.Background-budget.Urgent) + 1

// group is a batch: entries that gather, and then fly together.
type group[K comparable, V any] struct {
	entries  []*entry[K, V]
	first    [1]*entry[K, V] // where entries begin: a lone key needs no more room
	size     int
	class    budget.Class  // the most urgent of its callers
	deadline time.Time     // the latest of its callers; zero if one has none
	waiting  int           // entries that somebody waits for
	full     bool          // it takes no further key
	due      bool          // it need not wait for flights to end
	timed    bool          // a timer runs for Config.Delay
	landing  bool          // a timer runs for the end of a landing
	dropped  chan struct{} // closed when no timer is needed any more; nil without one

	left   bool // it flies or has flown; its entries stay as they are
	over   bool // it counts as in flight no more
	flight flightContext[K, V]
	cancel context.CancelFunc
}

// serves reports whether a flight will do for a caller who comes late.
func (g *group[K, V]) serves(class budget.Class, deadline time.Time) bool {
	return g.class <= class && later(g.deadline, deadline).Equal(g.deadline)
}

// welcome takes note of another caller, and reports whether that makes the group
// more urgent.
func (g *group[K, V]) welcome(class budget.Class, deadline time.Time) bool {
	g.deadline = later(g.deadline, deadline)
	if class >= g.class {
		return false
	}
	g.class = class
	return true
}

// gather puts a new entry into the group that gathers, and reports whether
// something may leave by that.
func (l *Loader[K, V]) gather(e *entry[K, V], class budget.Class, deadline time.Time) (news bool) {
	var g *group[K, V]
	if n := len(l.queue); n > 0 && !l.queue[n-1].full {
		g = l.queue[n-1]
		if l.cfg.Size != nil && g.size+e.size > l.cfg.MaxSize {
			g.full, g, news = true, nil, true
		}
	}
	if g == nil {
		g = &group[K, V]{class: class, deadline: deadline}
		g.entries = g.first[:0]
		l.queue = append(l.queue, g)
		news = true
	}
	news = g.welcome(class, deadline) || news
	g.entries = append(g.entries, e)
	g.size += e.size
	g.waiting++
	e.group = g
	if len(g.entries) >= l.sizer.now {
		g.full, news = true, true
	}
	return news
}

// strike takes an entry out of a group that has not left.
func (l *Loader[K, V]) strike(e *entry[K, V]) {
	g := e.group
	g.entries = slices.DeleteFunc(g.entries, func(other *entry[K, V]) bool { return other == e })
	g.size -= e.size
	if len(g.entries) > 0 {
		return
	}
	l.queue = slices.DeleteFunc(l.queue, func(other *group[K, V]) bool { return other == g })
	g.drop()
}

func (g *group[K, V]) drop() {
	if g.dropped != nil {
		close(g.dropped)
	}
}

// watch has the group that gathers leave in time, if no flight's end will do so. It
// goes by the moment at which the group was not ready: by a later one the landing
// might be over, and nothing would have it leave.
func (l *Loader[K, V]) watch(now time.Time) {
	if len(l.queue) == 0 {
		return
	}
	g := l.queue[len(l.queue)-1]
	if g.full || g.due {
		return
	}
	if l.cfg.Delay > 0 && !g.timed {
		g.timed = true
		l.after(g, l.cfg.Delay, func() { g.due = true })
	}
	if d := l.landing(g.class, now); d > 0 && !g.landing && l.inAir(g.class) == 0 {
		g.landing = true
		l.after(g, d, func() { g.landing = false })
	}
}

// after does something to a group that still waits then, and has it leave if that
// is enough.
func (l *Loader[K, V]) after(g *group[K, V], d time.Duration, then func()) {
	if g.dropped == nil {
		g.dropped = make(chan struct{})
	}
	dropped := g.dropped
	timer := l.cfg.Clock.NewTimer(d)
	go func() {
		defer timer.Stop()
		select {
		case <-dropped:
		case <-timer.C():
			l.mu.Lock()
			defer l.mu.Unlock()
			then()
			l.dispatch()
		}
	}()
}

// dispatch has leave what may, the most urgent first.
func (l *Loader[K, V]) dispatch() {
	now := l.cfg.Clock.Now()
	for {
		next := -1
		for i, g := range l.queue {
			if l.ready(g, now) && (next < 0 || g.class < l.queue[next].class) {
				next = i
			}
		}
		if next < 0 {
			l.watch(now)
			return
		}
		g := l.queue[next]
		if parts := l.part(g); len(parts) > 1 {
			g.drop()
			l.queue = slices.Replace(l.queue, next, next+1, parts...)
			continue
		}
		l.queue = slices.Delete(l.queue, next, next+1)
		l.takeOff(g)
	}
}

func (l *Loader[K, V]) ready(g *group[K, V], now time.Time) bool {
	air := l.inAir(g.class)
	if air >= l.cfg.AtOnce {
		return false
	}
	return g.full || g.due || !l.saves || air == 0 && l.landing(g.class, now) == 0
}

// inAir is the number of flights that are as urgent as class.
func (l *Loader[K, V]) inAir(class budget.Class) int {
	n := 0
	for _, flights := range l.flights[:class-budget.Urgent+1] {
		n += flights
	}
	return n
}

// landing is how long flights that are as urgent as class still count as in the
// air, though they have ended. Nobody has to tell when that is over.
func (l *Loader[K, V]) landing(class budget.Class, now time.Time) (left time.Duration) {
	for i := range l.lands[:class-budget.Urgent+1] {
		if p := &l.lands[i]; !p.until.IsZero() {
			d := p.until.Sub(now)
			if d <= 0 {
				p.until = time.Time{}
			}
			left = max(left, d)
		}
	}
	return left
}

// part splits a group that must not leave as one: where single requests cost
// less, or what can be asked for at once has shrunk since it gathered.
func (l *Loader[K, V]) part(g *group[K, V]) []*group[K, V] {
	n := l.sizer.now
	if l.dear != nil && l.dear[min(len(g.entries), n)] {
		n = 1
	}
	if len(g.entries) <= n {
		return nil
	}
	var parts []*group[K, V]
	for entries := range slices.Chunk(g.entries, n) {
		p := &group[K, V]{
			entries: entries, class: g.class, deadline: g.deadline,
			waiting: len(entries), full: true, due: true,
		}
		for _, e := range entries {
			e.group = p
			p.size += e.size
		}
		parts = append(parts, p)
	}
	return parts
}

// takeOff begins a flight.
func (l *Loader[K, V]) takeOff(g *group[K, V]) {
	g.left = true
	g.drop()
	l.flights[g.class-budget.Urgent]++
	g.begin()
	go l.fly(g)
}

// ended takes a flight out of the air.
func (l *Loader[K, V]) ended(g *group[K, V]) {
	if g.over {
		return
	}
	g.over = true
	l.flights[g.class-budget.Urgent]--
	l.dispatch()
	if len(l.keys) == 0 && l.peak > roomy { // a map never shrinks by itself
		l.keys, l.queue, l.peak = map[K]*entry[K, V]{}, nil, 0
	}
}
