package budget

import "container/heap"

// alarms wakes the ledger when a counter that calls wait for may open by the
// passing of time. One goroutine waits for the earliest; it runs only while
// there is one, so an idle ledger has none and need not be closed.
type alarms struct {
	byTime  alarmHeap
	running bool
	poke    chan struct{} // the earliest has changed
	set     moment        // what the goroutine waits for
}

// rearm sets the time at which a counter is looked at again.
func (l *Local) rearm(c *counter, now moment) {
	if c.line.len == 0 {
		l.disarm(c)
		return
	}
	c.want(now, 0)
	c.wake = c.next(now)
	a := &l.alarms
	switch {
	case c.wake == never:
		l.disarm(c)
		return
	case c.wakeIndex < 0:
		heap.Push(&a.byTime, c)
	default:
		heap.Fix(&a.byTime, c.wakeIndex)
	}
	switch {
	case !a.running:
		a.running = true
		a.set = never
		go l.runAlarms()
	case a.byTime[0].wake < a.set:
		a.rouse()
	}
}

// rouse has the goroutine look again.
func (a *alarms) rouse() {
	select {
	case a.poke <- struct{}{}:
	default:
	}
}

func (l *Local) disarm(c *counter) {
	if c.wakeIndex >= 0 {
		heap.Remove(&l.alarms.byTime, c.wakeIndex)
		if len(l.alarms.byTime) == 0 {
			l.alarms.rouse() // so that its goroutine ends
		}
		c.wake = never
	}
}

// runAlarms looks at counters when their time has come, until none is left.
func (l *Local) runAlarms() {
	a := &l.alarms
	for {
		now := l.lock()
		for len(a.byTime) > 0 && a.byTime[0].wake <= now {
			l.touch(heap.Pop(&a.byTime).(*counter))
		}
		l.serve(now)
		if len(a.byTime) == 0 {
			a.running = false
			l.unlock()
			return
		}
		a.set = a.byTime[0].wake
		wait := a.set.sub(now)
		l.unlock()
		timer := l.options.clock.NewTimer(wait)
		select {
		case <-timer.C():
		case <-a.poke:
			timer.Stop()
		}
	}
}

// alarmHeap is the counters to be looked at, by time.
type alarmHeap []*counter

func (h alarmHeap) Len() int           { return len(h) }
func (h alarmHeap) Less(i, j int) bool { return h[i].wake < h[j].wake }

func (h alarmHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].wakeIndex, h[j].wakeIndex = i, j
}

func (h *alarmHeap) Push(x any) {
	c := x.(*counter)
	c.wakeIndex = len(*h)
	*h = append(*h, c)
}

func (h *alarmHeap) Pop() any {
	last := len(*h) - 1
	c := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	c.wakeIndex = -1
	return c
}
