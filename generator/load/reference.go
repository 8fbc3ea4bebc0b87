package load

import (
	"net/url"
	"strings"

	"gopkg.in/yaml.v3"
)

// checkReferences reports every $ref that does not lead to a part of the
// document itself. Nothing else is ever read: a document must not be able to
// make the generator fetch a file or an address.
func (t *tree) checkReferences(problems *Problems) {
	eachObject(t.root, keywords, func(object *yaml.Node) {
		if _, ref := child(object, "$ref"); ref != nil {
			t.checkReference(ref, problems)
		}
		_, discriminator := child(object, "discriminator")
		if discriminator == nil || discriminator.Kind != yaml.MappingNode {
			return
		}
		_, mapping := child(discriminator, "mapping")
		if mapping == nil || mapping.Kind != yaml.MappingNode {
			return
		}
		for i := 1; i < len(mapping.Content); i += 2 {
			// Without a slash it is the name of a schema.
			if v := mapping.Content[i]; strings.Contains(v.Value, "/") {
				t.checkReference(v, problems)
			}
		}
	})
}

func (t *tree) checkReference(ref *yaml.Node, problems *Problems) {
	at := t.position(ref)
	if ref.Kind != yaml.ScalarNode {
		problems.Addf(at, "a $ref is not a text: write one, as in '#/components/schemas/Thing'")
		return
	}
	// A chain of references that comes back to itself leads nowhere; a schema
	// that contains itself is fine.
	for seen := map[*yaml.Node]bool{}; ; {
		if seen[ref] {
			problems.Addf(at, "the references from %s lead only to one another: give one of them a value", ref.Value)
			return
		}
		seen[ref] = true
		path, ok := strings.CutPrefix(ref.Value, "#/")
		if !ok {
			problems.Addf(at, "the reference %q leads out of this document, and nothing else is read: copy what it names into components, and write '#/components/…'", ref.Value)
			return
		}
		target, missing := t.resolve(path)
		if target == nil {
			problems.Addf(at, "the reference %s leads nowhere, there is no %s%s", ref.Value, missing.name,
				DidYouMean(missing.name, missing.known, "add it, or correct the reference"))
			return
		}
		_, next := child(target, "$ref")
		if next == nil || next.Kind != yaml.ScalarNode {
			return
		}
		ref = next
	}
}

// missing is the part of a pointer that does not exist, and what does.
type missing struct {
	name  string
	known []string
}

// resolve follows a JSON pointer in its URI fragment form, without "#/".
func (t *tree) resolve(path string) (*yaml.Node, missing) {
	n := t.root
	for part := range strings.SplitSeq(path, "/") {
		if plain, err := url.PathUnescape(part); err == nil {
			part = plain
		}
		part = unescapePointer.Replace(part)
		_, next := child(n, part)
		if next == nil {
			m := missing{name: part}
			for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
				m.known = append(m.known, n.Content[i].Value)
			}
			return nil, m
		}
		n = next
	}
	return n, missing{}
}

// strings.Replacer goes through the text once, so that ~01 becomes ~1 as RFC
// 6901 has it.
var unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")
