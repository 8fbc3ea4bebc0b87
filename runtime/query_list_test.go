package runtime_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/graphql"
	"github.com/weirkit/weir/runtime/page"
	"github.com/weirkit/weir/runtime/retry"
)

const issuesQuery = `query Issues($first: Int!, $after: String) {
	repository(owner: "golang", name: "go") {
		issues(first: $first, after: $after) { nodes { number } pageInfo { hasNextPage endCursor } }
	}
}`

type issueNode struct{ Number int }

// issues answers a query for a page of n issues. Cursors are numbers, as texts.
func issues(n int, q queried) reaction {
	if after, ok := q.vars["after"]; ok && after != nil {
		if _, text := after.(string); !text {
			return reaction{errors: fmt.Sprintf(`{"message":"$after got invalid value %v"}`, after)}
		}
	}
	first, ok := q.vars["first"].(float64)
	if !ok {
		return reaction{errors: `{"message":"$first got invalid value"}`}
	}
	text, _ := q.vars["after"].(string)
	from, _ := strconv.Atoi(text)
	to := min(from+int(first), n)
	var nodes []string
	for i := from + 1; i <= to; i++ {
		nodes = append(nodes, fmt.Sprintf(`{"number":%d}`, i))
	}
	return issuePage(strings.Join(nodes, ","), to < n, strconv.Quote(strconv.Itoa(to)))
}

func issuePage(nodes string, more bool, cursor string) reaction {
	return reaction{data: fmt.Sprintf(`"repository":{"issues":{"pageInfo":{"endCursor":%s,"hasNextPage":%v},"nodes":[%s]}}`, cursor, more, nodes)}
}

// sizes are the page sizes asked for.
func (p *pointsProvider) sizes() (sizes []int) {
	for _, q := range p.seen {
		n, _ := q.vars["first"].(float64)
		sizes = append(sizes, int(n))
	}
	return sizes
}

func listIssues(t *testing.T, p *pointsProvider, vars map[string]any, opts ...runtime.Option) ([]int, error) {
	c := connect(t, hub(), p)
	defer c.Close()
	var numbers []int
	for issue, err := range runtime.QueryList[issueNode](t.Context(), c, hubEndpoint, graphql.Request{Query: issuesQuery, Variables: vars}, opts...) {
		if err != nil {
			return numbers, err
		}
		numbers = append(numbers, issue.Number)
	}
	return numbers, nil
}

func TestQueryList(t *testing.T) {
	for name, tt := range map[string]struct {
		vars  map[string]any
		opts  []runtime.Option
		sizes []int
		from  int
	}{
		"the largest pages":     {nil, nil, []int{100, 100, 100}, 1},
		"as the variables tell": {map[string]any{"first": 90}, nil, []int{90, 90, 90}, 1},
		"as the call tells":     {nil, []runtime.Option{runtime.WithPageSize(60)}, []int{60, 60, 60, 60, 60}, 1},
		"resumed":               {nil, []runtime.Option{runtime.WithCursor("150")}, []int{100, 100}, 151},
		"from a variable":       {map[string]any{"after": "200"}, nil, []int{100}, 201},
	} {
		t.Run(name, func(t *testing.T) {
			p := &pointsProvider{answer: func(_ int, q queried) reaction { return issues(253, q) }}
			numbers, err := listIssues(t, p, tt.vars, tt.opts...)
			if diff := cmp.Diff(upTo(tt.from, 253), numbers); err != nil || diff != "" {
				t.Error(err, diff)
			}
			if !slices.Equal(p.sizes(), tt.sizes) {
				t.Errorf("pages of %v, want %v", p.sizes(), tt.sizes)
			}
		})
	}
}

func TestQueryPages(t *testing.T) {
	p := &pointsProvider{answer: func(_ int, q queried) reaction { return issues(250, q) }}
	c := connect(t, hub(), p)
	var cursors []string
	for page, err := range runtime.QueryPages[issueNode](t.Context(), c, hubEndpoint, graphql.Request{Query: issuesQuery}) {
		if err != nil {
			t.Fatal(err)
		}
		cursors = append(cursors, page.Cursor)
		if string(page.Raw[0]) != fmt.Sprintf(`{"number":%d}`, page.Items[0].Number) {
			t.Errorf("raw %s", page.Raw[0])
		}
	}
	if !slices.Equal(cursors, []string{"100", "200", ""}) || used(c, "points") != 3 {
		t.Errorf("cursors %q, %d points", cursors, used(c, "points"))
	}
}

// A connection can be walked from its end, and tells how long it is.
func TestQueryPagesBackwards(t *testing.T) {
	const query = `query Last($n: Int!, $before: String) {
		a: issues(last: $n, before: $before) { totalCount nodes { number } pageInfo { hasPreviousPage startCursor } }
	}`
	pageOf := func(number int, more bool) reaction {
		return reaction{data: fmt.Sprintf(`"a":{"totalCount":2,"nodes":[{"number":%d}],"pageInfo":{"hasPreviousPage":%v,"startCursor":"c%[1]d"}}`, number, more)}
	}
	p := reacting(pageOf(2, true), pageOf(1, false))
	c := connect(t, hub(), p)
	var got []string
	for page, err := range runtime.QueryPages[issueNode](t.Context(), c, hubEndpoint, graphql.Request{Query: query}, runtime.WithPageSize(1)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%v of %d, %s", page.Items, page.Total, page.Cursor))
	}
	if want := []string{"[{2}] of 2, c2", "[{1}] of 2, "}; !slices.Equal(got, want) || p.seen[1].vars["before"] != "c2" || p.seen[1].vars["n"] != 1.0 {
		t.Errorf("%q, asked with %v", got, p.seen[1].vars)
	}
}

// A page that is too much for the provider, in whichever way it says so, is asked
// for with half the size, which grows back.
func TestQueryListTurnsToSmallerPages(t *testing.T) {
	for name, failure := range map[string]reaction{
		"502":            {status: 502, body: `<html>timeout</html>`},
		"504":            {status: 504},
		"a cost refusal": {data: `"repository":{"issues":null}`, errors: `{"type":"RESOURCE_LIMITS_EXCEEDED","message":"Resource limits for this query exceeded."}`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &pointsProvider{}
				p.answer = func(n int, q queried) reaction {
					if first := q.vars["first"].(float64); n > 1 && n < 6 && first > 25 {
						return failure
					}
					return issues(1500, q)
				}
				numbers, err := listIssues(t, p, nil, runtime.WithoutPrefetch())
				if diff := cmp.Diff(upTo(1, 1500), numbers); err != nil || diff != "" {
					t.Error(err, diff)
				}
				sizes := p.sizes()
				if !slices.Equal(sizes[:4], []int{100, 100, 50, 25}) || slices.Max(sizes[4:]) != 100 {
					t.Errorf("pages of %v", sizes)
				}
			})
		})
	}
}

// A query that is too costly at any size ends with that, and where to resume.
func TestQueryListThatIsTooCostly(t *testing.T) {
	p := &pointsProvider{answer: func(n int, q queried) reaction {
		if q.vars["after"] != nil {
			return reaction{data: `"repository":null`, errors: `{"type":"RESOURCE_LIMITS_EXCEEDED","message":"exceeded"}`}
		}
		return issues(700, q)
	}}
	numbers, err := listIssues(t, p, map[string]any{"first": 4})
	e := failure(t, err)
	if len(numbers) != 4 || !errors.Is(err, graphql.ErrTooCostly) || e.Cursor != "4" || e.Operation != "GraphQL.Issues" {
		t.Errorf("%d, %+v", len(numbers), e)
	}
	if sizes := p.sizes(); sizes[len(sizes)-1] != 1 {
		t.Errorf("pages of %v", sizes)
	}
}

// Nothing is lost of a page of which a part failed: the good items come, then or in
// their places the errors with what there is, and the loop may go on.
func TestQueryListWithPartialErrors(t *testing.T) {
	at := func(path string) string { return `{"type":"FORBIDDEN","message":"no","path":[` + path + `]}` }
	p := &pointsProvider{answer: func(n int, q queried) reaction {
		if n > 1 {
			return issuePage(`{"number":5}`, false, "null")
		}
		re := issuePage(`{"number":1},null,{"number":3},{"number":"4"}`, true, `"x"`)
		re.errors = strings.Join([]string{
			at(`"repository","issues","nodes",1`), at(`"repository","issues","nodes",3,"title"`), at(`"repository","issues","nodes",3,"body"`),
			at(`"repository","issues","totalCount"`), at(`"repository","issues","nodes",99`), at(`"other"`),
		}, ",")
		return re
	}}
	c := connect(t, hub(), p)
	var got []string
	for issue, err := range runtime.QueryList[issueNode](t.Context(), c, hubEndpoint, graphql.Request{Query: issuesQuery}) {
		if err == nil {
			got = append(got, strconv.Itoa(issue.Number))
			continue
		}
		e := failure(t, err)
		told, ok := errors.AsType[*graphql.Errors](err)
		if !ok || e.Code != "FORBIDDEN" || e.Message != "no" {
			t.Fatalf("%+v", e)
		}
		raw := "nothing"
		if item, ok := errors.AsType[*runtime.DecodeError](err); ok {
			raw = string(item.Raw)
		}
		got = append(got, fmt.Sprintf("%d errors, %s", len(told.List), raw))
	}
	want := []string{"1", "1 errors, null", "3", `2 errors, {"number":"4"}`, "3 errors, nothing", "5"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// setAside keeps an item that does not fit, of which nothing else failed.
func TestQueryListWithMisfits(t *testing.T) {
	re := issuePage(`{"number":"1"},{"number":2},{"number":3}`, false, "null")
	re.errors = `{"message":"no","path":["repository","issues","nodes",2]}`
	p := reacting(re)
	c := connect(t, hub(), p)
	var got []string
	for issue, err := range runtime.QueryList[issueNode](t.Context(), c, hubEndpoint, graphql.Request{Query: issuesQuery}) {
		_, told := errors.AsType[*graphql.Errors](err)
		_, misfit := errors.AsType[*json.UnmarshalTypeError](err)
		got = append(got, fmt.Sprint(issue.Number, told, misfit))
	}
	if want := []string{"0 false true", "2 false false", "0 true false"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestQueryListEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		answers []reaction
		query   string
		items   int
		text    string
		is      error
		cursor  string
	}{
		"no such repository": {answers: []reaction{{data: `"repository":null`, errors: `{"type":"NOT_FOUND","path":["repository"],"message":"gone"}`}}, text: "NOT_FOUND: gone", is: runtime.ErrNotFound},
		"nothing there":      {answers: []reaction{{data: `"repository":null`}}, text: "no such member"},
		"no JSON":            {answers: []reaction{{body: "<html>"}}, text: "not JSON"},
		"a repeated cursor":  {answers: []reaction{issuePage(`{"number":1}`, true, `"a"`), issuePage(`{"number":2}`, true, `"b"`), issuePage(`{"number":3}`, true, `"a"`)}, items: 3, is: page.ErrRepeatedCursor, cursor: "b"},
		"no cursor":          {answers: []reaction{issuePage(`{"number":1}`, true, `"a"`), issuePage(`{"number":2}`, true, "null")}, items: 2, text: "tells no cursor", cursor: "a"},
		"no connection":      {query: `{viewer{login}}`, text: "no connection to page through", is: runtime.ErrInvalidArgument},
		"no query":           {query: `{`, text: "line 1", is: runtime.ErrInvalidArgument},
	} {
		t.Run(name, func(t *testing.T) {
			p := reacting(append(tt.answers, reaction{status: 500})...)
			c := connect(t, hub(), p, once)
			r := graphql.Request{Query: issuesQuery}
			if tt.query != "" {
				r.Query = tt.query
			}
			items, pages := 0, 0
			var ended error
			for _, err := range runtime.QueryList[issueNode](t.Context(), c, hubEndpoint, r) {
				if ended = err; err == nil {
					items++
				}
			}
			e := failure(t, ended)
			if items != tt.items || !strings.Contains(e.Error(), tt.text) || tt.is != nil && !errors.Is(ended, tt.is) || e.Cursor != tt.cursor {
				t.Errorf("%d items, %+v", items, e)
			}
			p = reacting(append(tt.answers, reaction{status: 500})...)
			c = connect(t, hub(), p, once)
			for page, err := range runtime.QueryPages[issueNode](t.Context(), c, hubEndpoint, r) {
				if ended = err; page != nil {
					pages++
				}
			}
			if pages != tt.items || failure(t, ended).Cursor != tt.cursor {
				t.Errorf("%d pages, %v", pages, ended)
			}
		})
	}
}

// Pages ahead of the loop wait for no budget, and a list that runs out of points
// goes on when they are back.
func TestQueryListThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pointsProvider{latency: 100 * time.Millisecond, answer: func(_ int, q queried) reaction { return issues(1500, q) }}
		p.cost = func(queried) int { return 8 }
		numbers, err := listIssues(t, p, nil, runtime.WithRetry(retry.Policy{Attempts: 3}))
		if diff := cmp.Diff(upTo(1, 1500), numbers); err != nil || diff != "" {
			t.Error(err, diff)
		}
		if last := p.seen[len(p.seen)-1].at; p.refused != 0 || len(p.seen) != 15 || last < time.Hour || last > time.Hour+time.Minute {
			t.Errorf("%d refused of %d, the last after %v", p.refused, len(p.seen), last)
		}
	})
}
