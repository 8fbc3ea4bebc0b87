package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestLimits compares with golden files: what a user sees.
func TestLimits(t *testing.T) {
	for name, args := range map[string]string{
		"all.txt":        "",
		"all.json":       "--json",
		"team.txt":       "--plan team",
		"team.json":      "--plan team --json tickets.*",
		"unmetered.json": "--json --plan unmetered TICKETS.list",
		"some.txt":       "tickets.s* status.show Tickets.Show",
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := weir("testdata/limits", append([]string{"limits", "desk"}, strings.Fields(args)...)...)
			if code != 0 || stderr != "" {
				t.Fatalf("exit status %d: %s", code, stderr)
			}
			golden(t, filepath.Join("testdata/limits", name), stdout)
			for line := range strings.Lines(stdout) {
				if strings.HasSuffix(name, ".json") && !json.Valid([]byte(line)) {
					t.Errorf("no object: %s", line)
				}
			}
		})
	}
}

// golden compares with a file, or writes it under -update.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

// TestLimitsMembers holds the members of the objects: programs read them.
func TestLimitsMembers(t *testing.T) {
	_, stdout, _ := weir("testdata/limits", "limits", "desk", "--json", "--plan", "team", "tickets.list")
	var object map[string]any
	if err := json.Unmarshal([]byte(stdout), &object); err != nil {
		t.Fatal(err)
	}
	limit := object["limits"].([]any)[1].(map[string]any)
	for _, tt := range []struct {
		of    any
		names string
	}{
		{object, "provider plan operation method path limits page batch cache job"},
		{limit, "limit shape scope cost when source"},
		{limit["shape"], "kind number perSeconds burst windows"},
		{limit["when"], "in name above equals"},
		{limit["source"], "url date confidence"},
		{object["page"], "style size last"},
		{object["page"].(map[string]any)["size"], "in name max source"},
	} {
		members, names := tt.of.(map[string]any), strings.Fields(tt.names)
		for _, name := range names {
			if _, ok := members[name]; !ok {
				t.Errorf("no member %s in %v", name, members)
			}
		}
		if len(members) != len(names) {
			t.Errorf("%d members of %v, want %s", len(members), members, names)
		}
	}
}

func TestLimitsErrors(t *testing.T) {
	for args, want := range map[string]struct {
		code int
		says string
	}{
		"":                         {2, "name a provider, as in weir limits zendesk"},
		"dask":                     {1, `no provider "dask" in specs: did you mean desk?`},
		"acme-corporation":         {1, `no provider "acme-corporation" in specs: there are desk`},
		"desk tickets.lits":        {1, `desk has no operation "tickets.lits": did you mean tickets.list?`},
		"desk tickets.list users*": {1, `desk has no operation like "users*": weir limits desk lists them all`},
		"desk tickets.[":           {2, `the pattern "tickets.[" is not complete`},
		"desk --plan teem":         {1, `unknown plan "teem": did you mean team?`},
		"desk --unknown":           {2, "see weir help limits"},
	} {
		code, stdout, stderr := weir("testdata/limits", append([]string{"limits"}, strings.Fields(args)...)...)
		if code != want.code || !strings.Contains(stderr, want.says) || stdout != "" {
			t.Errorf("limits %s: exit status %d, %q, want %d, %q; printed %q", args, code, stderr, want.code, want.says, stdout)
		}
	}
	code, stdout, _ := weir(".", "help", "limits")
	for _, want := range []string{"usage: weir limits", "--plan NAME", "--json"} {
		if code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("weir help limits lacks %q: %s", want, stdout)
		}
	}
}

func TestBrief(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Minute: "1m", time.Hour: "1h", 90 * time.Minute: "1h30m", 10 * time.Second: "10s", 24 * time.Hour: "24h", 61 * time.Second: "1m1s",
	} {
		if got := brief(d); got != want {
			t.Errorf("brief(%d) = %s, want %s", d, got, want)
		}
	}
}
