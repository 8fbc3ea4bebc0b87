package load

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMatchPath(t *testing.T) {
	doc := mustLoad(t, `openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /things/{thing_id}/parts/{part}:
    get:
      parameters:
        - {in: path, name: part, schema: {type: integer}}
        - {in: path, name: other, required: true, schema: {type: integer}}
        - {in: query, name: thing_id, schema: {type: integer}}
      responses: {}
`)
	var got []string
	for _, p := range doc.OpenAPI.Paths.Value("/things/{thing_id}/parts/{part}").Get.Parameters {
		kind := p.Value.In + " " + p.Value.Name + " " + (*p.Value.Schema.Value.Type)[0]
		if p.Value.Required {
			kind += ", required"
		}
		got = append(got, kind)
	}
	if diff := cmp.Diff([]string{"path part integer, required", "query thing_id integer", "path thing_id string, required"}, got); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	want := []string{
		"spec.yaml:5: the path parameter other is not in the path: it is left out",
		"spec.yaml:5: the path parameter thing_id is not declared: it is taken for a text",
	}
	if diff := cmp.Diff(want, doc.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}
