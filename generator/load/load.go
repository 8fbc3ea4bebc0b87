// Package load reads a provider's OpenAPI document and the overlay that weir's
// annotations are written in, and prepares both for the generator: OpenAPI 3.0
// for oapi-codegen whatever version the vendor writes, and a node tree with
// positions for the annotations.
//
// Loading is pure: nothing is read but the bytes given, and every error says in
// which file and line the problem is and what to do.
package load

import (
	"bytes"
	"regexp"

	"gopkg.in/yaml.v3"
)

// Input is what a document is loaded from.
type Input struct {
	// SpecName and OverlayName are the files' names as the user gave them; they
	// appear in messages only.
	SpecName string
	// Spec is an OpenAPI document, 2.0, 3.0 or 3.1, in YAML or JSON.
	Spec        []byte
	OverlayName string
	// Overlay is an OpenAPI Overlay, 1.0 or 1.1; empty where there is none.
	Overlay []byte
}

// Load reads a document. Its error joins *Errors, each with a position.
func Load(in Input) (*Document, error) {
	d, err := Read(in)
	if err != nil {
		return nil, err
	}
	if err := d.build(); err != nil {
		return nil, err
	}
	return d, nil
}

// Read reads a document as its vendor writes it: the overlay is applied and the
// references are checked, and OpenAPI is nil. It is for those who look at nodes
// alone.
func Read(in Input) (*Document, error) {
	t := &tree{spec: in.SpecName, overlay: in.OverlayName, added: map[*yaml.Node]bool{}}
	if t.spec == "" {
		t.spec = "openapi.yaml"
	}
	if t.overlay == "" {
		t.overlay = "overlay.yaml"
	}
	root, err := parse(t.spec, in.Spec)
	if err != nil {
		return nil, err
	}
	t.root = root
	version, err := t.version()
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(in.Overlay)) > 0 || in.OverlayName != "" && in.Overlay != nil {
		actions, err := readOverlay(t.overlay, in.Overlay)
		if err != nil {
			return nil, err
		}
		if err := t.apply(actions); err != nil {
			return nil, err
		}
	}
	d := &Document{Version: version, tree: t}
	if err := d.check(); err != nil {
		return nil, err
	}
	return d, nil
}

var (
	versionTwo   = regexp.MustCompile(`^2\.0$`)
	versionThree = regexp.MustCompile(`^3\.[01](\.\d+.*)?$`)
)

// version is the version of OpenAPI that a document declares.
func (t *tree) version() (string, error) {
	if t.root.Kind != yaml.MappingNode {
		return "", &Error{Pos: t.position(t.root), Msg: "this is no OpenAPI document but " + kindName(t.root) + ": give an OpenAPI document in YAML or JSON"}
	}
	if key, v := child(t.root, "swagger"); v != nil {
		if v.Kind == yaml.ScalarNode && versionTwo.MatchString(v.Value) {
			return "2.0", nil
		}
		return "", &Error{Pos: t.position(key), Msg: "swagger " + v.Value + " is not known: give Swagger 2.0, OpenAPI 3.0 or 3.1"}
	}
	key, v := child(t.root, "openapi")
	switch {
	case v == nil:
		if has(t.root, "overlay") {
			return "", &Error{Pos: t.position(t.root), Msg: "this is an overlay, not an OpenAPI document: give it as the annotations, and the vendor's document as the spec"}
		}
		return "", &Error{Pos: t.position(t.root), Msg: "this is no OpenAPI document, it has neither openapi nor swagger: begin it with openapi: 3.0.3"}
	case v.Kind != yaml.ScalarNode || !versionThree.MatchString(v.Value):
		return "", &Error{Pos: t.position(key), Msg: "openapi " + v.Value + " is not known: give Swagger 2.0, OpenAPI 3.0 or 3.1"}
	}
	return v.Value, nil
}
