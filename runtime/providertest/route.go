package providertest

// This file finds the operation that a request is for.

import (
	"fmt"
	"net/url"
	"strings"
)

// router is a tree of path segments for each method.
type router map[string]*node

type node struct {
	literals map[string]*node
	patterns []patternEdge // in the order of declaration, the more literal first
	op       *operation
}

// patternEdge leads on where a segment matches a pattern with parameters.
type patternEdge struct {
	pattern segment
	to      *node
}

// segment is a path segment with parameters: literals[0] {} literals[1] {} …
type segment struct {
	text     string
	literals []string
}

// add places an operation. It fails where the template is malformed or another
// operation has the same one.
func (r router) add(op *operation) error {
	if r[op.Method] == nil {
		r[op.Method] = new(node)
	}
	at := r[op.Method]
	for text := range strings.SplitSeq(strings.Trim(op.Path, "/"), "/") {
		seg, names, err := parseSegment(text)
		if err != nil {
			return fmt.Errorf("operation %s: path %s: %w", op.Name, op.Path, err)
		}
		op.params = append(op.params, names...)
		at = at.child(seg, len(names) == 0)
	}
	if len(op.params) > maxParams {
		return fmt.Errorf("operation %s: path %s has more than %d parameters", op.Name, op.Path, maxParams)
	}
	if at.op != nil {
		return fmt.Errorf("operation %s: %s %s is operation %s's too", op.Name, op.Method, op.Path, at.op.Name)
	}
	at.op = op
	return nil
}

func (n *node) child(seg segment, literal bool) *node {
	if literal {
		if n.literals == nil {
			n.literals = make(map[string]*node)
		}
		if n.literals[seg.text] == nil {
			n.literals[seg.text] = new(node)
		}
		return n.literals[seg.text]
	}
	at := len(n.patterns)
	for i, e := range n.patterns {
		if e.pattern.text == seg.text {
			return e.to
		}
		if at == len(n.patterns) && len(seg.text) > len(e.pattern.text) {
			at = i
		}
	}
	to := new(node)
	n.patterns = append(n.patterns, patternEdge{})
	copy(n.patterns[at+1:], n.patterns[at:])
	n.patterns[at] = patternEdge{seg, to}
	return to
}

// parseSegment splits a segment of a template. Parameters of different names
// at one place are the same edge: {id} and {ticket_id} both become {}.
func parseSegment(text string) (seg segment, names []string, err error) {
	rest := text
	for {
		literal, after, found := strings.Cut(rest, "{")
		seg.literals = append(seg.literals, literal)
		if !found {
			seg.text = strings.Join(seg.literals, "{}")
			return seg, names, nil
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed || name == "" {
			return seg, nil, fmt.Errorf("segment %q: a brace without its pair", text)
		}
		names = append(names, name)
		rest = tail
	}
}

// match takes the parameters' values out of a segment; the last of several
// parameters gets as much as it can, the others as little.
func (s segment) match(text string, values []string) ([]string, bool) {
	rest, ok := strings.CutPrefix(text, s.literals[0])
	if !ok {
		return nil, false
	}
	last := len(s.literals) - 1
	for _, literal := range s.literals[1:last] {
		value, after, found := strings.Cut(rest, literal)
		if !found || literal == "" || value == "" {
			return nil, false
		}
		values, rest = append(values, value), after
	}
	value, ok := strings.CutSuffix(rest, s.literals[last])
	if !ok || value == "" {
		return nil, false
	}
	return append(values, value), true
}

// find returns the operation for an escaped path and appends the unescaped
// values of its parameters; nil when there is none. Literal segments win over
// parameters, and what leads nowhere is tried again the other way.
func (r router) find(method, path string, values []string) (*operation, []string) {
	root := r[method]
	if root == nil {
		return nil, nil
	}
	op, values := root.find(strings.TrimPrefix(path, "/"), values)
	if op == nil {
		return nil, nil
	}
	for i, v := range values {
		if strings.IndexByte(v, '%') < 0 {
			continue
		}
		plain, err := url.PathUnescape(v)
		if err != nil {
			return nil, nil
		}
		values[i] = plain
	}
	return op, values
}

func (n *node) find(path string, values []string) (*operation, []string) {
	text, rest, more := strings.Cut(path, "/")
	if to := n.literals[text]; to != nil {
		if op, got := to.next(rest, more, values); op != nil {
			return op, got
		}
	}
	for _, e := range n.patterns {
		if got, ok := e.pattern.match(text, values); ok {
			if op, got := e.to.next(rest, more, got); op != nil {
				return op, got
			}
		}
	}
	return nil, nil
}

func (n *node) next(rest string, more bool, values []string) (*operation, []string) {
	if more {
		return n.find(rest, values)
	}
	return n.op, values
}
