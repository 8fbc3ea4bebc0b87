package load

import (
	"os"
	"path/filepath"
	"testing"
)

// checkLoad says what holds of every input: an error or a document, whose
// operations all have ids.
func checkLoad(t *testing.T, in Input) {
	doc, err := Load(in)
	if err != nil {
		if doc != nil {
			t.Error("a document and an error")
		}
		return
	}
	for path, item := range doc.OpenAPI.Paths.Map() {
		for method, op := range item.Operations() {
			if op.OperationID == "" || op.Responses == nil {
				t.Errorf("%s %s is not complete", method, path)
			}
		}
	}
}

func seeds(f *testing.F, name string, add func([]byte)) {
	files, err := filepath.Glob("testdata/*/*/" + name)
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, "testdata/annotated/spec.yaml") {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		add(text)
	}
}

func FuzzLoad(f *testing.F) {
	seeds(f, "spec.yaml", func(text []byte) { f.Add(text) })
	f.Add([]byte(`{"swagger": "2.0", "info": {}, "paths": {"/a": {"post": {"parameters": [{"in": "body", "name": "b", "schema": {"type": "array", "items": [{}, {}]}}], "responses": {"200": {"schema": {"$ref": "#/definitions/A"}}}}}}, "definitions": {"A": {"allOf": []}}}`))
	f.Add([]byte("openapi: 3.1.0\ninfo: {}\npaths: {/a: {get: {responses: {200: {content: {application/json: {schema: {type: [object, 'null'], oneOf: [{const: 1}, {type: 'null'}], prefixItems: [true]}}}}}}}}"))
	f.Fuzz(func(t *testing.T, spec []byte) {
		checkLoad(t, Input{SpecName: "spec.yaml", Spec: spec})
	})
}

func FuzzOverlay(f *testing.F) {
	spec, err := os.ReadFile("testdata/annotated/spec.yaml")
	if err != nil {
		f.Fatal(err)
	}
	seeds(f, "overlay.yaml", func(text []byte) { f.Add(text) })
	for _, target := range []string{"$", "$.paths['/things','/things/{id}'].get", "$..tags[0]", "$.paths[?(@.get && length(@.get.tags) > 0)]", "$.info~", "$.paths[*]['get',\"delete\"]", "$.a[", "$['"} {
		f.Add([]byte("overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions:\n- target: " + target + "\n  update: {x-a: [1]}\n- target: $.info\n  copy: $.paths\n- target: $.tags\n  remove: true\n"))
	}
	f.Fuzz(func(t *testing.T, overlay []byte) {
		checkLoad(t, Input{SpecName: "spec.yaml", Spec: spec, OverlayName: "overlay.yaml", Overlay: overlay})
	})
}
