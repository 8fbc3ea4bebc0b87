package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/weirkit/weir/generator"

	"github.com/weirkit/weir/generator/load"
)

// rootOf begins a module of one's own that has weir as a tool.
const rootOf = "module example.com/connector\n\ngo 1.26\n\ntool github.com/weirkit/weir\n"

func cursorSpec(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../draft/testdata/cursor/spec.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestNew(t *testing.T) {
	spec := cursorSpec(t)
	dir := tree(t, map[string]string{"go.mod": rootOf, "vendor.yml": spec})
	code, stdout, stderr := weir(dir, "new", "acme", "--spec", "vendor.yml")
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	const want = `acme: 4 operations, 0 left out

  lists    2 with pages (cursor 2), 0 of whose pages nothing is known
  guesses  8: x-account, x-quota-headers, x-errors, x-rate-limit (4), x-pagination (2), x-result (2), x-body (1), x-idempotency (1)
  unknown  3: x-rate-limits, x-plans, x-errors

It has written specs/acme/openapi.yaml as it came, and specs/acme/limits.overlay.yaml.
Next:
  1. review specs/acme/limits.overlay.yaml: search for "guess:" and "unknown:"
  2. add this line to a Go file beside specs:
     //go:generate go tool weir generate --spec specs/acme/openapi.yaml --annotations specs/acme/limits.overlay.yaml --package acme --out acme
  3. go generate ./...
`
	if diff := cmp.Diff(want, stdout); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	files := snapshot(t, dir)
	if files["specs/acme/openapi.yaml"] != spec {
		t.Error("the document was changed")
	}
	golden, err := os.ReadFile("../draft/testdata/cursor/want.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), files["specs/acme/limits.overlay.yaml"]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if code, _, stderr := weir(dir, "generate"); code != 0 {
		t.Errorf("generate: exit %d: %s", code, stderr)
	}
	if got := snapshot(t, dir)["sdk/acme/client.gen.go"]; !strings.Contains(got, "func New(workspace string, ") {
		t.Errorf("the guesses are not in the code:\n%s", got)
	}
}

// TestNewSaysWhatComesNext in each kind of module.
func TestNewSaysWhatComesNext(t *testing.T) {
	for name, c := range map[string]struct {
		mod, want string
	}{
		"weir's own":     {"module github.com/weirkit/weir\n", "  2. go generate ./...\n  3. go run . limits acme\n"},
		"without a tool": {"module example.com/a\n\nrequire github.com/weirkit/weir v1.0.0\n", "  2. go get -tool github.com/weirkit/weir\n  3. add this line"},
		"tools":          {"module example.com/a\n\ntool (\n\tgithub.com/weirkit/weir\n)\n", "  2. add this line"},
		"no module":      {"", "  2. go mod init MODULE\n  3. go get -tool github.com/weirkit/weir\n  4. add this line"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"pets.yaml": petSpec}
			if c.mod != "" {
				files["go.mod"] = c.mod
			}
			if _, stdout, _ := weir(tree(t, files), "new", "--spec=pets.yaml", "acme"); !strings.Contains(stdout, c.want) {
				t.Errorf("%q is not in\n%s", c.want, stdout)
			}
		})
	}
}

// TestNewFailures: each leaves all files as they were, and no other beside them.
func TestNewFailures(t *testing.T) {
	dir := tree(t, map[string]string{
		"go.mod": rootOf, "pets.yaml": petSpec, "broken.yaml": "openapi: 3.0.3\npaths: {", "overlay.yaml": petOverlay, "folder/x": "x",
		"none.yaml":         "openapi: 3.0.3\ninfo: {title: None, version: \"1\"}\npaths: {}\n",
		"lost.yaml":         strings.Replace(petSpec, `{"204": {description: none}}`, `{"200": {$ref: '#/components/responses/Pet'}}`, 1),
		"specs/taken/notes": "mine", "specs/file": "",
	})
	before := snapshot(t, dir)
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"", 2, "new: the name is missing: write weir new NAME --spec FILE"},
		{"pets", 2, "new: --spec is missing"},
		{"pets zoo --spec pets.yaml", 2, `"zoo" is one word too many`},
		{"pets --specs pets.yaml", 2, "flag provided but not defined: -specs: see weir help new"},
		{"Pets --spec pets.yaml", 2, `the name "Pets": it becomes a Go package, so write lower-case letters and digits, as acme`},
		{"my-pets --spec pets.yaml", 2, "it becomes a Go package"},
		{"../pets --spec pets.yaml", 2, "it becomes a Go package"},
		{"_pets --spec pets.yaml", 2, "it becomes a Go package"},
		{"2pets --spec pets.yaml", 2, "it becomes a Go package"},
		{"func --spec pets.yaml", 2, `the name "func": it is a word of Go's, so choose another, as funcapi`},
		{"string --spec pets.yaml", 2, "it is a word of Go's"},
		{"context --spec pets.yaml", 2, "it is a package of the standard library"},
		{"http --spec pets.yaml", 2, "it is a package of the standard library"},
		{"runtime --spec pets.yaml", 2, "it is a package of weir's"},
		{"internal --spec pets.yaml", 2, "the go command lets nobody else import it"},
		{"pets_test --spec pets.yaml", 2, "the go command takes it for a test, so choose another, as petsapi"},
		{"taken --spec pets.yaml", 1, "specs/taken is there already, and weir new overwrites nothing"},
		{"file --spec pets.yaml", 1, "specs/file is there already"},
		{"pets --spec nowhere.yaml", 1, "read the document: open "},
		{"pets --spec folder", 1, "is a directory"},
		{"pets --spec broken.yaml", 1, "broken.yaml:2: not valid YAML"},
		{"pets --spec lost.yaml", 1, "lost.yaml:9: the reference #/components/responses/Pet leads nowhere"},
		{"pets --spec overlay.yaml", 1, "overlay.yaml:1: this is an overlay, not an OpenAPI document"},
		{"pets --spec none.yaml", 1, "none.yaml: the document has no operation"},
	} {
		code, stdout, stderr := weir(dir, append([]string{"new"}, strings.Fields(c.args)...)...)
		if code != c.code || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want exit %d and %q", c.args, code, stdout, stderr, c.code, c.want)
		}
	}
	if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
		t.Errorf("files changed:\n%s", diff)
	}
	// Where nothing can be written, nothing is left half-written.
	if err := os.Chmod(filepath.Join(dir, "specs"), 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(filepath.Join(dir, "specs"), 0o700) })
	if os.Getuid() != 0 { // root writes everywhere
		if code, _, stderr := weir(dir, "new", "pets", "--spec", "pets.yaml"); code != 1 || !strings.Contains(stderr, "write specs/pets: ") {
			t.Errorf("exit %d: %s", code, stderr)
		}
		if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
			t.Errorf("files changed:\n%s", diff)
		}
	}
}

// TestNewOfEveryDocument: of each document of the repository weir new makes what
// weir generate takes as it is, and no operation is lost by it.
func TestNewOfEveryDocument(t *testing.T) {
	var specs []string
	for _, pattern := range []string{"../testdata/*/spec.*", "../*/testdata/spec.*", "../*/testdata/*/spec.*", "testdata/*/specs/*/openapi.*", "../../specs/*/openapi.*"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		specs = append(specs, found...)
	}
	made := 0
	for _, spec := range specs {
		text, err := os.ReadFile(spec)
		if err != nil {
			t.Fatal(err)
		}
		lost := 0
		if !strings.HasPrefix(spec, "../../specs/") { // those are large, and of them none is wrong
			plain, err := generator.Generate(generator.Input{Package: "acme", Input: load.Input{Spec: text}})
			if err != nil || plain.Report.Operations == 0 {
				continue // a case of a wrong document
			}
			lost = len(plain.Report.LeftOut)
		}
		made++
		dir := tree(t, map[string]string{"vendor" + filepath.Ext(spec): string(text)})
		code, stdout, stderr := weir(dir, "new", "acme", "--spec", "vendor"+filepath.Ext(spec))
		operations, _, _ := strings.Cut(stdout, ",")
		if code != 0 {
			t.Errorf("new of %s: exit %d: %s", spec, code, stderr)
			continue
		}
		code, stdout, stderr = weir(dir, "generate")
		if left := fmt.Sprintf(" %d left out\n", lost); code != 0 || !strings.HasPrefix(stdout, operations+" in ") || !strings.HasSuffix(stdout, left) {
			t.Errorf("generate of %s: exit %d: %s%s", spec, code, stdout, stderr)
		}
	}
	if made < 35 {
		t.Errorf("only %d documents were good enough", made)
	}
	t.Log(made, "documents")
}

func TestNewHelp(t *testing.T) {
	const want = `usage: weir new NAME --spec FILE

begin a provider in specs/: its document, and annotations drafted from it to review

  --spec FILE
	the provider's document, a FILE of OpenAPI 2.0, 3.0 or 3.1 in YAML or JSON; it is copied as it is
`
	if _, stdout, _ := weir(".", "help", "new"); stdout != want {
		t.Errorf("got\n%s", stdout)
	}
	if _, stdout, _ := weir(".", "help"); !strings.Contains(stdout, "\n  weir new       begin a provider in specs/") {
		t.Errorf("weir help does not list it:\n%s", stdout)
	}
}
