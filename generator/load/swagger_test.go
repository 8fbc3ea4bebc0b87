package load

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSwaggerTwo(t *testing.T) {
	doc := mustLoad(t, `
swagger: '2.0'
info: {title: t, version: '1'}
host: api.example.com
basePath: /v2
schemes: [https]
securityDefinitions:
  token: {type: apiKey, in: header, name: X-Token}
parameters:
  limit: {in: query, name: limit, type: integer}
paths:
  /things/{id}:
    parameters:
      - {in: path, name: id, required: true, type: string}
    post:
      operationId: changeThing
      consumes: [application/x-www-form-urlencoded]
      parameters:
        - $ref: '#/parameters/limit'
        - {in: formData, name: title, type: string}
      responses:
        200: {description: fine, schema: {$ref: '#/definitions/Thing'}}
definitions:
  Thing:
    type: object
    allOf: []
    properties:
      pair: {type: array, items: [{type: string}, {type: integer}]}
      next: {$ref: '#/definitions/Thing'}
`)
	if url := doc.OpenAPI.Servers[0].URL; url != "https://api.example.com/v2" {
		t.Errorf("server %s", url)
	}
	post := doc.OpenAPI.Paths.Value("/things/{id}").Post
	var names []string
	for _, p := range post.Parameters {
		names = append(names, p.Value.In+" "+p.Value.Name)
	}
	if diff := cmp.Diff([]string{"path id", "query limit"}, names); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	if post.RequestBody.Value.Content["application/x-www-form-urlencoded"] == nil {
		t.Error("the form is gone")
	}
	ref := post.Responses.Status(200).Value.Content["application/json"].Schema
	if ref.Ref != "#/components/schemas/Thing" || ref.Value != doc.OpenAPI.Components.Schemas["Thing"].Value {
		t.Errorf("the response's schema is %q, want the component itself", ref.Ref)
	}
	if ref.Value.AllOf != nil {
		t.Error("an empty allOf is left, on which oapi-codegen panics")
	}
	if got := doc.At("components", "schemas", "Thing").String(); got != "spec.yaml:24" {
		t.Errorf("Thing is at %s, want spec.yaml:24", got)
	}
}

// TestSwaggerLists keeps how lists are sent, which OpenAPI 3.0 has by other names.
func TestSwaggerLists(t *testing.T) {
	doc := mustLoad(t, `
swagger: '2.0'
info: {title: t, version: '1'}
parameters:
  shared: {in: query, name: shared, type: array, items: {type: string}}
paths:
  /a:
    parameters:
      - {in: query, name: all, type: array, items: {type: string}, collectionFormat: pipes}
    get:
      parameters:
        - $ref: '#/parameters/shared'
        - {in: query, name: plain, type: array, items: {type: string}}
        - {in: query, name: many, type: array, items: {type: string}, collectionFormat: multi}
        - {in: query, name: spaced, type: array, items: {type: string}, collectionFormat: ssv}
        - {in: query, name: text, type: string}
      responses: {200: {description: fine}}
`)
	var got []string
	for _, p := range doc.OpenAPI.Paths.Value("/a").Get.Parameters {
		form := p.Value.Name + " " + p.Value.Style
		if p.Value.Explode != nil && *p.Value.Explode {
			form += ", repeated"
		}
		got = append(got, form)
	}
	if diff := cmp.Diff([]string{"all pipeDelimited", "shared form", "plain form", "many form, repeated", "spaced spaceDelimited", "text "}, got); diff != "" {
		t.Errorf("forms (-want +got):\n%s", diff)
	}
}
