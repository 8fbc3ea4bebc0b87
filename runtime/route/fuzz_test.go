package route_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/route"
)

// naive finds an operation by trying a regular expression for each template, and
// takes of those that match the one which has text, or more of it, where the other
// has a parameter, at the first segment where they differ.
func naive(ops []*api.Operation, method, path string) *api.Operation {
	path = strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/")
	segments := strings.Split(path, "/")
	var best *api.Operation
	for _, op := range ops {
		parts := strings.Split(strings.Trim(op.Path, "/"), "/")
		if op.Method != method || len(parts) != len(segments) {
			continue
		}
		fits := true
		for i, part := range parts {
			fits = fits && fitsPart(part, segments[i])
		}
		if fits && (best == nil || before(parts, strings.Split(strings.Trim(best.Path, "/"), "/"))) {
			best = op
		}
	}
	return best
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

func fitsPart(part, segment string) bool {
	if !strings.Contains(part, "{") {
		if plain, err := url.PathUnescape(segment); err == nil {
			segment = plain
		}
		return part == segment
	}
	var expression strings.Builder
	expression.WriteString("(?s)^")
	for i, text := range parameter.Split(part, -1) {
		if i > 0 {
			expression.WriteString(".+")
		}
		expression.WriteString(regexp.QuoteMeta(text))
	}
	expression.WriteString("$")
	return regexp.MustCompile(expression.String()).MatchString(segment)
}

func before(a, b []string) bool {
	weight := func(part string) int {
		if !strings.Contains(part, "{") {
			return 1 << 20
		}
		return len(parameter.ReplaceAllString(part, ""))
	}
	for i := range a {
		if x, y := weight(a[i]), weight(b[i]); x != y {
			return x > y
		}
	}
	return false
}

// FuzzMatch: whatever the path is, what is found is what the naive matcher finds,
// and the values of its parameters can be taken.
func FuzzMatch(f *testing.F) {
	templates := operations("GET /", "GET /a", "GET /{x}", "GET /a/{x}", "GET /{x}/a", "GET /a/b-{x}", "GET /a/{x}..{y}", "GET /a/b/c", "GET /{x}/{y}/c")
	r, err := route.New(templates)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"/", "/a", "/a/b", "/a/b-", "/a/b-1", "/a/x..y", "/a/..", "/%61/%2F", "/a//c", "/a/b/c/", "//", "/%zz"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		got, want := r.Match("GET", path), naive(templates, "GET", path)
		if got != want {
			t.Fatalf("%q: matched %v, the naive matcher %v", path, got, want)
		}
		if got != nil && strings.Count(got.Path, "{") != len(route.Values(got.Path, path)) {
			t.Errorf("%q: %v is not what the parameters of %s need", path, route.Values(got.Path, path), got.Path)
		}
		r.Branch(path, false)
		r.Only(path)
	})
}

// TestMatchOfRandomTemplates compares with the naive matcher on random trees.
func TestMatchOfRandomTemplates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.SampledFrom([]string{"a", "b", "{x}", "a-{x}"})
		lists := rapid.SliceOfNDistinct(rapid.SliceOfN(part, 1, 4), 1, 12, func(parts []string) string { return strings.Join(parts, "/") })
		var templates []*api.Operation
		for _, parts := range lists.Draw(t, "templates") {
			templates = append(templates, operations("GET /"+strings.Join(parts, "/"))...)
		}
		r, err := route.New(templates)
		if err != nil {
			t.Fatal(err)
		}
		path := "/" + strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "a-", "a-b"}), 1, 4).Draw(t, "path"), "/")
		if got, want := r.Match("GET", path), naive(templates, "GET", path); got != want {
			t.Errorf("%s: matched %v, the naive matcher %v", path, got, want)
		}
	})
}
