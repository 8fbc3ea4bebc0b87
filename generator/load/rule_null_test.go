package load

import "testing"

func TestFillNulls(t *testing.T) {
	checkRules(t, "3.0.3", []ruleCase{
		{"a property", `{type: object, properties: {a: }}`, `{"type": "object", "properties": {"a": {}}}`},
		{"an explicit null", `{type: object, properties: {a: null}}`, `{"type": "object", "properties": {"a": {}}}`},
	})
}

func TestEmptyResponse(t *testing.T) {
	doc := mustLoad(t, "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    delete:\n      responses:\n        204:\n")
	if r := doc.OpenAPI.Paths.Value("/a").Delete.Responses.Status(204); r == nil || r.Value == nil {
		t.Error("the response is gone")
	}
}
