// Package docs tests the pages beside it by doing what they say.
package docs

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fence is a block that the page marks as a file, or as what the program prints.
var fence = regexp.MustCompile("(?s)<!-- (?:file: (\\S+)|output) -->\n```[a-z]*\n(.*?)```\n")

// TestAddingAProvider follows adding-a-provider.md in a module outside of
// weir's own: it writes the page's files, generates, builds and runs.
func TestAddingAProvider(t *testing.T) {
	page, err := os.ReadFile("adding-a-provider.md")
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var output string
	for _, block := range fence.FindAllSubmatch(page, -1) {
		name, content := string(block[1]), block[2]
		if name == "" {
			output = string(content)
			continue
		}
		if name == "go.mod" {
			content = append(content, "\nreplace github.com/weirkit/weir => "+root+"\n"...)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if output == "" {
		t.Fatal("the page shows no output")
	}
	// Everything that the module needs is here already, with its checksums: see
	// scripts/setup, which make test begins with.
	sums, err := os.ReadFile("../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOSUMDB", "off")
	t.Setenv("GOFLAGS", "-mod=mod")
	t.Setenv("GOWORK", "off")
	// The SDK is not there yet, and main.go imports it: -e, so that its generator
	// can be run all the same.
	run(t, dir, "go", "mod", "tidy", "-e")
	run(t, dir, "go", "generate", "./...")
	run(t, dir, "go", "mod", "tidy")
	run(t, dir, "go", "vet", "./...")
	if diff := cmp.Diff(output, run(t, dir, "go", "run", ".")); diff != "" {
		t.Errorf("the program prints something else (-page +got):\n%s", diff)
	}
	run(t, dir, "go", "tool", "weir", "generate", "--check",
		"--spec", "acme.yaml", "--annotations", "limits.overlay.yaml", "--package", "acme", "--out", "acme")
}

func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s%s", cmd.Args, err, &stdout, &stderr)
	}
	return stdout.String()
}
