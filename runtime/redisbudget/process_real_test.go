package redisbudget_test

import (
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// The tests of this file have members in processes of their own, on Redis's own
// clock, twenty times as fast as life. A heartbeat is then 150 ms long, leases last
// for 750 ms, a window for half a second.

const fast = 20

func processes(t *testing.T, limit int, per, linger time.Duration) (*provider, order) {
	p := newProvider(t, fast, &referee{name: "limit", shape: api.Window{Limit: limit, Per: per}})
	return p, order{Redis: shared.addr, Namespace: t.Name(), Provider: p.listen(), Limit: limit, Per: per,
		Heartbeat: 3 * time.Second, Linger: linger, Callers: 3, Speed: fast}
}

func (o order) as(member string) order {
	o.Member = member
	return o
}

// TestProcessesAreKilled kills one of three processes and starts it again under its
// name, three times: nothing is above the limit, and within lifetime + linger + W
// what the last one had leased is back with the others.
func TestProcessesAreKilled(t *testing.T) {
	t.Parallel()
	p, o := processes(t, 60, 10*time.Second, 20*time.Second)
	a, b := spawn(t, o.as("a")), spawn(t, o.as("b"))
	for range 3 {
		c := spawn(t, o.as("c"))
		p.runs("the restarted process to call", "c", 20)
		c.signal(os.Kill)
		c.end()
	}
	p.runs("the others to call", "a", 20)
	p.pause((15 + 20 + 10) * time.Second)
	p.fills(57)
	a.leave()
	b.leave()
	p.judge(0, 60)
}

// TestProcessIsStopped stops a process for longer than its leases last, and for less
// than its linger: what it had been admitted it may send late, and that was
// counted all the time.
func TestProcessIsStopped(t *testing.T) {
	t.Parallel()
	p, o := processes(t, 60, 10*time.Second, time.Minute) // three seconds
	a, b := spawn(t, o.as("a")), spawn(t, o.as("b"))
	for _, d := range []time.Duration{4 * time.Second, 20 * time.Second} {
		p.runs("both to call", "a", 20)
		p.runs("both to call", "b", 20)
		b.signal(syscall.SIGSTOP)
		p.pause(d)
		b.signal(syscall.SIGCONT)
		p.runs("the stopped one to call again", "b", 20)
	}
	a.leave()
	b.leave()
	p.judge(0, 60)
}

// TestStoppedProcessForgoesWhatCameFree stops a process for longer than its leases
// last, in a window that is longer than these: some of its own charges come free
// after the leases have ended, and are given to the other. So it may not send them again
// when it wakes up, as one may that has lost Redis.
func TestStoppedProcessForgoesWhatCameFree(t *testing.T) {
	t.Parallel()
	p, o := processes(t, 600, time.Minute, time.Minute)
	a, b := spawn(t, o.as("a")), spawn(t, o.as("b"))
	for range 2 {
		p.runs("both to call", "a", 150)
		p.runs("both to call", "b", 150)
		b.signal(syscall.SIGSTOP)
		p.pause(30 * time.Second)
		b.signal(syscall.SIGCONT)
	}
	p.runs("the stopped one to call again", "b", 100)
	a.leave()
	b.leave()
	p.judge(0, 600)
}

// TestProcessIsStoppedForLong stops one for longer than lease and linger: then the
// calls that were admitted and not sent are above the limit, at most one for each of
// its callers, and all goes on as before.
func TestProcessIsStoppedForLong(t *testing.T) {
	t.Parallel()
	p, o := processes(t, 60, 10*time.Second, 4*time.Second)
	a, b := spawn(t, o.as("a")), spawn(t, o.as("b"))
	p.runs("both to call", "b", 20)
	b.signal(syscall.SIGSTOP)
	p.pause((15 + 4 + 10 + 15) * time.Second)
	p.runs("the other one to call meanwhile", "a", 60)
	b.signal(syscall.SIGCONT)
	p.runs("the stopped one to call again", "b", 60)
	p.runs("the other one to call again", "a", 60)
	if b.said("event redis away")+b.said("event redis back") < 2 {
		t.Errorf("the stopped one said: %q", b.lines)
	}
	a.leave()
	b.leave()
	p.judge(float64(o.Callers), 60)
}

// TestClocksOfProcesses has processes whose clocks are hours off, and run fast and
// slow by what a bad quartz does.
func TestClocksOfProcesses(t *testing.T) {
	t.Parallel()
	p, o := processes(t, 60, 10*time.Second, 20*time.Second)
	var all []*process
	for name, clock := range map[string]struct {
		offset time.Duration
		drift  float64
	}{"a": {0, 0}, "b": {5 * time.Hour, 1e-4}, "c": {-26 * time.Hour, -1e-4}} {
		o := o.as(name)
		o.Offset, o.Drift = clock.offset, clock.drift
		all = append(all, spawn(t, o))
	}
	for _, name := range []string{"a", "b", "c"} {
		p.runs("each to call", name, 100)
	}
	for _, process := range all {
		process.leave()
	}
	p.judge(0, 60)
}
