// Package route finds the operation that a request is for, by its method and
// path, in a tree of the operations' path templates.
//
// A path matches a template segment by segment: text matches itself, a parameter
// one segment that is not empty, whatever it holds. Where several templates
// match, text goes before a parameter, from the left. What follows a question
// mark counts for nothing, and neither does one slash at the end.
package route

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/weirkit/weir/runtime/api"
)

// Router knows the paths of an API. It may be used by many goroutines.
type Router struct {
	root node
	// json is set where some templates end in .json: a server that has such paths
	// takes the ending, or its lack, at the others too (Zendesk's does).
	json bool
}

// node is a place in the tree, after some segments.
type node struct {
	words    []word           // of segments of text
	literals map[string]*node // the same, where there are more than a few
	mixed    []edge           // of segments with both text and parameters, more text first
	param    *node            // of a segment that is a parameter
	ends     []*api.Operation
	branch   Branch
}

// maxWords is where a map becomes faster.
const maxWords = 6

type word struct {
	text string
	to   *node
}

// edge leads on where a segment matches a pattern.
type edge struct {
	pattern pattern
	to      *node
}

// Branch is all operations whose paths have the same beginning, in the order in
// which the router was given them.
type Branch struct {
	Reading []*api.Operation // of safe methods
	Writing []*api.Operation
}

// New makes the router of some operations. Where two have the same method and
// path, but for the names of parameters, the first is found, and one without a
// query before one with. It fails where a template is malformed.
func New(operations []*api.Operation) (*Router, error) {
	r := &Router{}
	for _, op := range operations {
		if err := r.add(op); err != nil {
			return nil, fmt.Errorf("operation %s: path %s: %w", op.Name, op.Path, err)
		}
	}
	return r, nil
}

func (r *Router) add(op *api.Operation) error {
	path, _, withQuery := strings.Cut(op.Path, "?")
	r.json = r.json || strings.HasSuffix(path, jsonEnding)
	at := &r.root
	at.branch.add(op)
	for rest := trim(path); rest != ""; {
		var text string
		text, rest, _ = strings.Cut(rest, "/")
		p, err := parse(text)
		if err != nil {
			return err
		}
		at = at.child(p)
		at.branch.add(op)
	}
	i := slices.IndexFunc(at.ends, func(known *api.Operation) bool { return known.Method == op.Method })
	switch {
	case i < 0:
		at.ends = append(at.ends, op)
	case !withQuery && strings.Contains(at.ends[i].Path, "?"):
		at.ends[i] = op
	}
	return nil
}

func (b *Branch) add(op *api.Operation) {
	if op.Safe() {
		b.Reading = append(b.Reading, op)
	} else {
		b.Writing = append(b.Writing, op)
	}
}

// child is the place after one more segment, made if it is new.
func (n *node) child(p pattern) *node {
	switch {
	case len(p.names) == 0:
		to := n.word(p.text)
		if to == nil {
			to = &node{}
			n.addWord(p.text, to)
		}
		return to
	case p.text == "{}":
		if n.param == nil {
			n.param = &node{}
		}
		return n.param
	}
	at := len(n.mixed)
	for i, e := range n.mixed {
		if e.pattern.text == p.text {
			return e.to
		}
		if at == len(n.mixed) && len(p.text) > len(e.pattern.text) {
			at = i
		}
	}
	to := &node{}
	n.mixed = slices.Insert(n.mixed, at, edge{p, to})
	return to
}

// Match returns the operation of a request, nil where there is none. path is as
// it is sent, escaped (url.URL.EscapedPath). HEAD is GET where it is not an
// operation of its own.
func (r *Router) Match(method, path string) *api.Operation {
	s := search{method: method, escaped: strings.IndexByte(path, '%') >= 0, json: r.json}
	path = trim(path)
	op := s.find(&r.root, path)
	if op == nil && method == "HEAD" {
		s.method = "GET"
		op = s.find(&r.root, path)
	}
	return op
}

// Only returns the operation of a path that has only one, by whatever method:
// nil where it has none or several.
func (r *Router) Only(path string) *api.Operation {
	s := search{escaped: strings.IndexByte(path, '%') >= 0, json: r.json}
	return s.find(&r.root, trim(path))
}

// search is for one path.
type search struct {
	method  string // empty: any, where there is but one
	escaped bool   // there may be escapes in the path
	json    bool
}

// find goes the rest of the way from n. What leads nowhere is tried again the
// other way, so that PATCH /releases/latest finds PATCH /releases/{id} beside GET
// /releases/latest.
func (s *search) find(n *node, rest string) *api.Operation {
	if rest == "" {
		return n.end(s.method)
	}
	text, more := rest, false
	if i := strings.IndexByte(rest, '/'); i < 0 { // strings.Cut takes a fifth of the time more
		rest = ""
	} else {
		text, rest, more = rest[:i], rest[i+1:], true
		if rest == "" {
			return nil // two slashes at the end
		}
	}
	if to := s.literal(n, text, !more); to != nil {
		if op := s.find(to, rest); op != nil {
			return op
		}
	}
	for i := range n.mixed {
		if n.mixed[i].pattern.matches(text) {
			if op := s.find(n.mixed[i].to, rest); op != nil {
				return op
			}
		}
	}
	if n.param != nil && text != "" {
		return s.find(n.param, rest)
	}
	return nil
}

func (n *node) end(method string) *api.Operation {
	if method == "" {
		if len(n.ends) == 1 {
			return n.ends[0]
		}
		return nil
	}
	for _, op := range n.ends {
		if op.Method == method {
			return op
		}
	}
	return nil
}

const jsonEnding = ".json"

// literal is the place after a segment of text; of the last one also without such
// an ending, or with it, where that is passed over.
func (s *search) literal(n *node, text string, last bool) *node {
	if len(n.words) == 0 {
		return nil
	}
	if s.escaped {
		if plain, err := url.PathUnescape(text); err == nil {
			text = plain
		}
	}
	to := n.word(text)
	if to == nil && s.json && last {
		if bare, ok := strings.CutSuffix(text, jsonEnding); ok {
			return n.word(bare)
		}
		return n.word(text + jsonEnding)
	}
	return to
}

func (n *node) word(text string) *node {
	if n.literals != nil {
		return n.literals[text]
	}
	for i := range n.words {
		if n.words[i].text == text {
			return n.words[i].to
		}
	}
	return nil
}

func (n *node) addWord(text string, to *node) {
	n.words = append(n.words, word{text, to})
	if len(n.words) <= maxWords {
		return
	}
	if n.literals == nil {
		n.literals = map[string]*node{}
		for _, w := range n.words {
			n.literals[w.text] = w.to
		}
	}
	n.literals[text] = to
}

// Branch returns the operations that have the longest beginning in common with a
// path which may be of none of them: those that read, or those that write, are
// not empty, unless there are none in the whole API. For the same beginning it is
// the same pointer.
func (r *Router) Branch(path string, reading bool) *Branch {
	at, best := &r.root, &r.root
	s := search{escaped: true, json: r.json}
	for rest := trim(path); rest != ""; {
		var text string
		var more bool
		text, rest, more = strings.Cut(rest, "/")
		if at = s.step(at, text, !more); at == nil {
			break
		}
		if reading && len(at.branch.Reading) > 0 || !reading && len(at.branch.Writing) > 0 {
			best = at
		}
	}
	return &best.branch
}

func (s *search) step(n *node, text string, last bool) *node {
	if to := s.literal(n, text, last); to != nil {
		return to
	}
	for _, e := range n.mixed {
		if e.pattern.matches(text) {
			return e.to
		}
	}
	if text == "" {
		return nil
	}
	return n.param
}

// trim takes the slashes off that tell nothing.
func trim(path string) string {
	return strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/")
}
