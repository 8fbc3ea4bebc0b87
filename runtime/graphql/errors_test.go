package graphql

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var endpoint = Endpoint{
	Query: operation("Query"), Mutation: operation("Mutate"), Points: "graphql", Rules: gitHub,
	Report:    Field{Name: "rateLimit", Fields: Leaves("cost", "limit", "remaining", "resetAt")},
	TooCostly: []string{"RESOURCE_LIMITS_EXCEEDED"}, CostlyMessages: []string{"Resource limits for this query"},
}

func TestRead(t *testing.T) {
	const notFound = `{"type":"NOT_FOUND","path":["repository","issues","nodes",3,"title"],"locations":[{"line":7,"column":3}],"message":"Could not resolve"}`
	one := Error{Type: "NOT_FOUND", Path: Path{"repository", "issues", "nodes", 3, "title"}, Locations: []Location{{7, 3}}, Message: "Could not resolve"}
	tests := map[string]struct {
		body   string
		data   string
		errors *Errors
		text   string
	}{
		"data":             {`{"data":{"a":1}}`, `{"a":1}`, nil, ""},
		"no errors":        {`{"errors":[],"data":{"a":1}}`, `{"a":1}`, nil, ""},
		"null errors":      {`{"errors":null,"data":{}}`, `{}`, nil, ""},
		"both":             {`{"errors":[` + notFound + `],"data":{"repository":null}}`, `{"repository":null}`, &Errors{List: []Error{one}, Partial: true}, "a part failed: repository.issues.nodes[3].title: NOT_FOUND: Could not resolve"},
		"null data":        {`{"data":null,"errors":[` + notFound + `,{"message":"b"}]}`, `null`, &Errors{List: []Error{one, {Message: "b"}}}, "repository.issues.nodes[3].title: NOT_FOUND: Could not resolve (and 1 more)"},
		"extensions":       {`{"errors":[{"message":"m","extensions":{"code":"THROTTLED"}}]}`, "", &Errors{List: []Error{{Message: "m", Extensions: []byte(`{"code":"THROTTLED"}`)}}}, "THROTTLED: m"},
		"odd extensions":   {`{"errors":[{"message":"m","extensions":7}]}`, "", &Errors{List: []Error{{Message: "m", Extensions: []byte(`7`)}}}, "m"},
		"odd members":      {`{"errors":[{"message":"m","path":"a.b","locations":{},"type":5}]}`, "", &Errors{List: []Error{{Message: "m"}}}, "m"},
		"odder members":    {`{"errors":[{"message":{"text":"m"},"type":"T"}]}`, "", &Errors{List: []Error{{Type: "T"}}}, "T"},
		"a text":           {`{"errors":["went wrong"]}`, "", &Errors{List: []Error{{Message: "went wrong"}}}, "went wrong"},
		"no list":          {`{"errors":{"message":"m"}}`, "", &Errors{List: []Error{{Message: "m"}}}, "m"},
		"only a text":      {`{"errors":"went wrong"}`, "", &Errors{List: []Error{{Message: "went wrong"}}}, "went wrong"},
		"nothing of sense": {`{"errors":[17]}`, "", &Errors{List: []Error{{}}}, "an error without a message"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := endpoint.Read([]byte(tt.body))
			if err != nil || string(got.Data) != tt.data {
				t.Errorf("data %s, %v", got.Data, err)
			}
			if diff := cmp.Diff(tt.errors, got.Errors, cmpopts.IgnoreUnexported(Errors{})); diff != "" {
				t.Fatal(diff)
			}
			if got.Errors != nil && got.Errors.Error() != tt.text {
				t.Errorf("%q, want %q", got.Errors, tt.text)
			}
		})
	}
	for _, body := range []string{"", "<html>", `{"data":null}`, `{}`, `{"message":"Bad credentials"}`, `[]`, `7`, `null`, `{"data":{"a":1}`, `{"data":{}}}`} {
		if got, err := endpoint.Read([]byte(body)); !errors.Is(err, ErrNotGraphQL) {
			t.Errorf("%q: %+v, %v", body, got, err)
		}
	}
	if (&Errors{}).Error() == "" {
		t.Error("no errors say nothing")
	}
}

func TestTooCostly(t *testing.T) {
	for body, want := range map[string]bool{
		`[{"message":"x"},{"type":"RESOURCE_LIMITS_EXCEEDED"}]`:           true,
		`[{"extensions":{"code":"RESOURCE_LIMITS_EXCEEDED"}}]`:            true,
		`[{"message":"Resource limits for this query exceeded."}]`:        true,
		`[{"type":"RATE_LIMITED","message":"API rate limit exceeded"},0]`: false,
	} {
		if got := errors.Is(endpoint.Errors([]byte(body)), ErrTooCostly); got != want {
			t.Errorf("%s: %v", body, got)
		}
	}
}

func TestErrorsOfOneField(t *testing.T) {
	e := endpoint.Errors([]byte(`[{"message":"a","path":["r0"]},{"message":"b"},{"message":"c","path":["r1","x"]},{"message":"d","path":["r0","y",1]}]`))
	for key, want := range map[string]string{"r0": "r0: a (and 1 more)", "r1": "r1.x: c", "r2": ""} {
		got := e.At(key)
		if (got == nil) != (want == "") || got != nil && got.Error() != want {
			t.Errorf("%s: %v, want %q", key, got, want)
		}
	}
}

// However much a provider says, an error's text stays short, and all of it can be had.
func TestHugeErrors(t *testing.T) {
	long := strings.Repeat("é", 1<<20)
	body := `{"errors":[{"message":"` + long + `","type":"` + long + `","path":["` + long + `"]}` + strings.Repeat(`,{"message":"x"}`, 5000) + `]}`
	got, err := endpoint.Read([]byte(body))
	if err != nil || len(got.Errors.List) != 5001 || got.Errors.List[0].Message != long {
		t.Fatalf("%d errors, %v", len(got.Errors.List), err)
	}
	if text := got.Errors.Error(); len(text) > 1000 || !strings.HasSuffix(text, "(and 5000 more)") {
		t.Errorf("%d bytes: %.50s", len(text), text)
	}
}

func FuzzErrors(f *testing.F) {
	f.Add([]byte(`{"data":{"a":[1]},"errors":[{"message":"m","path":["a",0,1.5,null],"locations":[{"line":1}],"extensions":{"code":"C"}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := endpoint.Read(body)
		switch {
		case err != nil && !errors.Is(err, ErrNotGraphQL):
			t.Fatal(err)
		case err == nil && got.Errors == nil && len(got.Data) == 0:
			t.Fatalf("%s tells nothing, and is no error", body)
		case got.Errors != nil && (len(got.Errors.List) == 0 || got.Errors.Error() == ""):
			t.Fatalf("%+v", got.Errors)
		}
	})
}
