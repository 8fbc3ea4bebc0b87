package annotation

// This file shows schemas to those who draft annotations, so that a guess looks
// at the same answer, and at the same members, as the check of what it becomes.

import "github.com/getkin/kin-openapi/openapi3"

// Answer is the schema of an operation's good answer in JSON; nil where it has none.
func Answer(spec *openapi3.Operation) *openapi3.Schema {
	if ref := (operation{spec: spec}).response(); ref != nil {
		return ref.Value
	}
	return nil
}

// Content is the schema of a body in JSON or as a form; nil where it has none.
func Content(content openapi3.Content) *openapi3.Schema {
	if ref := jsonSchema(content); ref != nil {
		return ref.Value
	}
	return nil
}

// Members are the members that an object certainly may have: its own and those of the
// parts of its allOf. A union has none, since its alternatives may differ.
func Members(s *openapi3.Schema) map[string]*openapi3.Schema { return properties(s) }

// Query is the schema of a query parameter; nil if the operation has none of
// that name. The members of a deepObject have none of their own, and an empty one.
func Query(spec *openapi3.Operation, name string) *openapi3.Schema {
	return operation{spec: spec}.query(name)
}
