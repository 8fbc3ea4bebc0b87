package load

// This file finds the place of an error that kin-openapi reports without one.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

// kind is a kind of object of the specification: how kin-openapi reads it, and
// what its members are.
type kind struct {
	read    func([]byte) error
	members map[string]member
}

// member says that a member's value is of a kind, or is a list or an object of
// such values.
type member struct {
	kind string
	many bool
}

func reads[T any](text []byte) error { return json.Unmarshal(text, new(T)) }

var schemaMembers = map[string]member{
	"properties": {"schema", true}, "items": {"schema", false}, "additionalProperties": {"schema", false},
	"allOf": {"schema", true}, "anyOf": {"schema", true}, "oneOf": {"schema", true}, "not": {"schema", false},
}

var pathMembers = map[string]member{
	"parameters": {"parameter", true},
	"get":        {"operation", false}, "put": {"operation", false}, "post": {"operation", false},
	"delete": {"operation", false}, "options": {"operation", false}, "head": {"operation", false},
	"patch": {"operation", false}, "trace": {"operation", false},
}

var kindsOfThree = map[string]kind{
	"document": {reads[openapi3.T], map[string]member{
		"info": {"info", false}, "servers": {"server", true}, "paths": {"path", true}, "webhooks": {"path", true},
		"components": {"components", false}, "tags": {"tag", true},
	}},
	"components": {reads[openapi3.Components], map[string]member{
		"schemas": {"schema", true}, "parameters": {"parameter", true}, "responses": {"response", true},
		"requestBodies": {"body", true}, "headers": {"parameter", true}, "securitySchemes": {"security", true},
	}},
	"info":     {reads[openapi3.Info], nil},
	"server":   {reads[openapi3.Server], nil},
	"tag":      {reads[openapi3.Tag], nil},
	"security": {reads[openapi3.SecuritySchemeRef], nil},
	"path":     {reads[openapi3.PathItem], pathMembers},
	"operation": {reads[openapi3.Operation], map[string]member{
		"parameters": {"parameter", true}, "requestBody": {"body", false}, "responses": {"response", true},
	}},
	"parameter": {reads[openapi3.ParameterRef], map[string]member{"schema": {"schema", false}, "content": {"media", true}}},
	"body":      {reads[openapi3.RequestBodyRef], map[string]member{"content": {"media", true}}},
	"response":  {reads[openapi3.ResponseRef], map[string]member{"content": {"media", true}, "headers": {"parameter", true}}},
	"media":     {reads[openapi3.MediaType], map[string]member{"schema": {"schema", false}}},
	"schema":    {reads[openapi3.SchemaRef], schemaMembers},
}

var kindsOfTwo = map[string]kind{
	"document": {reads[openapi2.T], map[string]member{
		"info": {"info", false}, "paths": {"path", true}, "definitions": {"schema", true},
		"parameters": {"parameter", true}, "responses": {"response", true}, "tags": {"tag", true},
	}},
	"info": {reads[openapi3.Info], nil},
	"tag":  {reads[openapi3.Tag], nil},
	"path": {reads[openapi2.PathItem], pathMembers},
	"operation": {reads[openapi2.Operation], map[string]member{
		"parameters": {"parameter", true}, "responses": {"response", true},
	}},
	"parameter": {reads[openapi2.Parameter], map[string]member{"schema": {"schema", false}}},
	"response":  {reads[openapi2.Response], map[string]member{"schema": {"schema", false}}},
	"schema":    {reads[openapi2.SchemaRef], schemaMembers},
}

// locate gives an error of kin-openapi its place: the smallest part of the
// document that by itself cannot be read, or the reference that it names.
func (d *Document) locate(err error) error {
	const advice = "correct the document, or that part of it by an action of the overlay"
	kinds := kindsOfThree
	if d.Version == "2.0" {
		kinds = kindsOfTwo
	}
	if at, cause := smallest(kinds, "document", d.tree.root); cause != nil {
		return &Error{Pos: d.tree.position(at), Msg: wrongShape(cause) + ": " + advice, Err: err}
	}
	pos, what := d.tree.position(d.tree.root), err.Error()
	if m := wrongReference.FindStringSubmatch(what); m != nil {
		what = fmt.Sprintf("the reference %s does not lead to a %s", m[1], m[2])
	}
	eachObject(d.tree.root, keywords, func(object *yaml.Node) {
		if _, ref := child(object, "$ref"); ref != nil && strings.Contains(err.Error(), `"`+ref.Value+`"`) {
			pos = d.tree.position(ref)
		}
	})
	return &Error{Pos: pos, Msg: what + ": " + advice, Err: err}
}

// smallest is the innermost node that cannot be read, and why.
func smallest(kinds map[string]kind, name string, n *yaml.Node) (*yaml.Node, error) {
	k := kinds[name]
	var buf bytes.Buffer
	encode(&buf, n, keywords)
	err := k.read(buf.Bytes())
	if err == nil {
		return nil, nil
	}
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		m, ok := k.members[n.Content[i].Value]
		value := n.Content[i+1]
		switch {
		case !ok:
		case !m.many:
			if at, cause := smallest(kinds, m.kind, value); cause != nil {
				return at, cause
			}
		default:
			for j, element := range value.Content {
				if value.Kind == yaml.MappingNode && (j%2 == 0 || strings.HasPrefix(value.Content[j-1].Value, "x-")) {
					continue
				}
				if at, cause := smallest(kinds, m.kind, element); cause != nil {
					return at, cause
				}
			}
		}
	}
	if m := unmarshalError.FindStringSubmatch(err.Error()); m != nil {
		if key, _ := child(n, m[2]); key != nil {
			return key, err
		}
	}
	return n, err
}

// unmarshalError is encoding/json's message about a member of the wrong kind,
// as kin-openapi rewrites it.
var unmarshalError = regexp.MustCompile(`cannot unmarshal (\w+) into (?:Go struct )?field \w+\.(\w+)(?:\.\S+)? of type (\S+)`)

// notAnObject is its message about a whole value of the wrong kind.
var notAnObject = regexp.MustCompile(`cannot unmarshal (\w+) into (?:Go )?value of type`)

// wrongReference is kin-openapi's message about a parameter that refers to a
// schema and the like.
var wrongReference = regexp.MustCompile(`bad data in "([^"]*)" \(expecting ref to (.*?) object\)`)

// wrongShape says it in the words of OpenAPI.
func wrongShape(err error) string {
	if m := notAnObject.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Sprintf("a value must not be of type %s here", m[1])
	}
	m := unmarshalError.FindStringSubmatch(err.Error())
	if m == nil {
		return strings.TrimPrefix(err.Error(), "json: ")
	}
	return fmt.Sprintf("%s must not be of type %s", m[2], m[1])
}
