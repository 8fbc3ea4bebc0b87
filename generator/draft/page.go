package draft

// This file writes YAML with comments, line by line. The YAML library's own
// comments move about when it prints them.

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/weirkit/weir/runtime/api"
)

// width is where comments and long targets are broken.
const width = 110

// page is the text so far.
type page struct{ strings.Builder }

// line writes a line at an indentation.
func (p *page) line(indent int, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if text != "" {
		p.WriteString(strings.Repeat(" ", indent) + text)
	}
	p.WriteByte('\n')
}

// comment writes a text as comments, broken between words.
func (p *page) comment(indent int, format string, args ...any) {
	for _, line := range wrap(printable(fmt.Sprintf(format, args...)), width-indent-2) {
		p.line(indent, "# %s", line)
	}
}

// form writes lines that are to be filled in, as comments.
func (p *page) form(indent int, lines ...string) {
	for _, line := range lines {
		p.line(indent, "# %s", line)
	}
}

// heading begins a part of the actions.
func (p *page) heading(title string) {
	p.line(0, "")
	p.line(2, "# ---------------------------------------------------------------- %s", title)
}

// wrap breaks a text between its words.
func wrap(text string, width int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// printable keeps characters that YAML has no place for out of comments.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != unicode.ReplacementChar && unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}

var (
	plain = regexp.MustCompile(`^[A-Za-z_$/][A-Za-z0-9_$./-]*$`)
	words = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"} // that YAML takes for something else
)

// scalar writes a text so that it is one, within brackets too.
func scalar(text string) string {
	switch {
	case plain.MatchString(text) && !slices.Contains(words, strings.ToLower(text)):
		return text
	case strconv.Quote(text) == `"`+text+`"` && !strings.Contains(text, "'"):
		return "'" + text + "'"
	}
	return strconv.Quote(text)
}

// path writes a path of member names. Those of other characters than paths have
// are never guessed, see pathable.
func path(p api.Path) string { return strings.Join(append([]string{"$"}, p...), ".") }

// parameter writes a parameter and what more is to stand in the braces.
func parameter(p api.Param, more string) string {
	return fmt.Sprintf("{in: %s, name: %s%s}", p.In, scalar(p.Name), more)
}

// quoted is a name in a JSONPath.
func quoted(name string) string {
	if strings.ContainsAny(name, `'\`) {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
	}
	return "'" + name + "'"
}

// target writes the target of an action, on one line or on several.
func (p *page) target(prefix string, indent int, paths []string, method string) {
	var names []string
	for _, path := range paths {
		names = append(names, quoted(path))
	}
	text := "$.paths[" + strings.Join(names, ", ") + "]." + strings.ToLower(method)
	pad := strings.Repeat(" ", indent)
	switch {
	case slices.ContainsFunc(paths, func(path string) bool { return strings.ContainsAny(path, " :#") }):
		p.line(0, "%s%starget: %s", pad, prefix, strconv.Quote(text))
	case len(pad)+len(prefix)+len(text) < width:
		p.line(0, "%s%starget: %s", pad, prefix, text)
	default:
		p.line(0, "%s%starget: >-", pad, prefix)
		inner := pad + strings.Repeat(" ", len(prefix)+2)
		if mark := strings.Index(prefix, "#"); mark >= 0 {
			inner = pad + "#" + strings.Repeat(" ", len(prefix)-mark-1+2)
		}
		for _, line := range wrap(text, width-len(inner)) {
			p.line(0, "%s%s", inner, line)
		}
	}
}

// listed is a few names as a sentence has them.
func listed(names []string) string {
	const most = 5
	switch n := len(names); {
	case n == 1:
		return names[0]
	case n > most:
		return fmt.Sprintf("%s and %d others", strings.Join(names[:most-1], ", "), n-most+1)
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}

// number is how many there are of something: 1 list, 2 lists.
func number(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
