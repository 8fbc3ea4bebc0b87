package annotation

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/weirkit/weir/generator/load"
	"github.com/weirkit/weir/runtime/api"
	"gopkg.in/yaml.v3"
)

// styleKeys are the keys of x-pagination that a style must and may have, beside
// type, items and size, which all may have.
var styleKeys = map[api.PageStyle]struct{ must, may []string }{
	api.CursorStyle:     {[]string{"cursor", "next"}, []string{"more", "end", "total", "cap"}},
	api.PageNumberStyle: {[]string{"cursor"}, []string{"first", "last", "more", "end", "total", "pages", "cap"}},
	api.OffsetStyle:     {[]string{"cursor"}, []string{"more", "end", "total", "cap"}},
	api.LinkStyle:       {nil, []string{"cursor", "total", "cap"}},
	api.URLStyle:        {[]string{"next"}, []string{"cursor", "more", "end", "total", "cap"}},
	api.KeysetStyle:     {[]string{"cursor", "id"}, []string{"more", "end", "total", "cap"}},
}

// pagination reads x-pagination.
func (r *reader) pagination(op operation, n *yaml.Node) {
	var p *api.Pagination
	none := false
	ok := r.value(n, "x-pagination", func() {
		if n.Kind == yaml.ScalarNode {
			if none = n.Value == "none"; !none {
				r.addf(n, "x-pagination is %s: write none for an operation without pages, or an object with a type", n.Value)
			}
			return
		}
		p = r.pages(op, n)
	})
	if ok {
		op.Pagination, op.NoPages = p, none
	}
}

func (r *reader) pages(op operation, n *yaml.Node) *api.Pagination {
	const what = "x-pagination"
	o, ok := r.object(n, what, "type", "items", "size", "cursor", "first", "last", "next", "more", "end", "total", "pages", "cap", "partial", "id")
	if !ok {
		return nil
	}
	p := &api.Pagination{}
	p.Style, ok = oneOf(r, o.need("type"), what+"'s type",
		api.CursorStyle, api.PageNumberStyle, api.OffsetStyle, api.LinkStyle, api.URLStyle, api.KeysetStyle)
	if ok {
		keys := styleKeys[p.Style]
		for _, key := range keys.must {
			if o.get(key) == nil {
				r.addf(n, "x-pagination of type %s has no %s: add it", p.Style, key)
			}
		}
		for key := range pairs(n) {
			if slices.Contains([]string{"cursor", "first", "last", "next", "more", "end", "total", "pages", "cap", "id"}, key.Value) &&
				!slices.Contains(keys.must, key.Value) && !slices.Contains(keys.may, key.Value) {
				r.addf(key, "x-pagination of type %s does not use %s: drop it, or correct the type", p.Style, key.Value)
			}
		}
	}
	p.Size = r.pageSize(op, o)
	if cursor := o.get("cursor"); cursor != nil {
		if c, ok := r.object(cursor, what+"'s cursor", "in", "name"); ok {
			p.Cursor = r.param(op, c)
		}
	}
	p.First = 1
	if first := o.get("first"); first != nil {
		p.First, _ = r.number(first, what+"'s first", 0)
	}
	if most := o.get("cap"); most != nil {
		p.Cap, _ = r.number(most, what+"'s cap", 1)
		if o.get("total") == nil {
			r.addf(n, "x-pagination has a cap and no total, so that nothing would tell of items beyond it: add total")
		}
	}
	if last := o.get("last"); last != nil {
		p.Last, _ = r.number(last, what+"'s last", max(p.First, 1))
	}
	if p.Style != api.PageNumberStyle {
		p.First, p.Last = 0, 0
	}
	answer := op.response()
	var items []*openapi3.Schema
	p.Items, items = r.pointed(op, answer, o.get("items"), "items", "array")
	if o.get("items") == nil && answer != nil && !mayBe([]*openapi3.Schema{answer.Value}, "array") {
		r.addf(n, "x-pagination has no items, and the answer of %s is no list: add items, as in items: $.things", op.key)
	}
	p.Next, _ = r.pointed(op, answer, o.get("next"), "next", "string", "integer", "number", "object")
	p.More, _ = r.pointed(op, answer, o.get("more"), "more", "boolean")
	p.End, _ = r.pointed(op, answer, o.get("end"), "end", "boolean")
	p.Total, _ = r.pointed(op, answer, o.get("total"), "total", "integer", "number", "string")
	p.Pages, _ = r.pointed(op, answer, o.get("pages"), "pages", "integer", "number", "string")
	p.Partial, _ = r.pointed(op, answer, o.get("partial"), "partial", "boolean")
	if id := o.get("id"); id != nil {
		p.ID, _ = r.pointed(op, anyOf(elements(items)), id, "id", "string", "integer", "number")
	}
	return p
}

// anyOf is a schema of what may be one of several; nil if there are none.
func anyOf(schemas []*openapi3.Schema) *openapi3.SchemaRef {
	if len(schemas) == 0 {
		return nil
	}
	var all openapi3.SchemaRefs
	for _, s := range schemas {
		all = append(all, &openapi3.SchemaRef{Value: s})
	}
	return &openapi3.SchemaRef{Value: &openapi3.Schema{AnyOf: all}}
}

func (r *reader) pageSize(op operation, o object) *api.PageSize {
	n := o.get("size")
	if n == nil {
		return nil
	}
	s, ok := r.object(n, "x-pagination's size", "in", "name", "max", "source")
	if !ok {
		return nil
	}
	size := &api.PageSize{Param: r.param(op, s)}
	size.Max, _ = r.number(s.need("max"), s.what+"'s max", 1)
	size.Source = r.source(s, false)
	return size
}

// pointed reads a path into a schema and checks that it leads to a value of one
// of types. The schemas that it leads to are nil where nothing is known.
func (r *reader) pointed(op operation, from *openapi3.SchemaRef, n *yaml.Node, key string, types ...string) (api.Path, []*openapi3.Schema) {
	what := "x-pagination's " + key
	if n == nil && from != nil && key == "items" {
		return nil, []*openapi3.Schema{from.Value}
	}
	return r.reached(op, from, n, what, types...)
}

// follow reports a path that leads nowhere.
func (r *reader) follow(op operation, from *openapi3.SchemaRef, n *yaml.Node, what string, path api.Path) []*openapi3.Schema {
	found, missing := follow(from, path)
	if missing != nil {
		r.addf(n, "%s is %s, and the schema of %s has no %s there%s", what, pathText(path), op.key, missing.name,
			load.DidYouMean(missing.name, missing.known, "correct the path, or add it to the schema by an action of the overlay"))
	}
	return found
}

func typeOf(schemas []*openapi3.Schema) string {
	for _, s := range expand(schemas) {
		if t := s.Type.Slice(); len(t) > 0 {
			switch t[0] {
			case "array", "integer", "object":
				return "an " + t[0]
			}
			return "a " + t[0]
		}
	}
	return "a value"
}
