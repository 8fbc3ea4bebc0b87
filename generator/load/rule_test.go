package load

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
)

// ruleCase is a schema as a vendor writes it and as the model sees it.
type ruleCase struct {
	name string
	// in is the schema in YAML flow style; it may refer to Thing, an object with
	// an id, and Text, a string.
	in string
	// want is the schema as JSON, with what a reference leads to under "→" where
	// that differs from the component.
	want string
}

const things = `
    Thing: {type: object, properties: {id: {type: integer}}}
    Text: {type: string}
    Fixed: {type: string, format: uuid, default: a}
    Other: {type: object, properties: {id: {type: string}}, uniqueItems: true}
    Holder:
      type: object
      properties:
        p: `

// checkRules loads each case as a property and compares what becomes of it.
func checkRules(t *testing.T, version string, cases []ruleCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			spec := "openapi: " + version + "\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents:\n  schemas:" + things + c.in + "\n"
			doc, err := Load(Input{SpecName: "spec.yaml", Spec: []byte(spec)})
			if err != nil {
				t.Fatal(err)
			}
			if doc.OpenAPI.OpenAPI != "3.0.3" {
				t.Errorf("the document says %s, so oapi-codegen would read null as 3.1 has it", doc.OpenAPI.OpenAPI)
			}
			p := doc.OpenAPI.Components.Schemas["Holder"].Value.Properties["p"]
			if diff := cmp.Diff(plainJSON(t, c.want), plainJSON(t, schemaJSON(t, doc, p))); diff != "" {
				t.Errorf("schema (-want +got):\n%s", diff)
			}
		})
	}
}

func schemaJSON(t *testing.T, doc *Document, ref *openapi3.SchemaRef) string {
	t.Helper()
	text, err := json.Marshal(ref)
	if err != nil {
		t.Fatal(err)
	}
	name, ok := strings.CutPrefix(ref.Ref, "#/components/schemas/")
	if !ok || doc.OpenAPI.Components.Schemas[name].Value == ref.Value {
		return string(text)
	}
	value, err := json.Marshal(ref.Value)
	if err != nil {
		t.Fatal(err)
	}
	return `{"$ref": "` + ref.Ref + `", "→": ` + string(value) + `}`
}

func plainJSON(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}
