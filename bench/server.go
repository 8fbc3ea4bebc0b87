package main

// This file is the server of the request cases: this same program, started once
// more, so that its CPU time is not counted.

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
)

// asServer is set in the environment of the process that serves.
const asServer = "WEIR_BENCH_SERVES"

func serving() bool { return os.Getenv(asServer) != "" }

// serve answers on a port of its own, which it prints, until in ends: so it
// never outlives the process that started it.
func serve(in io.Reader, out io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	small, page := smallBody(), pageBody()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items/{id}", func(w http.ResponseWriter, _ *http.Request) { answer(w, small) })
	mux.HandleFunc("GET /items", func(w http.ResponseWriter, _ *http.Request) { answer(w, page) })
	go http.Serve(listener, mux)
	if _, err := fmt.Fprintf(out, "http://%s\n", listener.Addr()); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}

func answer(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	w.Write(body)
}

// server is the process that serves, seen from the one that calls.
type server struct {
	url   string
	stdin io.Closer
	cmd   *exec.Cmd
}

func startServer() (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), asServer+"=1")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{stdin: stdin, cmd: cmd}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("the server does not tell its address: %w", err)
	}
	s.url = strings.TrimSpace(line)
	return s, nil
}

func (s *server) stop() {
	s.stdin.Close()
	s.cmd.Wait()
}
