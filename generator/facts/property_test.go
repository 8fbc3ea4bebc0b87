package facts

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/weirkit/weir/generator/load"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

// TestQuoting: what is written of a text is read as that text, in every place
// where one may stand.
func TestQuoting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(
			rapid.String(),
			rapid.StringMatching(`[-+.:,?&*!|>'"%@#={}\[\] ~<\\a1_/\t\n]{0,8}`),
			rapid.SampledFrom([]string{"on", "No", "~", "null", "1e3", "0o7", "0b1", "1_0", "12:30", "2026-11-21", "=", "<<", ".inf", "---", "..."}),
		).Draw(t, "text")
		if !utf8.ValidString(text) {
			text = strings.ToValidUTF8(text, "")
		}
		v := textValue(text)
		pairs := []pair{{text, v}, {"z" + text, &value{kind: sequence, items: []*value{v, v}}}}
		for _, m := range []*value{
			{kind: mapping, members: pairs},
			{kind: mapping, members: pairs, block: true},
		} {
			var out bytes.Buffer
			writeDocument(&out, &value{kind: mapping, members: []pair{{"root", m}}})
			var got map[string]map[string]any
			if err := yaml.Unmarshal(out.Bytes(), &got); err != nil {
				t.Fatalf("%v:\n%s", err, out.Bytes())
			}
			want := map[string]map[string]any{"root": {text: text, "z" + text: []any{text, text}}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("-want +got:\n%s\n%s", diff, out.Bytes())
			}
		}
	})
}

type node = map[string]any

func drawName(t *rapid.T) string {
	return rapid.SampledFrom([]string{"id", "on", "description", "example", "title", "$ref", "x-y", "a b", "1", "default"}).Draw(t, "name")
}

// drawSchema draws a schema that has prose wherever it may.
func drawSchema(t *rapid.T, depth int) node {
	s := node{"description": "Prose.", "example": "Prose", "title": "Prose, and more of it", "x-vendor": "Prose", "externalDocs": node{"description": "Prose"}}
	switch kind := rapid.SampledFrom([]string{"string", "integer", "ref", "object", "array", "oneOf"}).Draw(t, "kind"); {
	case kind == "ref":
		return node{"$ref": "#/components/schemas/" + rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "component"), "description": "Prose"}
	case kind == "object" && depth > 0:
		properties := node{}
		for range rapid.IntRange(0, 4).Draw(t, "members") {
			properties[drawName(t)] = drawSchema(t, depth-1)
		}
		s["type"], s["properties"] = "object", properties
	case kind == "array" && depth > 0:
		s["type"], s["items"] = "array", drawSchema(t, depth-1)
	case kind == "oneOf" && depth > 0:
		s["oneOf"] = []any{drawSchema(t, depth-1), drawSchema(t, depth-1)}
	case kind == "integer":
		s["type"], s["minimum"], s["nullable"] = "integer", rapid.Int64().Draw(t, "minimum"), true
	default:
		s["type"], s["enum"] = "string", rapid.SliceOfN(rapid.SampledFrom([]string{"on", "null", "1", "a: b", "[", "é", ""}), 1, 3).Draw(t, "enum")
	}
	return s
}

// TestFacts draws documents: no prose comes through, nothing unreferenced is
// left, the same comes of it twice, and again of its own result.
func TestFacts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := func() node {
			return node{"description": "Prose", "content": node{"application/json": node{"schema": drawSchema(t, 3), "example": "Prose"}}}
		}
		paths := node{}
		for _, path := range []string{"/a", "/b/{on}", "/c"}[:rapid.IntRange(1, 3).Draw(t, "paths")] {
			paths[path] = node{"summary": "Prose", "post": node{
				"summary": "Prose", "tags": []string{rapid.SampledFrom([]string{"t", "off"}).Draw(t, "tag")},
				"parameters":  []any{node{"name": "on", "in": "query", "description": "Prose", "schema": drawSchema(t, 1)}},
				"requestBody": body(), "responses": node{"200": body()},
			}}
		}
		spec, err := json.Marshal(node{
			"openapi": "3.0.3", "info": node{"title": "t", "version": "1", "description": "Prose"}, "paths": paths,
			"tags":       []any{node{"name": "t", "description": "Prose"}, node{"name": "off"}},
			"components": node{"schemas": node{"A": drawSchema(t, 2), "B": node{"type": "object"}, "C": drawSchema(t, 2)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		in := Input{SpecName: "spec.json", Spec: spec}
		if _, err := load.Load(load.Input{Spec: spec}); err != nil {
			return // components that only refer to one another
		}
		result, err := Import(in)
		if err != nil {
			t.Fatal(err)
		}
		_, text, _ := bytes.Cut(result.YAML, []byte("openapi:"))
		if bytes.Contains(text, []byte("Prose")) {
			t.Fatalf("prose is left:\n%s", text)
		}
		for _, component := range []string{"A", "B", "C"} {
			declared := bytes.Contains(text, []byte("\n    "+component+":"))
			if refers := bytes.Contains(text, []byte("schemas/"+component+"'")); refers != declared {
				t.Fatalf("%s is referred to: %v, and is there: %v\n%s", component, refers, declared, text)
			}
		}
		if second, err := Import(in); err != nil || !bytes.Equal(result.YAML, second.YAML) {
			t.Fatalf("the second time it is another document (error %v)", err)
		}
		checkAgain(t, result)
	})
}
