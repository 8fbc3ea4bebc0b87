// Command bench measures weir beside its peers, on the machine at hand:
//
//	make bench NAME=budget
//
// It prints one line of JSON for each case, and nothing else, on its standard
// output. In a comparison ours_ns and peer_ns are nanoseconds for one operation,
// ratio is ours by theirs (below 1 weir is cheaper), and allocs are weir's heap
// allocations for one operation. Each is a median; see meter.go.
//
// Suites of other costs, memory, build and redis, name the units in their keys.
//
// A suite of cases is a file: it calls register, and so is known by its name.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"
)

// suite runs its cases on a meter, which reports them.
type suite func(m *meter) error

var suites = map[string]suite{}

func register(name string, s suite) { suites[name] = s }

func main() {
	if plays() {
		return
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is main with its surroundings given; it returns the exit code.
func run(args []string, out, errs io.Writer) int {
	var s suite
	if len(args) == 1 {
		s = suites[args[0]]
	}
	if s == nil {
		fmt.Fprintln(errs, "usage: make bench NAME=name, where name is one of:")
		for _, name := range slices.Sorted(maps.Keys(suites)) {
			fmt.Fprintln(errs, " ", name)
		}
		return 2
	}
	lines := json.NewEncoder(out)
	m := &meter{rounds: 9, round: 200 * time.Millisecond, counters: 100_000, report: lines.Encode}
	if err := s(m); err != nil {
		fmt.Fprintf(errs, "bench: %s: %v\n", args[0], err)
		return 1
	}
	return 0
}
