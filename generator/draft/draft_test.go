package draft

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/weirkit/weir/generator"

	"github.com/weirkit/weir/generator/load"
)

var update = flag.Bool("update", false, "write the golden files")

func file(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestGolden drafts annotations of each folder of testdata; -update writes what
// they should be.
func TestGolden(t *testing.T) {
	specs, err := filepath.Glob("testdata/*/spec.*")
	if err != nil || len(specs) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, spec := range specs {
		t.Run(filepath.Base(filepath.Dir(spec)), func(t *testing.T) {
			in := Input{Package: "acme", SpecName: "spec.yaml", SpecFile: "openapi" + filepath.Ext(spec), Spec: file(t, spec)}
			d, err := Make(in)
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join(filepath.Dir(spec), "want.yaml")
			if *update {
				if err := os.WriteFile(golden, d.Overlay, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(file(t, golden)), string(d.Overlay)); diff != "" {
				t.Errorf("-want +got (go test -run Golden -update writes what it got):\n%s", diff)
			}
			for range 3 {
				again, err := Make(in)
				if err != nil || !bytes.Equal(again.Overlay, d.Overlay) {
					t.Fatalf("the second draft differs from the first: %v", err)
				}
			}
			checkNumbers(t, in.Spec, d.Overlay)
			generated, err := generator.Generate(generator.Input{Package: "acme", Input: load.Input{Spec: in.Spec, OverlayName: "limits.overlay.yaml", Overlay: d.Overlay}})
			if err != nil || len(generated.Report.LeftOut) > 0 {
				t.Errorf("generating from it: %v, left out %v", err, generated.Report.LeftOut)
			}
		})
	}
}

// checkNumbers has no number in a draft, outside of comments, that the document does not have.
func checkNumbers(t *testing.T, spec, overlay []byte) {
	t.Helper()
	for line := range strings.Lines(string(overlay)) {
		line, _, _ = strings.Cut(line, "#")
		_, after, found := strings.Cut(line, "max: ")
		if !found {
			continue
		}
		most, _, _ := strings.Cut(after, ",")
		if !bytes.Contains(spec, []byte(most)) {
			t.Errorf("%q has a number that the document does not have", strings.TrimSpace(line))
		}
	}
}
