package load

import "gopkg.in/yaml.v3"

// tree is a document's merged node tree. Its nodes keep the line and column of
// the file that they were read from.
//
// The nodes are those of gopkg.in/yaml.v3, since they are what the overlay
// library's JSONPath searches: any other kind would have to be copied, a
// million nodes at GitHub, for each action of an overlay.
type tree struct {
	root    *yaml.Node
	spec    string
	overlay string
	// added are the nodes that the overlay brought; all others are the spec's.
	added map[*yaml.Node]bool
}

func (t *tree) fromOverlay(n *yaml.Node) bool { return t.added[n] }

func (t *tree) position(n *yaml.Node) Position {
	if n == nil {
		return Position{File: t.spec}
	}
	if t.added[n] {
		return Position{File: t.overlay, Line: n.Line, Column: n.Column}
	}
	return Position{File: t.spec, Line: n.Line, Column: n.Column}
}
