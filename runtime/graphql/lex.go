package graphql

// This file cuts a query into tokens, by section 2.1 of the GraphQL
// specification (October 2021, and the \u{…} escapes of September 2025).

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// SyntaxError tells where a query is not GraphQL.
type SyntaxError struct {
	Line, Column int // from 1; columns are counted in bytes
	Message      string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("the query, line %d, column %d: %s", e.Line, e.Column, e.Message)
}

type tokenKind int

const (
	endToken tokenKind = iota
	punctToken
	nameToken
	intToken
	floatToken
	stringToken
)

// token is a piece of the query. Its text is the source's, or a string's value.
type token struct {
	kind       tokenKind
	text       string
	start, end int
}

func (t token) String() string {
	switch t.kind {
	case endToken:
		return "the end"
	case stringToken:
		return "a string"
	}
	return strconv.Quote(t.text)
}

type lexer struct {
	source string
	at     int
}

func (l *lexer) errorAt(at int, format string, args ...any) error {
	before := strings.ReplaceAll(l.source[:at], "\r\n", " \n")
	before = strings.ReplaceAll(before, "\r", "\n")
	return &SyntaxError{
		Line: 1 + strings.Count(before, "\n"), Column: at - strings.LastIndexByte(before, '\n'),
		Message: fmt.Sprintf(format, args...),
	}
}

// next is the next token.
func (l *lexer) next() (token, error) {
	l.skip()
	start := l.at
	if start == len(l.source) {
		return token{kind: endToken, start: start, end: start}, nil
	}
	switch c := l.source[start]; {
	case strings.IndexByte("!$&():=@[]{|}", c) >= 0:
		return l.take(punctToken, start+1), nil
	case c == '.':
		if strings.HasPrefix(l.source[start:], "...") {
			return l.take(punctToken, start+3), nil
		}
	case nameStart(c):
		end := start + 1
		for end < len(l.source) && (nameStart(l.source[end]) || digit(l.source[end])) {
			end++
		}
		return l.take(nameToken, end), nil
	case c == '-' || digit(c):
		return l.number()
	case strings.HasPrefix(l.source[start:], `"""`):
		return l.block()
	case c == '"':
		return l.quoted()
	}
	r, _ := utf8.DecodeRuneInString(l.source[start:])
	return token{}, l.errorAt(start, "%q does not belong here", r)
}

func (l *lexer) take(kind tokenKind, end int) token {
	t := token{kind: kind, text: l.source[l.at:end], start: l.at, end: end}
	l.at = end
	return t
}

// skip passes what means nothing: white space, commas, comments, a byte order mark.
func (l *lexer) skip() {
	for l.at < len(l.source) {
		switch c := l.source[l.at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',':
			l.at++
		case c == '#':
			if end := strings.IndexAny(l.source[l.at:], "\r\n"); end >= 0 {
				l.at += end
			} else {
				l.at = len(l.source)
			}
		case strings.HasPrefix(l.source[l.at:], "\uFEFF"):
			l.at += len("\uFEFF")
		default:
			return
		}
	}
}

func nameStart(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func digit(c byte) bool     { return c >= '0' && c <= '9' }

// isName reports whether s is a name, whole.
func isName(s string) bool {
	for i := range len(s) {
		if !nameStart(s[i]) && (i == 0 || !digit(s[i])) {
			return false
		}
	}
	return s != ""
}

func (l *lexer) number() (token, error) {
	kind, end := intToken, l.at
	peek := func() byte {
		if end < len(l.source) {
			return l.source[end]
		}
		return 0
	}
	digits := func() bool {
		from := end
		for digit(peek()) {
			end++
		}
		return end > from
	}
	if peek() == '-' {
		end++
	}
	whole := end
	if !digits() || end-whole > 1 && l.source[whole] == '0' {
		return token{}, l.errorAt(l.at, "a number is malformed")
	}
	if peek() == '.' {
		kind = floatToken
		end++
		if !digits() {
			return token{}, l.errorAt(l.at, "a number is malformed")
		}
	}
	if peek() == 'e' || peek() == 'E' {
		kind = floatToken
		end++
		if peek() == '+' || peek() == '-' {
			end++
		}
		if !digits() {
			return token{}, l.errorAt(l.at, "a number is malformed")
		}
	}
	if c := peek(); c == '.' || nameStart(c) {
		return token{}, l.errorAt(end, "a number runs into %q", c)
	}
	return l.take(kind, end), nil
}

// quoted reads "…".
func (l *lexer) quoted() (token, error) {
	start := l.at
	var value strings.Builder
	for at := start + 1; at < len(l.source); {
		switch c := l.source[at]; {
		case c == '"':
			l.at = at + 1
			return token{kind: stringToken, text: value.String(), start: start, end: l.at}, nil
		case c == '\n' || c == '\r':
			return token{}, l.errorAt(start, "a string does not end on its line")
		case c != '\\':
			value.WriteByte(c)
			at++
		default:
			r, n := escaped(l.source[at:])
			if n == 0 {
				return token{}, l.errorAt(at, "a string has an escape that GraphQL does not know")
			}
			value.WriteRune(r)
			at += n
		}
	}
	return token{}, l.errorAt(start, "a string does not end")
}

// escaped reads an escape and tells its length; 0 where it is none.
func escaped(s string) (r rune, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	if i := strings.IndexByte(`"\/bfnrt`, s[1]); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i]), 2
	}
	if s[1] != 'u' {
		return 0, 0
	}
	if digits, ok := strings.CutPrefix(s[2:], "{"); ok {
		end := strings.IndexByte(digits, '}')
		if end < 1 {
			return 0, 0
		}
		r, ok := hex(digits[:end])
		if !ok || utf16.IsSurrogate(r) || r > utf8.MaxRune {
			return 0, 0
		}
		return r, len(`\u{}`) + end
	}
	if len(s) < 6 {
		return 0, 0
	}
	r, ok := hex(s[2:6])
	if !ok || !utf16.IsSurrogate(r) {
		return r, map[bool]int{true: 6}[ok]
	}
	if len(s) < 12 || s[6] != '\\' || s[7] != 'u' {
		return 0, 0
	}
	low, ok := hex(s[8:12])
	if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
		return 0, 0
	}
	return r, 12
}

func hex(s string) (rune, bool) {
	for i := range len(s) {
		if !digit(s[i]) && strings.IndexByte("abcdefABCDEF", s[i]) < 0 {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(s, 16, 31)
	return rune(n), err == nil
}

// block reads a string between three quotes.
func (l *lexer) block() (token, error) {
	start := l.at
	var raw strings.Builder
	for at := start + 3; at < len(l.source); {
		rest := l.source[at:]
		switch {
		case strings.HasPrefix(rest, `"""`):
			l.at = at + 3
			return token{kind: stringToken, text: dedent(raw.String()), start: start, end: l.at}, nil
		case strings.HasPrefix(rest, `\"""`):
			raw.WriteString(`"""`)
			at += 4
		default:
			raw.WriteByte(rest[0])
			at++
		}
	}
	return token{}, l.errorAt(start, "a block string does not end")
}

// dedent is the value of a block string: without the indentation that its lines
// have in common, but for the first, and without blank lines around.
func dedent(raw string) string {
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(raw), "\n")
	common := -1
	for _, line := range lines[1:] {
		if text := strings.TrimLeft(line, " \t"); text != "" {
			if indent := len(line) - len(text); common < 0 || indent < common {
				common = indent
			}
		}
	}
	for i := range lines {
		if i > 0 {
			lines[i] = lines[i][min(max(common, 0), len(lines[i])):]
		}
	}
	blank := func(s string) bool { return strings.TrimLeft(s, " \t") == "" }
	for len(lines) > 0 && blank(lines[0]) {
		lines = lines[1:]
	}
	for len(lines) > 0 && blank(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines, "\n")
}
