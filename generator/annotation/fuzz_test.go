package annotation

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/weirkit/weir/generator/load"
)

// FuzzRead has overlays of every kind read: with an error or a set, and every
// error with its position.
func FuzzRead(f *testing.F) {
	spec := file(f, "testdata/spec.yaml")
	f.Add(file(f, "testdata/overlay.yaml"))
	cases, err := filepath.Glob("testdata/errors/*/overlay.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		text, err := os.ReadFile(c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, overlay []byte) {
		doc, err := load.Load(load.Input{SpecName: "spec.yaml", Spec: spec, OverlayName: "overlay.yaml", Overlay: overlay})
		if err != nil {
			return
		}
		set, err := Read(doc)
		if err == nil {
			Infer(doc, set)
			return
		}
		joined, ok := err.(interface{ Unwrap() []error })
		if !ok {
			t.Fatalf("%v is not a list of problems", err)
		}
		for _, e := range joined.Unwrap() {
			if e, ok := e.(*load.Error); !ok || e.Pos.Line == 0 {
				t.Errorf("%v has no position", e)
			}
		}
	})
}
