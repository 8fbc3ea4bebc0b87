// Package docs tests the pages beside it by doing what they say.
package docs

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// step is one thing that the page does: a block that it marks as a file, as a part
// of a file that a command has written, or as what the command before prints; or a
// command.
var step = regexp.MustCompile("(?ms)^<!-- (?:(file|part of): (\\S+)|output) -->\n```[a-z]*\n(.*?)```$|^    (go [^\n]+)$")

// TestAddingAProvider follows adding-a-provider.md in a module outside of
// weir's own, from the top on: it writes the page's files, runs its commands, and
// compares what they write and print with what the page says.
func TestAddingAProvider(t *testing.T) {
	page, err := os.ReadFile("adding-a-provider.md")
	if err != nil {
		t.Fatal(err)
	}
	page, _, _ = bytes.Cut(page, []byte("\n## In weir itself\n"))
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	// Everything that the module needs is here already, with its checksums: see
	// scripts/setup, which make test begins with.
	sums, err := os.ReadFile("../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, "go.sum", sums)
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOSUMDB", "off")
	t.Setenv("GOFLAGS", "-mod=mod")
	t.Setenv("GOWORK", "off")
	var printed string
	commands, compared := 0, 0
	for _, match := range step.FindAllSubmatch(page, -1) {
		kind, name, content, command := string(match[1]), string(match[2]), match[3], string(match[4])
		switch {
		case command != "":
			run(t, dir, "go", "mod", "tidy")
			printed = run(t, dir, strings.Fields(command)...)
			commands++
		case kind == "file":
			if name == "go.mod" {
				content = append(content, "\nreplace github.com/weirkit/weir => "+root+"\n"...)
			}
			write(t, dir, name, content)
		case kind == "part of":
			whole, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(whole, content) {
				t.Errorf("this is no part of %s:\n%s\nwhich is\n%s", name, content, whole)
			}
			compared++
		default:
			if diff := cmp.Diff(string(content), printed); diff != "" {
				t.Errorf("the command prints something else (-page +got):\n%s", diff)
			}
			compared++
		}
	}
	if commands < 3 || compared < 4 {
		t.Errorf("the page has %d commands, and %d blocks to compare", commands, compared)
	}
	run(t, dir, "go", "vet", "./...")
	run(t, dir, "go", "tool", "weir", "generate", "--check",
		"--spec", "specs/acme/openapi.yaml", "--annotations", "specs/acme/limits.overlay.yaml", "--package", "acme", "--out", "acme")
}

func write(t *testing.T, dir, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir = dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s%s", cmd.Args, err, &stdout, &stderr)
	}
	return stdout.String()
}
