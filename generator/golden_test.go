package generator

// This file runs the golden cases: each folder of testdata has a document, maybe
// an overlay, and want/*.go or want.err. A new case is a new folder; -update
// writes what it should have.

import (
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// goldenInput reads a case's input. Its names are those that errors show.
func goldenInput(t *testing.T, folder string) Input {
	t.Helper()
	in := Input{Package: strings.ReplaceAll(filepath.Base(folder), "-", "")}
	for _, name := range []string{"spec.yaml", "spec.json"} {
		if b, err := os.ReadFile(filepath.Join(folder, name)); err == nil {
			in.SpecName, in.Spec = name, b
		}
	}
	if in.Spec == nil {
		t.Fatalf("%s has no spec.yaml or spec.json", folder)
	}
	if b, err := os.ReadFile(filepath.Join(folder, "overlay.yaml")); err == nil {
		in.OverlayName, in.Overlay = "overlay.yaml", b
	}
	return in
}

func goldenCases(t *testing.T) []string {
	t.Helper()
	folders, err := filepath.Glob("testdata/*/spec.*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no golden cases: %v", err)
	}
	for i := range folders {
		folders[i] = filepath.Dir(folders[i])
	}
	return folders
}

func TestGolden(t *testing.T) {
	for _, folder := range goldenCases(t) {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			files, err := Generate(goldenInput(t, folder))
			got := map[string]string{}
			for name, b := range files.Sources {
				got[filepath.Join("want", name)] = string(b)
			}
			if err != nil {
				got["want.err"] = err.Error() + "\n"
			} else {
				got["want.report"] = reportText(files.Report)
			}
			if *update {
				writeGolden(t, folder, got)
			}
			if diff := cmp.Diff(readGolden(t, folder), got); diff != "" {
				t.Errorf("-want +got (go test -run Golden -update writes what it got):\n%s", diff)
			}
		})
	}
}

func reportText(r Report) string {
	var b strings.Builder
	for _, l := range r.LeftOut {
		b.WriteString("left out: " + l.Operation + ": " + l.Reason + "\n")
	}
	for _, n := range r.Notes {
		b.WriteString("note: " + n + "\n")
	}
	for _, w := range r.Warnings {
		b.WriteString("warning: " + w + "\n")
	}
	return b.String()
}

func readGolden(t *testing.T, folder string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "want*"))
	if err != nil {
		t.Fatal(err)
	}
	inner, err := filepath.Glob(filepath.Join(folder, "want", "*"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, p := range append(paths, inner...) {
		if info, err := os.Stat(p); err != nil || info.IsDir() {
			continue
		}
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		name, _ := filepath.Rel(folder, p)
		out[name] = string(b)
	}
	if _, failed := out["want.err"]; !failed {
		out["want.report"] += "" // an empty report has no file
	}
	return out
}

func writeGolden(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	old, err := filepath.Glob(filepath.Join(folder, "want*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range old {
		if err := os.RemoveAll(p); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range files {
		if content == "" {
			continue
		}
		p := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestGoldensCompile vets all golden packages by one call of the go tool.
func TestGoldensCompile(t *testing.T) {
	folders, err := filepath.Glob("testdata/*/want")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no golden packages: %v", err)
	}
	args := []string{"vet"}
	for _, f := range folders {
		args = append(args, "./"+filepath.ToSlash(f))
	}
	if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
}

// TestReproducible generates each case again and again, and at the same time as
// the others: nothing may leak from one run into another.
func TestReproducible(t *testing.T) {
	type outcome struct {
		Sources map[string][]byte
		Report  Report
		Err     string
	}
	run := func(in Input) outcome {
		files, err := Generate(in)
		o := outcome{Sources: files.Sources, Report: files.Report}
		if err != nil {
			o.Err = err.Error()
		}
		return o
	}
	first := map[string]outcome{}
	inputs := map[string]Input{}
	for _, folder := range goldenCases(t) {
		inputs[folder] = goldenInput(t, folder)
		first[folder] = run(inputs[folder])
	}
	var group sync.WaitGroup
	for range 4 {
		for _, folder := range slices.Sorted(maps.Keys(inputs)) {
			group.Go(func() {
				if diff := cmp.Diff(first[folder], run(inputs[folder])); diff != "" {
					t.Errorf("%s: another run gives other output:\n%s", folder, diff)
				}
			})
		}
	}
	group.Wait()
}

func TestListMethodsAreShort(t *testing.T) {
	paths, err := filepath.Glob("testdata/*/want/*.gen.go")
	if err != nil {
		t.Fatal(err)
	}
	lists := 0
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		for block := range strings.SplitSeq(string(b), "\n\n") {
			if !strings.Contains(block, "runtime.List[") {
				continue
			}
			lists++
			if n := len(strings.Split(strings.TrimSpace(block), "\n")); n > 8 {
				t.Errorf("%s: a list method has %d lines:\n%s", p, n, block)
			}
		}
	}
	if lists == 0 {
		t.Error("no golden case has a list method")
	}
}
