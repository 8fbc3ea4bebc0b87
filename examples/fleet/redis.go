package main

// This file is a redis-server of the fleet's own.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisServer is one on a free port of loopback, whose data are in a folder of its own.
type redisServer struct {
	program, address, folder string
	stderr                   *os.File

	cmd   *exec.Cmd
	input io.Closer
}

// guarded runs redis-server until standard input ends, and then kills it: so none
// outlives the fleet, however that ends.
const guarded = `trap '' INT TERM; "$@" >/dev/null & read _; kill -9 $!; wait $! 2>/dev/null`

func newRedis(ctx context.Context, stderr *os.File) (*redisServer, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, errors.New("redis-server is not on PATH: install it, on Debian by apt-get install redis-server")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	l.Close()
	folder, err := os.MkdirTemp("", "fleet-redis-")
	if err != nil {
		return nil, err
	}
	s := &redisServer{program: program, address: address, folder: folder, stderr: stderr}
	if err := s.start(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// start returns once it answers.
func (s *redisServer) start(ctx context.Context) error {
	host, port, err := net.SplitHostPort(s.address)
	if err != nil {
		return err
	}
	s.cmd = exec.Command("sh", "-c", guarded, "sh", s.program, "--bind", host, "--port", port, "--dir", s.folder, "--save", "", "--appendonly", "yes")
	s.cmd.Stderr = s.stderr
	if s.input, err = s.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("starting redis-server: %w", err)
	}
	client := redis.NewClient(&redis.Options{Addr: s.address, MaxRetries: -1})
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		if err = client.Ping(ctx).Err(); err == nil {
			return nil
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("redis-server at %s does not answer: %w", s.address, err)
		}
	}
}

// kill ends it by SIGKILL.
func (s *redisServer) kill() {
	if s.input != nil {
		s.input.Close()
		_ = s.cmd.Wait() // its status tells of the signal
		s.input = nil
	}
}

// forget removes its data.
func (s *redisServer) forget() error {
	if err := os.RemoveAll(s.folder); err != nil {
		return err
	}
	return os.Mkdir(s.folder, 0o700)
}

// Close ends it and leaves nothing.
func (s *redisServer) Close() error {
	s.kill()
	return os.RemoveAll(s.folder)
}
