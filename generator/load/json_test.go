package load

import (
	"strings"
	"testing"
)

func TestJSONErrors(t *testing.T) {
	for text, want := range map[string]string{
		`{"a": tru}`:        "spec.yaml:1: not valid JSON: a value should be here",
		"{\"a\": 1,\n}":     "spec.yaml:2: not valid JSON: a member's name in double quotes should be here",
		`{"a" 1}`:           "spec.yaml:1: not valid JSON: a colon should be here",
		`{"a": [1 2]}`:      "spec.yaml:1: not valid JSON: a comma or a closing bracket should be here",
		"{\"a\": 1\n\"b\"}": "spec.yaml:2: not valid JSON: a comma or a closing brace should be here",
		`{"a": "b`:          "spec.yaml:1: not valid JSON: a string has no end",
		`{"a": "\u12"}`:     "spec.yaml:1: not valid JSON: a string has a wrong escape",
		"{\"a\": \"\x01\"}": "spec.yaml:1: not valid JSON: a control character stands in a string",
		`{"a": 1} x`:        "spec.yaml:1: not valid JSON: more text follows the document",
		`{"a":`:             "spec.yaml:1: not valid JSON: the document ends within a value",
		`{"a": 01}`:         "spec.yaml:1: not valid JSON: a value should be here",
	} {
		if _, err := parseJSON("spec.yaml", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestJSON(t *testing.T) {
	// A tab, an escaped surrogate pair and a key of 2,000 characters: JSON that
	// YAML readers refuse.
	spec := "{\n\t\"openapi\": \"3.0.3\",\n\t\"info\": {\"title\": \"\\ud83d\\ude00\", \"version\": \"1\"},\n\t\"x-" + strings.Repeat("k", 2000) + "\": 1,\n\t\"paths\": {\n\t\t\"/a\": {\"get\": {\"responses\": {}}}}}"
	doc, err := Load(Input{SpecName: "spec.json", Spec: []byte(spec)})
	if err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI.Info.Title != "😀" {
		t.Errorf("title %q", doc.OpenAPI.Info.Title)
	}
	if got := doc.At("paths", "/a").String(); got != "spec.json:6" {
		t.Errorf("the path is at %s, want spec.json:6", got)
	}
}
