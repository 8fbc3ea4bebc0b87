package graphql

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestText(t *testing.T) {
	d := &Document{
		Operations: []*Operation{{
			Name: "Two", Variables: []Variable{{Name: "n", Type: "Int!"}, {Name: "s", Type: "[S]", Default: List{Enum("A")}, HasDefault: true}},
			Fields: Selection{
				Field{Alias: "r0", Name: "repository", Args: []Arg{{"owner", "a\"b\\c\n\x00}"}, {"name", Var("n")}}, Fields: Leaves("id", "name")},
				Field{Name: "x", Args: []Arg{{"f", 1e21}, {"i", int64(7)}, {"o", Object{{"k", nil}}}}, Directives: []Directive{{Name: "skip", Args: []Arg{{"if", true}}}}},
				Inline{On: "T", Fields: Selection{Spread{Fragment: "F"}}},
			},
		}},
		Fragments: []*Fragment{{Name: "F", On: "T", Fields: Leaves("a")}},
	}
	got, err := d.Text()
	want := `query Two($n: Int!, $s: [S] = [A]) { r0: repository(owner: "a\"b\\c\n\u0000}", name: $n) { id name } x(f: 1e+21, i: 7, o: {k: null}) @skip(if: true) ... on T { ...F } }` + "\n" + `fragment F on T { a }`
	if err != nil || got != want {
		t.Errorf("%v\n%s\n%s", err, got, want)
	}
	one := &Document{Operations: []*Operation{{Fields: Leaves("viewer")}}}
	if got, err := one.Text(); err != nil || got != "{ viewer }" {
		t.Errorf("%q, %v", got, err)
	}
}

// What cannot be printed as it is meant is refused: nothing gets out of its place.
func TestTextRefuses(t *testing.T) {
	field := func(f Field) *Document { return &Document{Operations: []*Operation{{Fields: Selection{f}}}} }
	arg := func(v any) *Document { return field(Field{Name: "a", Args: []Arg{{"b", v}}}) }
	op := func(o Operation) *Document { return &Document{Operations: []*Operation{&o}} }
	for name, d := range map[string]*Document{
		"no operation":        {},
		"no fields":           op(Operation{}),
		"a kind":              op(Operation{Kind: "delete", Fields: Leaves("a")}),
		"an operation's name": op(Operation{Name: "a{b}", Fields: Leaves("a")}),
		"a field's name":      field(Field{Name: "a{b}"}),
		"no field's name":     field(Field{}),
		"an alias":            field(Field{Alias: "x: y", Name: "a"}),
		"an argument's name":  field(Field{Name: "a", Args: []Arg{{"b:1 c", 1}}}),
		"a variable":          arg(Var("x) { y }")),
		"an enum":             arg(Enum("A B")),
		"an enum of a value":  arg(Enum("null")),
		"a number":            arg(Number("1 2")),
		"no number":           arg(Number("x")),
		"infinity":            arg(math.Inf(1)),
		"a Go type":           arg(struct{}{}),
		"inside of a list":    arg(List{Object{{"a", uint(1)}}}),
		"a type":              op(Operation{Variables: []Variable{{Name: "v", Type: "Int) {x} #"}}, Fields: Leaves("a")}),
		"two types":           op(Operation{Variables: []Variable{{Name: "v", Type: "A B"}}, Fields: Leaves("a")}),
		"a directive":         field(Field{Name: "a", Directives: []Directive{{Name: "@b"}}}),
		"a spread":            op(Operation{Fields: Selection{Spread{Fragment: "on"}}}),
		"an inline":           op(Operation{Fields: Selection{Inline{On: "A B", Fields: Leaves("a")}}}),
		"nothing":             op(Operation{Fields: Selection{nil}}),
		"a fragment":          {Operations: []*Operation{{Fields: Leaves("a")}}, Fragments: []*Fragment{{Name: "on", On: "A", Fields: Leaves("a")}}},
	} {
		if text, err := d.Text(); err == nil || !strings.HasPrefix(err.Error(), "print the query: ") {
			t.Errorf("%s: error %v, printed %s", name, err, text)
		}
	}
}

// What was built is what is read again, whatever the texts hold.
func TestTextReadsAsWhatWasBuilt(t *testing.T) {
	name := rapid.StringMatching(`[_a-zA-Z][_a-zA-Z0-9]{0,8}`)
	fragmentName := name.Filter(func(s string) bool { return s != "on" })
	enum := name.Filter(func(s string) bool { return s != "true" && s != "false" && s != "null" })
	var value func(t *rapid.T, depth int) any
	value = func(t *rapid.T, depth int) any {
		most := 9
		if depth > 3 {
			most = 7
		}
		switch rapid.IntRange(0, most).Draw(t, "kind of value") {
		case 0:
			return nil
		case 1:
			return rapid.Bool().Draw(t, "bool")
		case 2:
			return rapid.Int().Draw(t, "int")
		case 3:
			return Number(rapid.StringMatching(`-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,5})?[eE][+-]?[0-9]{1,3}`).Draw(t, "number"))
		case 4, 5:
			return strings.ToValidUTF8(rapid.String().Draw(t, "text"), "?")
		case 6:
			return Enum(enum.Draw(t, "enum"))
		case 7:
			return Var(name.Draw(t, "variable"))
		case 8:
			list := List{}
			for range rapid.IntRange(0, 3).Draw(t, "length") {
				list = append(list, value(t, depth+1))
			}
			return list
		}
		var object Object
		for range rapid.IntRange(0, 3).Draw(t, "members") {
			object = append(object, Arg{name.Draw(t, "member"), value(t, depth+1)})
		}
		return object
	}
	args := func(t *rapid.T) (list []Arg) {
		for range rapid.IntRange(0, 2).Draw(t, "args") {
			list = append(list, Arg{name.Draw(t, "arg"), value(t, 0)})
		}
		return list
	}
	directives := func(t *rapid.T) (list []Directive) {
		for range rapid.IntRange(0, 1).Draw(t, "directives") {
			list = append(list, Directive{name.Draw(t, "directive"), args(t)})
		}
		return list
	}
	var selection func(t *rapid.T, depth int) Selection
	selection = func(t *rapid.T, depth int) (s Selection) {
		for range rapid.IntRange(1, 3).Draw(t, "fields") {
			switch kind := rapid.IntRange(0, 5).Draw(t, "kind of field"); {
			case kind == 0:
				s = append(s, Spread{fragmentName.Draw(t, "spread"), directives(t)})
			case kind == 1 && depth < 4:
				s = append(s, Inline{rapid.OneOf(rapid.Just(""), name).Draw(t, "type"), directives(t), selection(t, depth+1)})
			default:
				f := Field{Name: name.Draw(t, "field"), Args: args(t), Directives: directives(t)}
				f.Alias = rapid.OneOf(rapid.Just(""), name).Draw(t, "alias")
				if kind > 3 && depth < 4 {
					f.Fields = selection(t, depth+1)
				}
				s = append(s, f)
			}
		}
		return s
	}
	rapid.Check(t, func(t *rapid.T) {
		op := &Operation{
			Kind: rapid.SampledFrom([]Kind{Query, Mutation, Subscription}).Draw(t, "kind"), Name: rapid.OneOf(rapid.Just(""), name).Draw(t, "name"),
			Directives: directives(t), Fields: selection(t, 0),
		}
		for range rapid.IntRange(0, 2).Draw(t, "variables") {
			v := Variable{Name: name.Draw(t, "variable"), Type: rapid.StringMatching(`\[?[A-Z]{1,3}!?`).Draw(t, "type"), Directives: directives(t)}
			if strings.HasPrefix(v.Type, "[") {
				v.Type += "]"
			}
			if v.HasDefault = rapid.Bool().Draw(t, "has a default"); v.HasDefault {
				v.Default = value(t, 0)
			}
			op.Variables = append(op.Variables, v)
		}
		built := &Document{Operations: []*Operation{op}}
		if rapid.Bool().Draw(t, "has a fragment") {
			built.Fragments = []*Fragment{{Name: fragmentName.Draw(t, "fragment"), On: name.Draw(t, "on"), Fields: selection(t, 0)}}
		}
		text, err := built.Text()
		if err != nil {
			t.Fatal(err)
		}
		if !utf8.ValidString(text) {
			t.Fatalf("%q is not UTF-8", text)
		}
		read, err := Parse(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff(built, read, ignoreOpen); diff != "" {
			t.Fatal(diff)
		}
	})
}
