package generator

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirkit/weir/generator/load"
)

func TestPackageNameIsChecked(t *testing.T) {
	for _, name := range []string{"", "my-pets", "Pets", "func", "main", "2pets"} {
		_, err := Generate(Input{Package: name, Input: load.Input{SpecName: "s.yaml", Spec: []byte("openapi: 3.0.3")}})
		if err == nil || !strings.Contains(err.Error(), "package name") {
			t.Errorf("package name %q: %v", name, err)
		}
	}
}

// FuzzGenerate holds Generate to its word on documents that nobody meant: it
// may fail, but not panic, and what it prints is Go (render parses it).
func FuzzGenerate(f *testing.F) {
	seeds, err := filepath.Glob("testdata/*/spec.*")
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, s := range seeds {
		b, err := os.ReadFile(s)
		if err != nil {
			f.Fatal(err)
		}
		overlay, err := os.ReadFile(filepath.Join(filepath.Dir(s), "overlay.yaml"))
		if err != nil && !os.IsNotExist(err) {
			f.Fatal(err)
		}
		f.Add(b, overlay)
	}
	f.Fuzz(func(t *testing.T, spec, overlay []byte) {
		_, err := Generate(Input{Package: "fuzz", Input: load.Input{SpecName: "spec", Spec: spec, OverlayName: "overlay", Overlay: overlay}})
		if err != nil && strings.Contains(err.Error(), "a fault of weir") {
			t.Error(err)
		}
	})
}
