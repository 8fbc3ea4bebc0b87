package main

// This file is a worker as the fleet sees it: a process, and pipes to it.

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

type process struct {
	place  int // among the processes
	orders orders
	cmd    *exec.Cmd
	input  io.WriteCloser // it ends with that, so that none outlives the fleet
	ready  bool
	killed bool
	calls  int64 // to Redis
}

// news is what comes of a process.
type news struct {
	from *process
	message
	ended bool
	err   error // why
}

// startProcess has what comes of it told to a channel, its end included.
func startProcess(place int, o orders, stderr *os.File, told chan<- news) (*process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	p := &process{place: place, orders: o, cmd: exec.Command(program)}
	p.cmd.Env = append(os.Environ(), workerVariable+"="+string(text))
	p.cmd.Stderr = stderr
	if p.input, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	output, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", o.Member, err)
	}
	go func() {
		decoder := json.NewDecoder(output)
		for {
			n := news{from: p}
			if decoder.Decode(&n.message) != nil {
				break // it has ended: what it says otherwise goes to stderr
			}
			told <- n
		}
		told <- news{from: p, ended: true, err: p.cmd.Wait()}
	}()
	return p, nil
}

// hand gives it an article to read. Where that cannot be told it has ended, which
// is told in its place among the news.
func (p *process) hand(article int64) { _, _ = fmt.Fprintln(p.input, article) }

func (p *process) kill() {
	p.killed = true
	_ = p.cmd.Process.Kill() // it may have ended by itself
}
