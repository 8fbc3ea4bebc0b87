package graphql

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime/api"
)

func prepare(t *testing.T, query string, variables any) *Prepared {
	t.Helper()
	p, err := endpoint.Prepare(Request{Query: query, Variables: variables}, false)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPrepare(t *testing.T) {
	const report = ` rateLimit { cost limit remaining resetAt }`
	tests := map[string]struct {
		r         Request
		bare      bool
		sent      string
		operation string // the call's
		points    int
	}{
		"anonymous":          {Request{Query: "{viewer{login}}"}, false, "{" + report + "viewer{login}}", "GraphQL.Query", 0},
		"as it is":           {Request{Query: "{viewer{login}}"}, true, "{viewer{login}}", "GraphQL.Query", 0},
		"with a name":        {Request{Query: "# {\nquery Me @a(b:\"{\") {viewer{login}}"}, false, "# {\nquery Me @a(b:\"{\") {" + report + "viewer{login}}", "GraphQL.Me", 0},
		"one of several":     {Request{Query: "query A{a} query B{b}", Operation: "B"}, false, "query A{a} query B{" + report + "b}", "GraphQL.B", 0},
		"a mutation":         {Request{Query: "mutation Do{a}"}, false, "mutation Do{a}", "GraphQL.Do", 0},
		"it asks itself":     {Request{Query: "{rateLimit{cost}}"}, false, "{rateLimit{cost}}", "GraphQL.Query", 0},
		"by a fragment":      {Request{Query: "{...l} fragment l on Query{rateLimit{cost}}"}, false, "{...l} fragment l on Query{rateLimit{cost}}", "GraphQL.Query", 0},
		"for something else": {Request{Query: "{rateLimit:viewer{login}}"}, false, "{rateLimit:viewer{login}}", "GraphQL.Query", 0},
		"it costs more":      {Request{Query: "query Q($n:Int!){a(first:100){nodes{b(first:$n){nodes{c(first:1){nodes{id}}}}}}}", Variables: map[string]int{"n": 3}}, true, "query Q($n:Int!){a(first:100){nodes{b(first:$n){nodes{c(first:1){nodes{id}}}}}}}", "GraphQL.Q", 4},
		"against the rules":  {Request{Query: "{a(first:1000){nodes{id}}}"}, true, "{a(first:1000){nodes{id}}}", "GraphQL.Query", 0},
		"built":              {Request{Document: &Document{Operations: []*Operation{{Name: "N", Fields: Leaves("a")}}}}, false, "query N {" + report + " a }", "GraphQL.N", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := endpoint.Prepare(tt.r, tt.bare)
			if err != nil {
				t.Fatal(err)
			}
			draws := []api.Draw{{Limit: "graphql", Cost: tt.points}, {Limit: "at-once"}}
			if p.Body.Query != tt.sent || p.Call.Name != tt.operation || !cmp.Equal(p.Call.Draws, draws) || p.Body.OperationName != tt.r.Operation {
				t.Errorf("%s: %+v %+v", p.Call.Name, p.Body, p.Call.Draws)
			}
		})
	}
	if endpoint.Query.Name != "GraphQL.Query" || endpoint.Query.Draws[0].Cost != 0 {
		t.Errorf("the endpoint's own operation was changed: %+v", endpoint.Query)
	}
}

func TestDrawsBeside(t *testing.T) {
	e := endpoint
	e.Beside = []FieldDraws{{Kind: Mutation, Prefixes: []string{"add", "create"}, Draws: []api.Draw{{Limit: "content"}}}}
	for query, want := range map[string]int{
		"mutation{x:addComment{id} createIssue{id}}":      1,
		"mutation{...f} fragment f on M{createIssue{id}}": 1,
		"mutation{add:closeIssue{id}}":                    0,
		"mutation{closeIssue{addedBy}}":                   0,
		"{address}":                                       0,
	} {
		p, err := e.Prepare(Request{Query: query}, false)
		if err != nil || len(p.Call.Draws) != 2+want {
			t.Errorf("%s: %+v, %v", query, p.Call.Draws, err)
		}
	}
}

func TestPrepareRefuses(t *testing.T) {
	built := func(fields ...Selected) *Document { return &Document{Operations: []*Operation{{Fields: fields}}} }
	for name, tt := range map[string]struct {
		r    Request
		want string
	}{
		"no query":           {Request{}, "there is no operation"},
		"two":                {Request{Query: "{a}", Document: built(Field{Name: "a"})}, "both"},
		"which":              {Request{Query: "query A{a} query B{b}"}, "say which of A, B"},
		"a subscription":     {Request{Query: "subscription{a}"}, "stays open"},
		"variables":          {Request{Query: "{a}", Variables: 7}, "not an object by name, but a int"},
		"more variables":     {Request{Query: "{a}", Variables: []int{1}}, "not an object"},
		"what has no JSON":   {Request{Query: "{a}", Variables: func() {}}, "the variables: json:"},
		"a circle":           {Request{Query: "{...f} fragment f on A{...f}"}, "uses itself"},
		"a built name":       {Request{Document: built(Field{Name: "a b"})}, `"a b" is no name`},
		"a built page":       {Request{Document: built(Field{Name: "a", Fields: Selection{Field{Name: "b", Args: []Arg{{"first", 101}}, Fields: Leaves("nodes")}}})}, "a.b asks for first: 101"},
		"a written mutation": {Request{Query: "mutation{a{b{nodes{id}}}}"}, "a.b is a connection without first or last"},
		"a built page more":  {Request{Document: built(Field{Name: "b", Fields: Leaves("nodes")})}, "b is a connection without first or last"},
	} {
		if _, err := endpoint.Prepare(tt.r, false); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", name, err, tt.want)
		}
	}
	queriesOnly := endpoint
	queriesOnly.Mutation = nil
	if _, err := queriesOnly.Prepare(Request{Query: "mutation{a}"}, false); err == nil || !strings.Contains(err.Error(), "takes no mutation") {
		t.Error(err)
	}
	if p, err := endpoint.Prepare(Request{Query: "{a}", Variables: (*struct{})(nil)}, false); err != nil || p.Body.Variables != nil {
		t.Errorf("nil variables: %+v, %v", p, err)
	}
}

func TestPages(t *testing.T) {
	variable := func(name string) api.Param { return api.Param{In: api.InVariable, Name: name} }
	const info = " pageInfo{hasNextPage endCursor}"
	tests := map[string]struct {
		query     string
		variables any
		want      api.Pagination
	}{
		"nodes": {`query($n:Int!,$c:String){repository(owner:"a",name:"b"){issues(first:$n,after:$c){nodes{id}` + info + `}}}`, nil, api.Pagination{
			Items: api.Path{"data", "repository", "issues", "nodes"}, Cursor: variable("c"), Size: &api.PageSize{Param: variable("n"), Max: 100},
		}},
		"a size that is told": {`query($n:Int!,$c:String){repository(owner:"a",name:"b"){issues(first:$n,after:$c){nodes{id}` + info + `}}}`, map[string]any{"n": 30}, api.Pagination{
			Items: api.Path{"data", "repository", "issues", "nodes"}, Cursor: variable("c"), Size: &api.PageSize{Param: variable("n"), Max: 30},
		}},
		"edges, aliases and fragments": {`query($n:Int=50,$c:String){r:repository(owner:"a",name:"b"){...p}} fragment p on R{... on R{list:issues(first:$n,after:$c){e:edges{id} i:pageInfo{more:hasNextPage ...q}}}} fragment q on P{to:endCursor}`, nil, api.Pagination{
			Items: api.Path{"data", "r", "list", "e"}, Cursor: variable("c"), Size: &api.PageSize{Param: variable("n"), Max: 50},
			Next: api.Path{"data", "r", "list", "i", "to"}, More: api.Path{"data", "r", "list", "i", "more"},
		}},
		"backwards, with a total": {`query($n:Int!,$c:String){x{issues(last:$n,before:$c){totalCount nodes{id} pageInfo{hasPreviousPage startCursor}}}}`, nil, api.Pagination{
			Items: api.Path{"data", "x", "issues", "nodes"}, Cursor: variable("c"), Size: &api.PageSize{Param: variable("n"), Max: 100},
			Next: api.Path{"data", "x", "issues", "pageInfo", "startCursor"}, More: api.Path{"data", "x", "issues", "pageInfo", "hasPreviousPage"}, Total: api.Path{"data", "x", "issues", "totalCount"},
		}},
		"of a written size, beside and around others": {`query($c:String){search(first:20,after:$c,query:"x"){nodes{issues(first:3){nodes{id}` + info + `}}` + info + `} viewer{repositories(first:1){nodes{id}}}}`, nil, api.Pagination{
			Items: api.Path{"data", "search", "nodes"}, Cursor: variable("c"),
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := prepare(t, tt.query, tt.variables).Pages(gitHub)
			if err != nil {
				t.Fatal(err)
			}
			tt.want.Style = api.CursorStyle
			if tt.want.Next == nil {
				at := tt.want.Items[: len(tt.want.Items)-1 : len(tt.want.Items)-1]
				tt.want.Next, tt.want.More = append(at, "pageInfo", "endCursor"), append(at, "pageInfo", "hasNextPage")
			}
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for query, want := range map[string]string{
		`{viewer{login}}`: "no connection to page through",
		`query($c:String){a(after:$c){id` + info + `}}`:                                              "a asks for no nodes and no edges",
		`query($c:String){a(after:$c){nodes{id}}}`:                                                   "a needs pageInfo { hasNextPage endCursor }",
		`query($c:String){a(before:$c){nodes{id}` + info + `}}`:                                      "a needs pageInfo { hasPreviousPage startCursor }",
		`query($c:String){x{a(after:$c){nodes{id} pageInfo{endCursor}}}}`:                            "x.a needs pageInfo",
		`query($c:String){x{a(after:$c){nodes{id}` + info + `}} b(after:$c){nodes{id}` + info + `}}`: "both x.a and b",
		`query($c:String){a(first:2){nodes{b(after:$c){nodes{id}` + info + `}}}}`:                    "no connection to page through",
	} {
		if p, err := prepare(t, query, nil).Pages(gitHub); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, error %v, want %q", query, p, err, want)
		}
	}
}
