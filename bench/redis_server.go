package main

// This file is the Redis of the redis cases.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisServer is a redis-server on a free port of loopback, which keeps nothing.
type redisServer struct {
	addr  string
	stdin io.Closer
	cmd   *exec.Cmd
	*redis.Client
}

func startRedis() (*redisServer, error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return nil, errors.New("redis-server is not on PATH: install Redis (`make setup` does, or apt-get install redis-server)")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	l.Close()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	// It ends with its standard input, which ends with this process, even a killed one.
	cmd := exec.Command("sh", "-c", `redis-server "$@" >/dev/null & read _; kill $!; wait`, "sh",
		"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &redisServer{addr, stdin, cmd, redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1})}
	for range 1000 {
		if err = s.Ping(context.Background()).Err(); err == nil {
			return s, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.stop()
	return nil, fmt.Errorf("redis-server does not answer at %s: %w", addr, err)
}

func (s *redisServer) stop() {
	s.Client.Close()
	s.stdin.Close()
	s.cmd.Wait() // its status tells of the signal
}

var scriptCalls = regexp.MustCompile(`(?m)^cmdstat_eval(?:sha)?:calls=(\d+)`)

// calls is how many scripts Redis has been asked to run, by its own count. All
// that either side does there is scripts.
func (s *redisServer) calls() (int, error) {
	text, err := s.Info(context.Background(), "commandstats").Result()
	if err != nil {
		return 0, err
	}
	sum := 0
	for _, match := range scriptCalls.FindAllStringSubmatch(text, -1) {
		n, err := strconv.Atoi(match[1])
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}
