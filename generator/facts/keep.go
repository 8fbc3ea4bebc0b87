package facts

// This file copies what is kept. It begins at the paths, and copies of the
// components only what a copied part refers to, so that nothing unreferenced is
// left, also not in a circle of references.

import (
	"slices"
	"strings"
	"unicode"

	"github.com/weirkit/weir/generator/load"
	"gopkg.in/yaml.v3"
)

// component is one entry of components, or of Swagger 2.0's lists of such:
// {"components/schemas", "Ticket"}.
type component struct{ group, name string }

type keeper struct {
	doc    *load.Document
	chosen choice
	// tags are those of the kept operations.
	tags map[string]bool
	// wanted are the components that something kept refers to; queue those of
	// them that are still to be looked through.
	wanted map[component]bool
	queue  []component
	// alternatives are those of them that a union has.
	alternatives map[component]bool
	problems     load.Problems
}

// document copies the document: first only to see what its operations refer to,
// since that decides what is kept of the parts before and after them.
func (k *keeper) document(title string) (*value, error) {
	k.wanted, k.alternatives, k.tags = map[component]bool{}, map[component]bool{}, map[string]bool{}
	source := k.doc.Node()
	if paths := member(source, "paths"); paths != nil {
		k.value(keyword{"paths", named, "path"}, paths)
	}
	k.secure(member(source, "security"))
	k.secureByAll()
	for len(k.queue) > 0 {
		c := k.queue[0]
		k.queue = k.queue[1:]
		if at := k.doc.Node(append(strings.Split(c.group, "/"), c.name)...); at != nil {
			k.value(keyword{c.name, object, groups[c.group]}, at)
		}
	}
	if err := k.problems.Err(); err != nil {
		return nil, err
	}
	root := k.object("document", source)
	if title != "" {
		retitle(root, title)
	}
	return root, nil
}

// groups are where components stand, in Swagger 2.0 and in OpenAPI 3, with their
// kinds.
var groups = func() map[string]string {
	out := map[string]string{}
	for _, word := range kinds["components"] {
		out["components/"+word.name] = word.kind
	}
	for _, name := range []string{"definitions", "parameters", "responses", "securityDefinitions"} {
		for _, word := range kinds["document"] {
			if word.name == name {
				out[name] = word.kind
			}
		}
	}
	return out
}()

// groupOf is the group that a keyword holds, "" for others.
func groupOf(kind, name string) string {
	switch kind {
	case "components":
		return "components/" + name
	case "document":
		if groups[name] != "" {
			return name
		}
	}
	return ""
}

// group copies the wanted components of a group in the document's order.
func (k *keeper) group(group, kind string) *value {
	out := &value{kind: mapping, block: true}
	for key, source := range pairs(k.doc.Node(strings.Split(group, "/")...)) {
		c := component{group, key.Value}
		if !k.wanted[c] {
			continue
		}
		v := k.value(keyword{key.Value, object, kind}, source)
		if k.alternatives[c] {
			k.entitle(v, source)
		}
		out.members = append(out.members, pair{key.Value, v})
	}
	if len(out.members) == 0 {
		return nil
	}
	return out
}

// usedTags copies the tags that a kept operation has.
func (k *keeper) usedTags(tags *yaml.Node) *value {
	out := &value{kind: sequence}
	for _, tag := range elements(tags) {
		if k.tags[scalar(member(tag, "name"))] {
			out.items = append(out.items, k.object("tag", tag))
		}
	}
	if len(out.items) == 0 {
		return nil
	}
	return out
}

func retitle(root *value, title string) {
	for _, m := range root.members {
		if m.key != "info" {
			continue
		}
		m.value.members = slices.DeleteFunc(m.value.members, func(p pair) bool { return p.key == "title" })
		m.value.members = slices.Insert(m.value.members, 0, pair{"title", textValue(title)})
	}
}

// object copies an object of a kind.
func (k *keeper) object(kind string, source *yaml.Node) *value {
	out := &value{kind: mapping, block: blocks[kind]}
	reference := member(source, "$ref")
	if kind == "operation" {
		for _, tag := range elements(member(source, "tags")) {
			k.tags[tag.Value] = true
		}
	}
	for _, word := range kinds[kind] {
		at := member(source, word.name)
		switch {
		case word.form == emptied && reference == nil:
			out.members = append(out.members, pair{word.name, textValue("")})
			continue
		case at == nil, reference != nil && kind != "schema" && kind != "path" && word.name != "$ref":
			continue // beside a reference only schemas and paths say anything
		case kind == "path" && word.kind == "operation" && !k.chosen.has(at):
			continue
		}
		var v *value
		switch group := groupOf(kind, word.name); {
		case group != "":
			v = k.group(group, word.kind)
		case kind == "document" && word.name == "tags":
			v = k.usedTags(at)
		default:
			v = k.value(word, at)
		}
		if v != nil && !(word.name == "components" && len(v.members) == 0) {
			out.members = append(out.members, pair{word.name, v})
		}
		switch {
		case word.name == "$ref":
			k.refer(at)
		case word.name == "security":
			k.secure(at)
		case word.name == "discriminator":
			k.discriminate(member(at, "mapping"))
		}
	}
	return out
}

// value copies the value of a keyword; nil means that nothing is left of it.
func (k *keeper) value(word keyword, source *yaml.Node) *value {
	switch word.form {
	case text, words:
		return plainValue(source, word.form == text || source.Kind == yaml.SequenceNode, word.name == "type")
	case data:
		return plainValue(source, false, false)
	case emptied:
		return textValue("")
	case scopes:
		out := &value{kind: mapping}
		for key := range pairs(source) {
			out.members = append(out.members, pair{key.Value, textValue("")})
		}
		return out
	case named:
		if source.Kind == yaml.MappingNode {
			return k.names(word, source)
		}
	}
	switch source.Kind {
	case yaml.MappingNode:
		v := k.object(word.kind, source)
		if word.kind == "docs" && len(v.members) == 0 {
			return nil
		}
		return v
	case yaml.SequenceNode:
		out := &value{kind: sequence}
		for _, item := range source.Content {
			v := k.value(keyword{word.name, object, word.kind}, item)
			if v == nil {
				continue
			}
			if word.name == "oneOf" || word.name == "anyOf" {
				k.entitle(v, item)
			}
			out.items = append(out.items, v)
		}
		if word.name == "parameters" && len(out.items) == 0 {
			return nil
		}
		return out
	}
	return plainValue(source, false, false)
}

// entitle gives an alternative of a union its title, which may be its only name.
// All other titles say again what a component or a property is called.
func (k *keeper) entitle(v *value, source *yaml.Node) {
	if ref := member(source, "$ref"); ref != nil {
		if parts := pointer(ref.Value); len(parts) == 3 && parts[0] == "components" {
			k.alternatives[component{"components/" + parts[1], parts[2]}] = true
		}
	}
	if title := scalar(member(source, "title")); isName(title) {
		v.members = slices.Insert(v.members, 0, pair{"title", textValue(title)})
	}
}

// isName reports whether a title names a thing; a sentence is prose.
func isName(title string) bool {
	words := strings.Fields(title)
	return len(words) > 0 && len(words) <= 4 && !strings.ContainsFunc(title, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" _-", r)
	})
}

// names copies an object of names. Extensions among paths and responses are no
// such, and a name of a schema or a property may begin as they do.
func (k *keeper) names(word keyword, source *yaml.Node) *value {
	out := &value{kind: mapping, block: len(source.Content) > 2}
	for key, at := range pairs(source) {
		extension := strings.HasPrefix(key.Value, "x-") && (word.kind == "path" || word.name == "responses")
		if extension || word.kind == "path" && word.name == "paths" && !k.chosen.hasAny(k.pathItem(at)) {
			continue
		}
		if v := k.value(keyword{key.Value, object, word.kind}, at); v != nil {
			out.members = append(out.members, pair{key.Value, v})
		}
	}
	return out
}

// pathItem follows a path that refers to another.
func (k *keeper) pathItem(item *yaml.Node) *yaml.Node {
	for range 10 {
		ref := member(item, "$ref")
		if ref == nil {
			break
		}
		item = k.doc.Node(pointer(ref.Value)...)
	}
	return item
}
