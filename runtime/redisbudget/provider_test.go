package redisbudget_test

// This file is the provider of the tests in real time, and what these wait for.

import (
	"bufio"
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/redisbudget"
)

// provider counts what arrives, on a clock of its own.
type provider struct {
	t      *testing.T
	clock  clock.Clock
	mu     sync.Mutex
	limit  *referee
	sent   int
	by     map[string]int
	before float64 // the worst before fills
}

func newProvider(t *testing.T, speed float64, limit *referee) *provider {
	return &provider{t: t, clock: clock.Scaled(speed), limit: limit, by: map[string]int{}}
}

func (p *provider) arrive(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit.count(p.clock.Now(), 1)
	p.sent++
	p.by[name]++
}

// listen takes calls over loopback: a line with the caller's name, then a byte for
// each call, and one for its answer.
func (p *provider) listen() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(conn)
		}
	}()
	return l.Addr().String()
}

func (p *provider) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	name, err := in.ReadString('\n')
	for err == nil {
		var b byte
		if b, err = in.ReadByte(); err == nil {
			p.arrive(strings.TrimSpace(name))
			_, err = conn.Write([]byte{b})
		}
	}
}

// from is how many calls of a member have arrived; of all, without a name.
func (p *provider) from(name string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if name == "" {
		return p.sent
	}
	return p.by[name]
}

// judge fails the test where more arrived than allowed, by more than the excess.
func (p *provider) judge(excess float64, limit int) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if worst := max(p.before, p.limit.worst); worst > float64(limit)+excess {
		p.t.Errorf("%+v: passed %d times, %v at the worst", p.limit.shape, p.limit.passed, worst)
	}
}

// pause lets time pass, in the provider's.
func (p *provider) pause(d time.Duration) { <-p.clock.NewTimer(d).C() }

// runs waits until more calls of a member have arrived.
func (p *provider) runs(what, name string, more int) {
	p.t.Helper()
	before := p.from(name)
	waitFor(p.t, what, func() bool { return p.from(name) >= before+more })
}

// fills waits until some window from now on has so many calls: hardly any place is stranded.
func (p *provider) fills(calls int) {
	p.t.Helper()
	p.mu.Lock()
	p.before, p.limit.worst = max(p.before, p.limit.worst), 0
	p.mu.Unlock()
	waitFor(p.t, "a window with nearly all of the limit", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.limit.worst >= float64(calls)
	})
}

// waitFor waits for a condition, for as long as the slowest machine takes.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 9000 {
		if holds() {
			return
		}
		<-time.After(20 * time.Millisecond)
	}
	t.Fatalf("waited three minutes for %s", what)
}

// happenings are the events of members in real time.
type happenings struct {
	mu     sync.Mutex
	events []budget.Event
}

func (h *happenings) note(e budget.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
}

// of is the events of a kind.
func (h *happenings) of(kind budget.EventKind) (found []budget.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.events {
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	return found
}

// calls has callers call for a ledger as fast as they may, until the test or the
// function returned ends them.
func (p *provider) calls(l *redisbudget.Ledger, name string, callers int, r *budget.Request) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for {
				ticket, err := l.Admit(ctx, r)
				if err != nil {
					return
				}
				ticket.Sent()
				p.arrive(name)
				ticket.Answer(budget.Answer{})
				ticket.Done()
			}
		})
	}
	end = func() {
		cancel()
		all.Wait()
	}
	p.t.Cleanup(end)
	return end
}

// member joins in the provider's time. What it is told goes to h. Heartbeats are
// 450 ms of real time where it is twenty times as fast, leases 2.25 s: a machine with
// other things to do may keep a process from Redis for a while.
func (p *provider) member(client redis.UniversalClient, h *happenings, with ...redisbudget.Option) *redisbudget.Ledger {
	p.t.Helper()
	l, err := redisbudget.New(p.t.Context(), client, append([]redisbudget.Option{redisbudget.WithNamespace(p.t.Name()),
		redisbudget.WithClock(p.clock, fast), redisbudget.WithHeartbeat(9 * time.Second), redisbudget.WithTimeout(time.Second),
		redisbudget.WithEvents(h.note)}, with...)...)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { l.Close() })
	return l
}

// happens waits for more events of a kind than there were, and returns the last.
func (p *provider) happens(h *happenings, kind budget.EventKind, before int) budget.Event {
	p.t.Helper()
	waitFor(p.t, string(kind), func() bool { return len(h.of(kind)) > before })
	all := h.of(kind)
	return all[len(all)-1]
}

// tells fails the test where an error does not say what is wanted.
func tells(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q in it", err, want)
	}
}
