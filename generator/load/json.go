package load

// This file reads JSON into YAML nodes with positions. encoding/json tells
// neither lines nor duplicate keys, and the YAML reader refuses tabs and
// escaped surrogate pairs, which real JSON documents have.

import (
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

type jsonReader struct {
	data []byte
	at   int
	line int
	// start is where the current line begins.
	start int
	file  string
}

// parseJSON reads one JSON value; the error is an *Error with its position.
func parseJSON(file string, data []byte) (root *yaml.Node, err error) {
	r := &jsonReader{data: data, line: 1, file: file}
	root, err = r.value(0)
	if err != nil {
		return nil, err
	}
	r.space()
	if r.at < len(r.data) {
		return nil, r.fail("more text follows the document")
	}
	return root, nil
}

func (r *jsonReader) fail(what string) error {
	return &Error{
		Pos: Position{File: r.file, Line: r.line, Column: r.at - r.start + 1},
		Msg: "not valid JSON: " + what,
	}
}

func (r *jsonReader) space() {
	for r.at < len(r.data) {
		switch r.data[r.at] {
		case '\n':
			r.line++
			r.start = r.at + 1
		case ' ', '\t', '\r':
		default:
			return
		}
		r.at++
	}
}

func (r *jsonReader) peek() byte {
	r.space()
	if r.at >= len(r.data) {
		return 0
	}
	return r.data[r.at]
}

func (r *jsonReader) node(kind yaml.Kind, tag string) *yaml.Node {
	return &yaml.Node{Kind: kind, Tag: tag, Line: r.line, Column: r.at - r.start + 1}
}

func (r *jsonReader) value(depth int) (*yaml.Node, error) {
	if depth > maxDepth {
		return nil, r.fail(fmt.Sprintf("values are nested more than %d deep", maxDepth))
	}
	switch c := r.peek(); c {
	case '{':
		return r.object(depth)
	case '[':
		return r.array(depth)
	case '"':
		return r.text()
	case 0:
		return nil, r.fail("the document ends within a value")
	default:
		return r.word()
	}
}

func (r *jsonReader) object(depth int) (*yaml.Node, error) {
	n := r.node(yaml.MappingNode, "!!map")
	r.at++
	if r.peek() == '}' {
		r.at++
		return n, nil
	}
	for {
		if r.peek() != '"' {
			return nil, r.fail("a member's name in double quotes should be here")
		}
		key, err := r.text()
		if err != nil {
			return nil, err
		}
		if r.peek() != ':' {
			return nil, r.fail("a colon should be here")
		}
		r.at++
		value, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, key, value)
		switch r.peek() {
		case ',':
			r.at++
		case '}':
			r.at++
			return n, nil
		default:
			return nil, r.fail("a comma or a closing brace should be here")
		}
	}
}

func (r *jsonReader) array(depth int) (*yaml.Node, error) {
	n := r.node(yaml.SequenceNode, "!!seq")
	r.at++
	if r.peek() == ']' {
		r.at++
		return n, nil
	}
	for {
		value, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, value)
		switch r.peek() {
		case ',':
			r.at++
		case ']':
			r.at++
			return n, nil
		default:
			return nil, r.fail("a comma or a closing bracket should be here")
		}
	}
}

func (r *jsonReader) text() (*yaml.Node, error) {
	n := r.node(yaml.ScalarNode, "!!str")
	n.Style = yaml.DoubleQuotedStyle
	escaped := false
	for i := r.at + 1; i < len(r.data); i++ {
		switch c := r.data[i]; {
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			r.at = i
			return nil, r.fail("a control character stands in a string")
		case c == '"':
			raw := r.data[r.at : i+1]
			n.Value = string(raw[1 : len(raw)-1])
			if escaped || !utf8.Valid(raw) {
				if err := json.Unmarshal(raw, &n.Value); err != nil {
					return nil, r.fail("a string has a wrong escape")
				}
			}
			r.at = i + 1
			return n, nil
		}
	}
	return nil, r.fail("a string has no end")
}

// word reads a number, true, false or null.
func (r *jsonReader) word() (*yaml.Node, error) {
	n := r.node(yaml.ScalarNode, "")
	end := r.at
	for end < len(r.data) && !isDelimiter(r.data[end]) {
		end++
	}
	n.Value = string(r.data[r.at:end])
	switch {
	case n.Value == "true" || n.Value == "false":
		n.Tag = "!!bool"
	case n.Value == "null":
		n.Tag = "!!null"
	case json.Valid([]byte(n.Value)):
		n.Tag = "!!float"
		if _, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
			n.Tag = "!!int"
		}
	default:
		return nil, r.fail("a value should be here")
	}
	r.at = end
	return n, nil
}

func isDelimiter(c byte) bool {
	switch c {
	case ' ', '\t', '\r', '\n', ',', ':', ']', '}', '[', '{', '"':
		return true
	}
	return false
}
