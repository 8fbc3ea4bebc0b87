package redisbudget_test

// This file starts redis-servers that end with the tests.

import (
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

type server struct {
	addr  string
	args  []string
	cmd   *exec.Cmd
	input io.Closer
	dir   string
}

// startServer starts a redis-server on a free port of loopback, and waits for it. In
// its arguments {port} and {dir} stand for these.
func startServer(args ...string) (*server, error) {
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "redisbudget")
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(addr)
	s := &server{addr: addr, dir: dir}
	if len(args) > 0 && !strings.HasPrefix(args[0], "--") { // a file of its configuration
		s.args, args = args[:1:1], args[1:]
	}
	fill := strings.NewReplacer("{port}", port, "{dir}", dir)
	for _, arg := range append([]string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", dir}, args...) {
		s.args = append(s.args, fill.Replace(arg))
	}
	return s, s.start()
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// start starts it, again after a stop, and waits until it listens.
func (s *server) start() error {
	// It ends with its standard input, so that a test that panics leaves none behind.
	s.cmd = exec.Command("sh", append([]string{"-c", `redis-server "$@" >/dev/null & read _; kill -9 $!; wait`, "sh"}, s.args...)...)
	var err error
	if s.input, err = s.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	for range 3000 {
		conn, err := net.DialTimeout("tcp", s.addr, time.Second)
		if err == nil {
			conn.Close()
			return nil
		}
		<-time.After(10 * time.Millisecond)
	}
	s.stop()
	return errors.New("it does not listen")
}

// kill ends it at once; its files stay, for another start.
func (s *server) kill() {
	s.input.Close()
	_ = s.cmd.Wait() // its status tells of the signal
}

func (s *server) stop() {
	s.kill()
	os.RemoveAll(s.dir)
}

// serve starts a redis-server for one test.
func serve(t *testing.T, args ...string) *server {
	t.Helper()
	s, err := startServer(args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	return s
}
