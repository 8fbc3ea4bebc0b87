package main

// This file is what the command line may say.

import (
	"flag"
	"fmt"
	"io"
	"time"
)

type flags struct {
	json               bool
	processes, windows int
	speed              float64
	demand             string
	killRedis, empty   bool
	killAt             time.Duration
	killProcess        bool
}

// mostProcesses keeps a slip of the finger from starting hundreds.
const mostProcesses = 32

func parseFlags(args []string, stderr io.Writer) (flags, error) {
	var f flags
	set := flag.NewFlagSet("fleet", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.BoolVar(&f.json, "json", false, "end with one line of JSON in place of the table")
	set.IntVar(&f.processes, "processes", 3, "how many processes share the limit")
	set.IntVar(&f.windows, "windows", 10, "for how many minutes of the stand-in's time there is work")
	set.Float64Var(&f.speed, "speed", 20, "how much faster than life the stand-in's clock runs")
	set.StringVar(&f.demand, "demand", "equal", "who wants to read: all (equal), the first alone (one), or the last in every other minute only (changing)")
	set.BoolVar(&f.killRedis, "kill-redis", false, "kill Redis on the way (SIGKILL), and start it again 30 s later with its data")
	set.BoolVar(&f.empty, "empty", false, "with --kill-redis: start it without its data")
	set.DurationVar(&f.killAt, "kill-at", 0, "with --kill-redis: when, after the first request (default 40s into the middle minute)")
	set.BoolVar(&f.killProcess, "kill-process", false, "kill the last process (SIGKILL) and start it again, in each of five minutes from the second on")
	if err := set.Parse(args); err != nil {
		return f, err
	}
	if err := f.check(set.Args()); err != nil {
		return f, err
	}
	if f.killAt == 0 {
		f.killAt = time.Duration(f.windows-1)/2*window + 40*time.Second
	}
	return f, nil
}

func (f flags) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q: see --help", rest[0])
	case f.processes < 1 || f.processes > mostProcesses:
		return fmt.Errorf("--processes %d: it must be from 1 to %d", f.processes, mostProcesses)
	case f.windows < 1:
		return fmt.Errorf("--windows %d: it must be at least 1", f.windows)
	case !(f.speed > 0):
		return fmt.Errorf("--speed %v: it must be above 0", f.speed)
	case demands[f.demand] == nil:
		return fmt.Errorf("--demand %s: choose equal, one or changing", f.demand)
	case f.empty && !f.killRedis, f.killAt != 0 && !f.killRedis:
		return fmt.Errorf("--empty and --kill-at say how Redis is killed: give --kill-redis too")
	case f.killAt < 0 || f.killAt > time.Duration(f.windows)*window:
		return fmt.Errorf("--kill-at %v: the work is from 0 to %v", f.killAt, time.Duration(f.windows)*window)
	}
	return nil
}

// demands say who wants work: a process, by its place among so many, in the n-th minute.
var demands = map[string]func(process, processes, minute int) bool{
	"equal":    func(int, int, int) bool { return true },
	"one":      func(process, _, _ int) bool { return process == 0 },
	"changing": func(process, processes, minute int) bool { return process < processes-1 || minute%2 == 0 },
}
