package cli

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const petSpec = `openapi: 3.0.3
info: {title: Pets, version: "1"}
servers: [{url: https://api.example.com}]
paths:
  /pets:
    get:
      tags: [Pets]
      operationId: ListPets
      responses: {"204": {description: none}}
`

const petOverlay = `overlay: 1.1.0
info: {title: Pets, version: "1"}
actions:
  - target: $.paths['/pets'].get
    update: {x-operation-name: Pets.All}
`

// tree writes files into a new folder and returns it.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		put(t, filepath.Join(dir, name), content)
	}
	return dir
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// snapshot reads all files of a folder; folders end in a slash.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, p)
		if e.IsDir() {
			out[filepath.ToSlash(name)+"/"] = ""
			return nil
		}
		b, err := os.ReadFile(p)
		out[filepath.ToSlash(name)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// weir runs the command in dir.
func weir(dir string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = Run(args, Environment{Dir: dir, Stdout: &out, Stderr: &errs})
	return code, out.String(), errs.String()
}

func TestGenerateProviders(t *testing.T) {
	dir := tree(t, map[string]string{
		"specs/pets/openapi.yaml":        petSpec,
		"specs/pets/limits.overlay.yaml": petOverlay,
		"specs/zoo/openapi.json":         `{"openapi":"3.0.3","info":{"title":"Zoo","version":"1"},"paths":{}}`,
		"sdk/pets/auth.go":               "package pets\n",
		"sdk/pets/old.gen.go":            marker + "package pets\n",
		"sdk/pets/foreign.gen.go":        "package pets\n",
	})
	code, stdout, stderr := weir(dir, "generate")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	want := "pets: 1 operations in 5 files of sdk/pets, 6 changed, 0 left out\nzoo: 0 operations in 4 files of sdk/zoo, 4 changed, 0 left out\n"
	if diff := cmp.Diff(want, stdout); diff != "" {
		t.Errorf("stdout -want +got:\n%s", diff)
	}
	got := snapshot(t, dir)
	for name, present := range map[string]bool{
		"sdk/pets/pets.gen.go": true, "sdk/pets/client.gen.go": true, "sdk/zoo/api.gen.go": true,
		"sdk/pets/auth.go": true, "sdk/pets/foreign.gen.go": true, "sdk/pets/old.gen.go": false,
	} {
		if _, ok := got[name]; ok != present {
			t.Errorf("%s is there: %v, want %v", name, ok, present)
		}
	}
	if !strings.HasPrefix(got["sdk/pets/pets.gen.go"], marker+"// Source: specs/pets/openapi.yaml\n") {
		t.Errorf("the header is %q", strings.SplitN(got["sdk/pets/pets.gen.go"], "\n\n", 2)[0])
	}
	if !strings.Contains(got["sdk/pets/pets.gen.go"], "All(ctx context.Context") {
		t.Error("the annotations were not applied")
	}

	code, stdout, stderr = weir(dir, "generate", "--check")
	if code != 0 || strings.Contains(stdout, "differs") {
		t.Errorf("--check after generate: exit %d: %s%s", code, stdout, stderr)
	}
	if diff := cmp.Diff(got, snapshot(t, dir)); diff != "" {
		t.Errorf("--check changed files:\n%s", diff)
	}
}

func TestCheckListsWhatIsWrong(t *testing.T) {
	dir := tree(t, map[string]string{"specs/pets/openapi.yaml": petSpec})
	if code, _, stderr := weir(dir, "generate"); code != 0 {
		t.Fatal(stderr)
	}
	put(t, filepath.Join(dir, "sdk/pets/client.gen.go"), marker+"package changed\n")
	put(t, filepath.Join(dir, "sdk/pets/gone.gen.go"), marker+"package pets\n")
	if err := os.Remove(filepath.Join(dir, "sdk/pets/api.gen.go")); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, dir)
	code, stdout, stderr := weir(dir, "generate", "pets", "--check")
	if code != 1 {
		t.Errorf("exit %d, want 1", code)
	}
	for _, line := range []string{"sdk/pets/api.gen.go: missing\n", "sdk/pets/client.gen.go: differs\n", "sdk/pets/gone.gen.go: no longer emitted\n"} {
		if !strings.Contains(stdout, line) {
			t.Errorf("stdout lacks %q:\n%s", line, stdout)
		}
	}
	if !strings.Contains(stderr, "3 generated files are not up to date") {
		t.Errorf("stderr: %s", stderr)
	}
	if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
		t.Errorf("--check changed files:\n%s", diff)
	}
}

func TestGenerateDocument(t *testing.T) {
	dir := tree(t, map[string]string{"api/pets.yaml": petSpec, "api/limits.yaml": petOverlay})
	code, stdout, stderr := weir(dir, "generate", "--spec", "./api/pets.yaml", "--annotations=api/limits.yaml", "--package", "pets", "--out", "internal/pets")
	if code != 0 {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	got := snapshot(t, dir)["internal/pets/pets.gen.go"]
	if !strings.HasPrefix(got, marker+"// Source: api/pets.yaml\n") {
		t.Errorf("header: %.120s", got)
	}
	// From any folder, and by an absolute path, the files are the same.
	elsewhere := t.TempDir()
	code, _, stderr = weir(elsewhere, "generate", "--spec", filepath.Join(dir, "api/pets.yaml"), "--package", "pets", "--out", filepath.Join(elsewhere, "out"))
	if code != 0 {
		t.Fatal(stderr)
	}
	if got := snapshot(t, elsewhere)["out/api.gen.go"]; !strings.HasPrefix(got, marker+"// Source: pets.yaml\n") || strings.Contains(got, dir) {
		t.Errorf("header: %.200s", got)
	}
}

// TestNothingIsWritten lists what must fail, with its exit status and the words
// of its message; none of it may change a file.
func TestNothingIsWritten(t *testing.T) {
	files := map[string]string{
		"specs/pets/openapi.yaml":     petSpec,
		"specs/zoo/openapi.yaml":      "openapi: 3.0.3\ninfo: [",
		"specs/empty/readme.md":       "",
		"specs/Bad-Name/openapi.yaml": petSpec,
		"foreign/client.gen.go":       "package foreign // mine\n",
		"file":                        "not a folder",
		"overlay.yaml":                "overlay: 1.1.0\ninfo: {title: a, version: '1'}\nactions:\n  - target: $.paths['/nosuch']\n    update: {}\n",
	}
	document := func(more ...string) []string {
		return append([]string{"generate", "--spec", "specs/pets/openapi.yaml", "--package", "pets"}, more...)
	}
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no command":           {nil, 2, "weir generate"},
		"unknown command":      {[]string{"generat"}, 2, `unknown command "generat"`},
		"unknown flag":         {[]string{"generate", "--cheque"}, 2, "flag provided but not defined: -cheque"},
		"flag without value":   {[]string{"generate", "--spec"}, 2, "needs an argument"},
		"unknown provider":     {[]string{"generate", "nosuch"}, 1, `no provider "nosuch" in specs: there are Bad-Name, empty, pets, zoo`},
		"one bad of two":       {[]string{"generate", "pets", "zoo"}, 1, "specs/zoo/openapi.yaml:2"},
		"no document":          {[]string{"generate", "empty"}, 1, "has no openapi.yaml"},
		"bad provider name":    {[]string{"generate", "Bad-Name"}, 1, `package name "Bad-Name"`},
		"missing spec":         {[]string{"generate", "--spec", "nosuch.yaml", "--package", "a", "--out", "b"}, 1, "nosuch.yaml"},
		"missing annotations":  {document("--out", "out", "--annotations", "nosuch.yaml"), 1, "nosuch.yaml"},
		"bad annotations":      {document("--out", "out", "--annotations", "overlay.yaml"), 1, "overlay.yaml:4"},
		"bad package":          {[]string{"generate", "--spec", "specs/pets/openapi.yaml", "--package", "my-pets", "--out", "out"}, 1, `package name "my-pets"`},
		"no out":               {document(), 2, "--out is missing"},
		"no package":           {[]string{"generate", "--spec", "a", "--out", "b"}, 2, "--package is missing"},
		"provider and spec":    {document("--out", "out", "zoo"), 2, "exclude each other"},
		"foreign file":         {document("--out", "foreign"), 1, "was not written by weir"},
		"out is a file":        {document("--out", "file"), 1, "not a folder"},
		"out is below a file":  {document("--out", "file/sub"), 1, "file/sub"},
		"version of something": {[]string{"version", "x"}, 2, "no arguments"},
		"help of something":    {[]string{"help", "nosuch"}, 2, `unknown command "nosuch"`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := tree(t, files)
			before := snapshot(t, dir)
			code, stdout, stderr := weir(dir, c.args...)
			if code != c.code || !strings.Contains(stderr, c.want) {
				t.Errorf("exit %d, want %d; stderr lacks %q:\n%s%s", code, c.code, c.want, stdout, stderr)
			}
			if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
				t.Errorf("files changed:\n%s", diff)
			}
		})
	}
}

func TestNoSpecsFolder(t *testing.T) {
	code, _, stderr := weir(t.TempDir(), "generate")
	if code != 1 || !strings.Contains(stderr, "no folder specs here") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

func TestHelpAndVersion(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"--help"}, {"-h"}, {"help", "generate"}, {"generate", "--help"}, {"version"}} {
		code, stdout, stderr := weir(t.TempDir(), args...)
		if code != 0 || stdout == "" || stderr != "" {
			t.Errorf("weir %v: exit %d, stdout %q, stderr %q", args, code, stdout, stderr)
		}
	}
	if _, stdout, _ := weir(t.TempDir(), "help", "generate"); !strings.Contains(stdout, "--annotations FILE") {
		t.Errorf("help generate does not name the flags:\n%s", stdout)
	}
}

// TestApplyIsAllOrNothing breaks a set of changes half-way: the second file's
// place is taken by a folder, which shows only when it is renamed.
func TestApplyIsAllOrNothing(t *testing.T) {
	dir := tree(t, map[string]string{"sdk/a/a.gen.go": "old a", "sdk/a/stale.gen.go": "stale", "sdk/a/z.gen.go/file": "x"})
	before := snapshot(t, dir)
	at := func(name string) string { return filepath.Join(dir, "sdk", name) }
	changes := changeSet{
		{kind: differs, path: at("a/a.gen.go"), old: []byte("old a"), new: []byte("new a")},
		{kind: stale, path: at("a/stale.gen.go"), old: []byte("stale")},
		{kind: missing, path: at("b/c/b.gen.go"), new: []byte("new b")},
		{kind: missing, path: at("a/z.gen.go"), new: []byte("z")},
	}
	if err := changes.apply(); err == nil {
		t.Fatal("renaming onto a folder did not fail")
	}
	if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
		t.Errorf("-before +after:\n%s", diff)
	}
}

// TestStagingFailureLeavesNothing has a folder that cannot be made.
func TestStagingFailureLeavesNothing(t *testing.T) {
	dir := tree(t, map[string]string{"a/a.gen.go": "old", "blocked": "a file"})
	before := snapshot(t, dir)
	changes := changeSet{
		{kind: differs, path: filepath.Join(dir, "a/a.gen.go"), old: []byte("old"), new: []byte("new")},
		{kind: missing, path: filepath.Join(dir, "new/b.gen.go"), new: []byte("b")},
		{kind: missing, path: filepath.Join(dir, "blocked/c.gen.go"), new: []byte("c")},
	}
	if err := changes.apply(); err == nil {
		t.Fatal("writing below a file did not fail")
	}
	if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
		t.Errorf("-before +after:\n%s", diff)
	}
}

// A file stands where the folder should be: unlike a folder without permission,
// nobody can write to that, not even root.
func TestUnwritableFolder(t *testing.T) {
	dir := tree(t, map[string]string{"specs/pets/openapi.yaml": petSpec, "sdk/pets": "not a folder"})
	before := snapshot(t, dir)
	code, _, stderr := weir(dir, "generate")
	if code != 1 || !strings.Contains(stderr, "sdk/pets") || !strings.Contains(stderr, "not a folder") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if !maps.Equal(before, snapshot(t, dir)) {
		t.Error("files changed")
	}
}

// What could not be written is not told as changed.
func TestNothingIsToldBeforeItIsWritten(t *testing.T) {
	dir := tree(t, map[string]string{"pets.yaml": petSpec})
	if err := os.Symlink("nowhere", filepath.Join(dir, "out")); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := weir(dir, "generate", "--spec", "pets.yaml", "--package", "pets", "--out", "out")
	if code != 1 || stdout != "" || !strings.Contains(stderr, "file exists") {
		t.Errorf("exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}
