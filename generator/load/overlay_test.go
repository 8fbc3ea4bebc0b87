package load

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// loadWith loads testdata/annotated/spec.yaml with the actions given.
func loadWith(t *testing.T, actions string) (*Document, error) {
	t.Helper()
	spec, err := os.ReadFile("testdata/annotated/spec.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const head = "overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions:\n"
	return Load(Input{SpecName: "spec.yaml", Spec: spec, OverlayName: "overlay.yaml", Overlay: []byte(head + actions)})
}

func mustLoadWith(t *testing.T, actions string) *Document {
	t.Helper()
	doc, err := loadWith(t, actions)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func text(t *testing.T, n *yaml.Node) string {
	t.Helper()
	if n == nil {
		return "nothing"
	}
	var v any
	if err := n.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(v)
}

func TestOverlayMerges(t *testing.T) {
	for _, c := range []struct {
		name, actions string
		pointer       []string
		want          string
	}{
		{"an object gains members", "  - target: $\n    update: {x-new: {a: 1}}\n", []string{"x-new"}, "map[a:1]"},
		{"objects merge", "  - target: $\n    update: {x-new: {a: 1}}\n  - target: $\n    update: {x-new: {b: 2}}\n", []string{"x-new"}, "map[a:1 b:2]"},
		{"a list of the document grows", "  - target: $.paths['/things'].get\n    update: {tags: [more]}\n", []string{"paths", "/things", "get", "tags"}, "[things more]"},
		{"a targeted list grows", "  - target: $.paths['/things'].get.tags\n    update: more\n", []string{"paths", "/things", "get", "tags"}, "[things more]"},
		{"a list of an extension is replaced", "  - target: $.paths['/things'].get\n    update: {x-rate-limit: [a]}\n  - target: $.paths['/things'].get\n    update: {x-rate-limit: [b]}\n",
			[]string{"paths", "/things", "get", "x-rate-limit"}, "[b]"},
		{"the vendor's too", "  - target: $.paths['/things/{id}'].get\n    update: {x-rate-limit: [b]}\n", []string{"paths", "/things/{id}", "get", "x-rate-limit"}, "[b]"},
		{"and one within an extension", "  - target: $\n    update: {x-new: {a: [1]}}\n  - target: $\n    update: {x-new: {a: [2]}}\n", []string{"x-new"}, "map[a:[2]]"},
		{"an extension may change its kind", "  - target: $\n    update: {x-new: {a: [1]}}\n  - target: $\n    update: {x-new: none}\n", []string{"x-new"}, "none"},
		{"a plain value is replaced", "  - target: $.info.title\n    update: Other things\n", []string{"info", "title"}, "Other things"},
		{"a member is removed", "  - target: $.paths['/things'].get.tags\n    remove: true\n", []string{"paths", "/things", "get", "tags"}, "nothing"},
		{"an element is removed", "  - target: $.paths['/things'].get.tags[0]\n    remove: true\n", []string{"paths", "/things", "get", "tags"}, "[]"},
		{"a value is copied", "  - target: $.paths['/things/{id}'].delete\n    copy: $.paths['/things/{id}'].get\n", []string{"paths", "/things/{id}", "delete", "x-rate-limit"}, "[everything]"},
		{"every operation", "  - target: $.paths.*[?(@.operationId)]\n    update: {x-rate-limit: [all]}\n", []string{"paths", "/things/{id}", "delete", "x-rate-limit"}, "[all]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			// A copy action must not bring a second operation of one id.
			actions := strings.ReplaceAll(c.actions, "copy: $.paths['/things/{id}'].get\n", "copy: $.paths['/things/{id}'].get\n  - target: $.paths['/things/{id}'].delete.operationId\n    update: deleteThing\n")
			doc := mustLoadWith(t, actions)
			if got := text(t, doc.Node(c.pointer...)); got != c.want {
				t.Errorf("%s is %s, want %s", strings.Join(c.pointer, " "), got, c.want)
			}
		})
	}
}

// TestTargetsDoNotShare applies one action to two operations and corrects one.
func TestTargetsDoNotShare(t *testing.T) {
	doc := mustLoadWith(t, `
  - target: $.paths['/things','/things/{id}'].get
    update: {x-pagination: {type: cursor, size: {max: 100}}}
  - target: $.paths['/things'].get
    update: {x-pagination: {size: {max: 10}}}
`)
	for path, want := range map[string]string{"/things": "10", "/things/{id}": "100"} {
		if got := text(t, doc.Node("paths", path, "get", "x-pagination", "size", "max")); got != want {
			t.Errorf("max of %s is %s, want %s", path, got, want)
		}
	}
}

func TestPositions(t *testing.T) {
	doc := mustLoadWith(t, `
  - target: $.paths['/things'].get
    update:
      x-rate-limit:
        - slow
        - {limit: fast,
           cost: 5}
      tags: [more]
  - target: $.info.title
    update: Other things
`)
	for _, c := range []struct {
		pointer string
		want    string
	}{
		{"", "spec.yaml:1"},
		{"paths /things get", "spec.yaml:7"},
		{"paths /things get parameters 0 name", "spec.yaml:11"},
		{"paths /things get tags", "spec.yaml:9"},
		{"paths /things get tags 1", "overlay.yaml:11"},
		{"paths /things get x-rate-limit", "overlay.yaml:7"},
		{"paths /things get x-rate-limit 0", "overlay.yaml:8"},
		{"paths /things get x-rate-limit 1 cost", "overlay.yaml:10"},
		{"paths /things get nothing here", "spec.yaml:7"},
		{"components schemas Thing properties id", "spec.yaml:30"},
	} {
		if got := doc.At(strings.Fields(c.pointer)...).String(); got != c.want {
			t.Errorf("%q is at %s, want %s", c.pointer, got, c.want)
		}
	}
	if n := doc.Node("info", "title"); !doc.FromOverlay(n) || doc.PositionOf(n).String() != "overlay.yaml:13" {
		t.Errorf("the replaced title is at %s, want overlay.yaml:13", doc.PositionOf(n))
	}
	if doc.FromOverlay(doc.Node("paths", "/things", "get", "tags", "0")) {
		t.Error("the vendor's tag is taken for the overlay's")
	}
}

func TestOverlayOfAliases(t *testing.T) {
	doc := mustLoadWith(t, `
  - target: $
    update:
      x-rate-limits:
        a: {source: &source {url: u}}
        b: {source: *source}
`)
	if got := text(t, doc.Node("x-rate-limits", "b", "source", "url")); got != "u" {
		t.Errorf("the alias is %s", got)
	}
}
