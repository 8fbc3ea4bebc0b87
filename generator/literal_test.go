package generator

import (
	"go/parser"
	"strings"
	"testing"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

func TestLiteral(t *testing.T) {
	for _, c := range []struct {
		value any
		want  string
	}{
		{api.Operation{}, `api.Operation{}`},
		{api.Operation{Name: "A.B", Path: "/a\"b", Idempotent: true}, `api.Operation{Name: "A.B", Path: "/a\"b", Idempotent: true}`},
		{api.Draw{Limit: "x", Cost: 2}, `api.Draw{Limit: "x", Cost: 2}`},
		{api.Window{Limit: 1, Per: 90 * time.Second, Kind: api.Sliding}, `api.Window{Limit: 1, Per: 90 * time.Second, Kind: api.Sliding}`},
		{api.Pagination{Items: api.Path{}}, `api.Pagination{}`},
		{api.Pagination{Style: api.LinkStyle, Items: api.Path{"a", "b"}}, `api.Pagination{Style: api.LinkStyle, Items: api.Path{"a", "b"}}`},
		{api.Limit{Name: "query", Shape: api.Unlimited{}}, `api.Limit{Name: "query", Shape: api.Unlimited{}}`},
		{api.Param{In: api.InQuery, Name: "query"}, `api.Param{In: api.InQuery, Name: "query"}`},
		{api.Plan{Name: "a", MaxPage: map[string]int{"B.C": 2, "A.B": 1}}, `api.Plan{Name: "a", MaxPage: map[string]int{"A.B": 1, "B.C": 2}}`},
		{api.Errors{Code: []api.Path{{"a"}}}, `api.Errors{Code: []api.Path{{"a"}}}`},
	} {
		if got := literal(c.value); got != c.want {
			t.Errorf("literal(%#v)\n got %s\nwant %s", c.value, got, c.want)
		}
	}
}

func TestLiteralIsFilledToTheWidth(t *testing.T) {
	draws := make([]api.Draw, 12)
	for i := range draws {
		draws[i] = api.Draw{Limit: strings.Repeat("x", 30), When: &api.When{Param: api.Param{In: api.InBody, Name: "y"}, Equals: []string{strings.Repeat("z", 90)}}}
	}
	text := literal(api.Operation{Name: "A.B", Draws: draws})
	if _, err := parser.ParseExpr(text); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for line := range strings.SplitSeq(text, "\n") {
		if len(line) > lineWidth+30 {
			t.Errorf("a line of %d: %s", len(line), line)
		}
	}
}

func TestPrintDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Hour: "time.Hour", 24 * time.Hour: "24 * time.Hour", time.Minute: "time.Minute", 90 * time.Minute: "90 * time.Minute",
		17 * time.Second: "17 * time.Second", 1500 * time.Millisecond: "1500 * time.Millisecond", 7 * time.Nanosecond: "7",
	} {
		if got := printDuration(d); got != want {
			t.Errorf("%v is printed as %s, want %s", d, got, want)
		}
	}
}

func TestUsedPackages(t *testing.T) {
	used := usedPackages([]byte(`
// time.Time in a comment is no use of it
var a = "io.Reader in a text"
func f(x json.RawMessage) { s.client.runtime.call(); iter.Pull(x) }
`))
	for name, want := range map[string]bool{"json": true, "iter": true, "s": true, "time": false, "io": false, "runtime": false} {
		if used[name] != want {
			t.Errorf("uses %s: %v, want %v", name, used[name], want)
		}
	}
}
