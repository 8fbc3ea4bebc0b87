package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/weirkit/weir/generator"
	"github.com/weirkit/weir/generator/facts"

	"github.com/weirkit/weir/generator/load"
)

const wordySpec = `openapi: 3.0.3
info: {title: Pets, version: "1", description: All about pets.}
servers: [{url: https://api.example.com}]
paths:
  /pets:
    get:
      tags: [Pets]
      operationId: ListPets
      summary: Lists pets.
      responses: {"204": {description: none}}
  /cats:
    get:
      tags: [Cats]
      operationId: ListCats
      responses: {"204": {description: none}}
`

func TestImport(t *testing.T) {
	dir := tree(t, map[string]string{"vendor/pets.yaml": wordySpec})
	code, stdout, stderr := weir(dir, "import", "--spec", "vendor/pets.yaml", "--out=specs/pets/openapi.yaml", "--tag", "Pets")
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	const want = "# Bare facts of an OpenAPI document, without its prose: see weir help import.\n" +
		"# Made by: weir import --spec pets.yaml --tag Pets --out FILE\n" + `openapi: '3.0.3'
info:
  title: Pets
  version: '1'
servers: [{url: https://api.example.com}]

paths:
  /pets:
    get:
      operationId: ListPets
      tags: [Pets]
      responses: {'204': {description: ''}}
`
	if diff := cmp.Diff(want, snapshot(t, dir)["specs/pets/openapi.yaml"]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if want := "specs/pets/openapi.yaml: 1 operations and 0 components in 14 lines; "; !strings.HasPrefix(stdout, want) {
		t.Errorf("stdout is %q, want %q", stdout, want)
	}

	// What import has made it makes again, from another choice too.
	code, _, stderr = weir(dir, "import", "--spec", "vendor/pets.yaml", "--out", "specs/pets/openapi.yaml", "--operation", "GET /pets", "--operation", "ListCats")
	if got := snapshot(t, dir)["specs/pets/openapi.yaml"]; code != 0 || !strings.Contains(got, "/cats:") {
		t.Errorf("exit %d: %s\n%s", code, stderr, got)
	}
}

// TestImportFailures: each leaves all files as they were, and no other beside them.
func TestImportFailures(t *testing.T) {
	dir := tree(t, map[string]string{
		"pets.yaml": wordySpec, "mine.yaml": "# By hand.\n" + wordySpec, "broken.yaml": "openapi: 3.0.3\npaths: {", "folder/x": "x",
		"locked/made.yaml": facts.Marker,
	})
	if err := os.Chmod(filepath.Join(dir, "locked"), 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(filepath.Join(dir, "locked"), 0o700) })
	before := snapshot(t, dir)
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"--out new.yaml", 2, "--spec is missing"},
		{"--spec pets.yaml", 2, "--out is missing"},
		{"--spec pets.yaml --out new.yaml ListPets", 2, `"ListPets" is one word too many`},
		{"--spec pets.yaml --out new.yaml --tags Pets", 2, "flag provided but not defined: -tags: see weir help import"},
		{"--spec pets.yaml --out new.yaml --tag=", 2, "it is empty"},
		{"--spec nowhere.yaml --out new.yaml", 1, "read the document: open "},
		{"--spec broken.yaml --out new.yaml", 1, "broken.yaml:2: not valid YAML"},
		{"--spec pets.yaml --out new.yaml --tag Pet", 1, `pets.yaml:1: no operation has the tag "Pet": did you mean Pets?`},
		{"--spec pets.yaml --out new.yaml --operation listPets", 1, `there is no operation "listPets": did you mean ListPets?`},
		{"--spec pets.yaml --out mine.yaml", 1, "mine.yaml was not made by weir import: move it away, or name another file by --out"},
		{"--spec pets.yaml --out folder", 1, "folder: is a directory"},
		{"--spec pets.yaml --out folder/x/new.yaml", 1, "not a directory"},
	} {
		code, stdout, stderr := weir(dir, append([]string{"import"}, strings.Fields(c.args)...)...)
		if code != c.code || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want exit %d and %q", c.args, code, stdout, stderr, c.code, c.want)
		}
	}
	if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
		t.Errorf("files changed:\n%s", diff)
	}
}

// comments are what generated code may differ in: the source's name, and where a
// component's own name went.
var comments = regexp.MustCompile(`(?m)^\s*//.*\n`)

// TestImportGeneratesTheSame: of each golden case of the generator the same code
// comes, whether it is generated from the document or from its import.
func TestImportGeneratesTheSame(t *testing.T) {
	specs, err := filepath.Glob("../testdata/*/spec.*")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, spec := range specs {
		if strings.Contains(spec, "/auth/") {
			continue // its point are schemes that no operation asks for, which are not imported
		}
		original, err := os.ReadFile(spec)
		if err != nil {
			t.Fatal(err)
		}
		imported, err := facts.Import(facts.Input{SpecName: spec, Spec: original})
		if err != nil {
			continue // a case of a wrong document
		}
		overlay, err := os.ReadFile(filepath.Join(filepath.Dir(spec), "overlay.yaml"))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		in := generator.Input{Package: "acme", Input: load.Input{SpecName: "spec.yaml", Spec: original, OverlayName: "overlay.yaml", Overlay: overlay}}
		want, err := generator.Generate(in)
		if err != nil {
			continue // a case of a wrong overlay
		}
		in.Spec = imported.YAML
		got, err := generator.Generate(in)
		if err != nil {
			t.Errorf("%s: %v", spec, err)
			continue
		}
		compared++
		if diff := cmp.Diff(code(want.Sources), code(got.Sources)); diff != "" {
			t.Errorf("%s: the code differs (-original +imported):\n%s", spec, diff)
		}
	}
	if compared < 15 {
		t.Errorf("only %d cases were compared", compared)
	}
}

func code(sources map[string][]byte) map[string]string {
	out := map[string]string{}
	for name, text := range sources {
		out[name] = string(bytes.TrimSpace(comments.ReplaceAll(text, nil)))
	}
	return out
}
