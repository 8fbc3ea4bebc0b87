package graphql

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	repoStep   = Step{Field: "repository", Args: []Variable{{Name: "owner", Type: "String!"}}}
	repoLookup = Lookup{Name: "Repos", Type: "Repository", Path: []Step{repoStep}}
	itemLookup = Lookup{Name: "Items", Type: "Item", Path: []Step{repoStep, {Field: "item", Args: []Variable{{Name: "n", Type: "Int!"}}}}}
)

func TestLookupMost(t *testing.T) {
	e := &Endpoint{Rules: Rules{MaxPage: 100, MaxNodes: 500_000, RequestsPerPoint: 100}, MaxAliases: 100}
	unknown := &Endpoint{Rules: e.Rules}
	for selection, want := range map[string]string{
		`id`:                                    "100, 1",
		`a(first: 100) { id }`:                  "100, 1", // a request each: 100 are a point
		`a(first: 1) { nodes { b(first: 1) } }`: "74, 1",  // two each: 148 are a point, 150 are two
		`a(first: 100) { nodes { b(first: 1) } }`:                              "1, 1", // 101 each
		`a(first: 100) { nodes { b(first: 100) { nodes { c(first: 50) } } } }`: "the query is not sent: repository.a.nodes.b.nodes.c brings it to 510100 nodes",
	} {
		d, err := Parse("{" + selection + "}")
		if err != nil {
			t.Fatal(err)
		}
		s := d.Operations[0].Fields
		n, err := repoLookup.Most(e, s)
		one, alsoErr := repoLookup.Most(unknown, s)
		if err != nil {
			if !strings.HasPrefix(err.Error(), want) || alsoErr == nil {
				t.Errorf("%s: %v, want %s", selection, err, want)
			}
		} else if got := fmt.Sprintf("%d, %d", n, one); got != want {
			t.Errorf("%s: %s, want %s", selection, got, want)
		}
	}
}

// Where the nodes are what is short, fewer go together.
func TestLookupMostByNodes(t *testing.T) {
	e := &Endpoint{Rules: Rules{MaxPage: 100, MaxNodes: 1000, RequestsPerPoint: 100}, MaxAliases: 100}
	if n, err := repoLookup.Most(e, Selection{Field{Name: "a", Args: []Arg{{Name: "first", Value: 30}}}}); n != 33 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// Whose an error is, by its path.
func TestLookupRead(t *testing.T) {
	e := &Endpoint{Report: Field{Name: "rateLimit"}, TooCostly: []string{"COSTLY"}}
	keys := [][]any{{"a", 1}, {"a", 2}, {"b", 1}}
	_, places := itemLookup.Ask(Leaves("id"), keys)
	if diff := cmp.Diff([]Place{{"k0", "k1"}, {"k0", "k2"}, {"k3", "k4"}}, places); diff != "" {
		t.Fatal(diff)
	}
	const all = `{"k0":{"k1":{"id":1},"k2":{"id":2}},"k3":{"k4":{"id":3}}}`
	for name, tt := range map[string]struct{ data, errors, want string }{
		"none":              {all, `[]`, `{"id":1} | {"id":2} | {"id":3}`},
		"within one":        {all, `[{"message":"x","path":["k0","k2","id",3]}]`, `{"id":1} | {"id":2} a part failed: repository.item.id[3]: x | {"id":3}`},
		"one":               {`{"k0":{"k1":null,"k2":{"id":2}},"k3":{"k4":{"id":3}}}`, `[{"message":"x","path":["k0","k1"]}]`, ` repository.item: x | {"id":2} | {"id":3}`},
		"what two are in":   {`{"k0":null,"k3":{"k4":{"id":3}}}`, `[{"message":"x","path":["k0"]}]`, ` repository: x |  repository: x | {"id":3}`},
		"no place":          {all, `[{"message":"x"}]`, `{"id":1} a part failed: x | {"id":2} a part failed: x | {"id":3} a part failed: x`},
		"another place":     {`{"k3":7}`, `[{"message":"x","path":["k9",1]}]`, ` k9[1]: x |  k9[1]: x |  k9[1]: x`},
		"no name":           {`{"k3":{}}`, `[{"message":"x","path":[0]}]`, ` [0]: x |  [0]: x |  [0]: x`},
		"the report's":      {all, `[{"message":"x","path":["rateLimit"]}]`, `{"id":1} | {"id":2} | {"id":3}`},
		"two, and costly":   {`{}`, `[{"message":"x","path":["k3"]},{"type":"COSTLY","message":"y","path":["k3","k4"]}]`, ` |  |  repository: x (and 1 more) costly`},
		"an index in place": {all, `[{"message":"x","path":["k0",0]}]`, `{"id":1} | {"id":2} | {"id":3}`},
		"no object":         {`7`, `null`, ` |  | `},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range itemLookup.Read(e, Answer{Data: json.RawMessage(tt.data), Errors: e.Errors(json.RawMessage(tt.errors))}, places) {
				text := string(f.Value)
				if f.Errors != nil {
					text += " " + f.Errors.Error()
					if f.Errors.Is(ErrTooCostly) {
						text += " costly"
					}
				}
				got = append(got, text)
			}
			if got := strings.Join(got, " | "); got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}

// Of what may be of several types, those of another are told apart.
func TestLookupNarrow(t *testing.T) {
	l := repoLookup
	l.Narrow = true
	_, places := l.Ask(Leaves("id"), [][]any{{"a"}, {"b"}})
	found := l.Read(&Endpoint{}, Answer{Data: json.RawMessage(`{"k0":{"__typename":"Repository"},"k1":{"__typename":"Tag"}}`)}, places)
	if found[0].Is != "" || found[1].Is != "Tag" {
		t.Errorf("%+v", found)
	}
}
