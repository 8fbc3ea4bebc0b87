package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// delayed starts the proxy in front of a server that sends back what it gets.
func delayed(t *testing.T, delay time.Duration) (addr string) {
	t.Helper()
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { echo.Close() })
	go func() {
		for {
			conn, err := echo.Accept()
			if err != nil {
				return
			}
			go func() {
				io.Copy(conn, conn)
				conn.Close()
			}()
		}
	}()
	far, err := startPart("delay")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(far.stop)
	if err := errors.Join(far.tell(distance{echo.Addr().String(), delay}), far.hear(&addr)); err != nil {
		t.Fatal(err)
	}
	return addr
}

// TestDelayDelaysAndNothingElse sends many lines on several connections at once,
// without waiting: each takes a round trip, and all together little more.
func TestDelayDelaysAndNothingElse(t *testing.T) {
	const delay, conns, lines = 20 * time.Millisecond, 4, 250
	addr := delayed(t, delay)
	began := time.Now()
	var all sync.WaitGroup
	for c := range conns {
		all.Go(func() {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			sent := make([]time.Time, lines)
			go func() {
				for i := range lines {
					sent[i] = time.Now()
					fmt.Fprintf(conn, "%d %d %d\n", c, i, sent[i].UnixNano())
				}
			}()
			in := bufio.NewScanner(conn)
			for i := range lines {
				var gotC, gotI int
				var at int64
				if !in.Scan() {
					t.Errorf("connection %d ends before line %d: %v", c, i, in.Err())
					return
				}
				if _, err := fmt.Sscan(in.Text(), &gotC, &gotI, &at); err != nil || gotC != c || gotI != i {
					t.Errorf("connection %d has %q as its line %d", c, in.Text(), i)
					return
				}
				if took := time.Since(time.Unix(0, at)); took < 2*delay {
					t.Errorf("a round trip took %v, want %v at least", took, 2*delay)
					return
				}
			}
		})
	}
	all.Wait()
	if took := time.Since(began); took > conns*lines*delay/2 {
		t.Errorf("%d lines took %v: they wait for one another", conns*lines, took)
	}
}

func TestDelayEndsAConnectionWithItsOtherHalf(t *testing.T) {
	conn, err := net.Dial("tcp", delayed(t, time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "last words")
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.ReadAll(conn); errors.Is(err, net.ErrClosed) || isTimeout(err) {
		t.Errorf("the connection does not end: %v", err)
	}
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// TestRedisCountsScripts: what the cases report as calls is Redis's own count.
func TestRedisCountsScripts(t *testing.T) {
	s, err := startRedis()
	if err != nil {
		t.Fatal(err)
	}
	defer s.stop()
	before, err := s.calls()
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := s.Eval(t.Context(), "redis.call('SET', 'a', 'b') return 1", nil).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if after, err := s.calls(); err != nil || after-before != 3 {
		t.Errorf("three scripts count as %d (%v)", after-before, err)
	}
}

func TestRedisHasToBeOnPath(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	s, err := startRedis()
	if err == nil {
		s.stop()
	}
	if err == nil || !strings.Contains(err.Error(), "redis-server is not on PATH") {
		t.Errorf("the error is %v", err)
	}
}

// TestMembersTellTheirErrors has both sides join where nobody listens.
func TestMembersTellTheirErrors(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	members, err := startTeam()
	if err != nil {
		t.Fatal(err)
	}
	defer members.stop()
	w := work{Side: ours, Addr: l.Addr().String(), Name: "nobody", Limit: 1, Speed: 1, Callers: 1}
	err = members.during(w, func() error { return nil })
	if err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("the error is %v", err)
	}
}
