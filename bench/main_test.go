package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/weirkit/weir/runtime/budget"
)

func TestMain(m *testing.M) {
	if plays() {
		return
	}
	os.Exit(m.Run())
}

// TestEveryCaseRuns runs each case for one round of one call. Of what it
// reports only that is checked which does not hang on the machine.
func TestEveryCaseRuns(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(suites)) {
		if name == "build" {
			continue // it compiles for a minute, and fetches its peer: see TestBuilds
		}
		t.Run(name, func(t *testing.T) {
			seen := map[[2]string]bool{}
			m := &meter{rounds: 1, counters: 100, report: func(line any) error {
				text, err := json.Marshal(line)
				if err != nil {
					return err
				}
				var l struct {
					Bench, Peer string
					Ratio       float64
					Counters    int
				}
				if err := json.Unmarshal(text, &l); err != nil {
					return err
				}
				id := [2]string{l.Bench, l.Peer}
				if l.Bench == "" || seen[id] || (l.Ratio > 0) == (l.Counters > 0) {
					t.Errorf("%s is without a name, a second time, or neither of time nor of memory", text)
				}
				seen[id] = true
				return nil
			}}
			if err := suites[name](m); err != nil {
				t.Error(err)
			}
			if len(seen) == 0 {
				t.Error("it has no case")
			}
		})
	}
}

func TestUnknownNameListsTheNames(t *testing.T) {
	for _, args := range [][]string{nil, {"nonesuch"}, {"budget", "request"}} {
		var out, errs bytes.Buffer
		if code := run(args, &out, &errs); code != 2 || out.Len() > 0 {
			t.Errorf("%q exits %d and prints %q, want 2 and nothing", args, code, out.String())
		}
		for name := range suites {
			if !strings.Contains(errs.String(), name) {
				t.Errorf("%q does not list %s: %s", args, name, errs.String())
			}
		}
	}
}

func TestARoundThatIsDisturbedDoesNotCount(t *testing.T) {
	if got := median([]float64{2, 1.5, 90, 1.9, 2.1}); got != 2 {
		t.Errorf("the median is %v, want 2", got)
	}
}

func TestBodiesAreOfTheSizeTold(t *testing.T) {
	if n := len(smallBody()); n != 84 {
		t.Errorf("the small body has %d bytes, want 84", n)
	}
	if n := len(pageBody()); n < 380_000 || n > 420_000 {
		t.Errorf("the page has %d bytes, want some 400,000", n)
	}
}

// TestCountersAreSmall holds what a hundred thousand counters may occupy: 50 MB.
func TestCountersAreSmall(t *testing.T) {
	m := &meter{counters: 20_000}
	line, err := m.weigh("counters-100k/answered", func(ticket budget.Ticket) {
		ticket.Answer(budget.Answer{})
		ticket.Done()
	})
	if err != nil {
		t.Fatal(err)
	}
	if line.Each > 520 {
		t.Errorf("%v bytes for each of %d counters", line.Each, line.Counters)
	}
}
