package draft

// This file fills in the forms of drafts, as a reviewer would, and has the
// generator read the result.

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/weirkit/weir/generator"

	"github.com/weirkit/weir/generator/load"
)

// filled is what a reviewer may write for each blank.
var filled = strings.NewReplacer("NUMBER", "5", "TIME", "1m", "https://PAGE", "https://acme.example/limits", "YYYY-MM-DD", "2026-11-21",
	"NAME", "pro", "FORM", "epoch-seconds", "HEADER", "X-Acme", "CODE", "gone", "$.PATH", "$.code", "TYPE", "offset", "SERVICE.METHOD", "Things.Find",
	"VERSION", "\"2\"", "LIMIT", "requests", "THEIRS", "theirs")

var (
	formStart      = regexp.MustCompile(`^( *)# (x-[a-z-]+:( .*[\]}])?|x-account: \w+|size: .*|codes: .*|(requests|concurrent): .*|- target: .*)( +#.*)?$`)
	blankParameter = regexp.MustCompile(`(?m)^ *(size|cursor): .*PARAMETER.*\n`)
)

// forms are the drafts that come of filling in one form each, by its first line.
func forms(text string) map[string]string {
	all := map[string]string{}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		m := formStart.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		indent := m[1] + "# "
		out := slices.Clone(lines)
		for j := i; j < len(lines) && strings.HasPrefix(lines[j], indent) && (j == i || strings.HasPrefix(lines[j], indent+" ")); j++ {
			out[j] = m[1] + lines[j][len(indent):]
		}
		if m[4] == "requests" { // instead of the one without a number
			at := slices.IndexFunc(out, func(l string) bool { return strings.Contains(l, "requests: {unlimited: true") })
			out[at] = ""
		}
		done := strings.Replace(strings.Join(out, "\n"), "update: {}   #", "update:   #", 1)
		if blankParameter.MatchString(done) {
			done = strings.ReplaceAll(done, "type: TYPE", "type: link") // it needs no parameter
		}
		all[strings.TrimSpace(line)] = filled.Replace(blankParameter.ReplaceAllString(done, ""))
	}
	return all
}

func TestFormsFilledIn(t *testing.T) {
	specs, err := filepath.Glob("testdata/*/spec.*")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, spec := range specs {
		text, err := os.ReadFile(spec)
		if err != nil {
			t.Fatal(err)
		}
		for form, overlay := range forms(string(file(t, filepath.Join(filepath.Dir(spec), "want.yaml")))) {
			key, _, _ := strings.Cut(strings.TrimPrefix(form, "# "), ":")
			kinds[key] = true
			if _, err := generator.Generate(generator.Input{Package: "acme", Input: load.Input{Spec: text, OverlayName: "limits.overlay.yaml", Overlay: []byte(overlay)}}); err != nil {
				t.Errorf("%s: %s\nfilled in gives %v\n%s", spec, form, err, overlay)
			}
		}
	}
	for _, key := range []string{"x-account", "x-headers", "x-plans", "x-quota-headers", "x-throttling", "x-errors", "codes", "requests", "concurrent", "size", "- target"} {
		if !kinds[key] {
			t.Errorf("no draft has a form of %s; there are %v", key, kinds)
		}
	}
}
