package generator

// This file decides what each operation's method looks like: its arguments, its
// body, its result, and the facts that it hands to the runtime.

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/weirkit/weir/generator/annotation"
	"github.com/weirkit/weir/generator/model"
	"github.com/weirkit/weir/runtime/api"
)

// operation is one operation on its way into the model.
type operation struct {
	method, path string
	item         *openapi3.PathItem
	spec         *openapi3.Operation
	notes        *annotation.Operation
	service      string // Tickets
	short        string // List
	name         string // Tickets.List
	variable     string
	value        api.Operation
	arguments    []argument // of the path, then the body
	pathArgs     []string   // their names by placeholder
	body         string     // the body argument's name
	params       *declaration
	result       *expr
	failed       error
}

type argument struct {
	name string
	typ  *expr
}

// nameOperations lists the operations that can be called, names them, and sorts
// them by name.
func (r *resolver) nameOperations() {
	services := map[string][]*operation{}
	for _, path := range sortedKeys(r.doc.Paths.Map()) {
		item := r.doc.Paths.Value(path)
		if item == nil {
			continue
		}
		all := item.Operations()
		for _, method := range sortedKeys(all) {
			spec := all[method]
			op := &operation{method: method, path: path, item: item, spec: spec, notes: r.set.Operations[operationKey(method, path)]}
			if op.notes == nil {
				op.notes = &annotation.Operation{}
			}
			r.tags = append(r.tags, spec.Tags...)
			r.operations = append(r.operations, op)
			op.service = serviceName(spec.Tags, spec.OperationID, path)
			if service, short, ok := strings.Cut(op.notes.Name, "."); ok {
				op.service, op.short = service, short
			} else {
				op.short = methodName(spec.OperationID, method, path, op.service)
			}
			services[op.service] = append(services[op.service], op)
		}
	}
	fields := scope{"Runtime": true}
	for _, name := range sortedKeys(services) {
		service := fields.take(name)
		nameMethods(services[name])
		for _, op := range services[name] {
			op.service = service
			op.name = service + "." + op.short
		}
		r.names.reserve(service + "Service")
	}
	slices.SortFunc(r.operations, func(a, b *operation) int { return strings.Compare(a.name, b.name) })
	variables := scope{}
	variables.reserve(takenInMethods...)
	for _, op := range r.operations {
		op.variable = variables.take(unexportedName(op.service) + op.short)
	}
}

// nameMethods makes the methods of one service unique: those given by
// annotation keep their names, others that clash take their whole operation id,
// and what clashes still is numbered in the order of paths.
func nameMethods(ops []*operation) {
	count := map[string]int{}
	for _, op := range ops {
		count[op.short]++
	}
	for _, op := range ops {
		if count[op.short] > 1 && op.notes.Name == "" {
			if op.spec.OperationID != "" {
				op.short = exportedName(op.spec.OperationID)
			} else {
				op.short = methodName("", op.method, op.path, "")
			}
		}
	}
	taken := scope{}
	for _, annotated := range []bool{true, false} {
		for _, op := range ops {
			if (op.notes.Name != "") == annotated {
				op.short = taken.take(op.short)
				if op.notes.Pagination != nil {
					taken.reserve(op.short + "Pages")
				}
			}
		}
	}
}

// resolveOperation walks one operation's schemas.
func (r *resolver) resolveOperation(op *operation) {
	op.value = api.Operation{Name: op.name, Method: op.method, Path: op.path, Draws: op.notes.Draws, Result: op.notes.Result,
		Body: op.notes.Body, Pagination: op.notes.Pagination, Idempotent: op.notes.Idempotent, IdempotencyHeader: op.notes.IdempotencyHeader}
	taken := scope{op.variable: true}
	if op.failed = r.resolveParameters(op, taken); op.failed != nil {
		return
	}
	// The result first: a type that serves both is named after the answer.
	r.resolveResult(op)
	r.resolveBody(op, taken)
}

// base is what inline types of an operation are named after.
func (op *operation) base() string { return op.service + op.short }

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

// bodyTypes are the media types of a body in order of preference.
func mediaType(content openapi3.Content) (string, *openapi3.MediaType) {
	rank := func(name string) int {
		bare, _, _ := strings.Cut(strings.ToLower(name), ";")
		switch {
		case bare == "application/json":
			return 0
		case strings.HasSuffix(bare, "+json"), bare == "text/json", bare == "*/*":
			return 1
		case bare == "application/x-www-form-urlencoded":
			return 2
		case bare == "multipart/form-data":
			return 3
		}
		return 4
	}
	names := sortedKeys(content)
	if len(names) == 0 {
		return "", nil
	}
	best := slices.MinFunc(names, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	return best, content[best]
}

// isJSON reports whether a media type's body is JSON.
func isJSON(name string) bool {
	bare, _, _ := strings.Cut(strings.ToLower(name), ";")
	return bare == "application/json" || strings.HasSuffix(bare, "+json") || bare == "text/json" || bare == "*/*"
}

// isEmptyBody reports whether a request of a method that wants no body has one
// without members, as all of Stripe's have.
func isEmptyBody(method string, body *openapi3.RequestBody) bool {
	if method != "GET" && method != "HEAD" && method != "DELETE" {
		return false
	}
	for _, media := range body.Content {
		if media == nil || media.Schema == nil || media.Schema.Value == nil {
			continue
		}
		if s := media.Schema.Value; !s.Type.Is("object") || len(s.Properties)+len(s.AllOf)+len(s.OneOf)+len(s.AnyOf) > 0 {
			return false
		}
	}
	return true
}

func (r *resolver) resolveBody(op *operation, taken scope) {
	ref := op.spec.RequestBody
	if ref == nil || ref.Value == nil || len(ref.Value.Content) == 0 || isEmptyBody(op.method, ref.Value) {
		op.value.Body = nil
		return
	}
	name, media := mediaType(ref.Value.Content)
	bare, _, _ := strings.Cut(strings.ToLower(name), ";")
	at := place{owner: op.base(), part: "Body", said: "the body of " + op.name}
	wish := "body"
	var typ *expr
	var schema *openapi3.SchemaRef
	if media != nil {
		schema = media.Schema
	}
	switch {
	case isJSON(name):
		if name != "application/json" && bare != "*/*" && bare != "text/json" {
			op.value.ContentType = name
		}
		if path := op.notes.Body; len(path) > 0 {
			if inner := r.descend(schema, path); inner != nil {
				schema, wish = inner, path[len(path)-1]
			} else {
				op.failed = fmt.Errorf("%v: x-body %s: the body's schema has no such member", op.notes.Pos, dotted(path))
				return
			}
		}
		typ, _ = r.typeOf(schema, request, at)
	case bare == "application/x-www-form-urlencoded", bare == "multipart/form-data":
		op.value.ContentType = bare
		r.multipart = bare == "multipart/form-data"
		typ, _ = r.typeOf(schema, request, at)
		r.multipart = false
		if !typ.isStruct() { // a form of no declared fields
			typ = basic("url.Values")
			if bare == "multipart/form-data" {
				typ = basic("any")
			}
		}
	default:
		op.value.ContentType = name
		if strings.Contains(name, "*") {
			op.value.ContentType = "application/octet-stream"
		}
		typ = basic("io.Reader")
	}
	arg := "body"
	if wish != "body" {
		arg = argumentName(wish)
	}
	op.body = taken.take(arg)
	op.arguments = append(op.arguments, argument{op.body, typ})
}

// descend follows member names through a schema, or returns nil.
func (r *resolver) descend(ref *openapi3.SchemaRef, path api.Path) *openapi3.SchemaRef {
	for _, name := range path {
		if ref == nil || ref.Value == nil {
			return nil
		}
		v := r.named.view(ref)
		next := v.properties[name]
		for _, member := range v.union { // the member of the alternative that has it
			if next == nil && member.Value != nil {
				next = r.named.view(member).properties[name]
			}
		}
		if next == nil {
			return nil
		}
		ref = next
	}
	return ref
}

// success is the answer that a call returns: the first 2xx with a body, JSON
// before others; or the default answer where no 2xx is described.
func success(spec *openapi3.Operation) (string, *openapi3.MediaType) {
	if spec.Responses == nil {
		return "", nil
	}
	var name string
	var media *openapi3.MediaType
	described := false
	all := spec.Responses.Map()
	for _, status := range sortedKeys(all) {
		ref := all[status]
		if !strings.HasPrefix(status, "2") || ref == nil || ref.Value == nil {
			continue
		}
		described = true
		n, m := mediaType(ref.Value.Content)
		if m != nil && (media == nil || isJSON(n) && !isJSON(name)) {
			name, media = n, m
		}
	}
	if ref := all["default"]; !described && ref != nil && ref.Value != nil {
		return mediaType(ref.Value.Content)
	}
	return name, media
}

func (r *resolver) resolveResult(op *operation) {
	name, media := success(op.spec)
	if media == nil || op.method == "HEAD" {
		op.value.Result = nil
		if op.notes.Pagination != nil {
			op.result = basic("json.RawMessage")
		}
		return
	}
	if !isJSON(name) {
		op.result = basic("[]byte")
		op.value.Result = nil
		return
	}
	schema := media.Schema
	at := place{owner: op.base(), part: "Result", said: "what " + op.name + " returns"}
	if pages := op.notes.Pagination; pages != nil {
		op.value.Result = nil
		op.result = r.itemType(op, schema, pages.Items)
		return
	}
	if path := op.notes.Result; len(path) > 0 {
		if schema = r.descend(schema, path); schema == nil {
			op.failed = fmt.Errorf("%v: x-result %s: the answer's schema has no such member", op.notes.Pos, dotted(path))
			return
		}
	}
	op.result, _ = r.typeOf(schema, response, at)
}

// itemType is the type of a page's items. Where the schema does not tell, they
// are raw JSON.
func (r *resolver) itemType(op *operation, schema *openapi3.SchemaRef, path api.Path) *expr {
	list := r.descend(schema, path)
	if list == nil || list.Value == nil {
		r.note("%s: the schema does not show the items at %s: they are raw JSON", op.name, dotted(path))
		return basic("json.RawMessage")
	}
	v := r.named.view(list)
	items := v.items
	for _, member := range v.union { // one list or the other: the first that is one
		if items == nil && member.Value != nil {
			items = r.named.view(member).items
		}
	}
	if items == nil {
		r.note("%s: the schema's %s is not a list: its items are raw JSON", op.name, dotted(path))
		return basic("json.RawMessage")
	}
	e, _ := r.typeOf(items, response, place{owner: op.base(), part: "Item", said: "an item of " + op.name})
	return e
}

func dotted(path api.Path) string { return strings.Join(append([]string{"$"}, path...), ".") }

// finishOperations writes the named operations into the model.
func (r *resolver) finishOperations() {
	services := map[string]*model.Service{}
	files := scope{}
	files.reserve(fixedFiles...)
	for _, op := range r.operations {
		if op.failed != nil {
			r.report.LeftOut = append(r.report.LeftOut, LeftOut{Operation: operationKey(op.method, op.path), Reason: op.failed.Error()})
			continue
		}
		m := r.finishOperation(op)
		r.api.Operations = append(r.api.Operations, m)
		s := services[op.service]
		if s == nil {
			s = &model.Service{Name: op.service, Type: op.service + "Service"}
			services[op.service] = s
		}
		s.Methods = append(s.Methods, m)
	}
	for _, name := range sortedKeys(services) {
		s := services[name]
		s.File = files.take(fileName(name)) + ".gen.go"
		s.Comment = serviceComment(s)
		r.api.Services = append(r.api.Services, s)
	}
	r.report.Operations = len(r.api.Operations)
}

func (r *resolver) finishOperation(op *operation) *model.Operation {
	m := &model.Operation{Name: op.name, Method: op.short, Variable: op.variable, Paged: op.value.Pagination != nil && op.result != nil}
	if m.Paged {
		m.Pages = op.short + "Pages"
	}
	m.Literal = literal(op.value)
	m.Comment = operationComment(op)
	for i, a := range op.arguments {
		m.Signature += a.name
		if i+1 == len(op.arguments) || op.arguments[i+1].typ.String() != a.typ.String() {
			m.Signature += " " + a.typ.String()
		}
		m.Signature += ", "
	}
	var args []string
	if len(op.pathArgs) > 0 {
		args = append(args, "Path: []any{"+strings.Join(op.pathArgs, ", ")+"}")
	}
	if op.params != nil {
		m.Signature += "params *" + op.params.name + ", "
		args = append(args, "Params: params")
	}
	if op.body != "" {
		args = append(args, "Body: "+op.body)
	}
	m.Args = strings.Join(args, ", ")
	if op.result != nil {
		m.Result = op.result.String()
	}
	return m
}

func quote(s string) string { return strconv.Quote(s) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
