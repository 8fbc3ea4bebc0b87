package docs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/internal/house"
)

// callSiteFiles are the files of bench/callsites by the SDK that they use, in the
// order of the page's columns.
var callSiteFiles = []struct{ sdk, file string }{
	{"go-github", "go_github_test.go"},
	{"sdk/github", "weir_github_test.go"},
	{"slack-go", "slack_go_test.go"},
	{"sdk/slack", "weir_slack_test.go"},
	{"stripe-go", "stripe_go_test.go"},
	{"openai-go", "openai_go_test.go"},
	{"sdk/zendesk", "weir_zendesk_test.go"},
}

// besides tells which SDKs each of ours stands beside.
var besides = map[string][]string{
	"sdk/github":  {"go-github"},
	"sdk/slack":   {"slack-go"},
	"sdk/zendesk": {"stripe-go", "openai-go"},
}

// longer are the lines that ours may have more than another, by job and other.
// The page says why, for each.
var longer = map[[2]string]int{
	{"List all", "openai-go"}: 2, // its loop leaves the error to a call after it
}

// TestCallSites holds call-sites.md to its claim: for each job, our code has no
// more lines than others'. Blocks are whole bodies of functions that bench runs,
// so no line is left out on either side, and every function is shown.
func TestCallSites(t *testing.T) {
	const folder = "bench/callsites/"
	page, err := os.ReadFile("call-sites.md")
	if err != nil {
		t.Fatal(err)
	}
	sdks, unseen := map[string]string{}, map[string]string{} // by path; by body
	for _, f := range callSiteFiles {
		sdks[folder+f.file] = f.sdk
		for name, body := range bodies(t, "../"+folder+f.file) {
			unseen[folder+f.file+"\n"+body] = name
		}
	}
	seen := maps.Clone(unseen)

	lines := strings.Split(string(page), "\n")
	var jobs []string
	counts := map[[2]string]int{} // of lines, by job and SDK
	for _, s := range house.Snippets(house.File{Path: "docs/call-sites.md", Text: string(page)}) {
		sdk, body := sdks[s.From], s.From+"\n"+strings.Join(s.Code, "\n")
		if seen[body] == "" {
			t.Errorf("line %d: the block is not the whole body of a function of %s", s.Line, s.From)
		}
		delete(unseen, body)
		job := heading(lines[:s.Line])
		if !slices.Contains(jobs, job) {
			jobs = append(jobs, job)
		}
		if counts[[2]string{job, sdk}] != 0 {
			t.Errorf("line %d: %s has two blocks of %s", s.Line, job, sdk)
		}
		for _, line := range s.Code {
			if line != "" {
				counts[[2]string{job, sdk}]++
			}
		}
	}
	for body, name := range unseen {
		file, _, _ := strings.Cut(body, "\n")
		t.Errorf("the page does not show %s of %s", name, path.Base(file))
	}

	for _, message := range longerThanOthers(jobs, counts) {
		t.Error(message)
	}
	if diff := cmp.Diff(table(jobs, counts), rowsOf(lines)); diff != "" {
		t.Errorf("the page's table counts otherwise (-want +page):\n%s", diff)
	}
}

// longerThanOthers tells where our code has more lines than the code beside it.
func longerThanOthers(jobs []string, counts map[[2]string]int) []string {
	var found []string
	compared := 0
	for _, job := range jobs {
		for _, ours := range slices.Sorted(maps.Keys(besides)) {
			for _, theirs := range besides[ours] {
				our, their := counts[[2]string{job, ours}], counts[[2]string{job, theirs}]
				if their == 0 {
					continue
				}
				compared++
				if our == 0 || our > their+longer[[2]string{job, theirs}] {
					found = append(found, fmt.Sprintf("%s: %s has %d lines, %s has %d", job, ours, our, theirs, their))
				}
			}
		}
	}
	if compared == 0 {
		found = append(found, "nothing is compared")
	}
	return found
}

// TestLongerThanOthers: the claim can fail.
func TestLongerThanOthers(t *testing.T) {
	counts := map[[2]string]int{
		{"Get one", "go-github"}: 6, {"Get one", "sdk/github"}: 7,
		{"Create", "slack-go"}: 5, {"Create", "sdk/slack"}: 5,
		{"Errors", "stripe-go"}:   5, // and none of ours
		{"List all", "openai-go"}: 5, {"List all", "sdk/zendesk"}: 7,
	}
	want := []string{
		"Get one: sdk/github has 7 lines, go-github has 6",
		"Errors: sdk/zendesk has 0 lines, stripe-go has 5",
	}
	if diff := cmp.Diff(want, longerThanOthers([]string{"Get one", "Create", "Errors", "List all"}, counts)); diff != "" {
		t.Error(diff)
	}
}

// bodies are those of a file's functions, by name, with one tab less.
func bodies(t *testing.T, file string) map[string]string {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	lines, found := strings.Split(string(text), "\n"), map[string]string{}
	for _, declaration := range parsed.Decls {
		f, ok := declaration.(*ast.FuncDecl)
		if !ok {
			continue
		}
		body := slices.Clone(lines[set.Position(f.Body.Lbrace).Line : set.Position(f.Body.Rbrace).Line-1])
		for i := range body {
			body[i] = strings.TrimPrefix(body[i], "\t")
		}
		found[f.Name.Name] = strings.Join(body, "\n")
	}
	return found
}

// heading is the last one of the lines.
func heading(lines []string) string {
	for _, line := range slices.Backward(lines) {
		if text, ok := strings.CutPrefix(line, "## "); ok {
			return text
		}
	}
	return ""
}

// table is what the page's table has to be.
func table(jobs []string, counts map[[2]string]int) []string {
	head, rule := "| lines |", "|---|"
	for _, f := range callSiteFiles {
		head, rule = head+" "+f.sdk+" |", rule+"--:|"
	}
	rows := []string{head, rule}
	for _, job := range jobs {
		row := "| " + job + " |"
		for _, f := range callSiteFiles {
			cell := "–"
			if n := counts[[2]string{job, f.sdk}]; n > 0 {
				cell = fmt.Sprint(n)
			}
			row += " " + cell + " |"
		}
		rows = append(rows, row)
	}
	return rows
}

// rowsOf is the page's table as it is.
func rowsOf(lines []string) []string {
	var rows []string
	for _, line := range lines {
		if strings.HasPrefix(line, "|") {
			rows = append(rows, line)
		}
	}
	return rows
}
