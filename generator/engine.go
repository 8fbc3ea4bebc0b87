package generator

// This file is all that we ask of oapi-codegen: the Go type of a scalar, with
// its formats and the x-go-type extensions, and the definitions of an
// operation's parameters with their styles.
//
// Its types for objects, unions and enums are not used. They come as source text
// with names already chosen, fields lose their order of declaration and unions
// their schemas, and one schema that it cannot take fails the whole document;
// resolve_schema.go walks those itself.

import (
	"fmt"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// engineMutex is held while a document is resolved: oapi-codegen keeps its
// settings in package variables (its issues 1805 and 1813).
var engineMutex sync.Mutex

// startEngine sets oapi-codegen's package variables. Only Generate does that,
// and it fails on documents that we can express, so it is given an empty one of
// the same version.
func startEngine(doc *openapi3.T) error {
	empty := &openapi3.T{OpenAPI: doc.OpenAPI, Info: &openapi3.Info{Title: "empty", Version: "0"}, Paths: openapi3.NewPaths()}
	_, err := codegen.Generate(empty, codegen.Configuration{
		PackageName: "empty",
		OutputOptions: codegen.OutputOptions{
			SkipFmt:        true,
			SkipPrune:      true,
			NameNormalizer: string(codegen.NameNormalizerFunctionToCamelCaseWithInitialisms),
			TypeMapping:    &scalarTypes,
		},
	})
	if err != nil {
		return fmt.Errorf("start oapi-codegen: %w", err)
	}
	codegen.SetGlobalStateSpec(doc)
	return nil
}

// scalarTypes is the mapping of formats. All integers are int64 and all numbers
// float64, since vendors' int32 is rarely meant. Formats that only narrow a
// string stay strings: vendors break them, and a page must not fail for that.
var scalarTypes = codegen.TypeMapping{
	Integer: allFormats("int64", "int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64"),
	Number:  allFormats("float64", "float", "double"),
	Boolean: allFormats("bool"),
	String: codegen.FormatMapping{
		Default: codegen.SimpleTypeSpec{Type: "string"},
		Formats: map[string]codegen.SimpleTypeSpec{
			"byte":      {Type: "[]byte"},
			"date":      {Type: "runtime.Date"},
			"date-time": {Type: "time.Time"},
			"binary":    {Type: "runtime.File"},
			"email":     {Type: "string"},
			"uuid":      {Type: "string"},
			"duration":  {Type: "string"},
			"json":      {Type: "string"},
		},
	},
}

func allFormats(goType string, formats ...string) codegen.FormatMapping {
	m := codegen.FormatMapping{Default: codegen.SimpleTypeSpec{Type: goType}, Formats: map[string]codegen.SimpleTypeSpec{}}
	for _, f := range formats {
		m.Formats[f] = codegen.SimpleTypeSpec{Type: goType}
	}
	return m
}

// scalarType is the Go type of a scalar, or of anything with x-go-type.
func scalarType(s *openapi3.Schema) (goType string, err error) {
	defer recovered(&err)
	out, err := codegen.GenerateGoSchema(&openapi3.SchemaRef{Value: s}, []string{"Scalar"})
	return out.GoType, err
}

// parameterDefinitions are the parameters of an operation, its own before those
// of its path with the same name.
func parameterDefinitions(shared, own openapi3.Parameters) (defs []codegen.ParameterDefinition, err error) {
	defer recovered(&err)
	global, err := codegen.DescribeParameters(simpleParameters(shared), nil)
	if err != nil {
		return nil, err
	}
	local, err := codegen.DescribeParameters(simpleParameters(own), nil)
	if err != nil {
		return nil, err
	}
	return codegen.CombineOperationParameters(global, local)
}

// simpleParameters replaces the schemas that oapi-codegen might stumble over; we
// take their types from the original (see parameterSchema).
func simpleParameters(params openapi3.Parameters) openapi3.Parameters {
	var out openapi3.Parameters
	for _, ref := range params {
		if ref == nil || ref.Value == nil {
			continue
		}
		p := *ref.Value
		p.Extensions = map[string]any{originalSchema: parameterSchema(ref.Value)}
		p.Schema, p.Content = openapi3.NewStringSchema().NewRef(), nil
		out = append(out, &openapi3.ParameterRef{Value: &p})
	}
	return out
}

// originalSchema is the extension under which a parameter carries its schema
// through oapi-codegen.
const originalSchema = "x-weir-schema"

func parameterSchema(p *openapi3.Parameter) *openapi3.SchemaRef {
	if p.Schema != nil {
		return p.Schema
	}
	return openapi3.NewStringSchema().NewRef() // content: the caller writes the text
}

// recovered turns a panic of oapi-codegen into an error about one schema.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("oapi-codegen: %v", r)
	}
}
