package walk

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/weirkit/weir/runtime/api"
)

func TestRoutesFindsWhatIsMissed(t *testing.T) {
	op := func(name, path string) *api.Operation { return &api.Operation{Name: name, Method: "GET", Path: path} }
	for name, tt := range map[string]struct {
		operations []*api.Operation
		want       string // empty: all is well
	}{
		"well":         {[]*api.Operation{op("a", "/a/{x}"), op("b", "/a/b"), op("c", "/{x}/b"), op("d", "/a/{x}...{y}")}, ""},
		"the same":     {[]*api.Operation{op("a", "/a/{x}"), op("b", "/a/{y}"), op("c", "/a/{y}?z=1")}, ""},
		"ends oddly":   {[]*api.Operation{op("a", "/a"), op("b", "/a///")}, "b is found to be none"},
		"is malformed": {[]*api.Operation{op("a", "/a/{x")}, "a brace without its pair"},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(routes(tt.operations, rand.New(rand.NewPCG(1, 2)), 20), "\n")
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("problems %q, want %q", got, tt.want)
			}
		})
	}
	a, b := op("a", "/a/{x}"), op("b", "/{x}/b")
	if goesBefore(b, a, "/a/b") || !goesBefore(a, b, "/a/b") || goesBefore(a, b, "/c/b") || goesBefore(nil, a, "/a/b") {
		t.Error("the one with the earlier text goes before the other, and only where it matches")
	}
}
