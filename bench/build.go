package main

// This file compares what it costs to build a small program on sdk/github with
// what it costs on google/go-github: the time that continuous integration and
// editors spend on either. Both programs make a client and list repositories; of
// the peer's the whole module is in testdata, so that its graph stays out of
// this one's.

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

func init() { register("build", buildCases) }

// program is one side: a main package in a folder of its own.
type program struct{ name, folder string }

func buildCases(m *meter) error {
	return m.compareBuilds(program{"weir", "testdata/build/weir"}, program{"google/go-github v89", "testdata/build/go-github"})
}

// built is the report of one comparison. CPU is of all processes of go build,
// memory that of the largest of them.
type built struct {
	Bench       string  `json:"bench"`
	OursCPU     float64 `json:"ours_cpu_s"`
	Peer        string  `json:"peer"`
	PeerCPU     float64 `json:"peer_cpu_s"`
	Ratio       float64 `json:"ratio"`
	OursMemory  float64 `json:"ours_mb"`
	PeerMemory  float64 `json:"peer_mb"`
	MemoryRatio float64 `json:"memory_ratio"`
	OursBinary  float64 `json:"ours_binary_mb"`
	PeerBinary  float64 `json:"peer_binary_mb"`
}

// buildRounds is how often each side is built: a build takes long enough for few.
const buildRounds = 3

// compareBuilds builds both programs in turn, each time from a cache that has
// the standard library and nothing else.
func (m *meter) compareBuilds(ours, theirs program) error {
	dir, err := os.MkdirTemp("", "weir-build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	standard := filepath.Join(dir, "standard")
	for _, p := range []program{ours, theirs} {
		if err := warm(p, standard); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	var costs [2][]cost
	var ratios, memory []float64
	for range min(m.rounds, buildRounds) {
		for i, p := range []program{ours, theirs} {
			c, err := buildOnce(p, standard, dir)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			costs[i] = append(costs[i], c)
		}
		a, b := costs[0][len(costs[0])-1], costs[1][len(costs[1])-1]
		ratios, memory = append(ratios, a.cpu/b.cpu), append(memory, a.memory/b.memory)
	}
	of := func(side int, what func(cost) float64) float64 {
		var values []float64
		for _, c := range costs[side] {
			values = append(values, what(c))
		}
		return round(median(values), 2)
	}
	cpu, peak, size := func(c cost) float64 { return c.cpu }, func(c cost) float64 { return c.memory }, func(c cost) float64 { return c.binary }
	return m.report(built{
		Bench: "build", Peer: theirs.name,
		OursCPU: of(0, cpu), PeerCPU: of(1, cpu), Ratio: round(median(ratios), 3),
		OursMemory: of(0, peak), PeerMemory: of(1, peak), MemoryRatio: round(median(memory), 3),
		OursBinary: of(0, size), PeerBinary: of(1, size),
	})
}

// cost is that of one build: CPU seconds, and megabytes.
type cost struct{ cpu, memory, binary float64 }

const megabyte = 1 << 20

// warm builds what a program needs of the standard library into a cache, and
// fetches the modules that it needs.
func warm(p program, cache string) error {
	list, err := goCommand(p, cache, "list", "-deps", "-f", "{{if .Standard}}{{.ImportPath}}{{end}}", ".")
	if err != nil {
		return err
	}
	var packages []string
	for _, path := range strings.Fields(list.stdout) {
		if path != "unsafe" {
			packages = append(packages, path)
		}
	}
	_, err = goCommand(p, cache, append([]string{"build"}, packages...)...)
	return err
}

// buildOnce builds a program with a copy of the cache, since a build adds to it.
func buildOnce(p program, standard, dir string) (cost, error) {
	cache, out := filepath.Join(dir, "cache"), filepath.Join(dir, "program")
	defer os.RemoveAll(cache)
	if err := os.CopyFS(cache, os.DirFS(standard)); err != nil {
		return cost{}, err
	}
	done, err := goCommand(p, cache, "build", "-o", out, ".")
	if err != nil {
		return cost{}, err
	}
	info, err := os.Stat(out)
	if err != nil {
		return cost{}, err
	}
	usage, ok := done.state.SysUsage().(*syscall.Rusage)
	if !ok {
		return cost{}, errors.New("this system does not tell what a process has used")
	}
	return cost{
		cpu:    (done.state.UserTime() + done.state.SystemTime()).Seconds(),
		memory: float64(usage.Maxrss) * 1024 / megabyte, // Linux tells kilobytes
		binary: float64(info.Size()) / megabyte,
	}, nil
}

type finished struct {
	state  *os.ProcessState
	stdout string
}

// goCommand runs the go command in a program's folder. What it has used counts
// the compilers that it has started and waited for.
func goCommand(p program, cache string, args ...string) (finished, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.Command("go", args...)
	cmd.Dir = p.folder
	cmd.Env = append(os.Environ(), "GOCACHE="+cache, "GOWORK=off")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return finished{}, fmt.Errorf("go %s: %w\n%s", args[0], err, &stderr)
	}
	return finished{cmd.ProcessState, stdout.String()}, nil
}
