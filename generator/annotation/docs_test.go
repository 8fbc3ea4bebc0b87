package annotation

import (
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestDocs holds the examples of docs/annotations.md to the schema, and the page
// to the family: each key has a section or a part of one.
func TestDocs(t *testing.T) {
	page := string(file(t, "../../docs/annotations.md"))
	examples := 0
	for i, part := range strings.Split(page, "```yaml\n") {
		if i == 0 {
			continue
		}
		text, _, _ := strings.Cut(part, "```")
		var n yaml.Node
		if err := yaml.Unmarshal([]byte(text), &n); err != nil {
			t.Errorf("%s\n%v", text, err)
			continue
		}
		if len(n.Content) == 0 {
			continue // a comment for editors
		}
		examples++
		value, schema := n.Content[0], compiled()["update"]
		switch {
		case get(value, "overlay") != nil:
			if err := validate(t, text); err != nil {
				t.Errorf("%s\n%v", text, err)
			}
			continue
		case get(value, "update") != nil:
			value = get(value, "update")
		case get(value, "source") != nil:
			value, schema = get(value, "source"), compiled()["source"]
		}
		if err := schema.Validate(instance(value)); err != nil {
			t.Errorf("%s\n%v", text, err)
		}
	}
	if examples < 15 {
		t.Errorf("found %d examples", examples)
	}
	for _, key := range slices.Concat(rootKeys, operationKeys) {
		if !strings.Contains(page, "\n"+key+": ") && !strings.Contains(page, "\n"+key+":\n") {
			t.Errorf("%s has no example", key)
		}
	}
}
