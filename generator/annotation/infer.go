package annotation

// This file guesses how pages follow one another where nobody has said so. A
// wrong guess loses records in silence, so one is made only where parameters
// and response agree: the response has one list, and tells or implies its next
// page in a way that a query parameter takes up.

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/weirkit/weir/generator/load"
	"github.com/weirkit/weir/runtime/api"
)

// Infer fills in the pagination of operations that have no x-pagination, where
// the document leaves no doubt. Each guess is marked Inferred, and its page size
// has a source of that confidence. Operations with x-pagination: none are left.
func Infer(doc *load.Document, set *Set) {
	for path, item := range doc.OpenAPI.Paths.Map() {
		spec := item.Get
		annotated := set.Operations[Key("GET", path)]
		if spec == nil || annotated == nil || annotated.Pagination != nil || annotated.NoPages {
			continue
		}
		op := operation{annotated, Key("GET", path), nil, spec}
		if p := op.infer(); p != nil {
			annotated.Pagination, annotated.Inferred = p, true
		}
	}
}

// tokens pairs the query parameter that takes a cursor with the members that
// may tell the next one. All of these are texts that end a list by being absent,
// null or empty.
var tokens = []struct {
	parameter string
	next      []string
}{
	{"page[after]", []string{"meta.after_cursor"}},
	{"cursor", []string{
		"next_cursor", "nextCursor", "response_metadata.next_cursor", "meta.next_cursor", "meta.nextCursor",
		"pagination.next_cursor", "pagination.nextCursor", "paging.next_cursor", "after_cursor", "meta.after_cursor",
	}},
	{"after", []string{"after_cursor", "meta.after_cursor", "paging.next.after", "paging.cursors.after"}},
	{"start_cursor", []string{"next_cursor"}},
	{"pageToken", []string{"nextPageToken"}},
	{"page_token", []string{"next_page_token", "nextPageToken"}},
	{"next_token", []string{"next_token", "meta.next_token"}},
	{"continuation_token", []string{"continuation_token", "next_continuation_token"}},
}

// addresses are the members that may tell the next page's URL.
var addresses = []string{"next_page", "next_page_url", "nextPageUrl", "links.next", "_links.next", "paging.next", "pagination.next_url", "next"}

func (op operation) infer() *api.Pagination {
	answer := op.response()
	if answer == nil || answer.Value == nil {
		return nil
	}
	items, ok := onlyList(answer.Value)
	if !ok {
		return nil
	}
	p := &api.Pagination{Items: items, Size: op.size()}
	if op.inferToken(p, answer) || op.inferKeyset(p, answer) || op.inferURL(p, answer) || op.inferLink(p) || op.inferNumber(p, answer) {
		return p
	}
	return nil
}

// onlyList is the path of the one list of objects that an answer has.
func onlyList(answer *openapi3.Schema) (api.Path, bool) {
	if answer.Type.Is("array") {
		return nil, listOfObjects(answer)
	}
	var lists []string
	for name, member := range properties(answer) {
		if mayBeList := slices.ContainsFunc(expand([]*openapi3.Schema{member}), listOfObjects); mayBeList {
			lists = append(lists, name)
		}
	}
	if len(lists) != 1 {
		return nil, false
	}
	return api.Path{lists[0]}, true
}

func listOfObjects(s *openapi3.Schema) bool {
	if !s.Type.Is("array") || s.Items == nil || s.Items.Value == nil {
		return false
	}
	return slices.ContainsFunc(expand([]*openapi3.Schema{s.Items.Value}), func(item *openapi3.Schema) bool {
		return item.Type.Is("object") || len(item.Properties) > 0
	})
}

// properties are those of a schema and of the parts of its allOf. A union has
// none, since its members may have different lists.
func properties(s *openapi3.Schema) map[string]*openapi3.Schema {
	all := map[string]*openapi3.Schema{}
	seen := map[*openapi3.Schema]bool{}
	var add func(s *openapi3.Schema)
	add = func(s *openapi3.Schema) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		for name, p := range s.Properties {
			if p.Value != nil {
				all[name] = p.Value
			}
		}
		for _, part := range s.AllOf {
			add(part.Value)
		}
	}
	add(s)
	return all
}

// query is a query parameter's schema; nil if the operation has none of that name.
func (op operation) query(name string) *openapi3.Schema {
	if found, _ := op.parameter(api.InQuery, name); !found {
		return nil
	}
	for _, p := range op.spec.Parameters {
		if p.Value.In == api.InQuery && p.Value.Name == name && p.Value.Schema != nil {
			return p.Value.Schema.Value
		}
	}
	return &openapi3.Schema{} // page[after] of a deepObject page
}

// typedMember is the path of a member of the answer, if it exists and is of one
// of types.
func typedMember(answer *openapi3.SchemaRef, path string, types ...string) (api.Path, bool) {
	at := answer.Value
	names := strings.Split(path, ".")
	for _, name := range names {
		next := properties(at)[name]
		if next == nil {
			return nil, false
		}
		at = next
	}
	typed := slices.ContainsFunc(expand([]*openapi3.Schema{at}), func(s *openapi3.Schema) bool {
		return slices.ContainsFunc(types, s.Type.Is)
	})
	return names, typed
}

func firstMember(answer *openapi3.SchemaRef, paths []string, types ...string) api.Path {
	for _, path := range paths {
		if p, ok := typedMember(answer, path, types...); ok {
			return p
		}
	}
	return nil
}

func (op operation) inferToken(p *api.Pagination, answer *openapi3.SchemaRef) bool {
	for _, token := range tokens {
		if op.query(token.parameter) == nil {
			continue
		}
		if next := firstMember(answer, token.next, "string"); next != nil {
			p.Style, p.Next = api.CursorStyle, next
			p.Cursor = api.Param{In: api.InQuery, Name: token.parameter}
			p.More = more(answer)
			return true
		}
	}
	// Stripe's search: a page that is a text, and the next one's.
	if page := op.query("page"); page != nil && page.Type.Is("string") {
		if next, ok := typedMember(answer, "next_page", "string"); ok {
			p.Style, p.Next, p.More = api.CursorStyle, next, more(answer)
			p.Cursor = api.Param{In: api.InQuery, Name: "page"}
			return true
		}
	}
	return false
}

// more is a boolean that is false on the last page.
func more(answer *openapi3.SchemaRef) api.Path {
	return firstMember(answer, []string{"has_more", "hasMore", "meta.has_more", "meta.hasMore"}, "boolean")
}

func (op operation) inferKeyset(p *api.Pagination, answer *openapi3.SchemaRef) bool {
	has := more(answer)
	if op.query("starting_after") == nil || has == nil {
		return false
	}
	at, missing := follow(answer, p.Items)
	if missing != nil {
		return false
	}
	for _, item := range elements(at) {
		if id := properties(item)["id"]; id == nil || !id.Type.Is("string") {
			if len(item.OneOf)+len(item.AnyOf) == 0 {
				return false
			}
		}
	}
	p.Style, p.More, p.ID = api.KeysetStyle, has, api.Path{"id"}
	p.Cursor = api.Param{In: api.InQuery, Name: "starting_after"}
	return true
}

// inferURL takes a text that is called as the next page's address for one, if a
// parameter counts pages, so that the text is no token for it; or if it is called
// an address by its format, or by a second one of the page before.
func (op operation) inferURL(p *api.Pagination, answer *openapi3.SchemaRef) bool {
	page := op.query("page")
	if page != nil && page.Type.Is("string") {
		return false
	}
	next := firstMember(answer, addresses, "string")
	if next == nil || page == nil && !isURI(answer, next) && !hasBefore(answer, next) {
		return false
	}
	p.Style, p.Next, p.Total = api.URLStyle, next, total(answer)
	if page != nil {
		p.Cursor = api.Param{In: api.InQuery, Name: "page"}
	}
	return true
}

func isURI(answer *openapi3.SchemaRef, path api.Path) bool {
	found, _ := follow(answer, path)
	return slices.ContainsFunc(expand(found), func(s *openapi3.Schema) bool { return s.Format == "uri" || s.Format == "url" })
}

// hasBefore reports whether beside the next page's member stands one of the page
// before, by the same name but for the one word.
func hasBefore(answer *openapi3.SchemaRef, next api.Path) bool {
	at, last := next[:len(next)-1], next[len(next)-1]
	for _, word := range []string{"previous", "prev"} {
		before := append(slices.Clone(at), strings.Replace(last, "next", word, 1))
		if _, ok := typedMember(answer, strings.Join(before, "."), "string"); ok {
			return true
		}
	}
	return false
}

// inferLink takes a declared Link header as one for pages, where the operation
// also takes a page or a size.
func (op operation) inferLink(p *api.Pagination) bool {
	if p.Size == nil && op.query("page") == nil {
		return false
	}
	for status, answer := range op.spec.Responses.Map() {
		if !strings.HasPrefix(status, "2") || answer.Value == nil {
			continue
		}
		for name := range answer.Value.Headers {
			if strings.EqualFold(name, "Link") {
				p.Style = api.LinkStyle
				return true
			}
		}
	}
	return false
}

// inferNumber takes numbered pages and offsets, whose end shows by a page that
// is not full: so the size must be known.
func (op operation) inferNumber(p *api.Pagination, answer *openapi3.SchemaRef) bool {
	if p.Size == nil {
		return false
	}
	numbered := func(name string) bool {
		s := op.query(name)
		return s != nil && (s.Type.Is("integer") || s.Type.Is("number"))
	}
	switch {
	case numbered("page") && p.Size.Name != "limit" || numbered("page") && !numbered("offset"):
		first, ok := firstPage(op.query("page"))
		if !ok {
			return false
		}
		p.Style, p.First = api.PageNumberStyle, first
		p.Cursor = api.Param{In: api.InQuery, Name: "page"}
	case numbered("offset") && op.query("page") == nil:
		p.Style = api.OffsetStyle
		p.Cursor = api.Param{In: api.InQuery, Name: "offset"}
	default:
		return false
	}
	p.More, p.Total = more(answer), total(answer)
	return true
}

// firstPage is the number of the first page: 1, unless the document counts from
// zero; not ok where it may be either.
func firstPage(page *openapi3.Schema) (int, bool) {
	if d, ok := page.Default.(float64); ok {
		return int(d), d == 0 || d == 1
	}
	return 1, page.Min == nil || *page.Min >= 1
}

// total is how many items all pages have.
func total(answer *openapi3.SchemaRef) api.Path {
	return firstMember(answer, []string{"total", "total_count", "totalCount", "meta.total", "meta.total_count"}, "integer", "number")
}
