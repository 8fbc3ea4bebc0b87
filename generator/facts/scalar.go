package facts

// This file writes plain values so that every reader of YAML takes them for what
// they are. Readers of YAML 1.1 take yes, on, 1:30, 2026-11-21 and = for other
// things than texts, and y as well; all that is quoted.

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// plainValue copies a value as it is. asText makes strings of all scalars, and
// asText or not, those in a list of strings alone stay such; a null is dropped
// where a text should be, unless it is the name of a type.
func plainValue(n *yaml.Node, asText, typeName bool) *value {
	switch n.Kind {
	case yaml.MappingNode:
		out := &value{kind: mapping}
		for key, at := range pairs(n) {
			if v := plainValue(at, asText, typeName); v != nil {
				out.members = append(out.members, pair{key.Value, v})
			}
		}
		return out
	case yaml.SequenceNode:
		out := &value{kind: sequence}
		for _, item := range n.Content {
			if v := plainValue(item, asText, typeName); v != nil {
				out.items = append(out.items, v)
			}
		}
		return out
	}
	tag := n.ShortTag()
	switch {
	case typeName && tag == "!!null":
		return textValue("null")
	case asText && tag == "!!null":
		return nil
	case asText:
		return textValue(n.Value)
	}
	switch tag {
	case "!!null":
		return &value{kind: literal, text: "null"}
	case "!!bool":
		var b bool
		if err := n.Decode(&b); err == nil {
			return &value{kind: literal, text: strconv.FormatBool(b)}
		}
	case "!!int", "!!float":
		if text, ok := number(n); ok {
			return &value{kind: literal, text: text}
		}
	}
	return textValue(n.Value)
}

// number is a number as JSON writes it: with its own digits where it has that
// form already, since a large integer would lose some as a float. For YAML 1.1 a
// number like 1e3, without a point, is a text.
func number(n *yaml.Node) (string, bool) {
	if json.Valid([]byte(n.Value)) && !strings.ContainsAny(n.Value, "eE") {
		return n.Value, true
	}
	var i int64
	if err := n.Decode(&i); err == nil && n.ShortTag() == "!!int" {
		return strconv.FormatInt(i, 10), true
	}
	var f float64
	if err := n.Decode(&f); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
		if size := math.Abs(f); f == 0 || 1e-6 <= size && size < 1e21 {
			return strconv.FormatFloat(f, 'f', -1, 64), true
		}
		text := strconv.FormatFloat(f, 'e', -1, 64)
		if !strings.Contains(text, ".") {
			text = strings.Replace(text, "e", ".0e", 1)
		}
		return text, true
	}
	return "", false
}

// reserved are words that some reader of YAML takes for something else than a text.
var reserved = set([]string{"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"})

// quoted writes a string. Within braces or brackets it may not have these.
func quoted(s string, flow bool) string {
	if plain(s, flow) {
		return s
	}
	for _, r := range s {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return escaped(s)
		}
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// plain reports whether a string needs no quotes. It begins with a letter, an
// underscore, a slash or a dollar, so no number, date or indicator is among them.
func plain(s string, flow bool) bool {
	if s == "" || reserved[strings.ToLower(s)] {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '/' || c == '$':
		case i == 0:
			return false
		case '0' <= c && c <= '9' || strings.IndexByte(".+-()@%", c) >= 0:
		case strings.IndexByte("{}[]?=&,", c) >= 0:
			if flow {
				return false
			}
		case i == len(s)-1:
			return false
		case c == ' ':
			if s[i+1] == ' ' || s[i+1] == '#' {
				return false
			}
		case c == ':' || c == '#':
			next := s[i+1]
			if next != '/' && !('0' <= next && next <= '9' || 'a' <= next && next <= 'z' || 'A' <= next && next <= 'Z') {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// escaped writes a string in double quotes, with what is not printable in escapes.
func escaped(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r > 0xffff && !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		case !unicode.IsPrint(r) || r == unicode.ReplacementChar:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
