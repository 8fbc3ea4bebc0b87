package house

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// madeUp has one package that breaks each kind of rule.
func madeUp() Graph {
	graph := Graph{}
	for _, p := range []Package{
		{Path: ".", Name: "main", Imports: []string{"./generator"}},
		{Path: "./generator", Name: "generator", Imports: []string{"fmt", "example.com/yaml"}},
		{Path: "./runtime", Name: "runtime", Imports: []string{"fmt", "./runtime/page"}},
		{Path: "./runtime/page", Name: "page", Imports: []string{"./runtime/common"}, TestImports: []string{"./sdk/acme"}},
		{Path: "./runtime/common", Name: "common", Imports: []string{"./generator"}},
		{Path: "./sdk/acme", Name: "acme", Imports: []string{"./runtime"}},
		{Path: "./sdk/globex", Name: "globex", Imports: []string{"./sdk/acme"}},
		{Path: "fmt", Name: "fmt", Standard: true, Imports: []string{"runtime"}},
		{Path: "runtime", Name: "runtime", Standard: true},
		{Path: "example.com/yaml", Name: "yaml", Imports: []string{"fmt"}},
	} {
		graph[p.Path] = p
	}
	return graph
}

func TestCheckRows(t *testing.T) {
	got := madeUp().CheckRows([]Row{
		{Package: ".", May: []string{"./generator"}},
		{Package: "./generator/...", May: []string{"./runtime/api"}, Why: "the tables are pure."},
		{Package: "./runtime", May: []string{"./runtime/..."}},
		{Package: "./runtime/...", May: []string{"./runtime/common", "./generator"}},
		{Package: "./sdk/acme", May: []string{"./runtime"}},
	})
	want := []string{
		"./generator imports example.com/yaml, and may import only std, ./runtime/api: the tables are pure.",
		"./sdk/globex: the table has no row for it: say what it may import, and why",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCheckBans(t *testing.T) {
	for name, test := range map[string]struct {
		ban  Ban
		want []string
	}{
		"through others": {
			Ban{From: "./runtime/...", To: "./generator/...", Why: "no."},
			[]string{
				"./runtime imports ./runtime/page imports ./runtime/common imports ./generator: no.",
				"./runtime/common imports ./generator: no.",
				"./runtime/page imports ./runtime/common imports ./generator: no.",
			},
		},
		"with an exception": {
			Ban{From: "./runtime/...", Not: "./runtime/common", To: "./generator", Why: "no."},
			[]string{
				"./runtime imports ./runtime/page imports ./runtime/common imports ./generator: no.",
				"./runtime/page imports ./runtime/common imports ./generator: no.",
			},
		},
		"a package is not its own neighbour": {
			Ban{From: "./sdk/...", To: "./sdk/...", Why: "apart."},
			[]string{"./sdk/globex imports ./sdk/acme: apart."},
		},
		"tests left out": {Ban{From: "./runtime/page", To: "./sdk/..."}, nil},
		"tests": {
			Ban{From: "./runtime/page", To: "./sdk/...", Tests: true, Why: "no."},
			[]string{"./runtime/page imports ./sdk/acme: no."},
		},
		"tests of others do not count": {Ban{From: "./runtime", To: "./sdk/...", Tests: true}, nil},
		"third parties": {
			Ban{From: "./generator", To: ThirdParty, Why: "std only."},
			[]string{"./generator imports example.com/yaml: std only."},
		},
		"std's runtime is not ours": {Ban{From: "./generator", To: "./runtime"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, madeUp().CheckBans([]Ban{test.ban})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCheckNames(t *testing.T) {
	want := []string{"./runtime/common: a package is named after what it provides, never common"}
	if diff := cmp.Diff(want, madeUp().CheckNames("util", "common")); diff != "" {
		t.Error(diff)
	}
}

func TestDecode(t *testing.T) {
	const list = `
{"ImportPath": "fmt", "Name": "fmt", "Standard": true}
{"ImportPath": "example.com/m", "Name": "main", "Imports": ["example.com/m/a", "fmt"]}
{"ImportPath": "example.com/m/a", "Name": "a", "Imports": ["fmt"], "TestImports": ["testing", "fmt"], "XTestImports": ["example.com/m/a", "example.com/more"]}
{"ImportPath": "example.com/m/a [example.com/m/a.test]", "Name": "a", "ForTest": "example.com/m/a"}
{"ImportPath": "example.com/m/a.test", "Name": "main"}
{"ImportPath": "example.com/more", "Name": "more"}`
	got, err := decode(strings.NewReader(list), "example.com/m")
	if err != nil {
		t.Fatal(err)
	}
	want := Graph{
		"fmt":              {Path: "fmt", Name: "fmt", Standard: true},
		".":                {Path: ".", Name: "main", Imports: []string{"./a", "fmt"}},
		"./a":              {Path: "./a", Name: "a", Imports: []string{"fmt"}, TestImports: []string{"example.com/more", "testing"}},
		"example.com/more": {Path: "example.com/more", Name: "more"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	if _, err := decode(strings.NewReader("{"), "example.com/m"); err == nil {
		t.Error("half a list: want an error")
	}
}
