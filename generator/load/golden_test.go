package load

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the want.err files anew")

// TestErrors loads each folder of testdata/errors and compares the error's text.
func TestErrors(t *testing.T) {
	cases, err := filepath.Glob("testdata/errors/*")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, dir := range cases {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			in := Input{SpecName: "spec.yaml"}
			if in.Spec, err = os.ReadFile(filepath.Join(dir, "spec.yaml")); err != nil {
				t.Fatal(err)
			}
			if overlay, err := os.ReadFile(filepath.Join(dir, "overlay.yaml")); err == nil {
				in.OverlayName, in.Overlay = "overlay.yaml", overlay
			}
			_, err := Load(in)
			if err == nil {
				t.Fatal("loaded without an error")
			}
			golden := filepath.Join(dir, "want.err")
			if *update {
				if err := os.WriteFile(golden, []byte(err.Error()+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, readErr := os.ReadFile(golden)
			if readErr != nil {
				t.Fatal(readErr)
			}
			if diff := cmp.Diff(string(want), err.Error()+"\n"); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}
