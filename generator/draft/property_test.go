package draft

// This file drafts annotations of documents whose names are bent on breaking
// out of YAML, JSONPath and comments.

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/weirkit/weir/generator"
	"pgregory.net/rapid"

	"github.com/weirkit/weir/generator/load"
)

type object = map[string]any

var nasty = []string{"id", "data", "next_cursor", "has_more", "error", "code", "message", "it's", `it's a"b`, `it's a\b`, `a"b`, `a\b`, "a: b", "a #b", "a.b", "a, b", "[a]", "{a}", "- a",
	"*a", "&a", "!a", "%a", "@a", "`a", "~", "null", "true", "yes", "1", "2026-11-21", "é", "😀", "a\nb", "a\tb", "\u2028", "\ufeff", "$", "$ref'd", "x-a", " a ", "a  b", "''", ""}

func name() *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom(nasty), rapid.StringN(0, 6, -1))
}

func thing(t *rapid.T, depth int) object {
	members := object{}
	for range rapid.IntRange(0, 3).Draw(t, "members") {
		kind := rapid.SampledFrom([]string{"string", "integer", "boolean", "list", "object"}).Draw(t, "kind")
		var s object
		switch {
		case kind == "list":
			s = object{"type": "array", "items": object{"type": "object", "properties": object{"id": object{"type": "string"}}}}
		case kind == "object" && depth > 0:
			s = thing(t, depth-1)
		case kind == "object":
			s = object{"type": "object"}
		default:
			s = object{"type": kind}
		}
		members[name().Draw(t, "member")] = s
	}
	return object{"type": "object", "properties": members}
}

// suggestive is an answer of which something will be guessed, if its names can be written.
func suggestive(t *rapid.T) object {
	member := rapid.OneOf(rapid.SampledFrom([]string{"data", "thing", "things"}), name()).Draw(t, "member")
	if rapid.Bool().Draw(t, "one") {
		return object{"type": "object", "properties": object{member: object{"type": "object", "properties": object{"id": object{"type": "string"}}}}}
	}
	list := object{"type": "array", "items": object{"type": "object", "properties": object{"id": object{"type": "string"}}}}
	return object{"type": "object", "properties": object{member: list, "next_cursor": object{"type": "string"}, "has_more": object{"type": "boolean"}}}
}

func document(t *rapid.T) object {
	paths := object{}
	for range rapid.IntRange(1, 3).Draw(t, "paths") {
		var parameters []object
		for _, p := range rapid.SliceOfNDistinct(rapid.OneOf(rapid.SampledFrom([]string{"limit", "page", "cursor", "offset", "starting_after", "page[size]"}), name()), 0, 4, rapid.ID).Draw(t, "parameters") {
			parameters = append(parameters, object{"in": rapid.SampledFrom([]string{"query", "query", "header"}).Draw(t, "in"), "name": p,
				"description": name().Draw(t, "description"), "schema": object{"type": rapid.SampledFrom([]string{"string", "integer"}).Draw(t, "type"), "maximum": 7}})
		}
		headers := object{}
		for _, h := range rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom([]string{"X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit", "Retry-After", "Link", "X-Request-Id"}), name()), 0, 3).Draw(t, "headers") {
			headers[h] = object{"description": rapid.SampledFrom([]string{"", "Unix epoch", "seconds until"}).Draw(t, "told"), "schema": object{"type": "string"}}
		}
		answer := func(s object) object {
			return object{"description": "", "headers": headers, "content": object{"application/json": object{"schema": s}}}
		}
		op := object{"parameters": parameters, "responses": object{"200": answer(rapid.OneOf(rapid.Custom(suggestive), rapid.Custom(func(t *rapid.T) object { return thing(t, 1) })).Draw(t, "answer")), "429": answer(thing(t, 1)), "default": answer(thing(t, 1))}}
		if rapid.Bool().Draw(t, "has a body") {
			op["requestBody"] = object{"content": object{"application/json": object{"schema": thing(t, 1)}}}
		}
		if rapid.Bool().Draw(t, "has an id") {
			op["operationId"] = name().Draw(t, "id")
		}
		paths["/"+name().Draw(t, "path")] = object{rapid.SampledFrom([]string{"get", "get", "post", "put"}).Draw(t, "method"): op}
	}
	variable := rapid.OneOf(rapid.SampledFrom([]string{"subdomain", "account name", "team: a"}), name()).Draw(t, "variable")
	return object{
		"openapi": "3.0.3", "info": object{"title": name().Draw(t, "title"), "version": "1"}, "paths": paths,
		"servers": []object{{"url": "https://{" + variable + "}.example", "variables": object{variable: object{"default": "a"}}}},
	}
}

// TestAnyDocument: of whatever the generator takes, a draft is made that it takes too.
func TestAnyDocument(t *testing.T) {
	made, guessed := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		spec, err := json.Marshal(document(t))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := generator.Generate(generator.Input{Package: "acme", Input: load.Input{Spec: spec}})
		if err != nil || plain.Report.Operations == 0 {
			return
		}
		made++
		d, err := Make(Input{Package: "acme", SpecName: "openapi.json", SpecFile: "openapi.json", Spec: spec})
		if err != nil {
			t.Fatalf("%v\nof %s", err, spec)
		}
		for _, g := range d.Guesses {
			if g.Name == "x-pagination" || g.Name == "x-result" {
				guessed++
			}
		}
		if d.Operations < plain.Report.Operations {
			t.Errorf("%d operations of %d, left out %v", d.Operations, plain.Report.Operations, d.LeftOut)
		}
		for line := range strings.Lines(string(d.Overlay)) {
			if strings.TrimRight(line, " \n") != strings.TrimSuffix(line, "\n") {
				t.Errorf("%q ends in a space", line)
			}
		}
	})
	if made == 0 || guessed < made/10 {
		t.Errorf("%d documents were good enough, and %d had something to guess", made, guessed)
	}
	t.Log(made, "documents,", guessed, "guesses")
}
