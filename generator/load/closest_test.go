package load

import "testing"

func TestClosest(t *testing.T) {
	known := []string{"window", "bucket", "concurrency", "unlimited", "limit", "max"}
	for name, want := range map[string]string{
		"windw": "window", "windows": "window", "buckte": "bucket", "concurency": "concurrency", "unlimted": "unlimited",
		"mx": "max", "min": "", "scope": "", "": "", "limits": "limit",
	} {
		if got := Closest(name, known); got != want {
			t.Errorf("%q is closest to %q, want %q", name, got, want)
		}
	}
	if got := DidYouMean("rate", known, "write one"); got != ": write one" {
		t.Errorf("without a close name: %q", got)
	}
}
