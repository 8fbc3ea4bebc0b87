package route_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/route"
)

// operations makes operations of lines such as "GET /tickets/{id}", named so.
func operations(lines ...string) []*api.Operation {
	var all []*api.Operation
	for _, line := range lines {
		method, path, _ := strings.Cut(line, " ")
		all = append(all, &api.Operation{Name: line, Method: method, Path: path})
	}
	return all
}

var repos = []string{
	"GET /",
	"GET /user",
	"GET /users/{name}",
	"GET /repos/{owner}/{repo}",
	"GET /repos/{owner}/{repo}/releases",
	"GET /repos/{owner}/{repo}/releases/latest",
	"PATCH /repos/{owner}/{repo}/releases/{id}",
	"GET /repos/{owner}/{repo}/releases/{id}",
	"GET /repos/{owner}/{repo}/compare/{base}...{head}",
	"GET /repos/{owner}/{repo}/{part}/v{number}",
	"GET /repos/{owner}/{repo}/{part}/v{number}.zip",
	"POST /only/here",
	"GET /odd/a b",
	"GET /same/{one}",
	"GET /same/{other}",
	"GET /asked?by=query",
	"GET /asked",
	"PUT /asked?by=query",
}

func TestMatch(t *testing.T) {
	r, err := route.New(operations(repos...))
	if err != nil {
		t.Fatal(err)
	}
	for request, want := range map[string]string{
		"GET /":                                  "GET /",
		"GET ":                                   "GET /",
		"GET /user":                              "GET /user",
		"GET /user/":                             "GET /user",
		"GET /user//":                            "",
		"GET //user":                             "",
		"GET /User":                              "",
		"POST /user":                             "",
		"HEAD /user":                             "GET /user",
		"HEAD /only/here":                        "",
		"GET /users/":                            "",
		"GET /users/a%2Fb":                       "GET /users/{name}",
		"GET /us%65rs/a":                         "GET /users/{name}",
		"GET /us%zzrs/a":                         "",
		"GET /users/a/b":                         "",
		"GET /repos/o/r":                         "GET /repos/{owner}/{repo}",
		"GET /repos//r":                          "",
		"GET /repos/o/r/releases/latest":         "GET /repos/{owner}/{repo}/releases/latest",
		"PATCH /repos/o/r/releases/latest":       "PATCH /repos/{owner}/{repo}/releases/{id}",
		"GET /repos/o/r/releases/latest.json":    "GET /repos/{owner}/{repo}/releases/{id}",
		"GET /repos/o/r/compare/a...b":           "GET /repos/{owner}/{repo}/compare/{base}...{head}",
		"GET /repos/o/r/compare/a....b":          "GET /repos/{owner}/{repo}/compare/{base}...{head}",
		"GET /repos/o/r/compare/...b":            "",
		"GET /repos/o/r/compare/a...":            "",
		"GET /repos/o/r/compare/a..b":            "",
		"GET /repos/o/r/tags/v1":                 "GET /repos/{owner}/{repo}/{part}/v{number}",
		"GET /repos/o/r/tags/v1.zip":             "GET /repos/{owner}/{repo}/{part}/v{number}.zip",
		"GET /repos/o/r/tags/v":                  "",
		"GET /repos/o/r/releases/v1":             "GET /repos/{owner}/{repo}/releases/{id}",
		"GET /odd/a%20b":                         "GET /odd/a b",
		"GET /same/x":                            "GET /same/{one}",
		"GET /asked":                             "GET /asked",
		"PUT /asked":                             "PUT /asked?by=query",
		"GET /repos/o/r/releases/latest/further": "",
	} {
		method, path, _ := strings.Cut(request, " ")
		got := ""
		if op := r.Match(method, path); op != nil {
			got = op.Name
		}
		if got != want {
			t.Errorf("%s: matched %q, want %q", request, got, want)
		}
	}
}

func TestMatchPassesOverAnEnding(t *testing.T) {
	r, err := route.New(operations("GET /v2/tickets", "GET /v2/tickets/show_many", "GET /v2/tickets/{id}", "GET /v2/countries.json"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/v2/tickets.json":           "GET /v2/tickets",
		"/v2/tickets/show_many.json": "GET /v2/tickets/show_many",
		"/v2/tickets/7.json":         "GET /v2/tickets/{id}",
		"/v2/countries":              "GET /v2/countries.json",
	} {
		if op := r.Match("GET", path); op == nil || op.Name != want {
			t.Errorf("%s: matched %v, want %s", path, op, want)
		}
	}
	if op := r.Match("GET", "/v2/tickets.json/7"); op != nil {
		t.Errorf("an ending in the middle: matched %s", op.Name)
	}
}

func TestOnly(t *testing.T) {
	r, err := route.New(operations("GET /users.list", "POST /chat.post", "GET /both", "POST /both"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/users.list": "GET /users.list", "/chat.post": "POST /chat.post", "/both": "", "/none": ""} {
		got := ""
		if op := r.Only(path); op != nil {
			got = op.Name
		}
		if got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestBranch(t *testing.T) {
	r, err := route.New(operations(
		"GET /users/{name}", "POST /users",
		"GET /search/code", "GET /search/users",
		"PATCH /repos/{owner}/{repo}",
	))
	if err != nil {
		t.Fatal(err)
	}
	names := func(ops []*api.Operation) (names []string) {
		for _, op := range ops {
			names = append(names, op.Name)
		}
		return names
	}
	for _, test := range []struct {
		path    string
		reading bool
		want    []string
	}{
		{"/search/unheard", true, []string{"GET /search/code", "GET /search/users"}},
		{"/search/code/more", true, []string{"GET /search/code"}},
		{"/search/unheard", false, []string{"POST /users", "PATCH /repos/{owner}/{repo}"}}, // the root's: none beneath write
		{"/repos/o/r/topics", false, []string{"PATCH /repos/{owner}/{repo}"}},
		{"/users/x", false, []string{"POST /users"}},
		{"/unheard", false, []string{"POST /users", "PATCH /repos/{owner}/{repo}"}},
	} {
		b := r.Branch(test.path, test.reading)
		got := names(b.Writing)
		if test.reading {
			got = names(b.Reading)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.path, diff)
		}
		if r.Branch(test.path, test.reading) != b {
			t.Errorf("%s: the branch is another one each time", test.path)
		}
	}
}

func TestNewRefusesMalformedTemplates(t *testing.T) {
	for _, path := range []string{"/a/{b", "/a/b}", "/a/{b}{c}", "/a/{b{c}}"} {
		_, err := route.New(operations("GET " + path))
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: the error is %v, want one that names the path", path, err)
		}
	}
}

func TestValues(t *testing.T) {
	for _, test := range []struct {
		template, path string
		want           map[string]string
	}{
		{"/users/{name}", "/users/a%2Fb/", map[string]string{"name": "a/b"}},
		{"/compare/{base}...{head}", "/compare/a...b...c", map[string]string{"base": "a", "head": "b...c"}},
		{"/asked/{id}?by=query", "/asked/7", map[string]string{"id": "7"}},
		{"/users", "/users", map[string]string{}},
		{"/users/{name}", "/users", nil},
		{"/users/v{name}", "/users/7", nil},
	} {
		if diff := cmp.Diff(test.want, route.Values(test.template, test.path)); diff != "" {
			t.Errorf("%s of %s: %s", test.template, test.path, diff)
		}
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	r, err := route.New(operations(repos...))
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { r.Match("GET", "/repos/golang/go/releases/latest") }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
