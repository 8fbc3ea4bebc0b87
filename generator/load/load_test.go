package load

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustLoad(t *testing.T, spec string) *Document {
	t.Helper()
	doc, err := Load(Input{SpecName: "spec.yaml", Spec: []byte(spec)})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestLoadVersions(t *testing.T) {
	const paths = "info: {title: t, version: 1.0}\npaths:\n  /a:\n    get:\n      responses: {200: {description: fine}}\n"
	for _, version := range []string{"openapi: 3.0.0", "openapi: 3.0.4", "openapi: 3.1.0", "openapi: '3.1'", "openapi: 3.1", "swagger: '2.0'", "swagger: 2.0"} {
		doc := mustLoad(t, version+"\n"+paths)
		if doc.OpenAPI.Paths.Value("/a").Get == nil {
			t.Errorf("%s: the operation is gone", version)
		}
		if doc.OpenAPI.Info.Version != "1.0" {
			t.Errorf("%s: version is %q, want 1.0 as written", version, doc.OpenAPI.Info.Version)
		}
	}
}

func TestNumbers(t *testing.T) {
	doc := mustLoad(t, `
openapi: 3.0.3
info: {title: t, version: '1'}
paths: {}
components:
  schemas:
    A: {type: integer, minimum: 0x10, maximum: 1_000, default: 9007199254740993}
    B: {type: number, maximum: .5, minimum: -1e3, default: .inf}
`)
	a, b := doc.OpenAPI.Components.Schemas["A"].Value, doc.OpenAPI.Components.Schemas["B"].Value
	if *a.Min != 16 || *a.Max != 1000 {
		t.Errorf("A is from %v to %v", *a.Min, *a.Max)
	}
	if *b.Min != -1000 || *b.Max != .5 || b.Default != ".inf" {
		t.Errorf("B is from %v to %v, by default %v", *b.Min, *b.Max, b.Default)
	}
}

func TestYAML(t *testing.T) {
	doc := mustLoad(t, `
openapi: 3.0.3
info: {title: t, version: 2026-11-21}
x-anchors:
  error: &error {description: wrong}
  both: &both
    400: *error
    500: {description: theirs}
paths:
  /a:
    get:
      responses:
        <<: *both
        500: {description: ours}
        200: {description: =}
`)
	if doc.OpenAPI.Info.Version != "2026-11-21" {
		t.Errorf("version %q", doc.OpenAPI.Info.Version)
	}
	responses := doc.OpenAPI.Paths.Value("/a").Get.Responses
	for status, want := range map[int]string{200: "=", 400: "wrong", 500: "ours"} {
		if got := *responses.Status(status).Value.Description; got != want {
			t.Errorf("%d is %q, want %q", status, got, want)
		}
	}
}

// TestAliasBomb has a billion values in a few hundred bytes.
func TestAliasBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("openapi: 3.0.3\nx-a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n")
	for i := 1; i <= 9; i++ {
		line := "x-aN: &aN [*aP,*aP,*aP,*aP,*aP,*aP,*aP,*aP,*aP,*aP]\n"
		line = strings.ReplaceAll(line, "N", string(rune('0'+i)))
		b.WriteString(strings.ReplaceAll(line, "P", string(rune('0'+i-1))))
	}
	_, err := Load(Input{SpecName: "spec.yaml", Spec: []byte(b.String())})
	if err == nil || !strings.Contains(err.Error(), "more than 5000000 values") {
		t.Errorf("error %v, want one of too many values", err)
	}
}

func TestOperations(t *testing.T) {
	doc := mustLoad(t, `
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /things/{thing_id}:
    parameters:
      - {in: path, name: thing_id, required: true, schema: {type: integer}}
      - {in: query, name: q, schema: {type: integer}}
    get:
      parameters:
        - {in: query, name: q, schema: {type: string}}
        - {in: header, name: q, schema: {type: string}}
      responses: {200: {description: fine}}
    delete:
      responses: {}
  /things-{thing_id}:
    get:
      operationId: get_things_thing_id
      responses: {}
`)
	item := doc.OpenAPI.Paths.Value("/things/{thing_id}")
	if got := item.Get.OperationID; got != "get_things_thing_id_2" {
		t.Errorf("operationId %s, want one that is not taken", got)
	}
	if got := item.Delete.OperationID; got != "delete_things_thing_id" {
		t.Errorf("operationId %s", got)
	}
	var got []string
	for _, p := range item.Get.Parameters {
		got = append(got, p.Value.In+" "+p.Value.Name+" "+(*p.Value.Schema.Value.Type)[0])
	}
	if diff := cmp.Diff([]string{"path thing_id integer", "query q string", "header q string"}, got); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	if len(item.Delete.Parameters) != 2 || len(item.Parameters) != 0 {
		t.Error("the path's parameters are not the operation's")
	}
}

func TestEachLoadIsFresh(t *testing.T) {
	spec, err := os.ReadFile("testdata/annotated/spec.yaml")
	if err != nil {
		t.Fatal(err)
	}
	one, two := mustLoad(t, string(spec)), mustLoad(t, string(spec))
	one.OpenAPI.Paths.Value("/things").Get.OperationID = "changed"
	if two.OpenAPI.Paths.Value("/things").Get.OperationID != "listThings" {
		t.Error("two documents share an operation")
	}
}

// TestReferenceIsProperty keeps names that look like keywords apart from them.
func TestReferenceIsProperty(t *testing.T) {
	doc := mustLoad(t, `
openapi: 3.0.3
info: {title: t, version: '1'}
paths: {}
components:
  schemas:
    A:
      type: object
      default: {$ref: nowhere}
      properties:
        $ref: {type: string}
        example: {type: string}
        default: {$ref: '#/components/schemas/B'}
      example: {$ref: nowhere}
    B: {type: string, enum: [{$ref: nowhere}]}
`)
	properties := doc.OpenAPI.Components.Schemas["A"].Value.Properties
	for _, name := range []string{"$ref", "example", "default"} {
		if properties[name] == nil {
			t.Errorf("the property %s is gone", name)
		}
	}
}
