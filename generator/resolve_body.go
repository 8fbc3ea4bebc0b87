package generator

// This file finds what an operation sends and what it returns.

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/weirkit/weir/runtime/api"
)

// mediaType chooses among a body's media types: JSON, then forms, then others.
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

// locates reports whether all that an operation may answer, but for errors, is
// where its result is: archives and logs are fetched so.
func locates(spec *openapi3.Operation) bool {
	if spec.Responses == nil {
		return false
	}
	found := false
	for status := range spec.Responses.Map() {
		switch {
		case strings.HasPrefix(status, "2"):
			return false
		case status == "302" || status == "303":
			found = true
		}
	}
	return found
}

func (r *resolver) resolveResult(op *operation) {
	if op.notes.Locates || op.method == "GET" && op.notes.Pagination == nil && !op.notes.NoResult && locates(op.spec) {
		op.locates, op.result, op.value.Result = true, basic("string"), nil
		return
	}
	name, media := success(op.spec)
	if media == nil || op.method == "HEAD" || op.notes.NoResult {
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
