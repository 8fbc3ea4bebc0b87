package annotation

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// Schema is the JSON Schema of overlay files with the x- family, for editors:
//
//	# yaml-language-server: $schema=https://github.com/weirkit/weir/raw/main/generator/annotation/schema.json
//
//go:embed schema.json
var Schema []byte

const schemaURL = "https://github.com/weirkit/weir/raw/main/generator/annotation/schema.json"

// compiled are the definitions of Schema by name.
var compiled = sync.OnceValue(func() map[string]*jsonschema.Schema {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		panic(err) // the file is part of this package, and its tests compile it
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	if err := compiler.AddResource(schemaURL, document); err != nil {
		panic(err)
	}
	definitions := document.(map[string]any)["$defs"].(map[string]any)
	all := make(map[string]*jsonschema.Schema, len(definitions))
	for name := range definitions {
		all[name] = compiler.MustCompile(schemaURL + "#/$defs/" + name)
	}
	return all
})

// checkSchema checks a value by a definition of Schema. The readers say the
// same in better words; this is the net below them, and what holds for keys
// that have no reader yet.
func (r *reader) checkSchema(name string, n *yaml.Node) {
	if name == "" {
		return
	}
	err := compiled()[name].Validate(instance(n))
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return
	}
	for _, leaf := range leaves(invalid) {
		at := n
		for _, part := range leaf.InstanceLocation {
			at = member(at, part)
		}
		r.addf(at, "%s does not fit: %s: see docs/annotations.md", strings.TrimPrefix(name, "x-"), leaf.DetailedOutput().Error)
	}
}

// leaves are the innermost causes of an error; of a choice those of its first.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	var all []*jsonschema.ValidationError
	for _, c := range e.Causes {
		all = append(all, leaves(c)...)
	}
	return all
}

func member(n *yaml.Node, name string) *yaml.Node {
	if n.Kind == yaml.SequenceNode {
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i]
		}
	}
	if v := get(n, name); v != nil {
		return v
	}
	return n
}

// instance is a node as the values that the JSON Schema library takes.
func instance(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for key, value := range pairs(n) {
			m[key.Value] = instance(value)
		}
		return m
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, instance(item))
		}
		return list
	}
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return slices.Contains([]string{"true", "True", "TRUE"}, n.Value)
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			return json.Number(n.Value)
		}
	}
	return n.Value
}
