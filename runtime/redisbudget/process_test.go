package redisbudget_test

// This file is a member in a process of its own: the test binary once more, which
// joins, calls a provider over loopback, and ends with its parent.

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/redisbudget"
)

// processOrder is the environment's variable that makes the test binary a member.
const processOrder = "REDISBUDGET_TEST_PROCESS"

// order is what a process is to do.
type order struct {
	Redis, Namespace, Member string
	Provider                 string
	Limit                    int
	Per                      time.Duration
	Heartbeat, Linger        time.Duration
	Callers                  int
	Speed                    float64
	Offset                   time.Duration // of its clock
	Drift                    float64       // how much faster than others' its clock runs
}

// odd is a clock that is set wrong, and runs a little fast or slow.
type odd struct {
	clock.Clock
	start  time.Time
	offset time.Duration
	drift  float64
}

func (c *odd) Now() time.Time {
	now := c.Clock.Now()
	return now.Add(c.offset + time.Duration(c.drift*float64(now.Sub(c.start))))
}

func (c *odd) NewTimer(d time.Duration) clock.Timer {
	return c.Clock.NewTimer(time.Duration(float64(d)/(1+c.drift)) + 1)
}

// beProcess is the whole of such a process. It says what it does in lines, and
// leaves in good order at a SIGTERM.
func beProcess(text string) int {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		fmt.Println("failed", err)
		return 1
	}
	fmt.Println("pid", os.Getpid())
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	var c clock.Clock = clock.Scaled(o.Speed)
	c = &odd{Clock: c, start: c.Now(), offset: o.Offset, drift: o.Drift}
	client := redis.NewClient(&redis.Options{Addr: o.Redis})
	defer client.Close()
	with := []redisbudget.Option{redisbudget.WithNamespace(o.Namespace), redisbudget.WithClock(c, o.Speed), redisbudget.WithTimeout(time.Second),
		redisbudget.WithHeartbeat(o.Heartbeat), redisbudget.WithLinger(o.Linger), redisbudget.WithEvents(func(e budget.Event) {
			if strings.Contains(string(e.Kind), "redis") || e.Err != nil || e.Kind == redisbudget.NameTaken {
				fmt.Println("event", e.Kind, e.Err)
			}
		})}
	if o.Member != "" {
		with = append(with, redisbudget.WithMember(o.Member))
	}
	l, err := redisbudget.New(ctx, client, with...)
	if err != nil {
		fmt.Println("failed", err)
		return 1
	}
	fmt.Println("joined")
	r := (&referee{name: "limit", shape: api.Window{Limit: o.Limit, Per: o.Per}}).request(1)
	var callers sync.WaitGroup
	for range o.Callers {
		callers.Go(func() {
			if err := callOver(ctx, l, r, o); err != nil && ctx.Err() == nil {
				fmt.Println("failed", err)
			}
		})
	}
	callers.Wait()
	l.Close()
	fmt.Println("left")
	return 0
}

// callOver calls the provider over a connection, as fast as it may.
func callOver(ctx context.Context, l *redisbudget.Ledger, r *budget.Request, o order) error {
	conn, err := net.Dial("tcp", o.Provider)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := fmt.Fprintln(conn, o.Member); err != nil {
		return err
	}
	one := []byte{'.'}
	for {
		ticket, err := l.Admit(ctx, r)
		if err != nil {
			return err
		}
		ticket.Sent()
		if _, err = conn.Write(one); err == nil {
			_, err = io.ReadFull(conn, one)
		}
		if err != nil {
			ticket.Lost()
			return err
		}
		ticket.Answer(budget.Answer{})
		ticket.Done()
	}
}

// process is such a process, seen from its parent.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	input io.Closer
	mu    sync.Mutex
	lines []string
	pid   int
	ended bool
}

// spawn starts a process and waits until it has joined.
func spawn(t *testing.T, o order) *process {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t}
	// It ends with the shell's standard input, as the redis-server does.
	p.cmd = exec.Command("sh", "-c", `"$0" & read _; kill -9 $! 2>/dev/null; wait`, os.Args[0])
	p.cmd.Env = append(os.Environ(), processOrder+"="+string(text))
	p.cmd.Stderr = os.Stderr
	if p.input, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for lines := bufio.NewScanner(output); lines.Scan(); {
			p.mu.Lock()
			p.lines = append(p.lines, lines.Text())
			_, _ = fmt.Sscanf(lines.Text(), "pid %d", &p.pid) // any other line is none
			p.mu.Unlock()
		}
	}()
	t.Cleanup(p.end)
	waitFor(t, "a process to join", func() bool { return p.said("joined") > 0 || p.said("failed") > 0 })
	if p.said("failed") > 0 {
		t.Fatal(p.lines)
	}
	return p
}

// said is how many lines begin so.
func (p *process) said(what string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range p.lines {
		if strings.HasPrefix(line, what) {
			n++
		}
	}
	return n
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	p.mu.Lock()
	pid := p.pid
	p.mu.Unlock()
	process, err := os.FindProcess(pid)
	if err == nil {
		err = process.Signal(s)
	}
	if err != nil {
		p.t.Error(err)
	}
}

// leave has it leave in good order.
func (p *process) leave() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	waitFor(p.t, "a process to leave", func() bool { return p.said("left") > 0 })
	p.end()
}

// end kills it.
func (p *process) end() {
	if !p.ended {
		p.ended = true
		p.input.Close()
		_ = p.cmd.Wait() // its status tells of the signal
	}
}
