package generator

// This file generates documents that are bent on collisions, and checks that
// whatever they are, the printed package passes the type checker.

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/weirkit/weir/generator/load"
)

// exportData finds the compiled packages that generated code imports.
var exportData = sync.OnceValues(func() (map[string]string, error) {
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}
	for _, path := range sortedKeys(standardImports) {
		args = append(args, standardImports[path])
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[path] = file
	}
	return files, nil
})

// checker is shared, since it remembers what it imported.
var checker = sync.OnceValue(func() types.ImporterFrom {
	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		files, err := exportData()
		if err != nil {
			return nil, err
		}
		return os.Open(files[path])
	}).(types.ImporterFrom)
})

func typeCheck(sources map[string][]byte) error {
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range sortedKeys(sources) {
		f, err := parser.ParseFile(set, name, sources[name], parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	config := types.Config{Importer: checker()}
	_, err := config.Check("generated", set, files, nil)
	return err
}

var (
	componentNames = []string{"Ticket", "ticket", "TicketInput", "TicketObject", "TicketRequest", "TicketStatus", "TicketStatusOpen", "TicketOfString",
		"Client", "API", "New", "TicketsService", "TicketsListParams", "string", "context", "Error", "a b", "a_b", "2fa", "été", "Minus1", "nullable-ticket"}
	memberNames    = []string{"id", "status", "Status", "user_id", "userId", "type", "-", "+1", "raw", "Raw", "a b", "a_b", "1.1", "été", "children", "value", "values"}
	parameterNames = []string{"id", "ctx", "opts", "params", "body", "type", "tickets_list", "status", "s", "url", "runtime", "func", "page", "ids"}
	tagNames       = []string{"Tickets", "Client", "API", "Types", "Operations", "Runtime", "Apps Linux", "Ticket", "tickets"}
	enumValues     = []any{"open", "Open", "", "a b", "a_b", "2", "+1", "-1", "*", "new", nil}
)

type object = map[string]any

func drawSchema(t *rapid.T, depth int) object {
	kinds := []string{"string", "integer", "number", "boolean", "date", "date-time", "byte", "enum", "ref", "ref", "any", "nothing"}
	if depth > 0 {
		kinds = append(kinds, "object", "object", "array", "map", "oneOf", "anyOf", "allOf")
	}
	s := object{}
	switch kind := rapid.SampledFrom(kinds).Draw(t, "kind"); kind {
	case "date", "date-time", "byte":
		s["type"], s["format"] = "string", kind
	case "enum":
		s["type"], s["enum"] = "string", rapid.SliceOfNDistinct(rapid.SampledFrom(enumValues), 1, 5, func(v any) string { return fmt.Sprint(v) }).Draw(t, "enum")
	case "ref":
		return object{"$ref": componentReference(rapid.SampledFrom(componentNames).Draw(t, "ref"))}
	case "any", "nothing":
	case "object":
		s = drawObject(t, depth-1)
	case "array":
		s["type"], s["items"] = "array", drawSchema(t, depth-1)
	case "map":
		s["type"], s["additionalProperties"] = "object", drawSchema(t, depth-1)
	case "oneOf", "anyOf", "allOf":
		var members []object
		for range rapid.IntRange(1, 3).Draw(t, "members") {
			members = append(members, drawSchema(t, depth-1))
		}
		s[kind] = members
	default:
		s["type"] = kind
	}
	for _, flag := range []string{"nullable", "readOnly", "writeOnly", "deprecated"} {
		if rapid.IntRange(0, 5).Draw(t, flag) == 0 {
			s[flag] = true
		}
	}
	return s
}

func drawObject(t *rapid.T, depth int) object {
	properties := object{}
	var required []string
	for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom(memberNames), rapid.ID[string]).Draw(t, "properties") {
		properties[name] = drawSchema(t, depth)
		if rapid.Bool().Draw(t, "required") {
			required = append(required, name)
		}
	}
	s := object{"type": "object", "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

func drawOperation(t *rapid.T, id string, path string) object {
	content := func() object {
		media := rapid.SampledFrom([]string{"application/json", "application/json", "application/json", "multipart/form-data", "application/x-www-form-urlencoded", "image/png"}).Draw(t, "media")
		return object{media: object{"schema": drawSchema(t, 2)}}
	}
	var parameters []object
	for _, name := range placeholders(path) {
		parameters = append(parameters, object{"name": name, "in": "path", "required": true, "schema": drawSchema(t, 1)})
	}
	for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom(parameterNames), rapid.ID[string]).Draw(t, "parameters") {
		p := object{"name": name, "in": rapid.SampledFrom([]string{"query", "query", "header"}).Draw(t, "in"), "required": rapid.Bool().Draw(t, "must"), "schema": drawSchema(t, 1)}
		if p["in"] == "query" && rapid.IntRange(0, 3).Draw(t, "deep") == 0 {
			p["style"], p["explode"] = "deepObject", true
		}
		parameters = append(parameters, p)
	}
	op := object{"operationId": id, "parameters": parameters, "responses": object{"200": object{"description": "ok", "content": content()}}}
	if rapid.Bool().Draw(t, "tagged") {
		op["tags"] = []string{rapid.SampledFrom(tagNames).Draw(t, "tag")}
	}
	if rapid.Bool().Draw(t, "has body") {
		op["requestBody"] = object{"content": content()}
	}
	return op
}

func TestGeneratedPackagesTypeCheck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		schemas := object{}
		for _, name := range componentNames {
			schemas[name] = drawSchema(t, 2)
		}
		ids := rapid.Permutation([]string{"ListTickets", "ShowTicket", "ListTicket", "tickets_list", "Tickets", "CreateTicketPages", "list", "ticketsList"}).Draw(t, "ids")
		paths := object{}
		for i, path := range []string{"/tickets", "/tickets/{tickets_list}", "/a/{id}/b/{ctx}/{id}", "/runtime/{s}/{type}.json"} {
			paths[path] = object{"get": drawOperation(t, ids[2*i], path), "post": drawOperation(t, ids[2*i+1], path)}
		}
		spec, err := json.Marshal(object{"openapi": "3.0.3", "info": object{"title": "Bent", "version": "1"}, "paths": paths, "components": object{"schemas": schemas}})
		if err != nil {
			t.Fatal(err)
		}
		files, err := Generate(Input{Package: "bent", Input: load.Input{SpecName: "spec.json", Spec: spec}})
		if err != nil {
			if strings.Contains(err.Error(), "lead only to one another") {
				return // components that are only each other
			}
			t.Fatalf("%v\n%s", err, spec)
		}
		if len(files.Report.LeftOut) > 0 {
			t.Fatalf("left out %v\n%s", files.Report.LeftOut, spec)
		}
		if err := typeCheck(files.Sources); err != nil {
			t.Fatalf("%v\n%s\n%s", err, files.Sources["types.gen.go"], spec)
		}
	})
}
