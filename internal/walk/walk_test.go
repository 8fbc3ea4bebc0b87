package walk

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

var (
	size   = &api.PageSize{Param: api.Param{In: api.InQuery, Name: "limit"}, Max: 20}
	cursor = api.Param{In: api.InQuery, Name: "after"}
	number = api.Param{In: api.InQuery, Name: "page"}
)

// styles is an API with a list of every style.
func styles() *api.API {
	lists := map[string]*api.Pagination{
		"Cursor":       {Style: api.CursorStyle, Items: api.Path{"data", "things"}, Size: size, Cursor: cursor, Next: api.Path{"meta", "after"}},
		"CursorMore":   {Style: api.CursorStyle, Items: api.Path{"things"}, Size: size, Cursor: cursor, Next: api.Path{"after"}, More: api.Path{"more"}},
		"CursorEnd":    {Style: api.CursorStyle, Items: api.Path{"things"}, Cursor: cursor, Next: api.Path{"after"}, End: api.Path{"end"}},
		"InBody":       {Style: api.CursorStyle, Items: api.Path{"things"}, Size: &api.PageSize{Param: api.Param{In: api.InBody, Name: "limit"}, Max: 15}, Cursor: api.Param{In: api.InBody, Name: "cursor"}, Next: api.Path{"next"}},
		"Number":       {Style: api.PageNumberStyle, Size: size, Cursor: number, First: 1},
		"NumberOfAll":  {Style: api.PageNumberStyle, Size: size, Cursor: number, First: 1, Items: api.Path{"things"}, Total: api.Path{"count"}, Pages: api.Path{"pages"}},
		"NumberOfOwn":  {Style: api.PageNumberStyle, Cursor: number, Items: api.Path{"things"}, More: api.Path{"more"}},
		"Offset":       {Style: api.OffsetStyle, Items: api.Path{"things"}, Size: size, Cursor: cursor, Total: api.Path{"total"}},
		"Link":         {Style: api.LinkStyle, Size: size},
		"LinkByCursor": {Style: api.LinkStyle, Items: api.Path{"things"}, Size: size, Cursor: cursor},
		"URL":          {Style: api.URLStyle, Items: api.Path{"things"}, Size: size, Next: api.Path{"next"}, Total: api.Path{"total"}},
		"Keyset":       {Style: api.KeysetStyle, Items: api.Path{"things"}, Size: size, Cursor: cursor, ID: api.Path{"key", "id"}},
	}
	desc := &api.API{
		Name:    "shop",
		Account: "shop",
		Servers: []api.Server{{URL: "https://{shop}.example/v1", Variables: []api.ServerVariable{{Name: "shop"}}}},
		Limits: []api.Limit{
			{Name: "calls", Shape: api.Window{Limit: 30, Per: time.Minute}, Scope: []api.Scope{api.ScopeAccount}},
			{Name: "each", Shape: api.Bucket{Burst: 2, Refill: 1, Per: 20 * time.Second}, Scope: []api.Scope{api.ScopeOperation, "path:thing"}},
			{Name: "at once", Shape: api.Concurrency{Max: 3}, Scope: []api.Scope{api.ScopeUser}},
		},
		Plans: []api.Plan{{
			Name:    "small",
			Limits:  []api.PlanLimit{{Limit: "calls", Shape: api.Window{Limit: 1, Per: time.Minute}}},
			MaxPage: map[string]int{"Things.Cursor": 5},
		}},
		Operations: []*api.Operation{{Name: "Things.Show", Method: "GET", Path: "/things/{thing}"}},
	}
	for name, p := range lists {
		op := &api.Operation{
			Name: "Things." + name, Method: "GET", Path: "/" + name + "/{thing}", Pagination: p,
			Draws: []api.Draw{{Limit: "calls"}, {Limit: "each"}, {Limit: "at once"}},
		}
		if name == "InBody" {
			op.Method = "POST"
		}
		desc.Operations = append(desc.Operations, op)
	}
	return desc
}

func TestEveryStyle(t *testing.T) { All(t, styles()) }

// A kit that finds nothing wrong with a client that is wrong would be of no use.
func TestWhatIsWrongIsFound(t *testing.T) {
	change := func(name string, change func(*api.Operation)) func(*api.API) {
		return func(a *api.API) {
			op := a.Operation("Things." + name)
			p := *op.Pagination
			op.Pagination = &p
			change(op)
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*api.API)
		want   string
	}{
		{"pages too small", change("Link", func(op *api.Operation) { op.Pagination.Size = nil }), "Things.Link: page 1 has 7 items, want 20"},
		{"no way on", change("Cursor", func(op *api.Operation) { op.Pagination.Next = api.Path{"meta", "before"} }), "Things.Cursor: 1 pages, want 3"},
		{"another parameter", change("Number", func(op *api.Operation) { op.Pagination.Cursor = cursor }), "page"},
		{"no items", change("URL", func(op *api.Operation) { op.Pagination.Items = api.Path{"stuff"} }), "the body has no such member"},
		{"a limit too high", func(a *api.API) {
			a.Limits[1].Shape = api.Bucket{Burst: 20, Refill: 20, Per: time.Second}
			a.Plans = nil // whose lowest numbers would keep it from showing
		}, "was refused by the limit each"},
		{"a draw forgotten", change("Offset", func(op *api.Operation) { op.Draws = nil }), "was refused by the limit"},
		{"no lists", func(a *api.API) { a.Operations = a.Operations[:1] }, "shop has no lists"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				followed := styles()
				tt.change(followed)
				problems := strings.Join(walk(styles(), followed, "", nil), "\n")
				if !strings.Contains(problems, tt.want) {
					t.Errorf("problems:\n%s\nwant one with %q", problems, tt.want)
				}
			})
		})
	}
}
