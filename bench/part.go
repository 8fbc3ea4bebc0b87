package main

// This file starts this same program once more, to play another part: a server
// whose CPU time is not counted, or one of several processes.

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// asPart is set in the environment of a process that plays a part.
const asPart = "WEIR_BENCH_PART"

// parts are what this program can be besides the one that measures. They are
// spoken to in JSON, and go on until in ends: so none outlives the process that
// started it, however that ended.
var parts = map[string]func(in io.Reader, out io.Writer) error{
	"server": serve,
	"member": serveMember,
	"delay":  serveDelay,
}

// plays plays this process's part, and reports whether it has one.
func plays() bool {
	name := os.Getenv(asPart)
	if name == "" {
		return false
	}
	if err := parts[name](os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %s: %v\n", name, err)
		os.Exit(1)
	}
	return true
}

// part is a process that plays a part, seen from the one that started it.
type part struct {
	name  string
	stdin io.WriteCloser
	lines *json.Decoder
	cmd   *exec.Cmd
}

func startPart(name string) (*part, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), asPart+"="+name)
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
	return &part{name, stdin, json.NewDecoder(stdout), cmd}, nil
}

// tell sends a value.
func (p *part) tell(value any) error {
	if err := json.NewEncoder(p.stdin).Encode(value); err != nil {
		return fmt.Errorf("the %s does not listen: %w", p.name, err)
	}
	return nil
}

// hear waits for a value.
func (p *part) hear(value any) error {
	if err := p.lines.Decode(value); err != nil {
		return fmt.Errorf("the %s does not answer: %w", p.name, err)
	}
	return nil
}

func (p *part) stop() {
	p.stdin.Close()
	p.cmd.Wait()
}
