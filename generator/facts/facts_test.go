package facts

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/weirkit/weir/generator/load"
)

var update = flag.Bool("update", false, "write the want.yaml and want.err files anew")

// readCase reads a folder of testdata: its document and, a line each, its flags.
func readCase(t *testing.T, dir string) Input {
	t.Helper()
	in := Input{SpecName: "vendor/spec.yaml"}
	var err error
	if in.Spec, err = os.ReadFile(filepath.Join(dir, "spec.yaml")); err != nil {
		t.Fatal(err)
	}
	choice, err := os.ReadFile(filepath.Join(dir, "choice"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(choice)) {
		flag, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch flag {
		case "tag":
			in.Tags = append(in.Tags, value)
		case "operation":
			in.Operations = append(in.Operations, value)
		case "title":
			in.Title = value
		case "source":
			in.Source = value
		default:
			t.Fatalf("%s: no flag %q", dir, flag)
		}
	}
	return in
}

func cases(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob("testdata/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	return dirs
}

// TestGolden imports each folder of testdata. All prose in them has the word
// prose in it.
func TestGolden(t *testing.T) {
	for _, dir := range cases(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			in := readCase(t, dir)
			result, err := Import(in)
			got, golden := result.YAML, filepath.Join(dir, "want.yaml")
			if err != nil {
				got, golden = []byte(err.Error()+"\n"), filepath.Join(dir, "want.err")
			}
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, readErr := os.ReadFile(golden)
			if readErr != nil {
				t.Fatalf("%v (the error is %v)", readErr, err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if err != nil {
				return
			}
			_, body, _ := bytes.Cut(got, []byte("\nopenapi"))
			if bytes.Contains(bytes.ToLower(body), []byte("prose")) {
				t.Error("prose is left")
			}
			for line := range strings.Lines(string(got)) {
				if len(line) > lineWidth+1 && strings.Contains(line, ", ") {
					t.Errorf("a long line: %s", line)
				}
			}
		})
	}
}

// checkAgain says what holds of every result: it loads, and importing it gives
// the same bytes.
func checkAgain(t interface {
	Helper()
	Fatalf(string, ...any)
}, result Result) {
	t.Helper()
	again, err := Import(Input{SpecName: "again.yaml", Spec: result.YAML})
	if err != nil {
		t.Fatalf("the result cannot be imported: %v\n%s", err, result.YAML)
	}
	if diff := cmp.Diff(string(result.YAML), string(again.YAML)); diff != "" {
		t.Fatalf("the second import differs (-first +second):\n%s", diff)
	}
	if again.Operations != result.Operations || again.Components != result.Components {
		t.Fatalf("the second import has %d operations and %d components, the first %d and %d",
			again.Operations, again.Components, result.Operations, result.Components)
	}
	if _, err := load.Load(load.Input{SpecName: "again.yaml", Spec: result.YAML}); err != nil {
		t.Fatalf("the result does not load: %v\n%s", err, result.YAML)
	}
}

func TestAgain(t *testing.T) {
	imported := 0
	for _, dir := range cases(t) {
		if result, err := Import(readCase(t, dir)); err == nil {
			imported++
			checkAgain(t, result)
		}
	}
	if imported < 5 {
		t.Errorf("only %d cases are imported", imported)
	}
}

// TestHead: a choice from a result has a head comment of its own.
func TestHead(t *testing.T) {
	first, err := Import(readCase(t, "testdata/three"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := Import(Input{SpecName: "a/first.yaml", Spec: first.YAML, Tags: []string{"Users"}, Source: "the first\n  import"})
	if err != nil {
		t.Fatal(err)
	}
	want := Marker + "# Source: the first import\n# Made by: weir import --spec first.yaml --tag Users --out FILE\nopenapi: '3.0.3'\n"
	if got := string(second.YAML[:min(len(want), len(second.YAML))]); got != want {
		t.Errorf("the head is\n%swant\n%s", got, want)
	}
	if second.Operations != 1 {
		t.Errorf("%d operations have the tag Users, want 1", second.Operations)
	}
}
