package facts

// This file says what is a fact: for each kind of object of the specification
// the keywords that are kept, in the order in which they are written. What is
// not listed is dropped, so that prose under a key that nobody has thought of
// does not come through either.

// form is how the value of a keyword is kept.
type form int

const (
	// object is of the kind that is named, or a list of such, or another value
	// where the specification allows one (a schema may be true).
	object form = iota
	// named is an object whose keys are names and whose values are of the kind.
	named
	// data is kept as it is: a default, an enum, an annotation.
	data
	// text is a string, or a list or object of strings, whatever YAML takes them for.
	text
	// words is a list of strings, or true and false (required).
	words
	// emptied is a string that the specification asks for and that is prose.
	emptied
	// scopes is an object of names with prose for each.
	scopes
)

// keyword is one that is kept.
type keyword struct {
	name string
	form form
	kind string
}

func facts(form form, names ...string) []keyword {
	var out []keyword
	for _, n := range names {
		out = append(out, keyword{name: n, form: form})
	}
	return out
}

func one(name, kind string) []keyword  { return []keyword{{name, object, kind}} }
func many(name, kind string) []keyword { return []keyword{{name, named, kind}} }

func join(lists ...[]keyword) []keyword {
	var out []keyword
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// methods are a path's operations, in the order in which they are written.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// schemaKeywords leave out title (but see isName), description, example and the
// like, xml, of which weir makes nothing, and comments. The x- keys are those that the
// generator knows.
var schemaKeywords = join(
	facts(text, "$ref", "$id", "$schema", "$anchor", "$dynamicRef", "$dynamicAnchor"),
	facts(text, "type", "format", "collectionFormat"),
	facts(data, "nullable", "x-nullable", "readOnly", "writeOnly", "deprecated", "const", "enum", "default"),
	facts(data, "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
	facts(data, "minLength", "maxLength"), facts(text, "pattern"),
	facts(data, "minItems", "maxItems", "uniqueItems", "minContains", "maxContains", "minProperties", "maxProperties"),
	facts(text, "contentEncoding", "contentMediaType"),
	facts(data, "x-go-name", "x-go-type", "x-go-type-import", "x-go-type-name", "x-enum-varnames", "x-enumNames"),
	facts(words, "required"),
	one("discriminator", "discriminator"),
	one("allOf", "schema"), one("oneOf", "schema"), one("anyOf", "schema"), one("not", "schema"),
	one("if", "schema"), one("then", "schema"), one("else", "schema"),
	one("items", "schema"), one("prefixItems", "schema"), one("contains", "schema"), one("unevaluatedItems", "schema"),
	many("properties", "schema"), many("patternProperties", "schema"),
	one("additionalProperties", "schema"), one("unevaluatedProperties", "schema"), one("propertyNames", "schema"),
	many("dependentSchemas", "schema"), facts(data, "dependentRequired"), one("contentSchema", "schema"),
	many("$defs", "schema"),
)

// valueKeywords are what parameters and headers have in common. Swagger 2.0
// writes the keywords of the schema straight into them.
var valueKeywords = join(
	facts(text, "style"), facts(data, "explode", "allowReserved", "allowEmptyValue"),
	one("schema", "schema"), many("content", "media"),
)

var kinds = map[string][]keyword{
	"document": join(
		facts(text, "openapi", "swagger", "jsonSchemaDialect"), one("info", "info"), one("externalDocs", "docs"),
		facts(text, "host", "basePath", "schemes", "consumes", "produces"), one("servers", "server"), facts(data, "security"),
		facts(data, "x-rate-limits", "x-plans", "x-quota-headers", "x-quota-body", "x-throttling", "x-errors", "x-account"),
		one("tags", "tag"), many("paths", "path"), one("components", "components"),
		many("definitions", "schema"), many("parameters", "parameter"), many("responses", "response"), many("securityDefinitions", "security"),
	),
	"info":     join(facts(text, "title", "version"), one("license", "license")),
	"license":  facts(text, "name", "identifier", "url"),
	"docs":     facts(text, "url"),
	"server":   join(facts(text, "url"), many("variables", "variable")),
	"variable": facts(text, "default", "enum"),
	"tag":      join(facts(text, "name"), one("externalDocs", "docs")),
	"path":     join(facts(text, "$ref"), one("servers", "server"), one("parameters", "parameter"), operations()),
	"operation": join(
		facts(text, "operationId", "tags"), facts(data, "deprecated"), one("externalDocs", "docs"),
		facts(data, "x-operation-name", "x-rate-limit", "x-pagination", "x-result", "x-body", "x-idempotency", "x-batch", "x-scan", "x-cache", "x-job"),
		facts(text, "schemes", "consumes", "produces"), one("servers", "server"), facts(data, "security"),
		one("parameters", "parameter"), one("requestBody", "body"), many("responses", "response"),
	),
	"parameter": join(facts(text, "$ref", "name", "in"), facts(data, "required", "deprecated"), valueKeywords, swaggerKeywords()),
	"header":    join(facts(text, "$ref"), facts(data, "required", "deprecated"), valueKeywords, swaggerKeywords()),
	"body":      join(facts(text, "$ref"), facts(data, "required"), many("content", "media")),
	"response":  join(facts(text, "$ref"), facts(emptied, "description"), many("headers", "header"), many("content", "media"), one("schema", "schema")),
	"media":     join(one("schema", "schema"), many("encoding", "encoding")),
	"encoding":  join(facts(text, "contentType", "style"), facts(data, "explode", "allowReserved"), many("headers", "header")),
	"components": join(
		many("securitySchemes", "security"), many("parameters", "parameter"), many("headers", "header"),
		many("requestBodies", "body"), many("responses", "response"), many("pathItems", "path"), many("schemas", "schema"),
	),
	"security": join(
		facts(text, "$ref", "type", "name", "in", "scheme", "bearerFormat", "openIdConnectUrl"),
		facts(text, "flow", "authorizationUrl", "tokenUrl"), facts(scopes, "scopes"), many("flows", "flow"),
	),
	"flow":          join(facts(text, "authorizationUrl", "tokenUrl", "refreshUrl"), facts(scopes, "scopes")),
	"schema":        schemaKeywords,
	"discriminator": facts(text, "propertyName", "mapping"),
}

func operations() (out []keyword) {
	for _, m := range methods {
		out = append(out, keyword{m, object, "operation"})
	}
	return out
}

// swaggerKeywords are those of a schema that a parameter of Swagger 2.0 has.
func swaggerKeywords() (out []keyword) {
	own := map[string]bool{"$ref": true, "required": true, "deprecated": true}
	for _, k := range schemaKeywords {
		if !own[k.name] {
			out = append(out, k)
		}
	}
	return out
}

// blocks are the kinds that are never written on one line, however short.
var blocks = map[string]bool{"document": true, "info": true, "path": true, "operation": true, "components": true}
