package main

// This file measures what live counters occupy.

import (
	"context"
	"runtime"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
)

// outstanding is how many charges each counter holds in the memory cases.
const outstanding = 8

// occupied is the report of a memory case.
type occupied struct {
	Bench    string  `json:"bench"`
	Counters int     `json:"counters"`
	Charges  int     `json:"charges"` // outstanding, for each counter
	Bytes    uint64  `json:"bytes"`   // of all, keys included
	Each     float64 `json:"bytes_each"`
	Allocs   float64 `json:"allocs"` // live ones, for each counter
}

// memory reports counters with answered charges, which have come at different
// times, so that each has a release clock of its own; and counters with as many
// calls in flight, their tickets included.
func memory(m *meter) error {
	for _, c := range []struct {
		name   string
		finish func(budget.Ticket)
	}{
		{"counters-100k/answered", func(t budget.Ticket) {
			t.Answer(budget.Answer{})
			t.Done()
		}},
		{"counters-100k/in-flight", budget.Ticket.Sent},
	} {
		line, err := m.weigh(c.name, c.finish)
		if err != nil {
			return err
		}
		if err := m.report(line); err != nil {
			return err
		}
	}
	return nil
}

// weigh measures what is on the heap because of a ledger.
func (m *meter) weigh(name string, finish func(budget.Ticket)) (occupied, error) {
	before := live()
	now := &byHand{now: time.Now()}
	ledger, err := budget.NewLedger(budget.WithClock(now))
	if err != nil {
		return occupied{}, err
	}
	tickets := make([]budget.Ticket, 0, m.counters*outstanding)
	own := uint64(cap(tickets)) * 16 // the list is not the ledger's
	for range outstanding {
		for i := range m.counters {
			r := requestOf(chargeOf("support", scope(i), api.Window{Limit: 700, Per: time.Minute}))
			ticket, err := ledger.Admit(context.Background(), r)
			if err != nil {
				return occupied{}, err
			}
			finish(ticket)
			tickets = append(tickets, ticket)
		}
		now.now = now.now.Add(time.Second)
	}
	if name == "counters-100k/answered" { // their callers have gone
		clear(tickets)
	}
	after := live()
	bytes := after.HeapAlloc - before.HeapAlloc - own
	line := occupied{
		Bench:    name,
		Counters: len(ledger.Snapshot().Counters),
		Charges:  outstanding,
		Bytes:    bytes,
		Each:     round(float64(bytes)/float64(m.counters), 1),
		Allocs:   round(float64(after.HeapObjects-before.HeapObjects)/float64(m.counters), 2),
	}
	runtime.KeepAlive(tickets)
	return line, ledger.Close()
}

// live is what the heap holds that is in use.
func live() (s runtime.MemStats) {
	runtime.GC()
	runtime.GC() // what the first has found dead is swept by now
	runtime.ReadMemStats(&s)
	return s
}

// byHand is a clock that is set. Nothing waits in the memory cases, so its
// timers are not used.
type byHand struct{ now time.Time }

func (c *byHand) Now() time.Time                       { return c.now }
func (c *byHand) NewTimer(d time.Duration) clock.Timer { return clock.Real.NewTimer(d) }
