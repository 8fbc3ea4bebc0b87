// This file finds the Go snippets of Markdown pages in the code that they are
// copies of.

package house

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Snippet is a ```go block of a Markdown page.
type Snippet struct {
	Page string
	Line int    // of the block's first line of code
	From string // the file that the comment above the block names, "" without one
	Own  bool   // the page is that file's home: a test of the page writes and compiles it
	Code []string
}

// fileComment names the file that a block is copied from, or that it is.
var fileComment = regexp.MustCompile(`^\s*<!-- (from|file): (\S+) -->\s*$`)

// Snippets returns the ```go blocks of a page. The comment that says where a
// block is from stands above it, blank lines aside.
func Snippets(page File) []Snippet {
	var found []Snippet
	var comment []string     // the last one's parts, while it counts
	fence, code := "", false // the open fence, and whether it is a Go block's
	lines := strings.Split(page.Text, "\n")
	for i, line := range lines {
		text := strings.TrimSpace(line)
		ticks := text[:len(text)-len(strings.TrimLeft(text, "`"))]
		switch {
		case fence == "" && len(ticks) >= 3:
			fence, code = ticks, strings.TrimSpace(text[len(ticks):]) == "go"
			if code {
				s := Snippet{Page: page.Path, Line: i + 2}
				if comment != nil {
					s.From, s.Own = comment[2], comment[1] == "file"
				}
				found = append(found, s)
			}
			comment = nil
		case fence != "" && text == ticks && len(ticks) >= len(fence):
			if code {
				last := &found[len(found)-1]
				last.Code = dedent(lines[last.Line-1 : i])
			}
			fence = ""
		case fence != "" || text == "":
		default:
			comment = fileComment.FindStringSubmatch(line)
		}
	}
	return found
}

// CheckSnippets returns the snippets that no compiled code of the files holds:
// each block names a test, an example or a generated file, and its lines stand
// there in a row, whatever their common indentation. A block that is itself a
// file needs a test beside the page that reads the page.
func CheckSnippets(files []File, snippets []Snippet) []string {
	var broken []string
	for _, s := range snippets {
		if problem := s.check(files); problem != "" {
			broken = append(broken, fmt.Sprintf("%s:%d: %s", s.Page, s.Line, problem))
		}
	}
	return broken
}

func (s Snippet) check(files []File) string {
	if s.From == "" {
		return "put a comment above the block, <!-- from: file.go -->: write the code there first, then copy it"
	}
	if s.Own {
		if !slices.ContainsFunc(files, s.reads) {
			return fmt.Sprintf("no test beside the page reads %q, to write and compile its files", path.Base(s.Page))
		}
		return ""
	}
	i := slices.IndexFunc(files, func(f File) bool { return f.Path == s.From })
	if i < 0 {
		return fmt.Sprintf("there is no file %s", s.From)
	}
	file := files[i]
	if !file.Test() && !file.GeneratedName() && !strings.HasPrefix(file.Path, "examples/") {
		return fmt.Sprintf("%s is neither a test, nor an example, nor a generated file", s.From)
	}
	if len(s.Code) == 0 {
		return "the block is empty"
	}

	lines := strings.Split(file.Text, "\n")
	reached, differs := 0, ""
	for start := range lines {
		if start+len(s.Code) > len(lines) {
			break
		}
		there := dedent(lines[start : start+len(s.Code)])
		same := 0
		for same < len(there) && there[same] == s.Code[same] {
			same++
		}
		if same == len(s.Code) {
			return ""
		}
		if same > reached {
			reached, differs = same, there[same]
		}
	}
	return fmt.Sprintf("%s does not hold these lines: line %d of the block is %q, there it is %q: copy the block again",
		s.From, reached+1, s.Code[reached], differs)
}

// reads reports whether a file is a test of the snippet's page.
func (s Snippet) reads(f File) bool {
	return f.Test() && path.Dir(f.Path) == path.Dir(s.Page) && strings.Contains(f.Text, strconv.Quote(path.Base(s.Page)))
}

// dedent removes the indentation that all lines share, and what ends them.
func dedent(lines []string) []string {
	indent := -1
	for _, line := range lines {
		if trimmed := strings.TrimLeft(line, "\t "); trimmed != "" {
			if n := len(line) - len(trimmed); indent < 0 || n < indent {
				indent = n
			}
		}
	}
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = strings.TrimRight(line[min(max(indent, 0), len(line)):], "\t ")
	}
	return out
}
