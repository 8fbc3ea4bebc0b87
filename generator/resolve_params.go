package generator

// This file makes arguments of path parameters and structs of the others.

import (
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/weirkit/weir/runtime/api"
)

// parameter is the place of a parameter's type.
func (op *operation) parameter(name string) place {
	return place{owner: op.base(), part: name, said: fmt.Sprintf("the parameter %q of %s", name, op.name)}
}

func (r *resolver) resolveParameters(op *operation, taken scope) error {
	defs, err := parameterDefinitions(op.item.Parameters, op.spec.Parameters)
	if err != nil {
		return err
	}
	inPath := map[string]codegen.ParameterDefinition{}
	var rest []codegen.ParameterDefinition
	for _, def := range defs {
		switch def.In {
		case openapi3.ParameterInPath:
			inPath[def.ParamName] = def
		case openapi3.ParameterInQuery, openapi3.ParameterInHeader:
			rest = append(rest, def)
		default:
			r.note("%s: parameter %s in %s is left out", op.name, def.ParamName, def.In)
		}
	}
	byName := map[string]string{}
	for _, name := range placeholders(op.path) {
		if arg, ok := byName[name]; ok {
			op.pathArgs = append(op.pathArgs, arg)
			continue
		}
		typ := basic("string")
		if def, ok := inPath[name]; ok {
			typ, _ = r.typeOf(originalOf(def), parameter, op.parameter(name))
			if typ.elem != nil || typ.isPlain("time.Time", "bool") || typ.ref != nil && typ.ref.kind != enumKind {
				typ = basic("string")
			}
		} else {
			r.note("%s: the path's parameter %s is not declared: taken as a string", op.name, name)
		}
		arg := taken.take(argumentName(name))
		byName[name] = arg
		op.pathArgs = append(op.pathArgs, arg)
		op.arguments = append(op.arguments, argument{arg, typ})
	}
	r.resolveParams(op, rest)
	return nil
}

func originalOf(def codegen.ParameterDefinition) *openapi3.SchemaRef {
	ref, _ := def.Spec.Extensions[originalSchema].(*openapi3.SchemaRef)
	return ref
}

// placeholders are the names in braces, in order, repeats included.
func placeholders(template string) []string {
	var names []string
	for {
		_, after, ok := strings.Cut(template, "{")
		if !ok {
			return names
		}
		name, rest, ok := strings.Cut(after, "}")
		if !ok {
			return names
		}
		names = append(names, name)
		template = rest
	}
}

// resolveParams declares the struct of the query and header parameters, without
// those that the runtime sets: the page's, the content type and the credential.
func (r *resolver) resolveParams(op *operation, defs []codegen.ParameterDefinition) {
	d := &declaration{kind: structKind, direction: parameter, place: place{owner: op.base(), part: "Params", said: "the parameters of " + op.name}}
	names := scope{}
	for _, required := range []bool{true, false} {
		for _, def := range defs {
			if def.Required == required && !r.setByRuntime(op, def) {
				r.paramFields(op, d, names, def, true)
			}
		}
	}
	if len(d.fields) > 0 {
		r.order = append(r.order, d)
		op.params = d
	}
}

func (r *resolver) setByRuntime(op *operation, def codegen.ParameterDefinition) bool {
	p := api.Param{In: def.In, Name: def.ParamName}
	if pages := op.notes.Pagination; pages != nil && (pages.Cursor == p || pages.Size != nil && pages.Size.Param == p) {
		return true
	}
	if def.In != openapi3.ParameterInHeader {
		return false
	}
	switch strings.ToLower(def.ParamName) {
	case "accept", "content-type", "authorization", strings.ToLower(op.notes.IdempotencyHeader):
		return true
	}
	return false
}

// paramFields adds the field of one parameter, or, for an object that is
// spread over the query, one for each member. Members are not spread in turn:
// OpenAPI does not define it, and an object may hold itself.
func (r *resolver) paramFields(op *operation, d *declaration, names scope, def codegen.ParameterDefinition, spread bool) {
	ref := originalOf(def)
	v := view{schema: &openapi3.Schema{}}
	if ref != nil && ref.Value != nil {
		v = r.named.view(ref)
	}
	object := len(v.properties) > 0 || v.extra != nil || slices.Contains(v.kinds, "object")
	style, explode := def.Style(), def.Explode()
	if spread && object && style == "form" && explode && len(v.properties) > 0 {
		for _, name := range propertyOrder(v.properties) {
			member := def
			member.ParamName, member.Required = name, def.Required && v.required[name]
			p := *def.Spec
			p.Extensions = map[string]any{originalSchema: v.properties[name]}
			member.Spec = &p
			r.paramFields(op, d, names, member, false)
		}
		return
	}
	if !validTagName(def.ParamName) {
		r.note("%s: a struct tag cannot have the parameter %q: it is left out", op.name, def.ParamName)
		return
	}
	options := ""
	at := op.parameter(def.ParamName)
	var typ *expr
	switch {
	case style == "deepObject" && len(v.properties) > 0:
		typ, options = r.typeOfView(v, request, at), ",deep"
	case style == "deepObject":
		typ, options = basic("map[string]string"), ",deep"
	default:
		typ = r.typeOfView(v, parameter, at)
		if typ.prefix != "" && typ.prefix != "[]" || typ.prefix == "[]" && typ.elem.elem != nil || typ.isStruct() {
			typ = basic("string")
		}
		if typ.prefix == "[]" && typ.elem.isStruct() {
			typ = wrap("[]", basic("string"))
		}
	}
	if typ.prefix == "[]" && def.In == openapi3.ParameterInQuery {
		switch {
		case style == "spaceDelimited":
			options += ",space"
		case style == "pipeDelimited":
			options += ",pipe"
		case !explode:
			options += ",join"
		}
	}
	f := &field{json: def.ParamName, wishName: exportedName(def.ParamName), typ: typ}
	if goName, ok := def.Spec.Extensions["x-go-name"].(string); ok {
		f.wishName = exportedName(goName)
	}
	f.goName = names.take(f.wishName)
	if def.Required {
		options += ",required"
	} else if needsPointer(typ) {
		f.typ = wrap("*", typ)
	}
	f.tag = def.In + ":" + quote(def.ParamName+options)
	f.comment = parameterComment(def, v)
	d.fields = append(d.fields, f)
}
