package cli

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime/budget"
)

var update = flag.Bool("update", false, "write golden files anew")

// TestPlan compares with golden files: what a user sees.
func TestPlan(t *testing.T) {
	for name, args := range map[string]string{
		"help-desk":         "--plan enterprise Tickets.List=10000 tickets.show=2000",
		"cold-start":        "--plan enterprise tickets.show=10_000",
		"cold-start-beside": "--plan enterprise tickets.show=10000 --using 600/min",
		"no-plan":           "tickets.list=5001 TICKETS.UPDATE=300",
		"no-room":           "--plan enterprise tickets.show=10 --using requests=700/min",
		"fits":              "--plan enterprise tickets.show=10 --using 10/s --latency 1s",
		"no-limits":         "status.show=12",
		"nothing":           "--plan team tickets.show=0",
		"writes-used":       "--plan enterprise tickets.update=300 --using writes=1/2s",
	} {
		for suffix, more := range map[string][]string{".txt": nil, ".json": {"--json"}} {
			t.Run(name+suffix, func(t *testing.T) {
				code, stdout, stderr := weir("testdata/plan", append(append([]string{"plan", "desk"}, strings.Fields(args)...), more...)...)
				if code != 0 || stderr != "" {
					t.Fatalf("exit status %d: %s", code, stderr)
				}
				golden := filepath.Join("testdata/plan", name+suffix)
				if *update {
					if err := os.WriteFile(golden, []byte(stdout), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), stdout); diff != "" {
					t.Error(diff)
				}
				if more != nil {
					decoder := json.NewDecoder(strings.NewReader(stdout))
					var object map[string]any
					if err := decoder.Decode(&object); err != nil || decoder.More() {
						t.Errorf("not one JSON object: %v", err)
					}
				}
			})
		}
	}
}

func TestPlanErrors(t *testing.T) {
	for args, want := range map[string]struct {
		code int
		says string
	}{
		"":                             {2, "name a provider and what is to be done"},
		"desk":                         {2, "name a provider and what is to be done"},
		"desc tickets.show=1":          {1, `no provider "desc" in specs: did you mean desk?`},
		"desk tickets.shw=1":           {1, `desk has no operation "tickets.shw": did you mean tickets.show?`},
		"desk tickets.everything=1":    {1, `no operation "tickets.everything": of tickets there are tickets.list, tickets.show, tickets.update`},
		"desk people.everything=1":     {1, `no operation "people.everything": its operations are methods of the SDK, as status.show`},
		"desk tickets.show=-1":         {2, "tickets.show: -1 is negative"},
		"desk tickets.show=many":       {2, `tickets.show: "many" is no whole number`},
		"desk tickets.show=1.5":        {2, `tickets.show: "1.5" is no whole number`},
		"desk tickets.show=":           {2, `tickets.show: "" is no whole number`},
		"desk tickets.show=9999999999": {2, "9999999999 is more than a billion"},
		"desk tickets.show=1" + "0000000000000000000000": {2, "is more than a billion"},
		"desk tickets.show":                       {2, `"tickets.show": write an operation and how many`},
		"desk tickets.show=1 tickets.Show=2":      {2, "Tickets.Show is named twice"},
		"desk --plan enterprize tickets.show=1":   {1, `unknown plan "enterprize": did you mean enterprise?`},
		"desk --plan gold tickets.show=1":         {1, `unknown plan "gold": desk has team, enterprise, unmetered`},
		"desk tickets.show=1 --using fast":        {2, "--using fast: write so many per time"},
		"desk tickets.show=1 --using -5/min":      {2, "--using -5/min: write so many per time"},
		"desk tickets.show=1 --using 5/fortnight": {2, "--using 5/fortnight: write so many per time"},
		"desk tickets.show=1 --using writes=5/s":  {1, `draw on no limit "writes": they draw on requests`},
		"desk status.show=1 --using 5/s":          {1, "none of these operations draws on a limit"},
		"desk tickets.show=1 --latency -1s":       {2, "--latency -1s is negative"},
		"desk tickets.show=1 --latency soon":      {2, "see weir help plan"},
		"desk tickets.show=1 --unknown":           {2, "see weir help plan"},
	} {
		code, stdout, stderr := weir("testdata/plan", append([]string{"plan"}, strings.Fields(args)...)...)
		if code != want.code || !strings.Contains(stderr, want.says) || stdout != "" {
			t.Errorf("plan %s: exit status %d, %q, want %d, %q; printed %q", args, code, stderr, want.code, want.says, stdout)
		}
	}
}

func TestPlanHelp(t *testing.T) {
	code, stdout, _ := weir(".", "help", "plan")
	for _, want := range []string{"usage: weir plan", "--plan NAME", "--using RATE", "--latency TIME", "--json"} {
		if code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("weir help plan lacks %q: %s", want, stdout)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		budget.Never: "never", 0: "0s", 200 * time.Millisecond: "200ms", 20_040 * time.Millisecond: "20s",
		1500 * time.Millisecond: "1.5s", 100 * time.Second: "1m40s", 100 * time.Minute: "1h40m0s", 125*time.Minute + 29*time.Second: "2h5m",
		50 * time.Hour: "2d2h",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%d) = %s, want %s", d, got, want)
		}
	}
}
