package annotation

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/weirkit/weir/runtime/api"
	"pgregory.net/rapid"
)

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"1s": time.Second, "1m": time.Minute, "10m": 10 * time.Minute, "15m": 15 * time.Minute, "1h": time.Hour,
		"24h": 24 * time.Hour, "250ms": 250 * time.Millisecond, "8784h": maxDuration,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%s is %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "60", "0s", "-1m", "1m30s", "1.5h", "1d", "01s", "1 m", "8785h", "999999999h", "1µs"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q is %v, want an error", text, got)
		}
	}
}

func TestParseRate(t *testing.T) {
	for _, c := range []struct {
		text   string
		refill int
		per    time.Duration
	}{
		{"300/s", 300, time.Second}, {"1/17s", 1, 17 * time.Second}, {"4/s", 4, time.Second}, {"100/1m", 100, time.Minute}, {"1/h", 1, time.Hour},
	} {
		if refill, per, err := ParseRate(c.text); err != nil || refill != c.refill || per != c.per {
			t.Errorf("%s is %d per %v, %v", c.text, refill, per, err)
		}
	}
	for _, text := range []string{"", "300", "0/s", "-1/s", "1/0s", "1/", "/s", "1.5/s", "1/d", "1/999999999h", "1 / s"} {
		if refill, per, err := ParseRate(text); err == nil {
			t.Errorf("%q is %d per %v, want an error", text, refill, per)
		}
	}
}

func TestParsePath(t *testing.T) {
	for text, want := range map[string]api.Path{
		"$": {}, "$.a": {"a"}, "$.meta.after_cursor": {"meta", "after_cursor"}, "$.@odata-next": {"@odata-next"},
	} {
		if got, err := ParsePath(text); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s is %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "a", "$.", "$.a.", "$..a", "$[0]", "$.a[0]", "$.*", "$['a']", "$.a b", "$a"} {
		if got, err := ParsePath(text); err == nil {
			t.Errorf("%q is %v, want an error", text, got)
		}
	}
}

// TestPathRoundTrip has every path written as it is read.
func TestPathRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := api.Path(rapid.SliceOf(rapid.StringMatching(`[a-zA-Z_@-]+`)).Draw(t, "names"))
		got, err := ParsePath(pathText(p))
		if err != nil || len(got) != len(p) || len(p) > 0 && !cmp.Equal(got, p) {
			t.Fatalf("%s is read as %v, %v", pathText(p), got, err)
		}
	})
}

func FuzzDuration(f *testing.F) {
	for _, text := range []string{"1s", "10m", "24h", "999999999h", "-1m", "1m30s"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err == nil && (d < time.Millisecond || d > maxDuration) {
			t.Errorf("%q is %v", text, d)
		}
	})
}

func FuzzRate(f *testing.F) {
	for _, text := range []string{"300/s", "1/17s", "1/999999999h", "0/s", "/"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		refill, per, err := ParseRate(text)
		if err == nil && (refill < 1 || per < time.Millisecond || per > maxDuration) {
			t.Errorf("%q is %d per %v", text, refill, per)
		}
	})
}
