package house

import (
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSnippets holds every page of the repository to compiled code: snippets
// that are not compiled rot.
func TestSnippets(t *testing.T) {
	files, err := Files(root)
	if err != nil {
		t.Fatal(err)
	}
	pages := 0
	for _, file := range files {
		if path.Ext(file.Path) != ".md" || file.inFolder("testdata") {
			continue
		}
		pages++
		for _, message := range CheckSnippets(files, Snippets(file)) {
			t.Error(message)
		}
	}
	if pages == 0 {
		t.Error("found no page")
	}
}

const example = `package acme_test

func Example() {
	for item, err := range client.Items.List(ctx) {
		if err != nil {
			return err
		}

		use(item)
	}
}
`

func TestCheckSnippets(t *testing.T) {
	files := []File{
		{"sdk/acme/example_test.go", example},
		{"sdk/acme/acme.go", example},
		{"examples/one/main.go", example},
		{"sdk/acme/items.gen.go", example},
		{"docs_test.go", `os.ReadFile("other.md")`},
		{"docs/docs_test.go", `os.ReadFile("page.md")`},
	}
	const code = "for item, err := range client.Items.List(ctx) {\n\tif err != nil {\n\t\treturn err\n\t}\n\n\tuse(item)\n}\n"
	block := func(from, code string) string {
		if from != "" {
			from = "<!-- from: " + from + " -->\n\n"
		}
		return "# Page\n\n" + from + "```go\n" + code + "```\n"
	}
	for name, test := range map[string]struct {
		page string
		want string // a part of the only message, "" for none
	}{
		"a test":             {block("sdk/acme/example_test.go", code), ""},
		"an example":         {block("examples/one/main.go", code), ""},
		"a generated file":   {block("sdk/acme/items.gen.go", code), ""},
		"indented alike":     {block("sdk/acme/example_test.go", "\t\tuse(item)\n\t}\n"), ""},
		"in a list":          {"- so:\n\n  <!-- from: examples/one/main.go -->\n  ```go\n  use(item)\n  ```\n", ""},
		"no comment":         {block("", code), "page.md:4: put a comment above"},
		"comment elsewhere":  {"<!-- from: examples/one/main.go -->\nText.\n```go\nuse(item)\n```\n", "put a comment above"},
		"comment used twice": {block("examples/one/main.go", code) + "```go\nuse(item)\n```\n", "put a comment above"},
		"no file":            {block("examples/two/main.go", code), "there is no file"},
		"not compiled alone": {block("sdk/acme/acme.go", code), "neither a test, nor an example"},
		"stale":              {block("examples/one/main.go", strings.Replace(code, "use(item)", "print(item)", 1)), `line 6 of the block is "\tprint(item)", there it is "\tuse(item)"`},
		"other indentation":  {block("examples/one/main.go", strings.Replace(code, "\tuse", "use", 1)), "does not hold these lines"},
		"longer":             {block("examples/one/main.go", code+"}\n}\n"), "does not hold these lines"},
		"empty":              {block("examples/one/main.go", ""), "the block is empty"},
		"another language":   {"```yaml\nuse: item\n```\n\n```\n```\n", ""},
		"untested file":      {"<!-- file: main.go -->\n```go\npackage main\n```\n", `page.md:3: no test beside the page reads "page.md"`},
		"a fence in a fence": {"````markdown\n```go\n```\n````\n", ""},
		"after a long fence": {"````markdown\n```\n````\n```go\nuse(item)\n```\n", "page.md:5: put a comment above"},
	} {
		t.Run(name, func(t *testing.T) {
			got := CheckSnippets(files, Snippets(File{"page.md", test.page}))
			switch {
			case test.want == "" && len(got) == 0:
			case test.want != "" && len(got) == 1 && strings.Contains(got[0], test.want):
			default:
				t.Errorf("got %q, want one message with %q", got, test.want)
			}
		})
	}

	page := File{"docs/page.md", "<!-- file: main.go -->\n```go\npackage main\n```\n"}
	if got := CheckSnippets(files, Snippets(page)); got != nil {
		t.Errorf("a page with a test: %q", got)
	}
}

func TestSnippetsOfAPage(t *testing.T) {
	page := File{"page.md", "<!-- from: a_test.go -->\n```go\n\tone\n\n\t\ttwo\n```\n```sh\nls\n```\n```go\nthree\n```\n"}
	want := []Snippet{
		{Page: "page.md", Line: 3, From: "a_test.go", Code: []string{"one", "", "\ttwo"}},
		{Page: "page.md", Line: 11, Code: []string{"three"}},
	}
	if diff := cmp.Diff(want, Snippets(page)); diff != "" {
		t.Error(diff)
	}
}
