package annotation

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/weirkit/weir/runtime/api"
)

// inferred is the pagination guessed of GET /things with parameters, in YAML
// flow style, and members of the response beside things.
func inferred(t *testing.T, parameters, schema, headers string) *Operation {
	t.Helper()
	spec := `openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /things:
    get:
      parameters: [` + parameters + `]
      responses:
        "200":
          description: fine
          headers: {` + headers + `}
          content: {application/json: {schema: ` + schema + `}}
    post:
      parameters: [` + parameters + `]
      responses: {"200": {description: fine, content: {application/json: {schema: ` + schema + `}}}}
components:
  schemas:
    Thing: {type: object, properties: {id: {type: string}}}
`
	doc := document(t, []byte(spec), nil)
	set, err := Read(doc)
	if err != nil {
		t.Fatal(err)
	}
	Infer(doc, set)
	if set.Operations["POST /things"].Pagination != nil {
		t.Error("a POST has got pages")
	}
	return set.Operations["GET /things"]
}

const (
	thingList = `{type: array, items: {$ref: '#/components/schemas/Thing'}}`
	limit100  = `{in: query, name: limit, schema: {type: integer, maximum: 100}}`
)

func objectOf(members ...string) string {
	return "{type: object, properties: {" + strings.Join(members, ", ") + "}}"
}

func TestInfer(t *testing.T) {
	query := func(name string) api.Param { return api.Param{In: api.InQuery, Name: name} }
	size := func(name string, most int) *api.PageSize {
		return &api.PageSize{Param: query(name), Max: most, Source: api.Source{Confidence: api.Inferred}}
	}
	things := api.Path{"things"}
	for _, c := range []struct {
		name, parameters, schema, headers string
		want                              *api.Pagination
	}{
		{"cursor in meta", "{in: query, name: 'page[after]', schema: {type: string}}, {in: query, name: 'page[size]', schema: {type: integer}, description: At most (max 100)}",
			objectOf("things: "+thingList, "meta: {type: object, properties: {after_cursor: {type: string}, has_more: {type: boolean}}}"), "",
			&api.Pagination{Style: api.CursorStyle, Items: things, Cursor: query("page[after]"), Next: api.Path{"meta", "after_cursor"}, More: api.Path{"meta", "has_more"}}},
		{"next_cursor", "{in: query, name: cursor, schema: {type: string}}, " + limit100, objectOf("things: "+thingList, "next_cursor: {type: string, nullable: true}"), "",
			&api.Pagination{Style: api.CursorStyle, Items: things, Cursor: query("cursor"), Next: api.Path{"next_cursor"}, Size: size("limit", 100)}},
		{"page token", "{in: query, name: pageToken, schema: {type: string}}", objectOf("things: "+thingList, "nextPageToken: {type: string}"), "",
			&api.Pagination{Style: api.CursorStyle, Items: things, Cursor: query("pageToken"), Next: api.Path{"nextPageToken"}}},
		{"a page that is a text", "{in: query, name: page, schema: {type: string}}", objectOf("things: "+thingList, "next_page: {type: string}", "has_more: {type: boolean}"), "",
			&api.Pagination{Style: api.CursorStyle, Items: things, Cursor: query("page"), Next: api.Path{"next_page"}, More: api.Path{"has_more"}}},
		{"next page's address", "{in: query, name: page, schema: {type: integer}}, {in: query, name: per_page, schema: {type: integer, maximum: 50}}",
			objectOf("things: "+thingList, "next_page: {type: string}", "total: {type: integer}"), "",
			&api.Pagination{Style: api.URLStyle, Items: things, Cursor: query("page"), Next: api.Path{"next_page"}, Size: size("per_page", 50), Total: api.Path{"total"}}},
		{"next and previous page's address", "", objectOf("things: "+thingList, "next_page: {type: string}", "previous_page: {type: string}", "count: {type: integer}"), "",
			&api.Pagination{Style: api.URLStyle, Items: things, Next: api.Path{"next_page"}}},
		{"an address by its format", "{in: query, name: offset, schema: {type: integer}}, " + limit100, objectOf("things: "+thingList, "next: {type: string, format: uri, nullable: true}"), "",
			&api.Pagination{Style: api.URLStyle, Items: things, Next: api.Path{"next"}, Size: size("limit", 100)}},
		{"last id seen", "{in: query, name: starting_after, schema: {type: string}}, " + limit100, objectOf("things: "+thingList, "has_more: {type: boolean}"), "",
			&api.Pagination{Style: api.KeysetStyle, Items: things, Cursor: query("starting_after"), More: api.Path{"has_more"}, ID: api.Path{"id"}, Size: size("limit", 100)}},
		{"numbers", "{in: query, name: page, schema: {type: integer}}, {in: query, name: per_page, description: 'Results per page (max 100).', schema: {type: integer}}", thingList, "",
			&api.Pagination{Style: api.PageNumberStyle, Cursor: query("page"), First: 1, Size: size("per_page", 100)}},
		{"numbers from zero", "{in: query, name: page, schema: {type: integer, default: 0}}, " + limit100, thingList, "",
			&api.Pagination{Style: api.PageNumberStyle, Cursor: query("page"), Size: size("limit", 100)}},
		{"offsets", "{in: query, name: offset, schema: {type: integer}}, " + limit100, thingList, "",
			&api.Pagination{Style: api.OffsetStyle, Cursor: query("offset"), Size: size("limit", 100)}},
		{"a declared Link header", limit100, thingList, "Link: {schema: {type: string}}", &api.Pagination{Style: api.LinkStyle, Size: size("limit", 100)}},

		{"a text called next, which may be a token", limit100, objectOf("things: "+thingList, "next: {type: string}"), "", nil},
		{"nothing to go on", "", thingList, "", nil},
		{"no parameter for the cursor", limit100, objectOf("things: "+thingList, "next_cursor: {type: string}"), "", nil},
		{"no cursor in the response", "{in: query, name: cursor, schema: {type: string}}", objectOf("things: " + thingList), "", nil},
		{"a cursor that is a number, which ends at 0", "{in: query, name: cursor, schema: {type: integer}}", objectOf("things: "+thingList, "next_cursor: {type: integer}"), "", nil},
		{"two lists", "{in: query, name: cursor, schema: {type: string}}", objectOf("things: "+thingList, "users: "+thingList, "next_cursor: {type: string}"), "", nil},
		{"a list of texts", "{in: query, name: cursor, schema: {type: string}}", objectOf("things: {type: array, items: {type: string}}", "next_cursor: {type: string}"), "", nil},
		{"numbers from nobody knows where", "{in: query, name: page, schema: {type: integer, minimum: 0}}, " + limit100, thingList, "", nil},
		{"numbers without a known size", "{in: query, name: page, schema: {type: integer}}, {in: query, name: limit, schema: {type: integer}}", thingList, "", nil},
		{"sizes that contradict", "{in: query, name: page, schema: {type: integer}}, {in: query, name: limit, description: maximum 50. On Sundays (max 20), schema: {type: integer}}", thingList, "", nil},
		{"an empty object", limit100, "{type: object}", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := inferred(t, c.parameters, c.schema, c.headers)
			if c.name == "cursor in meta" {
				c.want.Size = size("page[size]", 100)
			}
			if diff := cmp.Diff(c.want, got.Pagination); diff != "" {
				t.Errorf("pagination (-want +got):\n%s", diff)
			}
			if got.Inferred != (c.want != nil) {
				t.Errorf("inferred is %t", got.Inferred)
			}
		})
	}
}

// TestInferLeavesWhatIsSaid has annotated operations untouched.
func TestInferLeavesWhatIsSaid(t *testing.T) {
	overlay := `overlay: 1.1.0
info: {title: t, version: "1"}
actions:
  - target: $.paths['/tickets'].get
    update: {x-pagination: none}
  - target: $.paths['/users'].get
    update: {x-pagination: {type: link}}
`
	doc := document(t, file(t, "testdata/spec.yaml"), []byte(overlay))
	set, err := Read(doc)
	if err != nil {
		t.Fatal(err)
	}
	Infer(doc, set)
	if op := set.Operations["GET /tickets"]; op.Pagination != nil || op.Inferred {
		t.Error("x-pagination: none was overruled")
	}
	if op := set.Operations["GET /users"]; op.Pagination.Style != api.LinkStyle || op.Inferred {
		t.Error("x-pagination was overruled")
	}
}

// TestInferReadsTickets has its list and its cursor in different parts of an allOf.
func TestInferReadsTickets(t *testing.T) {
	doc := document(t, file(t, "testdata/spec.yaml"), nil)
	set, err := Read(doc)
	if err != nil {
		t.Fatal(err)
	}
	Infer(doc, set)
	p := set.Operations["GET /tickets"].Pagination
	if p == nil || p.Style != api.CursorStyle || p.Cursor.Name != "page[after]" || p.Items[0] != "tickets" {
		t.Errorf("pagination %+v", p)
	}
}
