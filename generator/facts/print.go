package facts

// This file writes YAML: one line for what fits on one, else a line for each
// member, so that a person sees the shape of a thing and a diff shows the member
// that has changed. yaml.v3's encoder has one style for the whole of a value.

import (
	"bytes"
	"strings"
)

// lineWidth is how long a line may become, in bytes. Only a long word makes it longer.
const lineWidth = 120

type valueKind int

const (
	// literal is a number, true, false or null.
	literal valueKind = iota
	str
	mapping
	sequence
)

// value is one that is written.
type value struct {
	kind    valueKind
	text    string
	members []pair
	items   []*value
	// block forbids one line.
	block bool
}

type pair struct {
	key   string
	value *value
}

func textValue(s string) *value { return &value{kind: str, text: s} }

// writeDocument writes a mapping with an empty line between its large parts.
func writeDocument(out *bytes.Buffer, root *value) {
	for _, m := range root.members {
		if m.key == "paths" || m.key == "components" {
			out.WriteByte('\n')
		}
		writeMember(out, m, 0)
	}
	if len(root.members) == 0 {
		out.WriteString("{}\n")
	}
}

// writeMember writes "key: value" at an indentation, with the end of its line.
func writeMember(out *bytes.Buffer, m pair, indent int) {
	margin(out, indent)
	key := quoted(m.key, false)
	if len(key) > longKey {
		out.WriteString("? " + key + "\n")
		margin(out, indent)
		key = ""
	}
	out.WriteString(key + ":")
	writeAfter(out, m.value, indent+len(key)+2, indent)
}

// longKey is where YAML asks for a mark before a key: it reads no further than
// 1,024 characters for the colon.
const longKey = 1000

// writeAfter writes a value after a key or a dash, from a column on.
func writeAfter(out *bytes.Buffer, v *value, column, indent int) {
	if line, ok := oneLineOf(v, lineWidth-column, false); ok {
		out.WriteString(" " + line + "\n")
		return
	}
	out.WriteByte('\n')
	switch {
	case v.kind == mapping:
		for _, m := range v.members {
			writeMember(out, m, indent+2)
		}
	case scalars(v):
		writeWords(out, v, indent+2)
	default:
		for _, item := range v.items {
			writeItem(out, item, indent+2)
		}
	}
}

// writeItem writes an element of a list; the first member of a mapping stands
// on the line of the dash.
func writeItem(out *bytes.Buffer, item *value, indent int) {
	margin(out, indent)
	out.WriteByte('-')
	if _, ok := oneLineOf(item, lineWidth-indent-2, false); ok || item.kind != mapping || len(item.members[0].key) > longKey {
		writeAfter(out, item, indent+2, indent)
		return
	}
	var members bytes.Buffer
	for _, m := range item.members {
		writeMember(&members, m, indent+2)
	}
	out.WriteByte(' ')
	out.Write(members.Bytes()[indent+2:])
}

// writeWords writes a list of plain values over several lines.
func writeWords(out *bytes.Buffer, v *value, indent int) {
	margin(out, indent)
	column := indent + 1
	out.WriteByte('[')
	for i, item := range v.items {
		word, _ := oneLineOf(item, 1<<30, true)
		if i < len(v.items)-1 {
			word += ","
		}
		switch {
		case i == 0:
		case column+1+len(word) > lineWidth:
			out.WriteByte('\n')
			margin(out, indent+1)
			column = indent + 1
		default:
			out.WriteByte(' ')
			column++
		}
		out.WriteString(word)
		column += len(word)
	}
	out.WriteString("]\n")
}

func scalars(v *value) bool {
	for _, item := range v.items {
		if item.kind == mapping || item.kind == sequence {
			return false
		}
	}
	return v.kind == sequence
}

func margin(out *bytes.Buffer, n int) {
	for range n {
		out.WriteByte(' ')
	}
}

// oneLineOf is a value on one line, if it may stand on one and fits. Plain and
// empty values have no other form.
func oneLineOf(v *value, room int, flow bool) (string, bool) {
	switch v.kind {
	case literal:
		return v.text, true
	case str:
		return quoted(v.text, flow), true
	}
	if len(v.members)+len(v.items) == 0 {
		room = 2
	}
	var b strings.Builder
	if !flowTo(&b, v, room) {
		return "", false
	}
	return b.String(), b.Len() <= room
}

// flowTo writes a value within braces or brackets, and gives up when there is no
// room.
func flowTo(b *strings.Builder, v *value, room int) bool {
	open, shut := "{", "}"
	switch v.kind {
	case literal:
		b.WriteString(v.text)
		return b.Len() <= room
	case str:
		b.WriteString(quoted(v.text, true))
		return b.Len() <= room
	case sequence:
		open, shut = "[", "]"
	}
	if v.block && len(v.members) > 0 {
		return false
	}
	b.WriteString(open)
	for i, m := range v.members {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quoted(m.key, true) + ": ")
		if !flowTo(b, m.value, room) {
			return false
		}
	}
	for i, item := range v.items {
		if i > 0 {
			b.WriteString(", ")
		}
		if !flowTo(b, item, room) {
			return false
		}
	}
	b.WriteString(shut)
	return b.Len() <= room
}
