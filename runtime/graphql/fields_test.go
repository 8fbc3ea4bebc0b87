package graphql

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

type userFields struct{ Login string }

type recursive struct {
	Name   string
	Parent *recursive
}

func TestSelectionOf(t *testing.T) {
	type named struct{ TotalCount int }
	tests := map[string]struct {
		of   any
		want string // or an error's part
	}{
		"names": {struct {
			ID, DatabaseID, URL, NameWithOwner, HTMLURL, IsOSSLicense string
			private                                                   int
		}{}, "id databaseId url nameWithOwner htmlurl isOssLicense"},
		"json's names": {struct {
			SSHURL string `json:"sshUrl,omitempty"`
			Secret string `json:"-"`
			Other  string `graphql:"-"`
		}{}, "sshUrl"},
		"objects and lists": {&struct {
			Owner  *struct{ Login string }
			Topics []struct{ Topic struct{ Name string } }
			Pushed time.Time `json:"pushedAt"`
			Flags  []string
			Any    any
		}{}, "owner { login } topics { topic { name } } pushedAt flags any"},
		"arguments": {struct {
			Open   named  `graphql:"issues(states: [OPEN], filterBy: {since: \"2026\"})"`
			Issues named  `graphql:"issues(first: 3)"`
			Text   string `graphql:"object(expression: \"HEAD:go.mod\") @include(if: true)"`
			SSHURL string `graphql:"sshUrl"`
			Plain  string `json:"plain" graphql:"PLAIN"`
		}{}, `open: issues(states: [OPEN], filterBy: {since: "2026"}) { totalCount } issues(first: 3) { totalCount } text: object(expression: "HEAD:go.mod") @include(if: true) sshUrl plain: PLAIN`},
		"a selection in the tag": {struct {
			Raw    json.RawMessage   `graphql:"owner { login ... on User { name } }"`
			Owner  map[string]string `graphql:"owner { login }"`
			Titles []struct{ Title string }
		}{}, "raw: owner { login ... on User { name } } owner { login } titles { title }"},
		"embedded": {struct {
			userFields
			*named `graphql:"... on Organization"`
		}{}, "login ... on Organization { totalCount }"},
		"a slice":   {[]*userFields{}, "login"},
		"no struct": {"", "string has no fields to ask for"},
		"a leaf":    {time.Time{}, "time.Time has no fields to ask for"},
		"nothing":   {struct{ private int }{}, "there is nothing to ask for"},
		"itself":    {recursive{}, "recursive.Parent: graphql.recursive has itself in it"},
		"a map":     {struct{ M map[string]string }{}, "M: a map tells no fields"},
		"a variable": {struct {
			A int `graphql:"a(n: [{b: $x}])"`
		}{}, "uses the variable $x"},
		"a variable in a directive": {struct {
			A int `graphql:"a { b @skip(if: $x) }"`
		}{}, "uses the variable $x"},
		"a fragment": {struct {
			A int `graphql:"a { ...b }"`
		}{}, "uses the fragment b"},
		"two fields": {struct {
			A int `graphql:"a b"`
		}{}, "it asks for one field"},
		"another operation": {struct {
			A int `graphql:"a } query B { b"`
		}{}, "line 1"},
		"no syntax": {struct {
			A int `graphql:"a("`
		}{}, "line 1"},
		"another alias": {struct {
			A int `graphql:"x: a"`
		}{}, "has the alias x, and the field's name is a"},
		"a type's fields, not embedded": {struct {
			A userFields `graphql:"... on User"`
		}{}, "an embedded struct"},
		"a field, embedded": {struct {
			userFields `graphql:"owner"`
		}{}, "one such as ... on User"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := SelectionOf(reflect.TypeOf(tt.of))
			if err != nil {
				if !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%v, want %q", err, tt.want)
				}
				return
			}
			text, err := (&Document{Operations: []*Operation{{Fields: s}}}).Text()
			if want := "{ " + tt.want + " }"; err != nil || text != want {
				t.Errorf("%v\n%s, want\n%s", err, text, want)
			}
		})
	}
}

// What an answer has under the keys asked for is what encoding/json decodes.
func TestSelectionsDecode(t *testing.T) {
	type repo struct {
		DatabaseID int
		SSHURL     string                   `graphql:"sshUrl"`
		Open       struct{ TotalCount int } `graphql:"issues(states: OPEN)"`
		Plain      string                   `json:"plain" graphql:"PLAIN"`
	}
	var got repo
	err := json.Unmarshal([]byte(`{"databaseId":7,"sshUrl":"git@","open":{"totalCount":3},"plain":"x"}`), &got)
	if err != nil || got.DatabaseID != 7 || got.SSHURL != "git@" || got.Open.TotalCount != 3 || got.Plain != "x" {
		t.Errorf("%+v, %v", got, err)
	}
}
