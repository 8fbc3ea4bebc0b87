package load

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"gopkg.in/yaml.v3"
)

// Bounds that no provider's document comes near (GitHub's, the largest known,
// is 20 deep and has 0.9 million nodes), and that keep a hostile or broken one
// from filling the memory.
const (
	maxDepth = 200
	maxNodes = 5_000_000
)

// parse reads YAML or JSON into a tree of plain nodes: aliases and merge keys
// are expanded, keys are unique scalars, and every node has its position.
func parse(file string, data []byte) (*yaml.Node, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	trimmed := bytes.TrimSpace(data)
	if len(trimmed) == 0 {
		return nil, &Error{Pos: Position{File: file, Line: 1, Column: 1}, Msg: "the file is empty: write the document in YAML or JSON"}
	}
	var root *yaml.Node
	var jsonErr error
	if trimmed[0] == '{' {
		// JSON is nearly YAML, but for tabs and escaped surrogates, and its own
		// reader is several times faster.
		root, jsonErr = parseJSON(file, data)
		if jsonErr == nil {
			return plain(file, root)
		}
	}
	root, err := parseYAML(file, data)
	switch {
	case err != nil && jsonErr != nil && looksLikeJSON.Match(trimmed):
		return nil, jsonErr
	case err != nil:
		return nil, err
	}
	return plain(file, root)
}

// looksLikeJSON tells whose error to report of a text that is neither JSON nor
// YAML in braces.
var looksLikeJSON = regexp.MustCompile(`^\{\s*("|\}|$)`)

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// parseYAML reads one YAML document.
func parseYAML(file string, data []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	err := decoder.Decode(&document)
	if errors.Is(err, io.EOF) {
		return nil, &Error{Pos: Position{File: file, Line: 1, Column: 1}, Msg: "the file has only comments: write the document in YAML or JSON"}
	}
	if err != nil {
		pos := Position{File: file, Line: 1}
		text := err.Error()
		if m := yamlLine.FindStringSubmatch(text); m != nil {
			text = text[len(m[0]):]
			if line, err := strconv.Atoi(m[1]); err == nil {
				pos.Line = line
			}
		}
		return nil, &Error{Pos: pos, Msg: "not valid YAML: " + text, Err: err}
	}
	var second yaml.Node
	if err := decoder.Decode(&second); err == nil {
		return nil, &Error{Pos: Position{File: file, Line: second.Line, Column: second.Column}, Msg: "a second document begins here: keep one document in a file"}
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) != 1 {
		return nil, &Error{Pos: Position{File: file, Line: 1, Column: 1}, Msg: "the file has no document: write one in YAML or JSON"}
	}
	return document.Content[0], nil
}

// plain expands aliases and merge keys, and checks keys, depth and size.
func plain(file string, root *yaml.Node) (*yaml.Node, error) {
	p := plainer{file: file, open: map[*yaml.Node]bool{}}
	root = p.node(root, 0)
	if p.fatal != nil {
		return nil, p.fatal
	}
	return root, p.problems.Err()
}

type plainer struct {
	file  string
	nodes int
	// open are the anchored nodes that the current one is inside of.
	open     map[*yaml.Node]bool
	problems Problems
	fatal    error
}

func (p *plainer) pos(n *yaml.Node) Position {
	return Position{File: p.file, Line: n.Line, Column: n.Column}
}

func (p *plainer) stop(n *yaml.Node, msg string) *yaml.Node {
	if p.fatal == nil {
		p.fatal = &Error{Pos: p.pos(n), Msg: msg}
	}
	return n
}

func (p *plainer) node(n *yaml.Node, depth int) *yaml.Node {
	if p.fatal != nil {
		return n
	}
	p.nodes++
	if p.nodes > maxNodes {
		return p.stop(n, fmt.Sprintf("the document has more than %d values: check its aliases", maxNodes))
	}
	if depth > maxDepth {
		return p.stop(n, fmt.Sprintf("values are nested more than %d deep: flatten the document", maxDepth))
	}
	if n.Kind == yaml.AliasNode {
		if p.open[n.Alias] {
			return p.stop(n, fmt.Sprintf("the alias *%s stands inside its own anchor: use a $ref instead", n.Value))
		}
		// Each use has a copy of its own, so that an overlay changes one place only.
		p.open[n.Alias] = true
		defer delete(p.open, n.Alias)
		return p.node(shallow(n.Alias), depth)
	}
	if n.Anchor != "" {
		if !p.open[n] {
			p.open[n] = true
			defer delete(p.open, n)
		}
		n = shallow(n)
		n.Anchor = ""
	}
	switch n.Kind {
	case yaml.MappingNode:
		p.mapping(n, depth)
	case yaml.SequenceNode:
		for i, item := range n.Content {
			n.Content[i] = p.node(item, depth+1)
		}
	}
	return n
}

// mapping makes a mapping's members plain; those that merge keys bring come
// after its own, which win.
func (p *plainer) mapping(n *yaml.Node, depth int) {
	lines := make(map[string]int, len(n.Content)/2)
	content := make([]*yaml.Node, 0, len(n.Content))
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind == yaml.AliasNode {
			key = shallow(key.Alias)
		}
		switch {
		case key.Kind != yaml.ScalarNode:
			p.problems.Addf(p.pos(key), "a key is not a plain name: write a string")
			continue
		case key.Value == "<<" && key.Style == 0:
			merges = append(merges, value)
			continue
		}
		if line, ok := lines[key.Value]; ok {
			p.problems.Addf(p.pos(key), "the key %q is already on line %d: keep one of the two", key.Value, line)
			continue
		}
		lines[key.Value] = key.Line
		content = append(content, key, p.node(value, depth+1))
	}
	for _, merge := range merges {
		for _, from := range p.merged(merge, depth) {
			for i := 0; i+1 < len(from.Content); i += 2 {
				if _, ok := lines[from.Content[i].Value]; !ok {
					lines[from.Content[i].Value] = from.Content[i].Line
					content = append(content, from.Content[i], from.Content[i+1])
				}
			}
		}
	}
	n.Content = content
}

// merged are the mappings that a merge key names, first ones first.
func (p *plainer) merged(n *yaml.Node, depth int) []*yaml.Node {
	n = p.node(n, depth+1)
	switch n.Kind {
	case yaml.MappingNode:
		return []*yaml.Node{n}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			if item.Kind != yaml.MappingNode {
				p.problems.Addf(p.pos(item), "a merge key takes mappings only: name an anchor of one")
				return nil
			}
		}
		return n.Content
	}
	p.problems.Addf(p.pos(n), "a merge key takes a mapping: name an anchor of one")
	return nil
}

// shallow copies a node with a list of children of its own.
func shallow(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = append([]*yaml.Node(nil), n.Content...)
	return &c
}
