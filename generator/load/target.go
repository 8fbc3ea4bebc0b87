package load

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// query is the JSONPath of the overlay library, RFC 9535 for both versions of
// the specification.
func query(target string, root *yaml.Node) (found []*yaml.Node, err error) {
	// The library indexes into tokens that a broken path lacks.
	defer func() {
		if r := recover(); r != nil {
			found, err = nil, errors.New("not a JSONPath")
		}
	}()
	path, err := (&overlay.Overlay{Version: overlay.Version110}).NewPath(target, nil)
	if err != nil {
		return nil, errors.New(oneLine(err.Error()))
	}
	seen := map[*yaml.Node]bool{}
	for _, n := range path.Query(root) {
		if !seen[n] {
			seen[n] = true
			found = append(found, n)
		}
	}
	return found, nil
}

var pathErrorPlace = regexp.MustCompile(`^Error at line \d+, column (\d+): `)

// oneLine keeps the first line of the library's message, whose others draw a
// caret under the path, and puts the column behind it.
func oneLine(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	if m := pathErrorPlace.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("%s at column %s", text[len(m[0]):], m[1])
	}
	return text
}

// find is what a target selects; everything that it names must exist.
//
// JSONPath selects what it can: of ['/a','/b'] it is content with '/a' alone,
// and a misspelt '/b' would go unnoticed. So each name of each union is also
// looked for by itself.
func find(target string, root *yaml.Node) ([]*yaml.Node, error) {
	found, err := query(target, root)
	if err != nil {
		return nil, fmt.Errorf("the target %s is no JSONPath (%w): write it as in $.paths['/things'].get", target, err)
	}
	if len(found) == 0 {
		return nil, errors.New(nothing(target, root))
	}
	for _, branch := range branches(target) {
		alone, err := query(branch.target, root)
		if err != nil {
			return nil, fmt.Errorf("the target %s has %s, which is no JSONPath (%w)", target, branch.name, err)
		}
		if len(alone) == 0 {
			return nil, errors.New(nothing(branch.target, root))
		}
	}
	return found, nil
}

// nothing says which part of a target is the first that matches nothing.
func nothing(target string, root *yaml.Node) string {
	whole := "the target " + target + " matches nothing"
	parent := []*yaml.Node{root}
	ends := segmentEnds(target)
	for i := 1; i < len(ends); i++ {
		found, err := query(target[:ends[i]], root)
		if err != nil {
			break
		}
		if len(found) > 0 {
			parent = found
			continue
		}
		segment := target[ends[i-1]:ends[i]]
		name := strings.Trim(segment, ".[]'\" ")
		var names []string
		for _, n := range parent {
			for j := 0; n.Kind == yaml.MappingNode && j < len(n.Content); j += 2 {
				names = append(names, n.Content[j].Value)
			}
		}
		return fmt.Sprintf("%s: there is no %s in %s", whole, name, target[:ends[i-1]]) +
			DidYouMean(name, names, "correct the target or drop it")
	}
	return whole + ": correct it or drop the action"
}

// branch is a target with one of its unions narrowed to one selector.
type branch struct{ name, target string }

// branches are the narrowed targets of all unions of a target.
func branches(target string) []branch {
	var all []branch
	scan(target, func(open int, commas []int, end int) {
		if len(commas) == 0 {
			return
		}
		from := open + 1
		for _, to := range append(commas, end) {
			name := strings.TrimSpace(target[from:to])
			all = append(all, branch{name, target[:open+1] + name + target[end:]})
			from = to + 1
		}
	}, nil)
	return all
}

// segmentEnds are the offsets at which the segments of a target end, beginning
// with that of the root.
func segmentEnds(target string) []int {
	var ends []int
	scan(target, nil, func(at int) {
		if at > 0 && (len(ends) == 0 || at > ends[len(ends)-1]) {
			ends = append(ends, at)
		}
	})
	return append(ends, len(target))
}

// scan walks over a JSONPath without judging it. It calls bracket for each
// outermost [...] with the offsets of its outermost commas, and boundary where
// a segment begins.
func scan(target string, bracket func(open int, commas []int, end int), boundary func(at int)) {
	depth, open := 0, 0
	var commas []int
	var quote byte
	for i := 0; i < len(target); i++ {
		c := target[i]
		if quote != 0 {
			switch c {
			case '\\':
				i++
			case quote:
				quote = 0
			}
			continue
		}
		switch c {
		case '\'', '"':
			quote = c
		case '[', '(':
			if depth == 0 {
				open, commas = i, nil
				if boundary != nil && c == '[' && target[max(i-1, 0)] != '.' {
					boundary(i)
				}
			}
			depth++
		case ']', ')':
			depth--
			if depth == 0 && c == ']' && bracket != nil {
				bracket(open, commas, i)
			}
		case ',':
			if depth == 1 {
				commas = append(commas, i)
			}
		case '.':
			if depth == 0 && boundary != nil && target[max(i-1, 0)] != '.' {
				boundary(i)
			}
		}
	}
}
