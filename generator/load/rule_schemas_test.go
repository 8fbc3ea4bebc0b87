package load

import "testing"

func TestGiveSchemas(t *testing.T) {
	doc := mustLoad(t, `
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a:
    post:
      parameters: [{in: query, name: q}]
      requestBody: {content: {application/json: {}}}
      responses:
        200: {description: fine, content: {application/json: }}
`)
	post := doc.OpenAPI.Paths.Value("/a").Post
	if s := post.Parameters[0].Value.Schema; s == nil || !s.Value.Type.Is("string") {
		t.Errorf("the parameter's schema is %v, want a text", s)
	}
	if s := post.RequestBody.Value.Content["application/json"].Schema; s == nil || s.Value == nil {
		t.Error("the request body has no schema")
	}
	if s := post.Responses.Status(200).Value.Content["application/json"].Schema; s == nil || s.Value == nil {
		t.Error("the response has no schema")
	}
}
