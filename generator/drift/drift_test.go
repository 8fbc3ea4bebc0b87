package drift_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/generator/drift"
	"github.com/weirkit/weir/generator/load"
)

var update = flag.Bool("update", false, "write golden files anew")

func read(t *testing.T, file string) *load.Document {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, filepath.Base(file), string(text))
}

func parse(t *testing.T, name, text string) *load.Document {
	t.Helper()
	d, err := load.Load(load.Input{SpecName: name, Spec: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func compare(t *testing.T, ours *load.Document, theirs ...*load.Document) *drift.Report {
	t.Helper()
	report, err := drift.Compare(ours, theirs...)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestCompare compares what differs in pairs of documents with golden files.
// Each pair is compared both ways, and each document with itself.
func TestCompare(t *testing.T) {
	folders, err := filepath.Glob("testdata/*/here.yaml")
	if err != nil || len(folders) < 5 {
		t.Fatalf("%d cases, %v", len(folders), err)
	}
	for _, file := range folders {
		folder := filepath.Dir(file)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			here, there := filepath.Join(folder, "here.yaml"), filepath.Join(folder, "there.yaml")
			var text strings.Builder
			report := compare(t, read(t, here), read(t, there))
			for _, d := range report.Differences {
				fmt.Fprintln(&text, d)
				if d.Schema != "" {
					fmt.Fprintf(&text, "    of %s: %s\n", d.Schema, d.Field)
				}
			}
			for _, u := range report.Unreferenced {
				fmt.Fprintf(&text, "%s: unreferenced: %s, %s\n", u.Operation, u.Pos, u.Source)
			}
			for _, op := range report.Absent {
				fmt.Fprintf(&text, "%s: absent\n", op)
			}
			golden := filepath.Join(folder, "want.txt")
			if *update {
				if err := os.WriteFile(golden, []byte(text.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), text.String()); diff != "" {
				t.Error(diff)
			}
			for _, file := range []string{here, there} {
				if same := compare(t, read(t, file), read(t, file)); len(same.Differences)+len(same.Unreferenced)+len(same.Absent) > 0 {
					t.Errorf("%s differs from itself: %v", file, same)
				}
			}
			back := compare(t, read(t, there), read(t, here))
			if len(back.Differences) != len(report.Differences) || len(back.Unreferenced) != len(report.Absent) {
				t.Errorf("%d differences, %d the other way: %v", len(report.Differences), len(back.Differences), back.Differences)
			}
			keys := map[string]bool{}
			for _, d := range report.Differences {
				if keys[d.Key()] {
					t.Errorf("two differences have the key %s", d.Key())
				}
				keys[d.Key()] = true
			}
		})
	}
}

// TestCompareIsStable compares twice: maps have no order.
func TestCompareIsStable(t *testing.T) {
	var first *drift.Report
	for range 5 {
		report := compare(t, read(t, "testdata/fields/here.yaml"), read(t, "testdata/fields/there.yaml"))
		if first == nil {
			first = report
		}
		if !slices.Equal(first.Differences, report.Differences) {
			t.Fatalf("%v, then %v", first.Differences, report.Differences)
		}
	}
}

// TestCompareWithSeveral has the first of the vendor's documents win.
func TestCompareWithSeveral(t *testing.T) {
	const document = `{openapi: 3.0.3, info: {title: T, version: "1"}, paths: {%s: {get: {parameters: [{name: %s, in: query, schema: {type: string}}], responses: {"204": {description: none}}}}}}`
	text := func(path, parameter string) string { return fmt.Sprintf(document, path, parameter) }
	ours := parse(t, "ours.yaml", text("/a", "x"))
	report := compare(t, ours, parse(t, "b.yaml", text("/b", "x")), parse(t, "a1.yaml", text("/a", "x")), parse(t, "a2.yaml", text("/a", "y")))
	if report.Compared != 1 || len(report.Differences) != 0 || !slices.Equal(report.Absent, []string{"GET /b"}) {
		t.Errorf("%+v", report)
	}
	report = compare(t, ours, parse(t, "a2.yaml", text("/a", "y")), parse(t, "a1.yaml", text("/a", "x")))
	if len(report.Differences) != 2 {
		t.Errorf("%+v", report)
	}
}
